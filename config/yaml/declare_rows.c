/* Makes the rows of a source what its file declares.
 *
 * First every row of the host is listed by name. Then each declared object is found in
 * the list or added to it, rows that are no longer declared are marked, and each set
 * of references is written once. txn_set() does nothing for an equal value, so a
 * second apply writes nothing. */
#include "config/yaml/declare_rows.h"

#include "config/canon.h"
#include "config/object.h"
#include "config/pool/lease.h"
#include "config/rows_source.h"
#include "config/yaml/declare_compare.h"
#include "config/yaml/declare_rows_pool.h"
#include "config/yaml/declare_source.h"
#include "config/yaml/document_place.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <string.h>

/* A master or a slave of the host. */
struct known {
	char *id; /* netns, newline, name */
	struct row *row;
	struct known *master; /* of a slave */
	/* By the source that is applied. */
	bool is_declared;
	bool is_doomed;
	/* Of a master: slaves were added or removed. */
	bool has_new_set;
	/* Of a master: the slaves that stay. */
	size_t n_slaves;
	UT_hash_handle hh;
};

struct apply {
	const struct ipvl_columns *c;
	struct txn *txn;
	struct row *host;
	const char *host_name, *source;
	/* NULL: nothing is declared any more. */
	const struct document *d;
	const struct document *const *others;
	size_t n_others;
	struct document_errors *errors;
	bool is_refused;
	struct arena *a;
	struct known *masters, *slaves;
	struct leases *leases;
};

static struct known *find(struct known *all, const char *id)
{
	struct known *k;

	HASH_FIND_STR(all, id, k);
	return k;
}

static struct known *list(struct apply *p, struct known **all, char *id, struct row *row)
{
	struct known *k = arena_alloc(p->a, sizeof(*k));

	k->id = id;
	k->row = row;
	HASH_ADD_KEYPTR(hh, *all, k->id, strlen(k->id), k);
	return k;
}

static char *row_id(struct apply *p, const struct row *r,
		    const struct column_schema *netns, const struct column_schema *name)
{
	return object_id_in(p->a, datum_string(txn_get(p->txn, r, netns)),
			    datum_string(txn_get(p->txn, r, name)));
}

static void list_slaves(struct apply *p, struct known *master)
{
	const struct ipvl_columns *c = p->c;
	const struct datum *set = txn_get(p->txn, master->row, c->master.slaves);

	for (uint32_t i = 0; i < set->n; i++) {
		struct row *r =
			txn_find(p->txn, c->slave.table, &datum_keys(set)[i].uuid);

		if (r)
			list(p, &p->slaves, row_id(p, r, c->slave.netns, c->slave.name),
			     r)
				->master = master;
	}
}

static void list_rows(struct apply *p)
{
	const struct ipvl_columns *c = p->c;
	const struct datum *set = txn_get(p->txn, p->host, c->host.masters);

	for (uint32_t i = 0; i < set->n; i++) {
		struct row *r =
			txn_find(p->txn, c->master.table, &datum_keys(set)[i].uuid);

		if (r)
			list_slaves(p, list(p, &p->masters,
					    row_id(p, r, c->master.netns, c->master.name),
					    r));
	}
}

/* Takes 'e'. */
static void refuse(struct apply *p, const struct valid_place *at, struct err *e)
{
	document_errors_add(p->errors, p->d, document_place_of(p->d, at), e);
	p->is_refused = true;
}

static void refuse_difference(struct apply *p, const struct valid_place *at,
			      const char *source, const struct document *other,
			      const struct valid_place *there, const char *difference)
{
	size_t line = other ? document_place_of(other, there).line : 0;

	refuse(p, at,
	       declare_compare_error(p->a, at->master, at->slave, source, line,
				     difference));
}

/* The other sources of the row must agree: by their documents if these are at hand,
 * else by the row as it is. */
