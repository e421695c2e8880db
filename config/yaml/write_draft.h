/* A survey as a model that a file can declare, with a remark for everything else. Private to
 * config/yaml/. */
#ifndef CONFIG_WRITE_DRAFT_H
#define CONFIG_WRITE_DRAFT_H 1

#include "datapath/model.h"
#include "lib/arena.h"

struct remarks {
	const char **texts; /* a line each */
	size_t n, cap;
};

struct draft_master {
	struct remarks remarks, left_out; /* about itself; about devices on it */
	struct remarks *slaves;           /* of each */
};

struct draft {
	struct arena *a;
	/* Each part called 'seen' is that of the survey. */
	struct model model;
	struct draft_master *masters; /* of each */
	struct remarks left_out;      /* whole masters, and devices without one */
	size_t n_left_out;
};

/* What has keys. From 'a'; borrows from 'have'. */
struct draft *write_draft_build(struct arena *a, const struct model *have,
				bool foreign_only);

/* Adds a remark about something that a file cannot have. */
void write_draft_leave_out(struct draft *d, struct remarks *r, const char *text);
void write_draft_leave_out_route(struct draft *d, struct remarks *r, const char *route,
				 const char *why);

#endif
