/* Masters that networks name. One that no row has is made for the network, and goes with its last
 * attachment; of another one the network is one more source, so that it stays as long. */
#include "engines/attachment/attachment_master.h"

#include "config/canon.h"
#include "config/pool/lease.h"
#include "config/rows.h"
#include "config/rows_engine.h"
#include "lib/alloc.h"

#include <assert.h>
#include <string.h>

/* --- the row of a master --- */

/* By its name, or by that of its device, which the daemon reports. */
static struct row *find(const struct attachment_edit *edit, const char *netns,
			const char *name)
{
	const struct ipvl_columns *c = edit->c;
	struct row *r = rows_find_master(c, edit->txn, netns, name);

	if (r)
		return r;
	TXN_FOR_EACH_ROW (other, edit->txn, c->master.table) {
		if (!strcmp(attachment_edit_text(edit, other, c->master.device), name) &&
		    !strcmp(attachment_edit_text(edit, other, c->master.netns), netns))
			return other;
	}
	return NULL;
}

static struct err *check_port(const struct attachment_edit *edit,
			      const struct attachment *want, const struct row *r,
			      struct arena *a)
{
	const struct ipvl_columns *c = edit->c;
	const char *mode = attachment_edit_text(edit, r, c->master.mode);
	const char *flag = attachment_edit_text(edit, r, c->master.flag);
	char mode_buf[8], flag_buf[8];
	const char *its_mode = model_mode_name((uint8_t)want->mode, mode_buf);
	const char *its_flag = model_flag_name((uint8_t)want->flag, flag_buf);
	bool is_other_mode = want->has_mode && strcmp(mode, its_mode) != 0;

	if (!is_other_mode && (!want->has_flag || !strcmp(flag, its_flag)))
		return NULL;
	return err_hint(err_new(ERR_INVALID,
				"network %s declares %s %s, but %s has %s %s, "
				"declared by %s",
				want->network, is_other_mode ? "mode" : "flag",
				is_other_mode ? its_mode : its_flag,
				attachment_edit_text(edit, r, c->master.name),
				is_other_mode ? "mode" : "flag",
				is_other_mode ? mode : flag,
				attachment_edit_owners(edit, r, a)),
			"the kernel has one mode and one flag for all slaves of a "
			"device: declare the same in both, or use another master");
}

static struct err *check_vlan(const struct attachment_edit *edit,
			      const struct attachment *want, const struct row *r)
{
	const struct ipvl_columns *c = edit->c;

	if (!want->vlan ||
	    (datum_integer(txn_get(edit->txn, r, c->master.vlan_id), 0) == want->vlan &&
	     !strcmp(attachment_edit_text(edit, r, c->master.vlan_link), want->master)))
		return NULL;
	return err_new(ERR_INVALID, "%s is there already, and not as VLAN %u of %s",
		       attachment_edit_text(edit, r, c->master.name), want->vlan,
		       want->master);
}

static struct row *make(const struct attachment_edit *edit, const struct attachment *want,
			const char *netns, const char *name)
{
	struct model_master m = model_master_named(netns, name);

	m.mode = want->mode;
	m.flag = want->flag;
	m.vlan_link = want->vlan ? want->master : "";
	m.vlan_id = want->vlan;
	return rows_add_master(edit->c, edit->txn,
			       rows_ensure_host(edit->c, edit->txn, NULL), &m);
}

/* Its row, if there is one and the network can be on it; NULL if there is none. */
static struct err *find_declared(const struct attachment_edit *edit,
				 const struct attachment *want, struct arena *a,
				 const char **ret_netns, const char **ret_name,
				 struct row **ret_master)
{
	const char *name = want->vlan ? arena_printf(a, "%s.%u", want->master, want->vlan)
				      : want->master;
	const char *netns = "";
	struct err *e = want->is_inside ? canon_netns(want->netns, a, &netns)
					: canon_check_ifname(name);
	struct row *r;

	if (e)
		return e;
	r = find(edit, netns, name);
	if (r)
		e = check_vlan(edit, want, r);
	if (r && !e)
		e = check_port(edit, want, r, a);
	if (e)
		return e;
	*ret_netns = netns;
	*ret_name = name;
	*ret_master = r;
	return NULL;
}

struct err *attachment_master_check(const struct attachment_edit *edit,
				    const struct attachment *want, struct arena *a)
{
	const char *netns, *name;
	struct row *r;

	return find_declared(edit, want, a, &netns, &name, &r);
}

struct err *attachment_master_ensure(const struct attachment_edit *edit,
				     const struct attachment *want, struct arena *a,
				     struct row **ret_master)
{
	const char *source = attachment_source(a, want), *netns, *name;
	struct row *r;
	struct err *e = find_declared(edit, want, a, &netns, &name, &r);

	if (e)
		return e;
	if (!r) {
		r = make(edit, want, netns, name);
		attachment_edit_declare(edit, r, source);
	} else {
		attachment_edit_share(edit, r, source);
	}
	*ret_master = r;
	return NULL;
}

/* --- the slave by which the host reaches the others --- */

/* One of IPv4 of the pool. */
static struct err *choose_address(struct leases *l, const struct row *master,
				  const struct attachment *want, struct ip_addr *ret_addr)
{
	struct lease_source *source;
	struct err *e = lease_source_find(l, master, want->pool, &source);

	return e ? e : lease_source_choose(l, source, 0, ret_addr);
}

static bool is_l2(const struct attachment_edit *edit, const struct row *master)
{
	return !strcmp(attachment_edit_text(edit, master, edit->c->master.mode), "l2");
}

static struct err *address_access(const struct attachment_edit *edit,
				  const struct attachment *want, const struct row *master,
				  struct leases *l, struct ip_prefix *ret)
{
	ret->addr = want->host_access;
	if (want->host_access.family || !is_l2(edit, master))
		return NULL;
	if (!*want->pool)
		return err_hint(
			err_new(ERR_INVALID,
				"in mode l2 the device that gives the host access "
				"needs an address"),
			"write a free address of the containers' subnet in place of "
			"`true`, or use a pool");
	return choose_address(l, master, want, &ret->addr);
}

static struct err *make_access(const struct attachment_edit *edit,
			       const struct attachment *want, struct row *master,
			       struct arena *a)
{
	const char *name = arena_printf(
		a, "shim-%s", attachment_edit_text(edit, master, edit->c->master.name));
	struct model_slave s = model_slave_named("", name);
	struct leases *l = lease_new(edit->c, edit->txn, edit->attempt);
	struct ip_prefix address = {0};
	struct err *e = canon_check_ifname(name);

	if (!e)
		e = address_access(edit, want, master, l, &address);
	if (!e) {
		struct row *r;

		address.len = (uint8_t)ip_addr_bits(&address.addr);
		s.addresses_managed = s.host_access = true;
		s.addresses = &address;
		s.n_addresses = address.addr.family != 0;
		s.pool = want->host_access.family ? "" : want->pool;
		r = rows_add_slave(edit->c, edit->txn, master, &s);
		attachment_edit_declare(edit, r, attachment_source(a, want));
		lease_write(l, r);
	}
	lease_free(l);
	return e;
}

struct err *attachment_master_give_access(const struct attachment_edit *edit,
					  const struct attachment *want,
					  struct row *master, struct arena *a)
{
	struct row *r;

	if (!want->has_host_access)
		return NULL;
	r = rows_engine_access(edit->c, edit->txn, master);
	if (!r)
		return make_access(edit, want, master, a);
	attachment_edit_share(edit, r, attachment_source(a, want));
	return NULL;
}