static void check_master_sources(struct apply *p, const struct known *k,
				 const struct model_master *m)
{
	const struct datum *sources = txn_get(p->txn, k->row, p->c->master.sources);
	struct valid_place at = {.master = m, .field = VALID_NAME};

	for (uint32_t i = 0; i < sources->n; i++) {
		const char *source = datum_keys(sources)[i].string, *difference;
		const struct document *other =
			declare_source_find(p->others, p->n_others, source);
		struct valid_place there = {.field = VALID_NAME};
		struct model_master row;

		if (!strcmp(source, p->source))
			continue;
		if (other) {
			there.master = model_find_master(document_model(other), m->netns,
							 m->name);
			/* Its own apply takes it out of the row's sources. */
			if (!there.master)
				continue;
		} else {
			struct err *e =
				rows_read_master(p->c, p->txn, k->row, p->a, &row);

			err_free(e);
			if (e)
				continue; /* the row is no valid declaration of any source */
		}
		difference =
			declare_compare_masters(p->a, other ? there.master : &row, m);
		if (difference)
			refuse_difference(p, &at, source, other, &there, difference);
	}
}

/* As check_master_sources(). A slave must be under the same master, too. 'whole' is what the row
 * will be. */
static void check_slave_sources(struct apply *p, const struct known *k,
				const struct known *master, const struct valid_place *at,
				const struct model_slave *whole)
{
	const struct datum *sources = txn_get(p->txn, k->row, p->c->slave.sources);
	const struct model_slave *s = at->slave;

	for (uint32_t i = 0; i < sources->n; i++) {
		const char *source = datum_keys(sources)[i].string, *difference = NULL;
		const struct document *other =
			declare_source_find(p->others, p->n_others, source);
		struct valid_place there = {.field = VALID_NAME};
		struct model_slave row;

		if (!strcmp(source, p->source))
			continue;
		for (size_t m = 0; other && m < other->model.n_masters && !there.slave;
		     m++) {
			there.master = &other->model.masters[m];
			there.slave = model_find_slave(there.master, s->netns, s->name);
		}
		if (other && !there.slave)
			continue;
		if (other ? model_master_cmp(there.master, at->master) != 0
			  : k->master != master)
			difference = "the masters differ";
		if (!difference && !other) {
			struct err *e = rows_read_slave(p->c, p->txn, k->row, p->a, &row);

			err_free(e);
			if (e)
				continue;
		}
		if (!difference)
			difference = declare_compare_slaves(
				p->a, other ? there.slave : &row, other ? s : whole);
		if (difference)
			refuse_difference(p, at, source, other, &there, difference);
	}
}

/* The slave as its row will be: with what it gets from its pool. */
static bool complete_slave(struct apply *p, const struct known *k,
			   const struct known *master, const struct valid_place *at,
			   struct model_slave *whole)
{
	const struct valid_place pool = {
		.master = at->master, .slave = at->slave, .field = VALID_POOL};
	struct err *e = NULL;

	*whole = *at->slave;
	if (*whole->pool)
		e = lease_complete(p->leases, master->row, k ? k->row : NULL, p->a,
				   whole);
	if (e)
		refuse(p, &pool, e);
	return !e;
}

static void declare_slave(struct apply *p, struct known *master,
			  const struct model_master *m, const struct model_slave *s)
{
	char *id = object_id_in(p->a, s->netns, s->name);
	struct known *k = find(p->slaves, id);
	struct valid_place at = {.master = m, .slave = s, .field = VALID_NAME};
	struct model_slave whole;

	if (!complete_slave(p, k, master, &at, &whole))
		return;
	if (!k) {
		k = list(p, &p->slaves, id,
			 rows_new_slave(p->c, p->txn, p->host_name, &whole));
	} else {
		check_slave_sources(p, k, master, &at, &whole);
		rows_write_slave(p->c, p->txn, k->row, &whole);
	}
	lease_write(p->leases, k->row);
	if (k->master != master) {
		if (k->master)
			k->master->has_new_set = true;
		k->master = master;
		master->has_new_set = true;
	}
	k->is_declared = true;
	rows_source_set(p->txn, k->row, p->c->slave.sources, p->source, true);
}

