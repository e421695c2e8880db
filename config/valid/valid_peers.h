/* What a transaction's rows exclude for rows that it does not touch. */
#ifndef CONFIG_VALID_PEERS_H
#define CONFIG_VALID_PEERS_H 1

#include "config/valid/valid_row.h"

/* The touched rows of 't' have been read. The first complaint is in t->e. */
void valid_peers_check(struct valid_txn *t);

#endif
