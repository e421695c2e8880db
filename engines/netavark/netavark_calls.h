/* What the calls of netavark do. */
#ifndef ENGINES_NETAVARK_CALLS_H
#define ENGINES_NETAVARK_CALLS_H 1

#include "engines/netavark/netavark_request.h"

struct json_object;

/* '*ret_answer' is what is printed: the caller owns it; NULL: nothing. */
struct err *netavark_calls_run(struct arena *a, struct netavark_request *request,
			       struct json_object **ret_answer) MUST_CHECK;

#endif
