/* The rules of a namespace (kernel.md 30). No device and no address is needed for one, and none
 * takes it along. The kernel's own have the priorities 0, 32766 and 32767; they are not here, and
 * no request of a test names them. */
#include "datapath/sim/twin/twin_rule.h"

#include "datapath/sim/twin/twin_event.h"
#include "lib/alloc.h"

#include <string.h>
#include <sys/socket.h>

#define ECN      3U
#define TOS_IPV4 0x1cU /* Linux IPTOS_RT_MASK */

static void insert(struct twin_netns *s, const struct twin_rule *r)
{
	size_t at = 0;

	while (at < s->n_rules && s->rules[at].rule.priority <= r->rule.priority)
		at++;
	s->rules = xgrow(s->rules, s->n_rules, &s->rules_cap, sizeof(*s->rules));
	memmove(&s->rules[at + 1], &s->rules[at], (s->n_rules - at) * sizeof(*s->rules));
	s->rules[at] = *r;
	s->n_rules++;
}

void twin_rule_put(struct twin_netns *s, const struct twin_rule *r)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		if (s->rules[i].protocol == r->protocol &&
		    !model_rule_cmp(&s->rules[i].rule, &r->rule))
			return;
	}
	insert(s, r);
}

/* Linux fib4_rule_compare(), fib6_rule_compare(): what the request leaves out fits all. */
static bool has_addresses(const struct model_rule *have, const struct model_rule *want)
{
	return have->from.addr.family == want->from.addr.family &&
	       (!want->from.len || !ip_prefix_cmp(&have->from, &want->from)) &&
	       (!want->to.len || !ip_prefix_cmp(&have->to, &want->to)) &&
	       (!want->tos || have->tos == want->tos);
}

/* Linux rule_exists(). */
static bool exists(const struct twin_netns *s, const struct twin_rule *r)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		const struct twin_rule *have = &s->rules[i];

		if (have->protocol == r->protocol && have->rule.mark == r->rule.mark &&
		    have->rule.table == r->rule.table &&
		    have->rule.priority == r->rule.priority &&
		    has_addresses(&have->rule, &r->rule))
			return true;
	}
	return false;
}

static struct err *check_tos(const struct model_rule *r)
{
	if (r->tos & ECN)
		return twin_kernel_err(EINVAL,
				       "Invalid dsfield (tos): ECN bits must be 0");
	if (r->from.addr.family == AF_INET && r->tos & ~TOS_IPV4)
		return twin_kernel_err(EINVAL, "Invalid tos");
	return NULL;
}

/* Linux fib_default_rule_pref(): one below the second of the list, which the kernel's rule for
 * the local table heads. */
static uint32_t free_priority(const struct twin_netns *s, uint8_t family)
{
	for (size_t i = 0; i < s->n_rules; i++) {
		const struct model_rule *r = &s->rules[i].rule;

		if (r->from.addr.family == family && r->priority < TWIN_PRIORITY_MAIN)
			return r->priority ? r->priority - 1 : 0;
	}
	return TWIN_PRIORITY_MAIN - 1;
}

struct err *twin_rule_add(struct twin_world *w, struct twin_netns *s,
			  const struct twin_rule_request *request, unsigned int flags)
{
	struct twin_rule r = {.rule = request->rule, .protocol = request->protocol};
	struct err *e;

	if (!request->has_priority)
		r.rule.priority = free_priority(s, r.rule.from.addr.family);
	e = check_tos(&r.rule);
	if (e)
		return e;
	if (flags & TWIN_EXCL && exists(s, &r))
		return twin_kernel_err(EEXIST, NULL);
	insert(s, &r);
	twin_event_rule(w, s, &r, false);
	return NULL;
}

/* Linux rule_find(): the first. */
static struct twin_rule *find(struct twin_netns *s,
			      const struct twin_rule_request *request)
{
	const struct model_rule *want = &request->rule;

	for (size_t i = 0; i < s->n_rules; i++) {
		struct twin_rule *r = &s->rules[i];

		if ((!request->protocol || r->protocol == request->protocol) &&
		    (!want->table || r->rule.table == want->table) &&
		    (!request->has_priority || r->rule.priority == want->priority) &&
		    (!want->mark || r->rule.mark == want->mark) &&
		    has_addresses(&r->rule, want))
			return r;
	}
	return NULL;
}

struct err *twin_rule_del(struct twin_world *w, struct twin_netns *s,
			  const struct twin_rule_request *request)
{
	struct twin_rule *found = find(s, request), gone;
	size_t at;

	if (!found)
		return twin_kernel_err(ENOENT, NULL);
	gone = *found;
	at = (size_t)(found - s->rules);
	s->n_rules--;
	memmove(found, found + 1, (s->n_rules - at) * sizeof(*found));
	twin_event_rule(w, s, &gone, true);
	return NULL;
}
