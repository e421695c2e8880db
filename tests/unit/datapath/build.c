/* The bench of the datapath's tests: a simulated host, what is wanted of it, and one pass
 * at a time. */
#include "build.h"

#include "lib/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void must(struct err *e)
{
	char *text = e ? err_text(e) : NULL;

	if (e)
		print_error("unexpected error: %s\n", text);
	free(text);
	assert_null(e);
}

void must_fail(struct err *e, int sys_errno)
{
	assert_non_null(e);
	assert_int_equal(e->sys_errno, sys_errno);
	err_free(e);
}

int bench_setup(void **state)
{
	struct datapath_config config = {.mark = 4711,
					 .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct bench *b = xcalloc(1, sizeof(*b));

	b->arena = arena_new();
	must(datapath_open(&sim_provider, &config, &b->dp));
	*state = b;
	return 0;
}

void bench_forget_results(struct bench *b)
{
	plan_results_clear(b->results, b->n_results);
	free(b->results);
	b->results = NULL;
	b->n_results = 0;
}

int bench_teardown(void **state)
{
	struct bench *b = *state;

	bench_forget_results(b);
	datapath_close(b->dp);
	arena_free(b->arena);
	free(b);
	return 0;
}

struct model_master *want_master(struct bench *b, const char *name, enum model_mode mode)
{
	struct model_master *grown =
		arena_array(b->arena, b->want.n_masters + 1, sizeof(*grown));

	if (b->want.n_masters)
		memcpy(grown, b->want.masters, b->want.n_masters * sizeof(*grown));
	b->want.masters = grown;
	grown[b->want.n_masters] = model_master_named("", name);
	grown[b->want.n_masters].mode = mode;
	return &grown[b->want.n_masters++];
}

static void add_addresses(struct bench *b, struct model_slave *s, const char *text)
{
	char *words = arena_strdup(b->arena, text), *at;

	s->addresses = arena_array(b->arena, strlen(text) / 2 + 1, sizeof(*s->addresses));
	for (char *word = strtok_r(words, " ", &at); word;
	     word = strtok_r(NULL, " ", &at))
		must(ip_prefix_parse(word, &s->addresses[s->n_addresses++]));
}

struct model_slave *want_slave(struct bench *b, struct model_master *m, const char *netns,
			       const char *name, const char *addresses)
{
	struct model_slave *grown =
		arena_array(b->arena, m->n_slaves + 1, sizeof(*grown));

	if (m->n_slaves)
		memcpy(grown, m->slaves, m->n_slaves * sizeof(*grown));
	m->slaves = grown;
	grown[m->n_slaves] = model_slave_named(netns, name);
	grown[m->n_slaves].addresses_managed = addresses != NULL;
	if (addresses)
		add_addresses(b, &grown[m->n_slaves], addresses);
	return &grown[m->n_slaves++];
}

struct model_route route(const char *text)
{
	struct model_route r = {.table = MODEL_ROUTE_TABLE_MAIN};
	char to[64] = "", via[64] = "";
	unsigned int metric = 0;

	if (sscanf(text, "%63s via %63s metric %u", to, via, &metric) < 2)
		sscanf(text, "%63s metric %u", to, &metric);
	if (!strcmp(to, "default"))
		strcpy(to, strchr(via, ':') ? "::/0" : "0.0.0.0/0");
	must(ip_prefix_parse(to, &r.to));
	if (*via)
		must(ip_addr_parse(via, &r.via));
	r.metric = metric;
	return r;
}

static void add_route(struct bench *b, struct model_route **routes, size_t *n,
		      const char *text)
{
	struct model_route *grown = arena_array(b->arena, *n + 1, sizeof(*grown));

	if (*n)
		memcpy(grown, *routes, *n * sizeof(*grown));
	grown[(*n)++] = route(text);
	*routes = grown;
}

void want_route(struct bench *b, struct model_slave *s, const char *text)
{
	add_route(b, &s->routes, &s->n_routes, text);
}

void want_master_route(struct bench *b, struct model_master *m, const char *text)
{
	add_route(b, &m->routes, &m->n_routes, text);
}

struct model_netns *want_netns(struct bench *b, const char *name)
{
	struct model_netns *grown;

	for (size_t i = 0; i < b->want.n_namespaces; i++) {
		if (!strcmp(b->want.namespaces[i].name, name))
			return &b->want.namespaces[i];
	}
	grown = arena_array(b->arena, b->want.n_namespaces + 1, sizeof(*grown));
	if (b->want.n_namespaces)
		memcpy(grown, b->want.namespaces, b->want.n_namespaces * sizeof(*grown));
	b->want.namespaces = grown;
	grown[b->want.n_namespaces].name = name;
	return &grown[b->want.n_namespaces++];
}

void want_namespaces(struct bench *b, bool is_ours)
{
	for (size_t i = 0; i < b->want.n_masters; i++) {
		const struct model_master *m = &b->want.masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];
			struct model_netns *n;

			if (!*s->netns || *s->netns == '/')
				continue;
			n = want_netns(b, s->netns);
			n->is_ours = is_ours;
			n->is_wanted |=
				s->intent == MODEL_PRESENT && m->intent == MODEL_PRESENT;
		}
	}
}

void bench_plan(struct bench *b)
{
	model_sort(&b->want);
	must(datapath_observe(b->dp, &b->want, DATAPATH_EVERYTHING, b->arena, &b->have));
	plan_build(&b->want, b->have, b->arena, &b->plan);
}

