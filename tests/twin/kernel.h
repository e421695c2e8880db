/* The real side of the twin: requests to the kernel that runs, and its state as text.
 *
 * It builds and reads messages by itself, without the provider's own code for them, so
 * that a fault there cannot hide itself. */
#ifndef TESTS_TWIN_KERNEL_H
#define TESTS_TWIN_KERNEL_H 1

#include "datapath/sim/twin/twin_request.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Sends exactly 'r', from inside its namespace. The error has the kernel's errno, and as
 * message the text of the extended ack, else that of strerror(): as those of
 * sim_request(). A device or a namespace that 'r' names and that does not exist is
 * ENODEV or ENOENT without a text, as `ip` finds out before it sends anything. The
 * process must be root on a host of its own. */
struct err *kernel_request(const struct twin_request *r) MUST_CHECK;

/* The state of the kernel in the format of sim_dump(), owned by the caller. 'mark': the
 * link group of what is ours. A dump that was interrupted is repeated. */
char *kernel_dump(uint32_t mark) MUST_CHECK;

/* What the kernel does in the background. */
enum kernel_background {
	/* Namespaces that were deleted are gone, with their devices. */
	KERNEL_NAMESPACES = 1 << 0,
	/* A change of carrier of a veth, an ipvlan or a VLAN has reached the devices
	 * above. */
	KERNEL_CARRIER = 1 << 1,
	/* The same for any device; takes up to two seconds. */
	KERNEL_SLOW_CARRIER = 1 << 2,
	/* No address is tentative, and detection that has begun again without a delay has
	 * ended. Takes two seconds, unless accept_dad is 0. */
	KERNEL_IPV6 = 1 << 3,
};
/* Waits until that is done, if it is by then under way. False: it is not, after a
 * minute. */
bool kernel_settle(unsigned int what);

/* Sends one echo request from the namespace; true if it is answered within a second. */
bool kernel_reaches(const char *netns, const struct ip_addr *to);

/* Calls 'fn' inside the namespace. Nothing, if there is none. */
void kernel_inside(const char *netns, void (*fn)(void));

/* Closes what TWIN_NETNS_HOLD opened. */
void kernel_forget(void);

#endif
