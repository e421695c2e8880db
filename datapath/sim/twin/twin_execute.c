/* The entrance for requests: finds what they name, and calls the rules. */
#include "datapath/sim/twin/twin_execute.h"

#include "datapath/sim/twin/twin_addr.h"
#include "datapath/sim/twin/twin_advert.h"
#include "datapath/sim/twin/twin_call.h"
#include "datapath/sim/twin/twin_event.h"
#include "datapath/sim/twin/twin_link.h"
#include "datapath/sim/twin/twin_link_request.h"
#include "datapath/sim/twin/twin_route.h"
#include "datapath/sim/twin/twin_route_new.h"
#include "datapath/sim/twin/twin_rule.h"
#include "datapath/sim/twin/twin_sysctl.h"
#include "datapath/sim/twin/twin_world.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* `ip netns add` makes the file with O_EXCL, also where it is one with no namespace on
 * it. */
static struct err *netns_add(struct twin_call *c)
{
	struct twin_netns *s = twin_netns_find(c->w, c->r->netns);

	if (s)
		return twin_kernel_err(EEXIST, NULL);
	return twin_netns_add(c->w, c->r->netns, &s);
}

static struct err *netns_del(struct twin_call *c)
{
	return twin_netns_remove(c->w, c->r->netns);
}

/* `ip netns attach` opens what it attaches, makes the file, and binds one to the other. */
static struct err *netns_attach(struct twin_call *c)
{
	struct twin_netns *s = twin_netns_find(c->w, c->r->other);
	struct err *e;

	if (!s)
		return twin_kernel_err(ENOENT, NULL);
	if (twin_netns_find(c->w, c->r->netns))
		return twin_kernel_err(EEXIST, NULL);
	if (twin_netns_find_alive(c->w, c->r->other)) {
		twin_netns_alias(c->w, c->r->netns, s);
		return NULL;
	}
	e = twin_netns_put_file(c->w, c->r->netns);
	twin_event_netns(c->w, c->r->netns, "is a file without a namespace");
	return e ? e : twin_kernel_err(EINVAL, NULL);
}

static struct err *netns_unmount(struct twin_call *c)
{
	const struct twin_netns *s = twin_netns_find(c->w, c->r->netns);

	return s && s->is_dead_file ? twin_kernel_err(EINVAL, NULL)
				    : twin_netns_unmount(c->w, c->r->netns);
}

static struct err *netns_hold(struct twin_call *c)
{
	if (!twin_netns_find(c->w, c->r->netns))
		return twin_kernel_err(ENOENT, NULL);
	twin_netns_hold(c->w, c->r->netns, twin_netns_find_alive(c->w, c->r->netns));
	return NULL;
}

static struct err *netns_release(struct twin_call *c)
{
	return twin_netns_release(c->w, c->r->netns) ? NULL
						     : twin_kernel_err(ENOENT, NULL);
}

static struct twin_addr addr_of(const struct twin_addr_request *r)
{
	struct twin_addr a = twin_addr_plain(&r->address);

	a.has_no_dad = r->has_no_dad;
	if (ip_addr_cmp(&r->peer, &r->address.addr))
		a.peer = r->peer;
	if (r->sent & TWIN_ADDR_LIFETIME) {
		a.valid_s = r->valid_s;
		a.preferred_s = r->preferred_s;
	}
	if (r->sent & TWIN_ADDR_SCOPE)
		a.scope = r->scope;
	if (r->sent & TWIN_ADDR_METRIC)
		a.metric = r->metric;
	if (r->sent & TWIN_ADDR_PROTOCOL)
		a.protocol = r->protocol;
	if (r->label)
		(void)stpncpy(a.label, r->label, sizeof(a.label) - 1);
	return a;
}

static struct err *addr_new(struct twin_call *c)
{
	struct twin_addr a = addr_of(&c->r->u.addr);

	if (c->r->u.addr.label && strlen(c->r->u.addr.label) > MODEL_LABEL_MAX_BYTES)
		return twin_kernel_err(ERANGE, "Attribute failed policy validation");
	return twin_addr_add(c->w, c->link, &a, c->r->flags);
}

static struct err *addr_del(struct twin_call *c)
{
	return twin_addr_del(c->w, c->link, &c->r->u.addr.address, &c->r->u.addr.peer);
}

/* A route may have no device, but not one that does not exist. */
static bool is_device_missing(const struct twin_call *c)
{
	return !c->link && (c->r->ifindex || (c->r->name && *c->r->name));
}

