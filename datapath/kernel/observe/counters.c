/* The counters of devices: one RTM_GETLINK for each, all in one batch, across namespaces by
 * their ids. No observation: the cache is neither read nor written. */
#include "datapath/kernel/observe/counters.h"

#include "datapath/kernel/netlink/nl_counters.h"
#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/state/nsid.h"
#include "lib/alloc.h"

#include <errno.h>
#include <string.h>

struct reading {
	struct datapath_counters *list;
	size_t *which; /* of each message: its place in 'list' */
};

static void take(void *aux, size_t number, const struct nlmsghdr *h)
{
	struct reading *r = aux;
	struct datapath_counters *c = &r->list[r->which[number]];
	struct rtnl_link_stats64 s;

	if (!nl_counters_parse(h, &s))
		return;
	c->is_there = true;
	c->rx_bytes = s.rx_bytes;
	c->rx_packets = s.rx_packets;
	c->rx_errors = s.rx_errors;
	c->rx_dropped = s.rx_dropped;
	c->tx_bytes = s.tx_bytes;
	c->tx_packets = s.tx_packets;
	c->tx_errors = s.tx_errors;
	c->tx_dropped = s.tx_dropped;
}

/* Devices and namespaces may go at any time: then there is nothing to count. */
static struct err *settle(const struct nl_answer *a)
{
	if (!a->sys_errno || a->sys_errno == ENODEV || a->sys_errno == EINVAL)
		return NULL;
	return err_wrap(nl_answer_err(a), "cannot read the counters of a device");
}

static struct err *read_all(struct kernel *k, struct reading *r, size_t n,
			    struct netns_ref *const *refs)
{
	struct nl_batch b = {0};
	struct nl_msg m;
	struct err *e;

	for (size_t i = 0; i < n; i++) {
		const struct datapath_counters *c = &r->list[i];

		if (refs[i]->state != NETNS_LIVE || strlen(c->name) >= IFNAMSIZ)
			continue;
		nl_link_msg_get(&m, refs[i]->nsid, c->name, 0);
		r->which[nl_batch_add(&b, &m)] = i;
	}
	e = nl_batch_run(k->sock, &b, take, r);
	for (size_t i = 0; !e && i < b.n; i++)
		e = settle(&b.answers[i]);
	nl_batch_clear(&b);
	return e;
}

struct err *counters_read(struct datapath *dp, struct datapath_counters *list, size_t n)
{
	struct kernel *k = (struct kernel *)dp;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct reading r = {.list = list, .which = arena_array(a, n + 1, sizeof(size_t))};
	struct netns_ref **refs = arena_array(a, n + 1, sizeof(*refs));
	struct netns_table table;
	struct err *e;

	netns_table_init(&table, k, a);
	for (size_t i = 0; i < n; i++)
		refs[i] = netns_table_add(&table, list[i].netns);
	e = netns_table_resolve(&table);
	if (!e)
		e = read_all(k, &r, n, refs);
	netns_table_clear(&table);
	return e;
}
