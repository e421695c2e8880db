/* Reads a call: the name of a namespace, and what is on standard input. Pure. */
#ifndef ENGINES_NETAVARK_READ_H
#define ENGINES_NETAVARK_READ_H 1

#include "engines/netavark/netavark_request.h"

/* 'netns' is the argument of setup and teardown. All is from 'a' but what it borrows of
 * '*ret_input', which the caller frees in any case. ERR_INVALID. */
struct err *netavark_read(struct arena *a, enum netavark_call call, const char *netns,
			  const char *text, struct json_object **ret_input,
			  struct netavark_request *ret_request) MUST_CHECK;

#endif
