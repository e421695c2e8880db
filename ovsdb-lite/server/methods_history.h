/* `get_history` and `undo`. */
#ifndef OVSDB_METHODS_HISTORY_H
#define OVSDB_METHODS_HISTORY_H 1

#include "ovsdb-lite/server/method.h"

method_fn methods_get_history, methods_undo;

#endif
