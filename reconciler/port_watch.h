/* The port watch: one message for each master finds changes of mode and flag that the
 * kernel sends no event about (kernel.md 15). */
#ifndef RECONCILER_PORT_WATCH_H
#define RECONCILER_PORT_WATCH_H 1

#include "datapath/datapath.h"
#include "lib/loop.h"
#include "reconciler/wanted/desired.h"

struct port_watch;

struct port_watch_config {
	struct loop *loop;
	struct datapath *datapath;
	struct desired_source source;
	/* Nothing is read while this is true: a pass reads the ports itself. */
	bool (*is_busy)(void *aux);
	/* The port of this master differs from its row; or only strangers are on it, and it
	 * may have changed. */
	void (*changed)(void *aux, const char *netns, const char *name);
	void *aux;
};

/* Copies 'config', borrows what it points to. Idle until port_watch_set(). */
struct port_watch *port_watch_new(const struct port_watch_config *config)
	__attribute__((warn_unused_result));
void port_watch_free(struct port_watch *w); /* accepts NULL */
/* After an observation: notes the ports on which only strangers are. */
void port_watch_note(struct port_watch *w, const struct model *have);
/* Reads the interval from Host.other_config, and starts it again. */
void port_watch_set(struct port_watch *w);

#endif
