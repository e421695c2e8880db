/* What changes on a device of the simulated kernel: up and down, carrier, MTU, MAC, the
 * port's mode and flag, its controller. */
#ifndef DATAPATH_SIM_TWIN_LINK_STATE_H
#define DATAPATH_SIM_TWIN_LINK_STATE_H 1

#include "datapath/sim/twin/twin_state.h"

struct err *twin_link_up(struct twin_world *w, struct twin_link *l) MUST_CHECK;
void twin_link_down(struct twin_world *w, struct twin_link *l);
/* Plugs the cable, or unplugs it: what is above follows (kernel.md 19). */
void twin_link_carrier(struct twin_world *w, struct twin_link *l, bool has_carrier);
/* Linux dev_validate_mtu(). */
struct err *twin_link_check_mtu(const struct twin_link *l, uint32_t mtu) MUST_CHECK;
struct err *twin_link_mtu(struct twin_world *w, struct twin_link *l,
			  uint32_t mtu) MUST_CHECK;
/* "02:00:00:00:00:01"; false if it is none. */
bool twin_link_parse_mac(const char *text, uint8_t ret_mac[6]);
struct err *twin_link_mac(struct twin_world *w, struct twin_link *l,
			  const char *mac) MUST_CHECK;
/* Sets mode and flag of the port that is on 'lower'; -1: unchanged. */
void twin_link_noarp(struct twin_world *w, struct twin_link *l, bool is_noarp);
struct err *twin_link_port(struct twin_world *w, struct twin_link *lower, int mode,
			   int flag) MUST_CHECK;
/* 'controller' NULL: none. */
struct err *twin_link_control(struct twin_world *w, struct twin_link *l,
			      struct twin_link *controller) MUST_CHECK;
/* A port of the controller has come or gone. NULL: nothing. */
void twin_link_ports_changed(struct twin_world *w, struct twin_link *controller);

#endif
