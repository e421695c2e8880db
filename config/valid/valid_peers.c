/* What a transaction's rows make impossible together with rows that it does not touch:
 * an address, a name, a route, a rule, a table, a VLAN that exists already.
 *
 * The other rows are many. So only their texts are compared, which are canonical; a
 * row is read in full if a text matches. */
#include "config/valid/valid_peers.h"

#include "config/valid/rule.h"
#include "config/valid/valid_entries.h"

#include "lib/alloc.h"

#include <string.h>

/* A set of texts, or of beginnings of texts; borrowed. */
struct word {
	const char *text;
	UT_hash_handle hh;
};

static void add_word(struct valid_txn *t, struct word **set, const char *text, size_t n)
{
	struct word *w;

	HASH_FIND(hh, *set, text, n, w);
	if (w)
		return;
	w = arena_alloc(t->a, sizeof(*w));
	w->text = text;
	HASH_ADD_KEYPTR(hh, *set, w->text, n, w);
}

static bool has_word(struct word *set, const char *text, size_t n)
{
	struct word *w;

	HASH_FIND(hh, set, text, n, w);
	return w;
}

static const struct valid_slave *find_touched(const struct valid_txn *t,
					      const struct row *r)
{
	const struct valid_slave *slave;

	HASH_FIND_PTR(t->slaves, &r, slave);
	return slave;
}

/* A row that the transaction did not touch; NULL if it is not valid, which is not the
 * transaction's fault. */
static const struct model_slave *read_peer(struct valid_txn *t, const struct row *r)
{
	struct model_slave *s = arena_alloc(t->a, sizeof(*s));
	struct err *e = rows_read_slave(t->c, t->txn, r, t->a, s);

	err_free(e);
	return e ? NULL : s;
}

static const struct model_master *read_peer_master(struct valid_txn *t,
						   const struct row *r)
{
	struct model_master *m = arena_alloc(t->a, sizeof(*m));
	struct valid_port *port;
	struct err *e;

	HASH_FIND_PTR(t->ports, &r, port);
	if (port)
		return &port->m;
	e = rows_read_master(t->c, t->txn, r, t->a, m);
	err_free(e);
	return e ? NULL : m;
}

/* The length of the address before its prefix length. */
static size_t address_bytes(const char *text)
{
	return strcspn(text, "/");
}

static void add_address_words(struct valid_txn *t, const struct row *r, struct word **set)
{
	const struct datum *d = valid_row_get(t, r, t->c->slave.addresses);

	for (uint32_t i = 0; i < d->n; i++)
		add_word(t, set, datum_keys(d)[i].string,
			 address_bytes(datum_keys(d)[i].string));
}

static bool has_address_word(const struct valid_txn *t, const struct row *r,
			     struct word *set)
{
	const struct datum *d = valid_row_get(t, r, t->c->slave.addresses);

	for (uint32_t i = 0; i < d->n; i++) {
		if (has_word(set, datum_keys(d)[i].string,
			     address_bytes(datum_keys(d)[i].string)))
			return true;
	}
	return false;
}

/* The addresses of one port: first those of other slaves that a touched slave has too,
 * then those of the touched slaves, so that the complaint is about the latter. */
static void check_addresses(struct valid_txn *t, const struct valid_port *port)
{
	const struct datum *set = valid_row_get(t, port->row, t->c->master.slaves);
	struct valid_entries all = {0};
	struct word *words = NULL;

	for (const struct valid_slave *s = port->slaves; s; s = s->next)
		add_address_words(t, s->row, &words);
	for (uint32_t i = 0; words && i < set->n; i++) {
		const struct row *r =
			txn_find(t->txn, t->c->slave.table, &datum_keys(set)[i].uuid);
		const struct model_slave *peer;

		if (!r || !has_address_word(t, r, words) || find_touched(t, r))
			continue;
		peer = read_peer(t, r);
		if (peer)
			valid_entries_add_addresses(&all, &port->m, peer);
	}
	HASH_CLEAR(hh, words);
	for (const struct valid_slave *s = port->slaves; s; s = s->next)
		valid_entries_add_addresses(&all, &port->m, &s->m);
	valid_entries_check(&all, VALID_KEY_ADDRESS, &t->v);
}

static bool is_on_host(const struct valid_txn *t, const struct row *master,
		       const char *host)
{
	return !strcmp(valid_row_text(t, master, t->c->master.host), host);
}

static bool uses_routing(const struct model_slave *s)
{
	return s->n_routes || s->n_rules || s->source_routing;
}

/* The namespaces of a host in which the transaction changed a route, a rule or a table. */
static struct word *route_namespaces(struct valid_txn *t, const char *host)
{
	struct word *words = NULL;
	struct valid_port *port, *next;