void bench_apply(struct bench *b)
{
	struct apply *a = apply_new(b->dp, b->plan);

	bench_forget_results(b);
	assert_true(apply_run(a, -1));
	b->n_results = b->plan->n_steps;
	b->results = xcalloc(b->n_results + 1, sizeof(*b->results));
	for (size_t i = 0; i < b->n_results; i++) {
		b->results[i] = apply_results(a)[i];
		b->results[i].error = err_copy(b->results[i].error);
	}
	apply_free(a);
}

void bench_is_settled(struct bench *b)
{
	bench_plan(b);
	if (b->plan->n_steps)
		print_error("steps are left:\n%s", bench_text(b));
	assert_int_equal(b->plan->n_steps, 0);
	if (sim_violation(b->dp))
		print_error("%s\n", sim_violation(b->dp));
	assert_null(sim_violation(b->dp));
}

void bench_converge(struct bench *b)
{
	bench_plan(b);
	bench_apply(b);
	for (size_t i = 0; i < b->n_results; i++) {
		if (b->results[i].kind != PLAN_DONE)
			print_error("plan:\n%s", bench_text(b));
		must(err_copy(b->results[i].error));
		assert_int_equal(b->results[i].kind, PLAN_DONE);
	}
	bench_is_settled(b);
}

const char *bench_text(struct bench *b)
{
	return plan_text(b->arena, b->plan);
}

static void print_slave(struct bench *b, const struct model_slave *s)
{
	char buf[IP_TEXT_BYTES];

	fprintf(stderr, "  %s %s%s%s mtu %u\n", model_slave_label(b->arena, s),
		s->seen.presence == MODEL_OURS ? "ours"
		: s->seen.presence             ? s->seen.kind
					       : "absent",
		s->seen.is_on_master ? "" : " elsewhere", s->seen.is_up ? " up" : " down",
		s->seen.mtu);
	for (size_t i = 0; i < s->n_addresses; i++)
		fprintf(stderr, "    %s\n", ip_prefix_format(&s->addresses[i], buf));
	for (size_t i = 0; i < s->n_routes; i++)
		fprintf(stderr, "    %s%s\n", model_route_text(b->arena, &s->routes[i]),
			s->routes[i].seen_foreign ? " (foreign)" : "");
}

void print_have(struct bench *b)
{
	for (size_t i = 0; i < b->have->n_masters; i++) {
		const struct model_master *m = &b->have->masters[i];

		fprintf(stderr,
			"%s %s %s port %d ours %d stranger \"%s\" busy \"%s\" %s\n",
			model_master_label(b->arena, m),
			m->seen.presence ? "there" : "absent",
			m->seen.is_up ? "up" : "down",
			m->seen.has_port ? m->seen.mode : -1, m->seen.has_ours,
			m->seen.stranger, m->seen.busy, m->vlan_link);
		for (size_t k = 0; k < m->n_slaves; k++)
			print_slave(b, &m->slaves[k]);
	}
}

const struct plan_step *find_step(const struct bench *b, enum plan_op op,
				  const char *netns, const char *name)
{
	for (size_t i = 0; i < b->plan->n_steps; i++) {
		const struct plan_step *s = &b->plan->steps[i];
		const struct model_slave *of = s->want ? s->want : s->have;

		if (s->op != op)
			continue;
		if (!name || (of && !strcmp(of->netns, netns) && !strcmp(of->name, name)))
			return s;
	}
	return NULL;
}

size_t count_steps(const struct bench *b, enum plan_op op)
{
	size_t n = 0;

	for (size_t i = 0; i < b->plan->n_steps; i++)
		n += b->plan->steps[i].op == op;
	return n;
}

const struct plan_verdict *verdict(const struct bench *b, const char *netns,
				   const char *slave, const char *master)
{
	for (size_t i = 0; i < b->plan->n_verdicts; i++) {
		const struct plan_verdict *v = &b->plan->verdicts[i];

		if (strcmp(v->master->name, master) || !v->slave != !slave)
			continue;
		if (!slave ||
		    (!strcmp(v->slave->netns, netns) && !strcmp(v->slave->name, slave)))
			return v;
	}
	return NULL;
}

const struct model_slave *seen(const struct bench *b, const char *master,
			       const char *netns, const char *name)
{
	const struct model_master *m = model_find_master(b->have, "", master);

	return m ? model_find_slave(m, netns, name) : NULL;
}

const struct plan_step *plan_step_of(const struct bench *b, uint32_t id)
{
	assert_true(id < b->plan->n_steps);
	return &b->plan->steps[id];
}

void expect_steps(struct bench *b, const char *text)
{
	bench_plan(b);
	assert_string_equal(bench_text(b), text);
}

void expect_verdict(const struct bench *b, const char *netns, const char *slave,
		    const char *master, enum plan_verdict_kind kind, const char *message)
{
	const struct plan_verdict *v = verdict(b, netns, slave, master);

	assert_non_null(v);
	assert_string_equal(v->message, message);
	assert_int_equal(v->kind, kind);
}

void expect_warnings(const struct bench *b, const char *netns, const char *slave,
		     const char *master, const char *text)
{
	const struct plan_verdict *v = verdict(b, netns, slave, master);
	const char *all = "";

	assert_non_null(v);
	for (size_t i = 0; i < v->n_warnings; i++)
		all = arena_printf(b->arena, "%s%s\n", all, v->warnings[i]);
	assert_string_equal(all, text);
}

struct model_master *eth0(struct bench *b)
{
	return want_master(b, "eth0", MODEL_MODE_L2);
}

struct model_slave *settled(struct bench *b)
{
	struct model_slave *s =
		want_slave(b, eth0(b), "ns1", "a", "10.0.0.2/24 2001:db8::2/64");

	want_route(b, s, "default via 10.0.0.1");
	bench_converge(b);
	return s;
}
