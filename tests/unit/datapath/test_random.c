/* Properties of a pass, tried on random hosts: random wishes, random strangers, random
 * drift, failures at any step, death after any step. What fails names its seed;
 * `test-datapath-random SEED [N]` runs it (and more) alone.
 *
 *  - a plan that was run leaves nothing to do;
 *  - after a failed step, or after only the first steps were done, the next pass gets
 * there;
 *  - nothing that is not ours is touched, and no namespace that is not ours goes;
 *  - what is called ready is as wanted, and nothing of ours is left where nothing is
 * wanted. */
#include "build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define N_SEEDS  400
#define N_ROUNDS 6

static const char *const netnses[] = {"", "ns1", "ns2", "ns3", "/path"};
static const char *const names[] = {"a", "b", "c", "br0"};
static const char *const masters[] = {"eth0", "eth1", "eth2", "eth0.5"};
#define N_NETNSES 5
#define N_NAMES   4
#define N_MASTERS 4
#define N_HOSTS   8 /* addresses in each subnet */

/* What the reconciler would have written down, and what strangers made. */
struct space_note {
	bool is_ours, is_theirs;
	uint64_t inode;
};

struct trial {
	struct bench *b;
	uint64_t seed;
	struct space_note notes[N_NETNSES];
};

static uint64_t next(struct trial *t)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return t->seed;
}

static unsigned int pick(struct trial *t, unsigned int n)
{
	return (unsigned int)((next(t) >> 20) % n);
}

static bool chance(struct trial *t, unsigned int percent)
{
	return pick(t, 100) < percent;
}

/* An address that no other slave of this master has; NULL if none is left. */
static const char *fresh_address(struct trial *t, bool *used, bool is_ipv6)
{
	unsigned int host = pick(t, N_HOSTS), subnet = pick(t, 2);
	bool *taken = &used[(is_ipv6 ? 2 * N_HOSTS : subnet * N_HOSTS) + host];

	if (*taken)
		return "";
	*taken = true;
	if (is_ipv6)
		return arena_printf(t->b->arena, "2001:db8::%u/64 ", host + 2);
	return arena_printf(t->b->arena, "10.0.%u.%u/%u ", subnet, host + 2,
			    chance(t, 15) ? 25 : 24);
}

static void wish_routes(struct trial *t, struct model_slave *s, unsigned int name)
{
	struct arena *a = t->b->arena;

	if (chance(t, 40))
		want_route(t->b, s, arena_printf(a, "10.9.%u.0/24", name));
	if (s->n_routes && chance(t, 50))
		want_route(t->b, s,
			   arena_printf(a, "default via 10.9.%u.1 metric %u", name,
					10 + name));
	for (unsigned int i = 0; i < s->n_addresses; i++) {
		struct ip_prefix net = ip_prefix_network(&s->addresses[i]);
		char via[IP_TEXT_BYTES];

		net.addr.bytes[ip_addr_bytes(&net.addr) - 1] = 1;
		ip_addr_format(&net.addr, via);
		if (chance(t, 60))
			want_route(t->b, s,
				   arena_printf(a, "default via %s metric %u", via,
						100 + name + 10 * i +
							(chance(t, 20) ? 50 : 0)));
	}
}

static void wish_slave(struct trial *t, struct model_master *m, const char *netns,
		       unsigned int name, bool *used)
{
	struct arena *a = t->b->arena;
	bool is_external = chance(t, 15);
	const char *addresses = "";
	struct model_slave *s;

	for (unsigned int i = pick(t, 4); i && !is_external; i--)
		addresses = arena_printf(a, "%s%s", addresses,
					 fresh_address(t, used, chance(t, 30)));
	s = want_slave(t->b, m, netns, names[name], is_external ? NULL : addresses);
	wish_routes(t, s, name);
	if (chance(t, 30))
		s->mtu = 1300 + pick(t, 3) * 100;
	if (chance(t, 25) && *netns && *netns != '/')
		s->nameservers = chance(t, 50) ? "10.3.3.3" : "10.3.3.3 10.3.3.4";
	if (chance(t, 20)) {
		s->n_sysctls = 1 + pick(t, 2);
		s->sysctls = arena_array(a, s->n_sysctls, sizeof(*s->sysctls));
		s->sysctls[0] = (struct model_sysctl){"ipv6.accept_ra",
						      chance(t, 50) ? "0" : "2"};
		if (s->n_sysctls > 1)
			s->sysctls[1] = (struct model_sysctl){"ipv4.arp_ignore", "1"};
	}
	if (chance(t, 10))
		s->intent = chance(t, 50) ? MODEL_DISABLED : MODEL_GONE;
}