static struct err *route_new(struct twin_call *c)
{
	if (is_device_missing(c))
		return twin_kernel_err(ENODEV, NULL);
	return twin_route_add(c->w, c->ns, c->link, &c->r->u.route, c->r->flags);
}

static struct err *route_del(struct twin_call *c)
{
	if (is_device_missing(c))
		return twin_kernel_err(ENODEV, NULL);
	return twin_route_del(c->w, c->ns, c->link, &c->r->u.route);
}

static struct err *rule_new(struct twin_call *c)
{
	return twin_rule_add(c->w, c->ns, &c->r->u.rule, c->r->flags);
}

static struct err *rule_del(struct twin_call *c)
{
	return twin_rule_del(c->w, c->ns, &c->r->u.rule);
}

/* kernel.md 26: IPv6 would be taken off the device by the write to one of its own
 * files, which it waits for. */
static bool hangs(const struct twin_call *c, const char *value)
{
	const struct twin_link *l = c->link;

	return l->is_up && l->has_carrier && l->has_ipv6 && l->mtu < MODEL_IPV6_MTU_MIN &&
	       !strcmp(value, "0") &&
	       strcmp(twin_sysctl_get(c->ns, l, c->r->u.sysctl.key), "0") != 0;
}

static void turn_ipv6(struct twin_call *c, struct twin_link *l, const char *value)
{
	bool was_off = strcmp(twin_sysctl_get(c->ns, l, c->r->u.sysctl.key), "0") != 0;
	bool is_off = strcmp(value, "0") != 0;

	twin_sysctl_put(c->ns, l, NULL, c->r->u.sysctl.key, value);
	if (is_off && !was_off) {
		twin_event_routes_gone(c->w, l);
		twin_addr_drop_ipv6(c->w, l, false);
	}
	if (was_off && !is_off) {
		twin_addr_ready(c->w, l);
		twin_event_ipv6(c->w, l);
	}
}

/* What is written to disable_ipv6 of "all" is written to each device. */
static void turn_all(struct twin_call *c, const char *value)
{
	struct twin_link *l, *next;

	HASH_ITER (hh, c->ns->links, l, next) {
		if (l->has_ipv6)
			turn_ipv6(c, l, value);
	}
	twin_sysctl_put(c->ns, NULL, "default", c->r->u.sysctl.key, value);
}

/* Linux addrconf_sysctl_addr_gen_mode(): the mode 2 needs a secret. The link-local addresses
 * that follow from it are the kernel's own, and not shown. */
static bool is_bad_gen_mode(const char *key, const char *value)
{
	return !strcmp(key, "ipv6.addr_gen_mode") &&
	       (strlen(value) != 1 || !strchr("013", *value));
}

/* What is written to "all" is written to each device. */
static void spread_gen_mode(struct twin_call *c, const char *value)
{
	struct twin_link *l, *next;

	HASH_ITER (hh, c->ns->links, l, next) {
		if (l->has_ipv6)
			twin_sysctl_put(c->ns, l, NULL, c->r->u.sysctl.key, value);
	}
	twin_sysctl_put(c->ns, NULL, "default", c->r->u.sysctl.key, value);
}

static struct err *write_sysctl(struct twin_call *c)
{
	const char *key = c->r->u.sysctl.key, *value = c->r->u.sysctl.value;
	const char *name = c->r->name;
	bool is_all = name && !strcmp(name, "all");
	bool is_shared = is_all || (name && !strcmp(name, "default"));
	bool is_switch = !strcmp(key, "ipv6.disable_ipv6");
	struct err *e;

	if (!is_shared && !c->link)
		return twin_kernel_err(ENOENT, NULL);
	e = twin_sysctl_check(c->link, key);
	if (e)
		return e;
	if (is_switch && !is_shared && hangs(c, value))
		return twin_kernel_err(EDEADLK, "the kernel never answers");
	if (is_bad_gen_mode(key, value))
		return twin_kernel_err(EINVAL, NULL);
	if (is_shared)
		twin_sysctl_put(c->ns, NULL, name, key, value);
	if (is_all && !strcmp(key, "ipv6.addr_gen_mode"))
		spread_gen_mode(c, value);
	else if (!is_shared && !is_switch)
		twin_sysctl_put(c->ns, c->link, NULL, key, value);
	if (is_switch && is_all)
		turn_all(c, value);
	else if (is_switch && !is_shared)
		turn_ipv6(c, c->link, value);
	return NULL;
}

