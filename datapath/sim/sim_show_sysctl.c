/* Settings of devices in an observation. */
#include "datapath/sim/sim_show_sysctl.h"

#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_sysctl.h"

void sim_show_sysctl_slave(struct sim_observation *k, struct model_slave *out,
			   const struct twin_link *l, const struct model_slave *asked)
{
	if (!asked->n_sysctls)
		return;
	out->n_sysctls = asked->n_sysctls;
	out->sysctls = arena_array(k->a, asked->n_sysctls, sizeof(*out->sysctls));
	for (size_t i = 0; i < asked->n_sysctls; i++) {
		out->sysctls[i].key = arena_strdup(k->a, asked->sysctls[i].key);
		out->sysctls[i].value = arena_strdup(
			k->a, twin_sysctl_get(l->ns, l, asked->sysctls[i].key));
	}
}

static void show(struct sim_observation *k, struct model_master *m,
		 const struct twin_netns *s, const struct twin_link *l, const char *key)
{
	if (model_sysctl_find(m->sysctls, m->n_sysctls, key))
		return;
	m->sysctls[m->n_sysctls++] = (struct model_sysctl){
		.key = arena_strdup(k->a, key),
		.value = arena_strdup(k->a, l ? twin_sysctl_get(s, l, key)
					      : twin_sysctl_default(s, key)),
	};
}

void sim_show_sysctl_own(struct sim_observation *k, struct model_master *m,
			 const struct model_master *asked, const struct twin_netns *s,
			 const struct twin_link *l)
{
	if (!l && !model_master_is_made(asked))
		return;
	m->sysctls =
		arena_array(k->a, asked->n_sysctls + asked->n_saved, sizeof(*m->sysctls));
	for (size_t i = 0; i < asked->n_sysctls; i++)
		show(k, m, s, l, asked->sysctls[i].key);
	for (size_t i = 0; i < asked->n_saved; i++)
		show(k, m, s, l, asked->saved[i].key);
}

static struct model_master *find_left(struct model_master *m, uint32_t ifindex)
{
	for (size_t i = 0; i < m->seen.n_left; i++) {
		if (m->seen.left[i].seen.ifindex == ifindex)
			return &m->seen.left[i];
	}
	return NULL;
}

static struct model_master *add_left(struct sim_observation *k, struct model_master *m,
				     const struct twin_link *l, size_t n_keys)
{
	struct model_master *left = &m->seen.left[m->seen.n_left++];

	*left = model_master_named(m->netns, m->name);
	left->seen.device = arena_strdup(k->a, l->name);
	left->seen.ifindex = l->ifindex;
	left->seen.is_up = l->is_up;
	left->sysctls = arena_array(k->a, n_keys, sizeof(*left->sysctls));
	return left;
}

void sim_show_sysctl_left(struct sim_observation *k, struct model_master *m,
			  const struct model_master *asked, struct twin_netns *s)
{
	m->seen.left = arena_array(k->a, asked->n_saved, sizeof(*m->seen.left));
	for (size_t i = 0; i < asked->n_saved; i++) {
		uint32_t ifindex = asked->saved[i].ifindex;
		struct model_master *left = find_left(m, ifindex);
		const struct twin_link *l = ifindex && ifindex != m->seen.ifindex
						    ? twin_link_find_index(s, ifindex)
						    : NULL;

		if (!l)
			continue;
		if (!left)
			left = add_left(k, m, l, asked->n_saved);
		show(k, left, s, l, asked->saved[i].key);
	}
}
