/* Errors that no retry can end. In doubt a retry is made: one in vain costs a few
 * messages a minute, one too few leaves a row broken until the audit. */
#include "reconciler/settle/retry.h"

#include <errno.h>

static bool is_final_errno(int sys_errno)
{
	switch (sys_errno) {
	case EINVAL: /* a device that cannot carry ipvlan, a sysctl's value */
	case EACCES: /* IPv6 is off on the device (Linux addrconf_add_dev()) */
	case EPERM:  /* a capability that the unit does not give */
	case EROFS:  /* /proc/sys of a container */
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
	case ERANGE: /* an MTU above what the device below can */
	case ENAMETOOLONG:
		return true;
	default:
		return false;
	}
}

bool retry_can_help(const struct err *e)
{
	if (e->code == ERR_SYSTEM)
		return !is_final_errno(e->sys_errno);
	return e->code != ERR_INVALID && e->code != ERR_UNSUPPORTED &&
	       e->code != ERR_PERMISSION;
}
