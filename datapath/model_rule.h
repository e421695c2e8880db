/* Rules of policy routing as values (ip-rule(8)): part of datapath/model.h.
 *
 * A rule has no device. It belongs to a namespace, and says in which table a route is looked
 * for. */
#ifndef DATAPATH_MODEL_RULE_H
#define DATAPATH_MODEL_RULE_H 1

#include "lib/arena.h"
#include "lib/ip.h"

#include <stdbool.h>
#include <stdint.h>

/* Of a rule that has no priority of its own. The kernel's choice depends on the rules that are
 * there. nmstate has the same number: behind what most programs use, before the main table at
 * 32766. */
#define MODEL_RULE_PRIORITY 30000U
/* Of the rules of source routing: behind those, which may be exceptions. */
#define MODEL_RULE_PRIORITY_SOURCE 31000U

struct model_rule {
	uint32_t priority; /* the lowest number is looked at first */
	/* Which packets. Both are of one family, host bits clear; a length of 0 is any. */
	struct ip_prefix from, to;
	uint8_t tos;    /* the byte of the header, without ECN; 0: any */
	uint32_t mark;  /* 0: any */
	uint32_t table; /* never 0 */
};

/* Of another program: 'protocol' is an RTPROT_* that is not ours. */
struct model_foreign_rule {
	struct model_rule rule;
	uint8_t protocol;
};

/* By family, priority, what it selects, table. 0 if they are equal. */
int model_rule_cmp(const struct model_rule *a, const struct model_rule *b);
/* True if both select the same packets at the same priority. The kernel uses the one that was
 * added first. */
bool model_rule_has_same_key(const struct model_rule *a, const struct model_rule *b);
/* True if the kernel takes 'special' for 'general' where it looks for a rule to delete, or for
 * one that exists (kernel.md 30): what 'general' does not select by is not compared. False if
 * they are equal. */
bool model_rule_covers(const struct model_rule *general,
		       const struct model_rule *special);
/* The canonical text, in the syntax of `ip rule add`, without what is a default: "from 10.0.0.2
 * table 100". One that selects by neither address has "from 0.0.0.0/0" or "from ::/0". From the
 * arena. */
const char *model_rule_text(struct arena *a, const struct model_rule *r);

#endif