static void wish_vlan(struct trial *t, struct model_master *m)
{
	m->mtu = 0; /* one above its link's is refused */
	m->vlan_link = chance(t, 90) ? "eth0" : "eth1";
	m->vlan_id = chance(t, 80) ? 5 : 6;
}

static void wish(struct trial *t)
{
	bool places[N_NETNSES][N_NAMES] = {0};

	t->b->want = (struct model){0};
	for (unsigned int i = 0; i < N_MASTERS; i++) {
		bool used[3 * N_HOSTS] = {0};
		struct model_master *m;

		if (chance(t, 20))
			continue;
		m = want_master(t->b, masters[i], (enum model_mode)pick(t, 3));
		m->flag = (enum model_flag)pick(t, 3);
		m->mtu = chance(t, 20) ? 1400 + pick(t, 2) * 100 : 0;
		if (chance(t, 30))
			want_master_route(t->b, m,
					  arena_printf(t->b->arena, "10.8.%u.0/24", i));
		if (!strcmp(m->name, "eth0.5"))
			wish_vlan(t, m);
		else if (chance(t, 20))
			m->kind = chance(t, 50) ? MODEL_KIND_DUMMY : MODEL_KIND_BRIDGE;
		if (chance(t, 5))
			m->intent = MODEL_GONE;
		for (unsigned int k = pick(t, 5); k; k--) {
			unsigned int at = pick(t, N_NETNSES), name = pick(t, N_NAMES);

			if (places[at][name])
				continue;
			places[at][name] = true;
			wish_slave(t, m, netnses[at], name, used);
		}
	}
	for (unsigned int i = 1; i < N_NETNSES; i++)
		want_netns(t->b, netnses[i]);
}

/* Some device of ours, as seen last; false if there is none. */
static bool pick_ours(struct trial *t, const char **ret_netns, const char **ret_name)
{
	const struct model *have = t->b->have;
	unsigned int n = 0, chosen;

	for (int round = 0; have && round < 2; round++) {
		chosen = round ? pick(t, n) : 0;
		n = 0;
		for (size_t i = 0; i < have->n_masters; i++) {
			const struct model_master *m = &have->masters[i];

			for (size_t k = 0; k < m->n_slaves; k++) {
				if (m->slaves[k].seen.presence != MODEL_OURS)
					continue;
				if (round && n == chosen) {
					*ret_netns = *m->slaves[k].netns
							     ? m->slaves[k].netns
							     : m->netns;
					*ret_name = m->slaves[k].name;
					return true;
				}
				n++;
			}
		}
		if (!n)
			return false;
	}
	return false;
}

static unsigned int random_notes(struct trial *t)
{
	static const unsigned int notes[] = {
		MODEL_ADDRESS_OTHERS,    MODEL_ADDRESS_SCOPE,    MODEL_ADDRESS_LIFETIME,
		MODEL_ADDRESS_NO_SUBNET, MODEL_ADDRESS_NO_LOCAL,
	};
	unsigned int found = notes[pick(t, 5)];

	return chance(t, 30) ? found | notes[pick(t, 5)] : found;
}

static void drift_ours(struct trial *t)
{
	struct datapath *dp = t->b->dp;
	struct arena *a = t->b->arena;
	const char *netns, *name, *other = names[pick(t, N_NAMES)];
	const char *address =
		arena_printf(a, "10.0.%u.%u/24", pick(t, 2), 2 + pick(t, N_HOSTS));
	struct model_route r = route(
		arena_printf(a, "default via 10.0.0.1 metric %u", 100 + pick(t, 4)));

	if (!pick_ours(t, &netns, &name))
		return;
	switch (pick(t, 11)) {
	case 10:
		err_free(sim_note_addr(dp, netns, name, address, random_notes(t), ""));
		break;
	case 0:
		err_free(sim_del_link(dp, netns, name));
		break;
	case 1:
		err_free(sim_add_addr(dp, netns, name, address));
		break;
	case 2:
	case 3:
		err_free(sim_del_addr(dp, netns, name, address));
		break;
	case 4:
		err_free(sim_del_route(dp, netns, name, &r));
		err_free(chance(t, 30) ? sim_add_route(dp, netns, name, &r, true) : NULL);
		break;
	case 5:
		err_free(sim_set_link(dp, netns, name, false, 0));
		err_free(chance(t, 50) ? sim_set_link(dp, netns, name, true, 0) : NULL);
		break;
	case 6:
		err_free(sim_set_link(dp, netns, name, true, 1200 + pick(t, 400)));
		break;
	case 7:
		err_free(sim_set_port(dp, netns, name, (uint8_t)pick(t, 3),
				      (uint8_t)pick(t, 3)));
		break;
	default:
		err_free(sim_set_link(dp, netns, name, false, 0));
		err_free(sim_rename_link(dp, netns, name,
					 chance(t, 50) ? "renamed" : other));
		err_free(chance(t, 30) ? sim_set_link(dp, netns, "renamed", true, 0)
				       : NULL);
		break;
	}
}

