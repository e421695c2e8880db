/* Keys: the names of the objects that a pass is about. */
#ifndef RECONCILER_WANTED_KEY_H
#define RECONCILER_WANTED_KEY_H 1

#include "lib/arena.h"

enum key_kind { KEY_MASTER, KEY_SLAVE, KEY_NETNS };

/* Why a key was marked. */
enum key_cause {
	/* Its row changed: what is then done for it is no drift. */
	KEY_CONFIG = 1 << 0,
	/* The datapath reported a change. */
	KEY_EVENT = 1 << 1,
	/* A retry, or a second look after a repair. */
	KEY_LOOK = 1 << 2,
	/* Of a master: the change reaches the devices on it, which have no event of their
	 * own. */
	KEY_UPPER = 1 << 3,
	/* Of a master: its row got or lost slaves. */
	KEY_MEMBERS = 1 << 4,
};

struct key {
	enum key_kind kind;
	/* As in the row: "" is the master's own. Of KEY_NETNS the namespace itself. */
	const char *netns;
	const char *name; /* "" of KEY_NETNS */
	/* Of KEY_SLAVE: the master that lists it, or did. */
	const char *master_netns, *master_name;
	/* Of enum key_cause, since it was last taken. */
	unsigned int causes;
	unsigned int failures; /* in a row */
};

/* Of a master; borrows. */
struct key key_of_master(const char *netns, const char *name, unsigned int causes);
struct key key_copy(const struct key *k, struct arena *a);
/* A text that is the same for keys of one kind, netns and name, and for no others. On the
 * heap, owned by the caller; and the same in an arena. */
char *key_id(const struct key *k) __attribute__((warn_unused_result));
char *key_id_in(struct arena *a, const struct key *k);

#endif
