/* The kernel as a datapath: opening and closing it, and the provider's table.
 *
 * Reading is observe*.c's, writing apply*.c's, listening events.c's; all of them speak through
 * nl_socket.c. Nothing here outlives one call but the sockets of the daemon's own namespace and what
 * known.c remembers to give events their names. */
#include "datapath/datapath.h"