static void drift_host(struct trial *t)
{
	struct datapath *dp = t->b->dp;
	unsigned int at = pick(t, N_NETNSES), master = pick(t, 2),
		     name = pick(t, N_NAMES);
	const char *address = arena_printf(t->b->arena, "10.0.%u.%u/24", pick(t, 2),
					   2 + pick(t, N_HOSTS));
	struct err *e;

	switch (pick(t, 16)) {
	case 0:
		e = at ? sim_del_netns(dp, netnses[at]) : NULL;
		if (at && !e)
			t->notes[at].is_theirs = false;
		err_free(e);
		break;
	case 1:
		/* A path may well be another text for what has a name. */
		if (at == N_NETNSES - 1 && chance(t, 60))
			e = sim_alias_netns(dp, chance(t, 80) ? "ns1" : "", "/path");
		else
			e = sim_add_netns(dp, netnses[at]);
		/* One made between our writing it down and our making it cannot be told
		 * from ours. */
		if (at && !e)
			t->notes[at].is_theirs =
				!t->notes[at].is_ours || t->notes[at].inode;
		err_free(e);
		break;
	case 2:
		err_free(
			sim_add_link(dp, netnses[at], names[name], "veth", NULL, -1, -1));
		break;
	case 3:
		err_free(sim_add_link(dp, netnses[at], chance(t, 50) ? "x" : names[name],
				      "ipvlan", masters[master], (int)pick(t, 4) - 1,
				      (int)pick(t, 4) - 1));
		break;
	case 4:
		err_free(
			sim_del_link(dp, netnses[at], chance(t, 50) ? "x" : names[name]));
		break;
	case 5:
		err_free(sim_add_master(dp, "", "eth2", "dummy"));
		break;
	case 6:
		err_free(sim_del_link(dp, "", "eth2"));
		break;
	case 7:
		err_free(sim_set_link(dp, "", masters[master], chance(t, 50),
				      1300 + pick(t, 4) * 100));
		break;
	case 8:
		err_free(sim_add_link(dp, "", "br0", "bridge", "eth1", -1, -1));
		break;
	case 9:
		if (at && at < N_NETNSES - 1)
			sim_set_resolv_conf(dp, netnses[at],
					    chance(t, 50) ? "theirs" : "");
		break;
	case 10:
		if (at && at < N_NETNSES - 1 && chance(t, 30)) {
			sim_kill_netns(dp, netnses[at]);
			t->notes[at].is_theirs = false;
		}
		break;
	case 12:
		err_free(sim_add_addr(dp, "", masters[master], address));
		break;
	case 13:
		err_free(sim_del_addr(dp, "", masters[master], address));
		break;
	case 14:
		err_free(sim_set_carrier(dp, "", masters[master], chance(t, 60)));
		break;
	case 11:
		err_free(sim_add_link(dp, "", "eth0.5", "vlan", "eth0", -1, -1));
		break;
	default:
		err_free(chance(t, 20) ? sim_del_link(dp, "", "eth0.5") : NULL);
		break;
	}
}

/* The reconciler's part: namespaces are written down before they are made, and noted
 * after. */
static void note_spaces(struct trial *t)
{
	struct bench *b = t->b;

	for (unsigned int i = 1; i < N_NETNSES - 1; i++) {
		struct model_netns *n = want_netns(b, netnses[i]);
		const struct model_netns *seen_space =
			model_find_netns(b->have, netnses[i]);
		struct space_note *note = &t->notes[i];

		if (note->is_ours && !seen_space->seen.exists)
			note->is_ours = seen_space->seen.is_dead_file && !note->inode;
		else if (note->is_ours && !note->inode)
			note->inode = seen_space->seen.inode;
		if (!note->is_ours)
			note->inode = 0;
		n->is_ours = note->is_ours;
		n->inode = note->inode;
		n->is_wanted = false;
	}
	for (size_t i = 0; i < b->want.n_masters; i++) {
		const struct model_master *m = &b->want.masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			if (*s->netns && *s->netns != '/' && s->intent == MODEL_PRESENT &&
			    m->intent == MODEL_PRESENT)
				want_netns(b, s->netns)->is_wanted = true;
		}
	}
}

