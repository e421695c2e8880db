/* Faults that a test injects into the provider: requests that fail, the end of the
 * process between two requests, time that requests take, and events that are lost, late,
 * doubled or in another order. The control side is in sim.h. */
#ifndef DATAPATH_SIM_FAULT_H
#define DATAPATH_SIM_FAULT_H 1

#include "datapath/sim/sim_host.h"

void sim_fault_init(struct sim_faults *f);
/* Before a step, a request and an observation: NULL, or the error that is to be its
 * result. */
struct err *sim_fault_step(struct sim_faults *f) MUST_CHECK;
struct err *sim_fault_request(struct sim_faults *f) MUST_CHECK;
struct err *sim_fault_observe(struct sim_faults *f) MUST_CHECK;
/* Passes the queued events on as the faults demand, and removes them; those that are late
 * stay. */
void sim_fault_drain(struct datapath *dp, datapath_event_fn *fn, void *aux);
/* Makes the event descriptor readable if an event is queued. */
void sim_fault_wake(struct datapath *dp);

#endif
