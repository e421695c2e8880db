/* The model as lines: a master, its slaves, their addresses and routes; namespaces. */
#include "tests/twin/model_text.h"

#include "datapath/link_type.h"
#include "lib/alloc.h"
#include "lib/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct printer {
	struct arena *a;
	enum datapath_depth depth;
	struct buffer text;
};

static void put(struct printer *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct printer *p, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	buffer_puts(&p->text, text);
	free(text);
}

static const char *presence(enum model_presence p)
{
	static const char *const names[] = {[MODEL_ABSENT] = "absent",
					    [MODEL_OURS] = "ours",
					    [MODEL_FOREIGN] = "foreign"};

	return names[p];
}

static void put_notes(struct printer *p, const struct model_slave *s,
		      const struct ip_prefix *address)
{
	static const char *const words[] = {
		"others",   "peer",      "scope",     "lifetime", "metric", "no-subnet",
		"no-local", "duplicate", "tentative", "detour",   "label"};
	const struct model_address_seen *seen = model_find_noted(s, address);
	char buf[IP_TEXT_BYTES];

	if (!seen)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (seen->notes & 1U << i)
			put(p, " %s", words[i]);
	}
	if (seen->peer.family)
		put(p, " %s", ip_addr_format(&seen->peer, buf));
	if (seen->is_deprecated)
		put(p, " deprecated");
	put(p, "%s%s", *seen->label ? " " : "", seen->label);
}

static void put_routes(struct printer *p, const struct model_route *routes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(p, "    route %s%s\n", model_route_text(p->a, &routes[i]),
		    routes[i].seen_foreign ? " foreign" : "");
}

static void put_slave(struct printer *p, const struct model_slave *s)
{
	char mode[8], flag[8], buf[IP_TEXT_BYTES];

	if (s->seen.presence == MODEL_ABSENT && !s->seen.has_moved)
		return;
	put(p, "  %s %s %s", model_slave_label(p->a, s), presence(s->seen.presence),
	    s->seen.kind);
	if (s->seen.has_moved)
		put(p, " is now %s",
		    model_label(p->a, s->seen.now_netns, s->seen.now_name));
	if (s->seen.presence != MODEL_ABSENT)
		put(p, "%s%s%s mtu %u", s->seen.is_on_master ? " on-master" : "",
		    s->seen.is_up ? " up" : " down",
		    s->seen.is_up && !s->seen.has_carrier ? " no-carrier" : "",
		    s->seen.mtu);
	if (link_type_find_kind(s->seen.kind))
		put(p, " %s %s", model_mode_name(s->seen.mode, mode),
		    model_flag_name(s->seen.flag, flag));
	put(p, "\n");
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (ip_addr_is_link_local(&s->addresses[i].addr))
			continue;
		put(p, "    %s", ip_prefix_format(&s->addresses[i], buf));
		put_notes(p, s, &s->addresses[i]);
		put(p, "\n");
	}
	put_routes(p, s->routes, s->n_routes);
	for (size_t i = 0; i < s->n_rules; i++)
		put(p, "    rule %s\n", model_rule_text(p->a, &s->rules[i]));
}

static int prefix_cmp(const void *a, const void *b)
{
	return ip_prefix_cmp(a, b);
}

static void put_master_addresses(struct printer *p, const struct model_master *m)
{
	size_t n = m->seen.n_addresses;
	struct ip_prefix *sorted = arena_array(p->a, n + 1, sizeof(*sorted));
	char buf[IP_TEXT_BYTES];

	if (n)
		memcpy(sorted, m->seen.addresses, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), prefix_cmp);
	for (size_t i = 0; i < n; i++) {
		if (!ip_addr_is_link_local(&sorted[i].addr))
			put(p, " %s", ip_prefix_format(&sorted[i], buf));
	}
}

static void put_master(struct printer *p, const struct model_master *m)
{
	char mode[8], flag[8];

	put(p, "%s %s %s", model_master_label(p->a, m), presence(m->seen.presence),
	    m->seen.kind);
	if (m->seen.presence != MODEL_ABSENT)
		put(p, "%s%s mtu %u", m->seen.is_up ? " up" : " down",
		    m->seen.is_up && !m->seen.has_carrier ? " no-carrier" : "",
		    m->seen.mtu);
	if (m->seen.has_port)
		put(p, " port %s %s", model_mode_name(m->seen.mode, mode),
		    model_flag_name(m->seen.flag, flag));
	/* The port watch asks for one of them, whichever it is. */
	if (p->depth == DATAPATH_PORTS) {
		put(p, "\n");
		return;
	}
	if (m->seen.has_ours)
		put(p, " with-ours");
	/* Which one, if there are several, is the provider's choice. Those beside ours
	 * are looked for in a read of everything alone (model.h). */
	if (*m->seen.stranger && (p->depth == DATAPATH_EVERYTHING || !m->seen.has_ours))
		put(p, " with-strangers");
	/* The same of the macvlans. */
	if (!strncmp(m->seen.busy, "macvlan ", strlen("macvlan ")))
		put(p, " busy macvlan");
	else if (!strncmp(m->seen.busy, "ipvlan ", strlen("ipvlan ")))
		put(p, " busy ipvlan");
	else if (*m->seen.busy)
		put(p, " busy %s", m->seen.busy);
	if (m->seen.has_moved)
		put(p, " is now %s", m->seen.now_name);
	put_master_addresses(p, m);
	put(p, "\n");
	put_routes(p, m->routes, m->n_routes);
	for (size_t i = 0; i < m->n_slaves; i++)
		put_slave(p, &m->slaves[i]);
}

/* Of namespaces without a name: "/nsid/7" as "/nsid/". */
static const char *without_numbers(struct arena *a, const char *text)
{
	static const char prefix[] = "/nsid/";
	char *out = arena_alloc(a, strlen(text) + 1), *to = out;
	const char *at;

	while ((at = strstr(text, prefix))) {
		at += strlen(prefix);
		to = mempcpy(to, text, (size_t)(at - text));
		text = at + strspn(at, "0123456789");
	}
	strcpy(to, text);
	return out;
}

const char *model_text(struct arena *a, const struct model *have,
		       enum datapath_depth depth)
{
	struct printer p = {.a = a, .depth = depth};
	const char *text;

	for (size_t i = 0; i < have->n_masters; i++)
		put_master(&p, &have->masters[i]);
	for (size_t i = 0; i < have->n_namespaces; i++) {
		const struct model_netns *n = &have->namespaces[i];

		put(&p, "netns %s%s%s%s%s\n", n->name, n->seen.exists ? " exists" : "",
		    n->seen.is_own ? " own" : "", n->seen.is_dead_file ? " dead" : "",
		    n->seen.is_occupied ? " occupied" : "");
	}
	text = without_numbers(a, p.text.data ? p.text.data : "");
	buffer_clear(&p.text);
	return text;
}
