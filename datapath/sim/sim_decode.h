/* From the messages of the simulated kernel to events. */
#ifndef DATAPATH_SIM_DECODE_H
#define DATAPATH_SIM_DECODE_H 1

#include "datapath/sim/twin/twin_state.h"
#include "lib/arena.h"

/* One drain(). */
struct sim_sink {
	struct twin_world *w;
	struct arena *a; /* of this drain */
	datapath_event_fn *fn;
	void *aux;
	bool are_doubled; /* each event comes twice */
	struct sim_emitted *emitted;
	struct sim_unseen *unseen;
};

void sim_decode(struct sim_sink *s, const struct twin_message *m);
/* After the last message. */
void sim_decode_end(struct sim_sink *s);
/* Events were lost: what is remembered is not valid any more. */
void sim_decode_loss(struct sim_sink *s);

#endif
