/* Whether an echo comes back: the way of one packet from a slave or a host to an address, and
 * of its answer. Nothing is sent: a survey says which ipvlans there are, and each namespace is
 * asked what it does with the packet (datapath.h, datapath_lookup()). */
#ifndef DATAPATH_TRACE_TRACE_H
#define DATAPATH_TRACE_TRACE_H 1

#include "datapath/datapath.h"

enum trace_verdict {
	TRACE_ARRIVES,
	TRACE_LOST,
	/* It leaves what ipvl can see, and what is there decides. */
	TRACE_UNKNOWN,
};

/* What is known of the network outside. What is not given is taken to be as in a plain one: a
 * switch sends no frame back to its port; hosts and routers reach what answers on their link,
 * and a router what is behind it. */
enum trace_outside {
	/* Hosts and routers have a route to the slaves by an address of the master. */
	TRACE_ROUTE_BACK = 1 << 0,
	/* The port of the switch sends frames back to where they came from. */
	TRACE_HAIRPIN = 1 << 1,
	/* A router answers ARP, or neighbour solicitations, for what is behind it. */
	TRACE_PROXY_ARP = 1 << 2,
	/* The destination is on the link of the master, though in another subnet. */
	TRACE_ON_LINK = 1 << 3,
	/* There is nothing that is not given: without these two, nobody answers for a
	 * destination of another subnet. Else that is not known. */
	TRACE_PLAIN = 1 << 4,
};

struct trace_question {
	/* A slave of the survey; 'name' "": the namespace itself, "" being the host. */
	const char *netns, *name;
	struct ip_addr to;
	unsigned int outside; /* enum trace_outside */
};

struct trace_hop {
	const char *place; /* "host", "ns1", "eth0", "outside" */
	const char *text;
	bool is_reply;
};

/* Texts and arrays from the arena. */
struct trace {
	enum trace_verdict verdict;
	struct ip_addr source; /* none if there is no route */
	const char *vrf;       /* that the sender is bound to; "": none */
	const char *target;    /* who has the address: "ns2/ipvl2", "host"; "" outside */
	struct trace_hop *hops;
	size_t n_hops;
	const char *cure; /* what would make it arrive; "" if nothing is known */
};

/* 'survey' is of the same datapath. ERR_NOT_FOUND: no such slave. Else errors are those of a
 * look-up. */
struct err *trace_run(struct datapath *dp, const struct model *survey,
		      const struct trace_question *question, struct arena *a,
		      struct trace **ret_trace) MUST_CHECK;

#endif
