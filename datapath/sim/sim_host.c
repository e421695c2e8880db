/* The event descriptor of the simulated kernel. */
#include "datapath/sim/sim_host.h"

#include <sys/eventfd.h>

void sim_wake(struct datapath *dp)
{
	if (dp->faults.has_crashed)
		return;
	if (dp->world.messages || dp->world.zombies || dp->faults.are_lost)
		(void)!eventfd_write(dp->base.event_fd, 1);
}