	HASH_ITER (hh, t->ports, port, next) {
		if (!is_on_host(t, port->row, host))
			continue;
		if (port->is_changed && port->m.n_routes)
			add_word(t, &words, port->m.netns, strlen(port->m.netns));
		for (const struct valid_slave *s = port->slaves; s; s = s->next) {
			const char *netns = rule_netns(&port->m, &s->m);

			if (uses_routing(&s->m))
				add_word(t, &words, netns, strlen(netns));
		}
	}
	return words;
}

/* True if the slave's effective namespace is among 'words', and the transaction did
 * not touch the slave. */
static bool is_route_peer(const struct valid_txn *t, const struct row *r,
			  const char *master_netns, struct word *words)
{
	const char *netns;

	if (!r || (!valid_row_get(t, r, t->c->slave.routes)->n &&
		   !valid_row_get(t, r, t->c->slave.routing_policy)->n &&
		   !valid_row_get(t, r, t->c->slave.source_routing)->n))
		return false;
	netns = valid_row_text(t, r, t->c->slave.netns);
	netns = *netns ? netns : master_netns;
	return has_word(words, netns, strlen(netns)) && !find_touched(t, r);
}

/* Of the namespaces with changes. */
struct routing {
	struct valid_entries routes, rules, tables;
};

static void add_routing(struct valid_txn *t, struct routing *all,
			const struct model_master *m, const struct model_slave *s)
{
	valid_entries_add_routes(&all->routes, m, s);
	valid_entries_add_tables(&all->tables, t->a, m, s);
	if (s)
		valid_entries_add_rules(&all->rules, m, s);
}

static void add_peer_routes(struct valid_txn *t, const struct row *master,
			    struct word *words, struct routing *all)
{
	const struct ipvl_columns *c = t->c;
	const char *own = valid_row_text(t, master, c->master.netns);
	const struct datum *set = valid_row_get(t, master, c->master.slaves);
	const struct model_master *m = NULL;

	if (valid_row_get(t, master, c->master.routes)->n &&
	    has_word(words, own, strlen(own))) {
		m = read_peer_master(t, master);
		if (m)
			add_routing(t, all, m, NULL);
	}
	for (uint32_t i = 0; i < set->n; i++) {
		const struct row *r =
			txn_find(t->txn, c->slave.table, &datum_keys(set)[i].uuid);
		const struct model_slave *s;

		if (!is_route_peer(t, r, own, words))
			continue;
		s = read_peer(t, r);
		m = m ? m : read_peer_master(t, master);
		if (s && m)
			add_routing(t, all, m, s);
	}
}

/* As check_addresses(), in the namespaces with changed routes. */
static void check_routes(struct valid_txn *t, const char *host)
{
	struct word *words = route_namespaces(t, host);
	struct routing all = {0};
	struct valid_slave *slave, *next;

	if (!words)
		return;
	TXN_FOR_EACH_ROW (master, t->txn, t->c->master.table) {
		if (is_on_host(t, master, host))
			add_peer_routes(t, master, words, &all);
	}
	HASH_CLEAR(hh, words);
	HASH_ITER (hh, t->slaves, slave, next) {
		if (is_on_host(t, slave->port->row, host))
			add_routing(t, &all, &slave->port->m, &slave->m);
	}
	valid_entries_check(&all.routes, VALID_KEY_ROUTE, &t->v);
	valid_entries_check(&all.rules, VALID_KEY_POLICY, &t->v);
	valid_entries_check(&all.tables, VALID_KEY_TABLE, &t->v);
}

/* A namespace of the same name on another host is another namespace. */
static void check_routes_of_hosts(struct valid_txn *t)
{
	struct word *hosts = NULL, *host, *next_host;
	struct valid_port *port, *next;

	HASH_ITER (hh, t->ports, port, next) {
		const char *name = valid_row_text(t, port->row, t->c->master.host);

		add_word(t, &hosts, name, strlen(name));
	}
	HASH_ITER (hh, hosts, host, next_host)
		check_routes(t, host->text);
	HASH_CLEAR(hh, hosts);
}

/* A slave with this name in the namespace 'netns' of a host, by either way to write
 * it, that is not 'self'; NULL if none. Garbage is collected by now: every row counts. */
static const struct row *find_slave_in(struct valid_txn *t, const char *host,
				       const char *netns, const char *name,
				       const struct row *self)
{
	const struct row *r = rows_slave_by_key(t->c, t->txn, host, netns, name);
	const struct row *master;

	if (r && r != self && *netns)
		return r;
	r = rows_slave_by_key(t->c, t->txn, host, "", name);
	master = r && r != self ? rows_master_of(t->c, t->txn, r) : NULL;
	if (master && !strcmp(valid_row_text(t, master, t->c->master.netns), netns))
		return r;
	return NULL;
}

