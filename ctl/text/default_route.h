/* The family of `default` in a route that is typed without a gateway: that which the
 * slave has, as in YAML. In a row it is always IPv4's. */
#ifndef CTL_DEFAULT_ROUTE_H
#define CTL_DEFAULT_ROUTE_H 1

#include "ctl/session/context.h"

/* 'slave' has its new addresses and routes; 'typed' is what the routes were read from.
 * ERR_INVALID if the slave has addresses of both families. */
struct err *default_route_settle(struct context *ctx, struct row *slave,
				 const char *typed) MUST_CHECK;

#endif
