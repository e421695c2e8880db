/* The table Saved. Commits here are not synced: a power loss that loses a row also ends what
 * it is about. */
#include "reconciler/wanted/saved.h"

#include "config/daemon_txn.h"
#include "lib/alloc.h"
#include "lib/process.h"

#include <stdlib.h>
#include <string.h>

struct saved {
	const struct ipvl_columns *columns;
	struct db *db;
	char boot_id[PROCESS_BOOT_ID_BYTES];
};

struct err *saved_new(const struct ipvl_columns *columns, struct db *db,
		      struct saved **ret_s)
{
	struct saved *s = xcalloc(1, sizeof(*s));
	struct err *e = process_boot_id(s->boot_id);

	if (e) {
		saved_free(s);
		return e;
	}
	s->columns = columns;
	s->db = db;
	*ret_s = s;
	return NULL;
}

void saved_free(struct saved *s)
{
	free(s);
}

/* By the index (host, netns, master, key, ifindex), with the empty host that ipvld writes. */
static struct row *find(const struct saved *s, const struct plan_record *record)
{
	const struct ipvl_columns *c = s->columns;
	const struct column_schema *const columns[] = {c->saved.host, c->saved.netns,
						       c->saved.master, c->saved.key,
						       c->saved.ifindex};
	const char *const texts[] = {"", record->master->netns, record->master->name,
				     record->saved.key};
	struct datum key[ARRAY_SIZE(columns)] = {0};
	struct row *r;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		datum_set_string(&key[i], &columns[i]->type, texts[i]);
	datum_set_integer(&key[ARRAY_SIZE(texts)], &c->saved.ifindex->type,
			  record->saved.ifindex);
	r = table_find_by_index(c->saved.table, 0, key);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		datum_clear(&key[i], &columns[i]->type);
	return r;
}

static const char *text(const struct row *r, const struct column_schema *c)
{
	return datum_text(row_get(r, c));
}

static bool is_of_this_boot(const struct saved *s, const struct row *r)
{
	return !strcmp(text(r, s->columns->saved.boot_id), s->boot_id);
}

static bool is_of(const struct saved *s, const struct row *r,
		  const struct model_master *m)
{
	const struct ipvl_columns *c = s->columns;

	return is_of_this_boot(s, r) && !strcmp(text(r, c->saved.netns), m->netns) &&
	       !strcmp(text(r, c->saved.master), m->name);
}

static int saved_cmp(const void *a, const void *b)
{
	return model_saved_cmp(a, b);
}

void saved_read(const struct saved *s, struct arena *a, struct model_master *m)
{
	const struct ipvl_columns *c = s->columns;
	size_t cap = 0;

	m->saved = NULL;
	m->n_saved = 0;
	TABLE_FOR_EACH (r, c->saved.table) {
		if (!is_of(s, r, m))
			continue;
		m->saved = arena_grow(a, m->saved, m->n_saved, &cap, sizeof(*m->saved));
		m->saved[m->n_saved++] = (struct model_saved){
			.key = arena_strdup(a, text(r, c->saved.key)),
			.value = arena_strdup(a, text(r, c->saved.value)),
			.before = arena_strdup(a, text(r, c->saved.before)),
			.ifindex =
				(uint32_t)datum_integer(row_get(r, c->saved.ifindex), 0),
			.netns_inode =
				(uint64_t)datum_integer(row_get(r, c->saved.inode), 0),
		};
	}
	if (m->n_saved > 1)
		qsort(m->saved, m->n_saved, sizeof(*m->saved), saved_cmp);
}

void saved_each(const struct saved *s, saved_master_fn *fn, void *aux)
{
	const struct ipvl_columns *c = s->columns;

	TABLE_FOR_EACH (r, c->saved.table) {
		if (is_of_this_boot(s, r))
			fn(aux, text(r, c->saved.netns), text(r, c->saved.master));
	}
}

static struct err *write_record(const struct saved *s, struct txn *t,
				const struct plan_record *record)
{
	const struct ipvl_columns *c = s->columns;
	const struct model_saved *saved = &record->saved;
	struct row *r = find(s, record);
	struct err *e = r ? NULL : txn_insert(t, c->saved.table, NULL, &r);

	if (e)
		return e;
	txn_set_string(t, r, c->saved.netns, record->master->netns);
	txn_set_string(t, r, c->saved.master, record->master->name);
	txn_set_string(t, r, c->saved.key, saved->key);
	txn_set_string(t, r, c->saved.value, saved->value);
	txn_set_string(t, r, c->saved.before, saved->before);
	txn_set_integer(t, r, c->saved.ifindex, saved->ifindex);
	txn_set_integer(t, r, c->saved.inode, (int64_t)saved->netns_inode);
	txn_set_string(t, r, c->saved.boot_id, s->boot_id);
	return NULL;
}

struct err *saved_reserve(struct saved *s, const struct plan_record *records, size_t n)
{
	struct txn *t = daemon_txn_new(s->db);
	struct err *e = NULL;

	for (size_t i = 0; !e && i < n; i++)
		e = write_record(s, t, &records[i]);
	if (e)
		txn_free(t);
	else
		e = daemon_txn_commit(t);
	return e ? err_wrap(e, "cannot record sysctls of masters in the database") : NULL;
}

void saved_forget(const struct saved *s, struct txn *t, const struct plan_record *record)
{
	struct row *r = find(s, record);

	if (r)
		txn_delete(t, r);
}

void saved_sweep(const struct saved *s, struct txn *t)
{
	TABLE_FOR_EACH (r, s->columns->saved.table) {
		if (!is_of_this_boot(s, r))
			txn_delete(t, r);
	}
}