static void reserve(struct apply *p, const struct document *d,
		    const struct model_master *m)
{
	const struct model_master *declared =
		model_find_master(document_model(d), m->netns, m->name);

	for (size_t i = 0; declared && i < declared->n_slaves; i++) {
		for (size_t k = 0; k < declared->slaves[i].n_addresses; k++)
			lease_reserve(p->leases, &declared->slaves[i].addresses[k].addr);
	}
}

/* What the files declare for slaves of the master is not chosen for others. */
static void reserve_declared(struct apply *p, const struct model_master *m)
{
	lease_reserve_nothing(p->leases);
	reserve(p, p->d, m);
	for (size_t i = 0; i < p->n_others; i++)
		reserve(p, p->others[i], m);
}

static void declare_master(struct apply *p, const struct model_master *m)
{
	char *id = object_id_in(p->a, m->netns, m->name);
	struct known *k = find(p->masters, id);

	if (!k) {
		k = list(p, &p->masters, id,
			 rows_new_master(p->c, p->txn, p->host_name, m));
	} else {
		check_master_sources(p, k, m);
		rows_write_master(p->c, p->txn, k->row, m);
	}
	k->is_declared = true;
	rows_source_set(p->txn, k->row, p->c->master.sources, p->source, true);
	reserve_declared(p, m);
	for (size_t i = 0; i < m->n_slaves; i++)
		declare_slave(p, k, m, &m->slaves[i]);
}

/* Removes the source from a row that it no longer declares; true if it was the last
 * one. */
static bool forget(struct apply *p, struct known *k, const struct column_schema *sources)
{
	if (k->is_declared || !rows_source_has(p->txn, k->row, sources, p->source))
		return false;
	rows_source_set(p->txn, k->row, sources, p->source, false);
	return txn_get(p->txn, k->row, sources)->n == 0;
}

/* A master stays as long as a slave of another source is on it; then it has no source. */
static void forget_rows(struct apply *p)
{
	struct known *k, *next;

	HASH_ITER (hh, p->slaves, k, next) {
		k->is_doomed = forget(p, k, p->c->slave.sources);
		if (k->is_doomed)
			k->master->has_new_set = true;
		else
			k->master->n_slaves++;
	}
	HASH_ITER (hh, p->masters, k, next)
		k->is_doomed = forget(p, k, p->c->master.sources) && !k->n_slaves;
}

/* A set that grows is sorted once, at the end. */
static void write_set(struct apply *p, struct row *parent, const struct column_schema *c,
		      struct datum *set)
{
	struct err *e = datum_sort(set, &c->type);

	err_free(e); /* rows are distinct */
	txn_set(p->txn, parent, c, set);
}

struct slave_set {
	struct known *master;
	struct datum set;
	UT_hash_handle hh;
};

static void write_slave_sets(struct apply *p)
{
	struct slave_set *sets = NULL, *s, *next_set;
	struct known *k, *next;

	HASH_ITER (hh, p->masters, k, next) {
		if (!k->has_new_set || k->is_doomed)
			continue;
		s = arena_alloc(p->a, sizeof(*s));
		s->master = k;
		datum_init_empty(&s->set);
		HASH_ADD_PTR(sets, master, s);
	}
	HASH_ITER (hh, p->slaves, k, next) {
		HASH_FIND_PTR(sets, &k->master, s);
		if (s && !k->is_doomed)
			datum_append(&s->set, (union atom){.uuid = *row_uuid(k->row)},
				     NULL);
	}
	HASH_ITER (hh, sets, s, next_set)
		write_set(p, s->master->row, p->c->master.slaves, &s->set);
	HASH_CLEAR(hh, sets);
}

