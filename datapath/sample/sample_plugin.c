/* A whole plug-in: it has no device, reports everything as absent, and counts the steps
 * that it is given.
 *
 * Built alone, as a shared object NAME.so, with its own copy of lib/. README.md has the
 * rules for plug-ins. */
#include "datapath/datapath.h"

#include "lib/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The first member is that of the contract; the rest belongs to the plug-in. */
struct datapath {
	struct datapath_base base;
	struct datapath_config config;
	uint64_t n_steps;
};

static struct err *open_sample(const struct datapath_config *config,
			       struct datapath **ret_dp)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct datapath *dp;

	if (fd < 0)
		return err_sys(errno, "cannot make an event descriptor");
	dp = xcalloc(1, sizeof(*dp));
	dp->base.event_fd = fd;
	dp->config = *config;
	*ret_dp = dp;
	return NULL;
}

static void close_sample(struct datapath *dp)
{
	if (!dp)
		return;
	close(dp->base.event_fd);
	free(dp);
}

static void show_nothing(struct model_master *m, const struct model_master *asked,
			 struct arena *a)
{
	m->netns = arena_strdup(a, asked->netns);
	m->name = arena_strdup(a, asked->name);
	m->vlan_link = m->seen.kind = m->seen.stranger = m->seen.busy = "";
	m->match.name = m->match.mac = m->match.path = "";
	m->seen.device = m->seen.candidates = m->seen.other_device = "";
	m->seen.kept_by = "";
	m->seen.now_name = m->seen.now_since = "";
	m->n_slaves = asked->n_slaves;
	m->slaves = arena_array(a, m->n_slaves, sizeof(*m->slaves));
	for (size_t i = 0; i < m->n_slaves; i++) {
		struct model_slave *s = &m->slaves[i];

		s->netns = arena_strdup(a, asked->slaves[i].netns);
		s->name = arena_strdup(a, asked->slaves[i].name);
		s->nameservers = s->search = s->seen.kind = s->seen.resolv_conf = "";
		s->seen.now_netns = s->seen.now_name = "";
	}
}

/* Each object of 'scope' must appear. MODEL_ABSENT is zero. */
static struct err *observe_sample(struct datapath *dp, const struct model *scope,
				  enum datapath_depth depth, struct arena *a,
				  struct model **ret_have)
{
	struct model *have = arena_alloc(a, sizeof(*have));

	(void)dp;
	(void)depth;
	have->n_masters = scope->n_masters;
	have->masters = arena_array(a, have->n_masters, sizeof(*have->masters));
	for (size_t i = 0; i < have->n_masters; i++)
		show_nothing(&have->masters[i], &scope->masters[i], a);
	have->n_namespaces = scope->n_namespaces;
	have->namespaces = arena_array(a, have->n_namespaces, sizeof(*have->namespaces));
	for (size_t i = 0; i < have->n_namespaces; i++)
		have->namespaces[i].name = arena_strdup(a, scope->namespaces[i].name);
	*ret_have = have;
	return NULL;
}

static void apply_sample(struct datapath *dp, const struct plan_step *const *steps,
			 size_t n, struct plan_result *results)
{
	for (size_t i = 0; i < n; i++) {
		dp->n_steps++;
		results[i] = (struct plan_result){
			.kind = PLAN_FAILED,
			.error = err_new(ERR_UNSUPPORTED,
					 "the sample datapath cannot do step %u of this "
					 "plan (its %llu.)",
					 steps[i]->id, (unsigned long long)dp->n_steps),
		};
	}
}

/* There are no events: the descriptor is never readable. */
static void drain_sample(struct datapath *dp, datapath_event_fn *fn, void *aux)
{
	(void)dp;
	(void)fn;
	(void)aux;
}

__attribute__((
	visibility("default"))) extern const struct datapath_provider datapath_plugin;

const struct datapath_provider datapath_plugin = {
	.id = {.name = "sample",
	       .abi = DATAPATH_ABI,
	       .size = sizeof(struct datapath_provider)},
	.open = open_sample,
	.close = close_sample,
	.observe = observe_sample,
	.apply = apply_sample,
	.drain = drain_sample,
	/* .survey may be missing. */
};