static void plan_pass(struct trial *t)
{
	struct bench *b = t->b;

	bench_plan(b);
	note_spaces(t);
	plan_build(&b->want, b->have, b->arena, &b->plan);
	for (size_t i = 0; i < b->plan->n_steps; i++) {
		const struct plan_step *s = &b->plan->steps[i];

		assert_int_equal(s->id, i);
		assert_true(s->after == PLAN_NO_STEP || s->after < i);
		assert_true(*s->why);
		for (unsigned int k = 0; k < N_NETNSES && s->op == PLAN_OP_NETNS_ADD;
		     k++) {
			if (!strcmp(netnses[k], s->netns->name))
				t->notes[k] = (struct space_note){.is_ours = true};
		}
	}
}

static bool has_address(const struct model_slave *s, const struct ip_prefix *p)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (!ip_prefix_cmp(&s->addresses[i], p))
			return true;
	}
	return false;
}

/* Those declared, and of others only what another program has marked as its own. */
static void check_addresses(const struct model_slave *want,
			    const struct model_slave *have)
{
	for (size_t i = 0; i < want->n_addresses; i++)
		assert_true(has_address(have, &want->addresses[i]));
	for (size_t i = 0; i < have->n_addresses; i++) {
		const struct model_address_seen *seen =
			model_find_noted(have, &have->addresses[i]);

		assert_true(has_address(want, &have->addresses[i]) ||
			    (seen && seen->notes & MODEL_ADDRESS_OTHERS));
	}
}

static void check_slave(const struct trial *t, const struct plan_verdict *v)
{
	const struct model_slave *want = v->slave, *have = v->have;
	const struct model_master *m = v->have_master;

	assert_non_null(have);
	assert_int_equal(have->seen.presence, MODEL_OURS);
	assert_true(have->seen.is_on_master);
	assert_true(have->seen.is_up);
	assert_int_equal(have->seen.mtu, want->mtu ? want->mtu : m->seen.mtu);
	if (want->addresses_managed)
		check_addresses(want, have);
	for (size_t i = 0; i < want->n_routes; i++) {
		bool found = false;

		for (size_t k = 0; k < have->n_routes; k++)
			found |= model_route_equals(&have->routes[k], &want->routes[i]);
		if (!found)
			print_error("route %s is missing\n",
				    model_route_text(t->b->arena, &want->routes[i]));
		assert_true(found);
	}
	for (size_t i = 0; i < want->n_sysctls; i++)
		assert_string_equal(have->sysctls[i].value, want->sysctls[i].value);
}

static bool shares_address(const struct plan_verdict *v)
{
	const struct model_master *m = v->have_master;

	for (size_t i = 0; i < v->slave->n_addresses; i++) {
		for (size_t k = 0; k < m->seen.n_addresses; k++) {
			if (!ip_addr_cmp(&v->slave->addresses[i].addr,
					 &m->seen.addresses[k].addr))
				return true;
		}
	}
	return false;
}

/* `ready` without a warning: traffic can flow as declared. */
static void check_warnings(const struct plan_verdict *v)
{
	const struct model_master *m = v->have_master;
	bool is_limited = !m->seen.is_up || !m->seen.has_carrier ||
			  v->slave->mtu > m->seen.mtu ||
			  (v->slave->addresses_managed && shares_address(v));

	assert_int_equal(v->n_warnings > 0, is_limited);
}

/* Two texts may stand for one namespace. That of the daemon's own is in no list. */
static uint64_t inode_of(const struct trial *t, const char *netns)
{
	const struct model_netns *n = model_find_netns(t->b->have, netns);

	return !*netns || (n && n->seen.is_own) ? 1 : n ? n->seen.inode : 0;
}

static bool is_same_space(const struct trial *t, const char *a, const char *b)
{
	return !strcmp(a, b) || (inode_of(t, a) && inode_of(t, a) == inode_of(t, b));
}

