/* The address family of `default` without a gateway: that of the slave's addresses, as
 * in YAML. A row always has it as IPv4 first. */
#ifndef CTL_DEFAULT_ROUTE_H
#define CTL_DEFAULT_ROUTE_H 1

#include "ctl/session/context.h"

/* 'slave' already has its new addresses and routes; 'typed' is the argument with the
 * routes. ERR_INVALID if the slave has addresses of both families. */
struct err *default_route_settle(struct context *ctx, struct row *slave,
				 const char *typed) MUST_CHECK;

#endif
