/* One packet on its way. Each function of trace_*.c takes it one step further: from a
 * namespace, through a port, over the link of a master. For this folder alone. */
#ifndef DATAPATH_TRACE_TRACE_WALK_H
#define DATAPATH_TRACE_TRACE_WALK_H 1

#include "datapath/trace/trace.h"

enum trace_place {
	TRACE_SENT,    /* 'netns' sends it */
	TRACE_ENTERS,  /* it comes into 'netns' by 'device' */
	TRACE_LEAVES,  /* it leaves 'netns' by 'device', for 'next' */
	TRACE_PORT,    /* 'slave' hands it to the port of 'master' */
	TRACE_WIRE,    /* 'master' itself sends it to 'next' */
	TRACE_OUTSIDE, /* it has left by 'master', and 'next' has it */
	TRACE_RETURNS, /* 'next', outside, sends it to the link of 'master' */
	TRACE_END,
};

struct trace_point {
	enum trace_place place;
	const char *netns, *device;
	/* Of TRACE_SENT: the VRF that the sender is bound to. Of TRACE_END: the one by which it
	 * arrived. "": none. */
	const char *vrf;
	const struct model_master *master;
	const struct model_slave *slave;
	struct ip_addr next; /* the next hop: a gateway, or the destination itself */
	bool is_broadcast;
	/* Of TRACE_ENTERS and TRACE_END: it came by the link of 'master', to a slave. */
	bool is_from_wire;
	/* No route says that the next hop is on the link. */
	bool is_guessed;
	/* Of TRACE_END. 'netns' is where it arrived, NULL outside: then 'master' and 'next'
	 * say where it left. */
	enum trace_verdict verdict;
};

struct trace_walk {
	struct datapath *dp;
	const struct model *survey;
	struct arena *a;
	unsigned int outside;    /* enum trace_outside */
	struct ip_addr from, to; /* of the packet */
	bool is_reply;
	/* On the way there this slave has heard the ARP question of that address, and knows it. */
	const struct model_slave *heard_by;
	struct ip_addr heard;
	struct trace *trace;
	size_t hops_cap;
};

/* Adds a hop. */
void trace_say(struct trace_walk *w, const char *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What would help; the first one counts. */
void trace_cure(struct trace_walk *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Addresses as text, from the arena. */
const char *trace_addr(const struct trace_walk *w, const struct ip_addr *addr);

struct trace_point trace_lost(void);
struct trace_point trace_unknown(void);
struct trace_point trace_enter(const char *netns, const char *device);
/* It is to leave by the master of 'at', for its next hop, which no slave is. */
struct trace_point trace_leave(struct trace_walk *w, const struct trace_point *at);
/* By a slave, which may be a tap. */
struct trace_point trace_enter_slave(struct trace_walk *w, const struct model_master *m,
				     const struct model_slave *s);

/* "host" for the daemon's own. */
const char *trace_netns_label(const char *netns);
/* The namespace that a slave is in, whose netns is "" beside its master. */
const char *trace_netns_of(const struct model_master *m, const struct model_slave *s);
/* The device of that namespace and name, if it is a slave of 'm'; else NULL. */
const struct model_slave *trace_find_slave(const struct model_master *m,
					   const char *netns, const char *name);
/* The VRF of that device, if it is a slave; "" if it is in none. */
const char *trace_vrf_of(const struct trace_walk *w, const char *netns, const char *name);
/* "ns1/ipvl1". */
const char *trace_label(const struct trace_walk *w, const struct model_master *m,
			const struct model_slave *s);
/* The ipvlan of the port that is up and has the address; NULL if none has. */
const struct model_slave *trace_owner(const struct model_master *m,
				      const struct ip_addr *addr);
/* True if an address of the slave has 'addr' in its subnet. */
bool trace_is_in_subnet(const struct model_slave *s, const struct ip_addr *addr);
/* Its slaves answer ARP. */
bool trace_is_l2(const struct model_master *m);
/* Its slaves are macvlans, or macvtaps. */
bool trace_is_macvlan(const struct model_master *m);
/* The slave beside its master that answers ARP for every address of that namespace (kernel.md
 * 10), and so for 'at->next'; in IPv6 none does. NULL if there is none. */
const struct model_slave *trace_answering_shim(const struct trace_point *at);
/* The cure where a master and its own slaves do not hear each other. */
void trace_cure_host_access(struct trace_walk *w, const struct model_master *m);
/* What the namespace of the master does with a packet that leaves it by the master. */
struct err *trace_ask_by_master(const struct trace_walk *w, const struct model_master *m,
				const struct ip_addr *to,
				struct datapath_lookup *ret_answer) MUST_CHECK;
/* True if 'addr' is an address of the namespace of the master. */
struct err *trace_is_hosts(const struct trace_walk *w, const struct model_master *m,
			   const struct ip_addr *addr, bool *ret_is) MUST_CHECK;

#endif