static bool is_wanted_somewhere(const struct trial *t, const char *netns,
				const char *name)
{
	for (size_t i = 0; i < t->b->plan->n_verdicts; i++) {
		const struct plan_verdict *v = &t->b->plan->verdicts[i];

		if (v->slave && v->kind != PLAN_DISABLED &&
		    !strcmp(v->slave->name, name) &&
		    is_same_space(t,
				  *v->slave->netns ? v->slave->netns : v->master->netns,
				  netns))
			return true;
	}
	return false;
}

/* Some row's slave is there, by whatever text. */
static bool is_lived_in(const struct trial *t, const char *netns)
{
	for (size_t i = 0; i < t->b->plan->n_verdicts; i++) {
		const struct plan_verdict *v = &t->b->plan->verdicts[i];

		if (v->slave && v->kind != PLAN_DISABLED &&
		    is_same_space(t,
				  *v->slave->netns ? v->slave->netns : v->master->netns,
				  netns))
			return true;
	}
	return false;
}

static void check_leftovers(const struct trial *t)
{
	const struct model *have = t->b->have;

	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			if (s->seen.presence == MODEL_OURS)
				assert_true(is_wanted_somewhere(
					t, *s->netns ? s->netns : m->netns, s->name));
		}
	}
	for (unsigned int i = 1; i < N_NETNSES - 1; i++) {
		const struct model_netns *n = model_find_netns(have, netnses[i]);

		if (t->notes[i].is_theirs)
			assert_true(n->seen.exists);
		else if (t->notes[i].is_ours && n->seen.exists && !n->seen.is_occupied)
			assert_true(want_netns(t->b, netnses[i])->is_wanted ||
				    is_lived_in(t, netnses[i]));
	}
}

static void check_outcome(struct trial *t)
{
	const struct plan *p = t->b->plan;

	for (size_t i = 0; i < p->n_verdicts; i++) {
		const struct plan_verdict *v = &p->verdicts[i];

		assert_int_equal(!!*v->message, v->kind == PLAN_WAITING ||
							v->kind == PLAN_CONFLICT ||
							v->kind == PLAN_ERROR);
		assert_int_not_equal(v->kind, PLAN_WORK);
		if (v->kind == PLAN_READY && v->slave) {
			check_slave(t, v);
			check_warnings(v);
			assert_int_equal(v->have_master->seen.mode, v->master->mode);
			assert_int_equal(v->have_master->seen.flag, v->master->flag);
		}
	}
	check_leftovers(t);
}

/* An address that a slave with `addressing: external` holds is not ours to take from it:
 * the kernel's refusal is the right answer. */
static bool is_held_by_external(const struct plan_step *s, const struct plan_result *r)
{
	if (s->op != PLAN_OP_ADDR_ADD || r->kind != PLAN_FAILED ||
	    r->error->sys_errno != EADDRINUSE)
		return false;
	for (size_t i = 0; i < s->master->n_slaves; i++) {
		if (!s->master->slaves[i].addresses_managed)
			return true;
	}
	return false;
}

/* A simulated kernel that is loaded with what was seen shows the same, and runs the same
 * plan to the same end. */
static void foresee(struct trial *t)
{
	struct bench *b = t->b, other = {.arena = b->arena, .want = b->want};
	struct datapath_config config = {.mark = 12, .route_protocol = 34};
	const char *plan = bench_text(b);

	must(datapath_open(&sim_provider, &config, &other.dp));
	sim_load(other.dp, b->have);
	bench_plan(&other);
	if (strcmp(plan, bench_text(&other)))
		fprintf(stderr, "here:\n%sthere:\n%s", plan, bench_text(&other));
	assert_string_equal(plan, bench_text(&other));
	assert_int_equal(b->plan->n_verdicts, other.plan->n_verdicts);
	for (size_t i = 0; i < b->plan->n_verdicts; i++) {
		if (b->plan->verdicts[i].kind != other.plan->verdicts[i].kind) {
			print_have(b);
			fprintf(stderr, "loaded: %s\n", other.plan->verdicts[i].message);
		}
		assert_int_equal(b->plan->verdicts[i].kind, other.plan->verdicts[i].kind);
		assert_string_equal(b->plan->verdicts[i].message,
				    other.plan->verdicts[i].message);
		assert_int_equal(b->plan->verdicts[i].n_warnings,
				 other.plan->verdicts[i].n_warnings);
	}
	bench_apply(&other);
	for (size_t i = 0; i < other.n_results; i++) {
		if (is_held_by_external(&other.plan->steps[i], &other.results[i]))
			break;
		/* Through which device a stranger's route goes is not seen. */
		if (other.results[i].kind == PLAN_FAILED &&
		    other.plan->steps[i].op == PLAN_OP_ROUTE_ADD &&
		    other.results[i].error->sys_errno == EEXIST)
			continue;
		if (other.results[i].kind == PLAN_FAILED)
			fprintf(stderr, "%sstep %zu failed on the loaded one\n", plan, i);
		must(err_copy(other.results[i].error));
	}
	bench_forget_results(&other);
	datapath_close(other.dp);
}