static void complain_of_name(struct valid_txn *t, const struct valid_place *at,
			     const struct row *slave, const struct row *master)
{
	struct valid_place other = {.field = VALID_NAME};

	other.slave = slave ? read_peer(t, slave) : NULL;
	other.master = read_peer_master(t, master ? master
						  : rows_master_of(t->c, t->txn, slave));
	if (other.master && (other.slave || master))
		rule_shared_name(&t->v, at, &other);
}

static void check_slave_name(struct valid_txn *t, const struct valid_slave *slave)
{
	const struct valid_place at = {
		.master = &slave->port->m, .slave = &slave->m, .field = VALID_NAME};
	const char *host = valid_row_text(t, slave->row, t->c->slave.host);
	const char *netns = rule_netns(at.master, at.slave);
	const struct row *master =
		rows_master_by_key(t->c, t->txn, host, netns, slave->m.name);
	const struct row *other =
		find_slave_in(t, host, netns, slave->m.name, slave->row);

	if (master)
		complain_of_name(t, &at, NULL, master);
	else if (other)
		complain_of_name(t, &at, other, NULL);
}

/* If a master takes the name of a slave, the complaint is about the slave: it is the
 * one to rename. */
static void check_master_name(struct valid_txn *t, const struct valid_port *port)
{
	const struct row *r =
		find_slave_in(t, valid_row_text(t, port->row, t->c->master.host),
			      port->m.netns, port->m.name, NULL);
	const struct row *master = r ? rows_master_of(t->c, t->txn, r) : NULL;
	struct valid_place other = {.master = &port->m, .field = VALID_NAME};
	struct valid_place at = {.field = VALID_NAME};

	if (!master)
		return;
	at.slave = read_peer(t, r);
	at.master = read_peer_master(t, master);
	if (at.slave && at.master)
		rule_shared_name(&t->v, &at, &other);
}

static void check_vlan(struct valid_txn *t, const struct valid_port *port)
{
	const struct ipvl_columns *c = t->c;
	const struct valid_place at = {.master = &port->m, .field = VALID_VLAN};

	if (!*port->m.vlan_link)
		return;
	TXN_FOR_EACH_ROW (r, t->txn, c->master.table) {
		const char *link = valid_row_text(t, r, c->master.vlan_link);
		struct valid_place other = {.field = VALID_VLAN};

		if (r == port->row || !link || strcmp(link, port->m.vlan_link) ||
		    datum_integer(valid_row_get(t, r, c->master.vlan_id), 0) !=
			    port->m.vlan_id ||
		    strcmp(valid_row_text(t, r, c->master.netns), port->m.netns) ||
		    strcmp(valid_row_text(t, r, c->master.host),
			   valid_row_text(t, port->row, c->master.host)))
			continue;
		other.master = read_peer_master(t, r);
		if (other.master)
			rule_shared_vlan(&t->v, &at, &other);
	}
}

static bool is_on_host_of(const struct valid_txn *t, const struct row *r,
			  const struct valid_port *port)
{
	return !strcmp(valid_row_text(t, r, t->c->master.host),
		       valid_row_text(t, port->row, t->c->master.host)) &&
	       !strcmp(valid_row_text(t, r, t->c->master.netns), port->m.netns);
}

/* Either of the two may be the one that changed. */
static void check_match(struct valid_txn *t, const struct valid_port *port)
{
	const struct ipvl_columns *c = t->c;
	bool is_label = model_match_is_set(&port->m.match);

	if (!is_label && !*port->m.vlan_link)
		return;
	TXN_FOR_EACH_ROW (r, t->txn, c->master.table) {
		const char *link = valid_row_text(t, r, c->master.vlan_link);
		const struct model_master *vlan = NULL;

		if (r == port->row || !is_on_host_of(t, r, port))
			continue;
		if (is_label && link && !strcmp(link, port->m.name))
			vlan = read_peer_master(t, r);
		else if (!is_label && valid_row_get(t, r, c->master.match)->n &&
			 !strcmp(valid_row_text(t, r, c->master.name), port->m.vlan_link))
			vlan = &port->m;
		if (vlan)
			rule_vlan_of_match(&t->v, vlan);
	}
}

void valid_peers_check(struct valid_txn *t)
{
	struct valid_port *port, *next_port;
	struct valid_slave *slave, *next;

	HASH_ITER (hh, t->slaves, slave, next) {
		if (!t->e)
			check_slave_name(t, slave);
	}
	HASH_ITER (hh, t->ports, port, next_port) {
		if (t->e)
			return;
		check_addresses(t, port);
		if (port->is_changed) {
			check_master_name(t, port);
			check_vlan(t, port);
			check_match(t, port);
		}
	}
	if (!t->e)
		check_routes_of_hosts(t);
}
