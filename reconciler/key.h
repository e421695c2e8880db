/* Keys: what a pass is about, by name. */
#ifndef RECONCILER_KEY_H
#define RECONCILER_KEY_H 1

#include "lib/arena.h"

enum key_kind { KEY_MASTER, KEY_SLAVE, KEY_NETNS };

/* Why a key was marked. */
enum key_cause {
	KEY_CONFIG = 1 << 0, /* its row changed: what is done for it is no drift */
	KEY_EVENT = 1 << 1,  /* the kernel said something */
	KEY_LOOK = 1 << 2,   /* a retry, or a second look after a repair */
};

struct key {
	enum key_kind kind;
	const char *netns; /* as in the row: "" is the master's own; of KEY_NETNS the
			      namespace itself */
	const char *name;  /* "" of KEY_NETNS */
	const char *master_netns,
		*master_name;  /* of KEY_SLAVE: where it is, or was, listed */
	unsigned int causes;   /* of enum key_cause, since it was last taken */
	unsigned int failures; /* in a row */
};

struct key key_copy(const struct key *k, struct arena *a);
/* A text that is the same for keys of one kind, netns and name, and for no others. On the
 * heap, owned by the caller; and the same in an arena. */
char *key_id(const struct key *k) __attribute__((warn_unused_result));
char *key_id_in(struct arena *a, const struct key *k);

#endif