static void write_sets(struct apply *p)
{
	struct known *k, *next;
	struct datum masters;

	write_slave_sets(p);
	datum_init_empty(&masters);
	HASH_ITER (hh, p->masters, k, next) {
		if (!k->is_doomed)
			datum_append(&masters, (union atom){.uuid = *row_uuid(k->row)},
				     NULL);
	}
	write_set(p, p->host, p->c->host.masters, &masters);
	/* Not left to the garbage collection: rows_find_slave() must not find these
	 * rows any more. */
	HASH_ITER (hh, p->slaves, k, next) {
		if (k->is_doomed)
			txn_delete(p->txn, k->row);
	}
	HASH_ITER (hh, p->masters, k, next) {
		if (k->is_doomed)
			txn_delete(p->txn, k->row);
	}
}

static void begin(struct apply *p)
{
	p->a = arena_new();
	p->host_name = arena_strdup(
		p->a, datum_string(txn_get(p->txn, p->host, p->c->host.name)));
	p->leases = lease_new(p->c, p->txn, 1);
	list_rows(p);
}

static void end(struct apply *p)
{
	HASH_CLEAR(hh, p->masters);
	HASH_CLEAR(hh, p->slaves);
	lease_free(p->leases);
	arena_free(p->a);
}

static bool add_rows(struct apply *p)
{
	p->is_refused = !declare_rows_add_pools(p->c, p->txn, p->host, p->source, p->d,
						p->others, p->n_others, p->errors);
	if (p->is_refused)
		return false;
	for (size_t i = 0; p->d && i < p->d->model.n_masters; i++)
		declare_master(p, &p->d->model.masters[i]);
	return !p->is_refused;
}

/* With 'forgets' the source has no other rows afterwards. */
static bool apply(struct apply *p, bool forgets)
{
	begin(p);
	if (add_rows(p)) {
		if (forgets)
			forget_rows(p);
		write_sets(p);
		if (forgets)
			declare_rows_forget_pools(p->c, p->txn, p->host, p->source, p->d);
	}
	end(p);
	return !p->is_refused;
}

static struct apply of_document(const struct ipvl_columns *c, struct txn *txn,
				struct row *host, const char *source,
				const struct document *d,
				const struct document *const *others, size_t n_others,
				struct document_errors *errors)
{
	return (struct apply){.c = c,
			      .txn = txn,
			      .host = host,
			      .source = source,
			      .d = d,
			      .others = others,
			      .n_others = n_others,
			      .errors = errors};
}

bool declare_rows_add(const struct ipvl_columns *c, struct txn *txn, struct row *host,
		      const char *source, const struct document *d,
		      const struct document *const *others, size_t n_others,
		      struct document_errors *errors)
{
	struct apply p = of_document(c, txn, host, source, d, others, n_others, errors);

	return apply(&p, false);
}

bool declare_rows(const struct ipvl_columns *c, struct txn *txn, struct row *host,
		  const char *source, const struct document *d,
		  const struct document *const *others, size_t n_others,
		  struct document_errors *errors)
{
	struct apply p = of_document(c, txn, host, source, d, others, n_others, errors);

	return apply(&p, true);
}

/* Marks what the document declares. */
static void mark_declared(struct apply *p)
{
	const struct model none = {0}, *m = p->d ? &p->d->model : &none;

	for (size_t i = 0; i < m->n_masters; i++) {
		const struct model_master *master = &m->masters[i];
		struct known *k =
			find(p->masters, object_id_in(p->a, master->netns, master->name));

		if (k)
			k->is_declared = true;
		for (size_t n = 0; n < master->n_slaves; n++) {
			const struct model_slave *s = &master->slaves[n];

			k = find(p->slaves, object_id_in(p->a, s->netns, s->name));
			if (k)
				k->is_declared = true;
		}
	}
}

void declare_rows_forget(const struct ipvl_columns *c, struct txn *txn, struct row *host,
			 const char *source, const struct document *d)
{
	struct apply p = {.c = c, .txn = txn, .host = host, .source = source, .d = d};

	begin(&p);
	mark_declared(&p);
	forget_rows(&p);
	write_sets(&p);
	declare_rows_forget_pools(c, txn, host, source, d);
	end(&p);
}