/* False where the trial cannot go on. */
static bool run_plan(struct trial *t)
{
	struct bench *b = t->b;

	plan_pass(t);
	foresee(t);
	bench_apply(b);
	for (size_t i = 0; i < b->n_results; i++) {
		if (is_held_by_external(&b->plan->steps[i], &b->results[i]))
			return false;
		if (b->results[i].kind != PLAN_DONE) {
			fprintf(stderr, "%sstep %zu failed\n", bench_text(b), i);
			print_have(b);
			must(err_copy(b->results[i].error));
		}
		assert_int_equal(b->results[i].kind, PLAN_DONE);
	}
	return true;
}

/* A stranger's route through a device of ours that a plan removes: the next one sees the
 * conflict gone. */
static bool had_conflict(const struct trial *t)
{
	for (size_t i = 0; i < t->b->plan->n_verdicts; i++) {
		if (t->b->plan->verdicts[i].kind == PLAN_CONFLICT)
			return true;
	}
	return false;
}

/* A whole pass that must succeed in every step, and after which nothing is to do. */
static bool full_pass(struct trial *t)
{
	struct bench *b = t->b;
	const char *first;
	uint64_t writes;

	if (!run_plan(t))
		return false;
	if (had_conflict(t) && !run_plan(t))
		return false;
	writes = sim_writes(b->dp);
	first = bench_text(b);
	plan_pass(t);
	if (b->plan->n_steps)
		fprintf(stderr, "first plan:\n%ssteps left:\n%s", first, bench_text(b));
	assert_int_equal(b->plan->n_steps, 0);
	assert_int_equal(sim_writes(b->dp), writes);
	if (sim_violation(b->dp))
		print_error("%s\n", sim_violation(b->dp));
	assert_null(sim_violation(b->dp));
	check_outcome(t);
	return true;
}

/* A pass that fails at some step, or ends after some. */
static void broken_pass(struct trial *t)
{
	struct bench *b = t->b;

	plan_pass(t);
	if (!b->plan->n_steps)
		return;
	if (chance(t, 50)) {
		sim_fail_step(b->dp, pick(t, (unsigned int)b->plan->n_steps), EIO);
		bench_apply(b);
		sim_fail_step(b->dp, -1, 0);
	} else {
		b->plan->n_steps = pick(t, (unsigned int)b->plan->n_steps + 1);
		bench_apply(b);
	}
}

static void run_trial(struct bench *b, uint64_t seed)
{
	struct trial t = {.b = b, .seed = seed * 0x9e3779b97f4a7c15ULL + 1};

	err_free(chance(&t, 70) ? sim_add_netns(b->dp, "/path") : NULL);
	for (unsigned int i = pick(&t, 8); i; i--)
		drift_host(&t);
	for (unsigned int round = 0; round < N_ROUNDS; round++) {
		if (!round || chance(&t, 50))
			wish(&t);
		if (chance(&t, 50))
			broken_pass(&t);
		for (unsigned int i = pick(&t, 6); round && i; i--)
			chance(&t, 60) ? drift_ours(&t) : drift_host(&t);
		if (chance(&t, 30))
			broken_pass(&t);
		if (!full_pass(&t))
			return;
	}
}

static uint64_t first_seed = 1, n_seeds = N_SEEDS, current_seed;

static void random_hosts(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < n_seeds; i++) {
		void *b;

		current_seed = first_seed + i;
		bench_setup(&b);
		run_trial(b, current_seed);
		bench_teardown(&b);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_hosts)};
	int failed;

	if (argc > 1) {
		first_seed = strtoull(argv[1], NULL, 10);
		n_seeds = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	}
	failed = cmocka_run_group_tests_name("random", tests, NULL, NULL);
	if (failed)
		fprintf(stderr, "failing seed: %llu\n", (unsigned long long)current_seed);
	return failed;
}