static struct err *write_resolv_conf(struct twin_call *c)
{
	const char *text = c->r->u.resolv_conf;

	twin_file_set(c->w, c->r->netns, text, *text);
	return NULL;
}

static struct err *advertise(struct twin_call *c)
{
	return twin_advert_send(c->w, c->link, &c->r->u.advertised);
}

static struct err *filter(struct twin_call *c)
{
	unsigned int bit = 1U << c->r->u.filter.hook;

	c->ns->dropped = (c->ns->dropped & ~bit) | (c->r->u.filter.drops ? bit : 0);
	return NULL;
}

enum need { NOTHING, A_NETNS, A_DEVICE };

static const struct {
	struct err *(*run)(struct twin_call *c);
	enum need need;
} requests[TWIN_REQUEST_KINDS] = {
	[TWIN_NETNS_ADD] = {netns_add, NOTHING},
	[TWIN_NETNS_DEL] = {netns_del, NOTHING},
	[TWIN_NETNS_ATTACH] = {netns_attach, NOTHING},
	[TWIN_NETNS_UNMOUNT] = {netns_unmount, NOTHING},
	[TWIN_NETNS_HOLD] = {netns_hold, NOTHING},
	[TWIN_NETNS_RELEASE] = {netns_release, NOTHING},
	[TWIN_LINK_NEW] = {twin_link_request_new, A_NETNS},
	[TWIN_LINK_SET] = {twin_link_request_set, A_NETNS},
	[TWIN_LINK_DEL] = {twin_link_request_del, A_NETNS},
	[TWIN_ADDR_NEW] = {addr_new, A_DEVICE},
	[TWIN_ADDR_DEL] = {addr_del, A_DEVICE},
	[TWIN_ROUTE_NEW] = {route_new, A_NETNS},
	[TWIN_ROUTE_DEL] = {route_del, A_NETNS},
	[TWIN_RULE_NEW] = {rule_new, A_NETNS},
	[TWIN_RULE_DEL] = {rule_del, A_NETNS},
	[TWIN_SYSCTL] = {write_sysctl, A_NETNS},
	[TWIN_RESOLV_CONF] = {write_resolv_conf, NOTHING},
	[TWIN_ADVERTISE] = {advertise, A_DEVICE},
	[TWIN_FILTER] = {filter, A_NETNS},
};

static struct twin_link *find_link(const struct twin_call *c)
{
	if (!c->ns)
		return NULL;
	if (c->r->ifindex)
		return twin_link_find_index(c->ns, c->r->ifindex);
	return c->r->name ? twin_link_find(c->ns, c->r->name) : NULL;
}

/* `ip` opens the namespaces that a message carries before it sends it. A file without a
 * namespace on it can be opened. */
static bool is_netns_missing(const struct twin_world *w, const struct twin_request *r)
{
	const struct twin_link_request *l = &r->u.link;

	if (r->kind != TWIN_LINK_NEW && r->kind != TWIN_LINK_SET &&
	    r->kind != TWIN_LINK_DEL)
		return false;
	return (l->target && !twin_netns_find_alive(w, l->target)) ||
	       (l->to_netns && !twin_netns_find(w, l->to_netns)) ||
	       (l->lower_netns && !twin_netns_find_alive(w, l->lower_netns));
}

struct err *twin_execute(struct twin_world *w, const struct twin_request *r,
			 struct twin_link **ret_made)
{
	struct twin_call c = {.w = w, .r = r};
	struct err *e = NULL;

	assert(r->kind < TWIN_REQUEST_KINDS && requests[r->kind].run);
	c.ns = twin_netns_find_alive(w, r->netns);
	if ((requests[r->kind].need != NOTHING && !c.ns) || is_netns_missing(w, r))
		return twin_kernel_err(ENOENT, NULL);
	if (r->kind == TWIN_LINK_NEW || r->kind == TWIN_LINK_SET ||
	    r->kind == TWIN_LINK_DEL)
		e = twin_link_request_check(r);
	if (e)
		return e;
	if (r->kind == TWIN_LINK_DEL && r->u.link.target)
		c.ns = twin_netns_find_alive(w, r->u.link.target);
	c.link = find_link(&c);
	if (requests[r->kind].need == A_DEVICE && !c.link)
		return twin_kernel_err(ENODEV, NULL);
	e = requests[r->kind].run(&c);
	if (!e && ret_made)
		*ret_made = c.made;
	return e;
}
