/* Shared by walk.c and walk_inet.c. */
#ifndef TESTS_TWIN_WALK_PRIVATE_H
#define TESTS_TWIN_WALK_PRIVATE_H 1

#include "tests/twin/walk.h"

struct walk_device {
	const char *netns, *name, *kind;
	bool is_up;
};

struct walk {
	struct arena *a;
	uint64_t state;
	/* What is believed to be there. */
	struct walk_device devices[64];
	size_t n_devices;
	uint32_t n_made;
	/* Bridges get ports. */
	bool has_ports;
	/* A device below others had an MTU below 1280 (kernel.md 26). */
	bool may_hang;
};

uint64_t walk_random(struct walk *w);
size_t walk_pick(struct walk *w, size_t n); /* 0..n-1 */
bool walk_chance(struct walk *w, unsigned int percent);
struct walk_device *walk_find(struct walk *w, const char *netns, const char *name);
struct walk_device *walk_any(struct walk *w, const char *kind); /* NULL: any kind */
/* Names a device, mostly of that kind, and seldom one that does not exist. */
void walk_name(struct walk *w, struct twin_request *r, const char *kind);

void walk_addr_new(struct walk *w, struct twin_request *r);
void walk_addr_del(struct walk *w, struct twin_request *r);
void walk_route_new(struct walk *w, struct twin_request *r);
void walk_route_del(struct walk *w, struct twin_request *r);
void walk_rule_new(struct walk *w, struct twin_request *r);
void walk_rule_del(struct walk *w, struct twin_request *r);

#endif
