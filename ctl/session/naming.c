/* Finds rows by name. The name of a slave is enough if it is unique. Lists come from
 * the sets Host.masters and Master.slaves, since a row that the attempt removed from
 * its set still exists. */
#include "ctl/session/naming.h"

#include "config/canon.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

/* The most candidates that an error lists. */
#define CANDIDATES_MAX 8

void naming_split(const char *record, struct arena *a, const char **ret_netns,
		  const char **ret_name)
{
	const char *slash = strrchr(record, '/');
	char *netns;

	if (!slash) {
		*ret_netns = NULL;
		*ret_name = record;
		return;
	}
	netns = arena_strdup(a, record);
	netns[slash - record] = '\0';
	*ret_netns = netns;
	*ret_name = slash + 1;
	/* In the form that rows have. A text that cannot be a namespace stays as it
	 * is, and matches no row. */
	err_free(canon_netns(netns, a, ret_netns));
}

struct err *naming_new(const struct context *ctx, const char *argument,
		       const struct datum *given, const char **ret_netns,
		       const char **ret_name)
{
	const char *netns, *name;
	struct err *e;

	naming_split(argument, ctx->arena, &netns, &name);
	if (netns && given)
		return err_new(ERR_INVALID, "%s: the namespace is given twice", argument);
	if (!netns)
		netns = given ? datum_string(given) : "";
	e = canon_check_ifname(name);
	if (!e)
		e = canon_netns(netns, ctx->arena, &netns);
	if (e)
		return e;
	*ret_netns = netns;
	*ret_name = name;
	return NULL;
}

static const struct column_schema *netns_column(const struct context *ctx,
						const struct row *r)
{
	return row_table(r) == ctx->columns.slave.table ? ctx->columns.slave.netns
							: ctx->columns.master.netns;
}

static const struct column_schema *name_column(const struct context *ctx,
					       const struct row *r)
{
	return row_table(r) == ctx->columns.slave.table ? ctx->columns.slave.name
							: ctx->columns.master.name;
}

const char *naming_label(const struct context *ctx, const struct row *r)
{
	const char *netns, *name;

	if (row_table(r) == ctx->columns.pool.table)
		return arena_printf(ctx->arena, "pool %s",
				    context_text(ctx, r, ctx->columns.pool.name));
	netns = context_text(ctx, r, netns_column(ctx, r));
	name = context_text(ctx, r, name_column(ctx, r));
	return *netns ? arena_printf(ctx->arena, "%s/%s", netns, name)
		      : arena_strdup(ctx->arena, name);
}

struct labelled {
	const char *netns, *name;
	struct row *row;
};

static int labelled_cmp(const void *a, const void *b)
{
	const struct labelled *x = a, *y = b;
	int order = strverscmp(x->netns, y->netns);

	return order ? order : strverscmp(x->name, y->name);
}

static struct row **sorted(const struct context *ctx, struct labelled *all, size_t n)
{
	struct row **rows = arena_array(ctx->arena, n + 1, sizeof(struct row *));

	qsort(all, n, sizeof(*all), labelled_cmp);
	for (size_t i = 0; i < n; i++)
		rows[i] = all[i].row;
	return rows;
}

static struct row **members(const struct context *ctx, const struct table *table,
			    const struct datum *set, size_t *ret_n)
{
	struct labelled *all = arena_array(ctx->arena, (size_t)set->n + 1, sizeof(*all));
	size_t n = 0;

	for (uint32_t i = 0; i < set->n; i++) {
		struct row *r = txn_find(ctx->txn, table, &datum_keys(set)[i].uuid);

		if (r)
			all[n++] = (struct labelled){
				.netns = context_text(ctx, r, netns_column(ctx, r)),
				.name = context_text(ctx, r, name_column(ctx, r)),
				.row = r,
			};
	}
	*ret_n = n;
	return sorted(ctx, all, n);
}

struct row **naming_pools(const struct context *ctx, size_t *ret_n)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct labelled *all = arena_array(
		ctx->arena, txn_scan_length(ctx->txn, c->pool.table) + 1, sizeof(*all));
	size_t n = 0;

	TXN_FOR_EACH_ROW (r, ctx->txn, c->pool.table)
		all[n++] = (struct labelled){.netns = "",
					     .name = context_text(ctx, r, c->pool.name),
					     .row = r};
	*ret_n = n;
	return sorted(ctx, all, n);
}

struct row **naming_masters(const struct context *ctx, size_t *ret_n)
{
	struct row *host = rows_find_host(&ctx->columns, ctx->txn, NULL);
	struct datum none;

	datum_init_empty(&none);
	return members(ctx, ctx->columns.master.table,
		       host ? txn_get(ctx->txn, host, ctx->columns.host.masters) : &none,
		       ret_n);
}

struct row **naming_slaves(const struct context *ctx, const struct row *master,
			   size_t *ret_n)
{
	return members(ctx, ctx->columns.slave.table,
		       txn_get(ctx->txn, master, ctx->columns.master.slaves), ret_n);
}

/* The rows that match, and all others for a suggestion. */
struct search {
	const struct context *ctx;
	const char *netns, *name;
	struct row **found; /* at most CANDIDATES_MAX of them are kept */
	struct row **masters;
	size_t n_found;
	struct row **all; /* all rows, for a suggestion */
	size_t n_all, all_cap;
};

static void search_init(struct search *s, const struct context *ctx, const char *record)
{
	*s = (struct search){.ctx = ctx};
	naming_split(record, ctx->arena, &s->netns, &s->name);
	s->found = arena_array(ctx->arena, CANDIDATES_MAX, sizeof(struct row *));
	s->masters = arena_array(ctx->arena, CANDIDATES_MAX, sizeof(struct row *));
}

static bool is_named(const struct search *s, const struct row *r)
{
	return !strcmp(context_text(s->ctx, r, name_column(s->ctx, r)), s->name) &&
	       (!s->netns ||
		!strcmp(context_text(s->ctx, r, netns_column(s->ctx, r)), s->netns));
}

static void look_at(struct search *s, struct row *r, struct row *master)
{
	s->all = arena_grow(s->ctx->arena, s->all, s->n_all, &s->all_cap,
			    sizeof(struct row *));
	s->all[s->n_all++] = r;
	if (!is_named(s, r))
		return;
	if (s->n_found < CANDIDATES_MAX) {
		s->found[s->n_found] = r;
		s->masters[s->n_found] = master;
	}
	s->n_found++;
}

static struct err *not_found(const struct search *s, const char *what, const char *record)
{
	struct err *e = err_new(ERR_NOT_FOUND, "no such %s: %s", what, record);
	const char **labels = arena_array(s->ctx->arena, s->n_all + 1, sizeof(*labels));
	const char *nearest;
	size_t n = strlen(record);

	if (!n) {
		err_free(e);
		return err_new(ERR_NOT_FOUND, "the name of a %s is empty", what);
	}
	if (record[n - 1] == '/')
		return err_hint(e,
				"its name follows the namespace: %sNAME; "
				"`ipvl-ctl show %s` lists those in it",
				record, record);
	/* A name is compared with names, a label with labels. */
	for (size_t i = 0; i < s->n_all; i++)
		labels[i] = s->netns ? naming_label(s->ctx, s->all[i])
				     : context_text(s->ctx, s->all[i],
						    name_column(s->ctx, s->all[i]));
	nearest = text_nearest(record, labels);
	for (size_t i = 0; nearest && i < s->n_all; i++) {
		if (labels[i] == nearest)
			return err_hint(e, "did you mean %s?",
					naming_label(s->ctx, s->all[i]));
	}
	return err_hint(e, "`ipvl-ctl list-%ss` shows all of them", what);
}

/* A slave where a master is wanted, or the other way round; false if it is neither. */
static bool is_of_other_table(const struct context *ctx, const char *record,
			      bool is_slave)
{
	struct search s;
	struct row **masters, **slaves;
	size_t n_masters, n_slaves;

	search_init(&s, ctx, record);
	masters = naming_masters(ctx, &n_masters);
	for (size_t i = 0; i < n_masters && !s.n_found; i++) {
		if (is_slave)
			look_at(&s, masters[i], NULL);
		slaves = naming_slaves(ctx, masters[i], &n_slaves);
		for (size_t k = 0; k < n_slaves && !is_slave; k++)
			look_at(&s, slaves[k], masters[i]);
	}
	return s.n_found;
}

static struct err *ambiguous(const struct search *s, const char *what, const char *record)
{
	const struct context *ctx = s->ctx;
	const char *all = "";

	for (size_t i = 0; i < s->n_found && i < CANDIDATES_MAX; i++) {
		const char *label = naming_label(ctx, s->found[i]);

		/* A label without a namespace would be ambiguous again: "/name". */
		all = arena_printf(ctx->arena, "%s%s%s%s", all, i ? ", " : "",
				   strchr(label, '/') ? "" : "/", label);
	}
	if (s->n_found > CANDIDATES_MAX)
		all = arena_printf(ctx->arena, "%s and %zu more", all,
				   s->n_found - CANDIDATES_MAX);
	return err_hint(err_new(ERR_INVALID, "%zu %ss are named %s: %s", s->n_found, what,
				record, all),
			"give its namespace too: NETNS/NAME");
}

static struct err *conclude(const struct search *s, const char *what, const char *record)
{
	if (s->n_found == 1)
		return NULL;
	return s->n_found ? ambiguous(s, what, record) : not_found(s, what, record);
}

static struct row *by_uuid(const struct context *ctx, const struct table *table,
			   const char *record)
{
	struct uuid uuid;

	return uuid_parse(record, &uuid) ? txn_find(ctx->txn, table, &uuid) : NULL;
}

struct err *naming_find_pool(const struct context *ctx, const char *record,
			     struct row **ret_row)
{
	const struct ipvl_columns *c = &ctx->columns;
	struct row *r = by_uuid(ctx, c->pool.table, record);
	size_t n;
	struct row **pools = naming_pools(ctx, &n);
	const char **names = arena_array(ctx->arena, n + 1, sizeof(*names));
	struct row *found = NULL;
	const char *nearest;
	struct err *e;

	for (size_t i = 0; i < n && !r; i++) {
		names[i] = context_text(ctx, pools[i], c->pool.name);
		if (strcmp(names[i], record) != 0)
			continue;
		if (found) /* of another host */
			return err_hint(err_new(ERR_INVALID, "several pools are named %s",
						record),
					"give the UUID");
		found = pools[i];
	}
	r = r ? r : found;
	if (r) {
		*ret_row = r;
		return NULL;
	}
	if (!*record)
		return err_new(ERR_NOT_FOUND, "the name of a pool is empty");
	e = err_new(ERR_NOT_FOUND, "no such pool: %s", record);
	nearest = text_nearest(record, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "`ipvl-ctl list-pools` shows all of them");
}

struct err *naming_find_master(const struct context *ctx, const char *record,
			       struct row **ret_row)
{
	struct row *r = by_uuid(ctx, ctx->columns.master.table, record);
	struct row **masters;
	struct search s;
	struct err *e;
	size_t n;

	if (r) {
		*ret_row = r;
		return NULL;
	}
	search_init(&s, ctx, record);
	masters = naming_masters(ctx, &n);
	for (size_t i = 0; i < n; i++)
		look_at(&s, masters[i], NULL);
	e = conclude(&s, "master", record);
	if (!e)
		*ret_row = s.found[0];
	else if (!s.n_found && is_of_other_table(ctx, record, false))
		e = err_hint(e, "it is a slave");
	return e;
}

struct err *naming_find_slave(const struct context *ctx, const char *record,
			      struct row **ret_row, struct row **ret_master)
{
	struct row *r = by_uuid(ctx, ctx->columns.slave.table, record);
	struct row **masters, **slaves;
	size_t n_masters, n_slaves;
	struct search s;
	struct err *e;

	search_init(&s, ctx, record);
	if (!r && s.netns) /* by index: one row at most */
		r = rows_find_slave(&ctx->columns, ctx->txn, s.netns, s.name);
	masters = naming_masters(ctx, &n_masters);
	for (size_t i = 0; i < n_masters && !r; i++) {
		slaves = naming_slaves(ctx, masters[i], &n_slaves);
		for (size_t k = 0; k < n_slaves; k++)
			look_at(&s, slaves[k], masters[i]);
	}
	e = r ? NULL : conclude(&s, "slave", record);
	if (e && !s.n_found && is_of_other_table(ctx, record, true))
		e = err_hint(e, "it is a master");
	if (e)
		return e;
	*ret_row = r ? r : s.found[0];
	if (ret_master)
		*ret_master =
			r ? rows_master_of(&ctx->columns, ctx->txn, r) : s.masters[0];
	return NULL;
}

static struct err *find_only(const struct context *ctx, const struct table *table,
			     struct row **ret_row)
{
	const char *name = table_schema(table)->name;
	struct row *r = txn_first(ctx->txn, table);

	if (!r)
		return err_new(ERR_NOT_FOUND, "table %s has no row", name);
	if (txn_next(ctx->txn, table, r))
		return err_hint(err_new(ERR_INVALID, "table %s has several rows", name),
				"name one, or give its UUID");
	*ret_row = r;
	return NULL;
}

struct err *naming_find(const struct context *ctx, const struct table *table,
			const char *record, struct row **ret_row)
{
	const struct table_schema *ts = table_schema(table);
	const struct column_schema *name = table_schema_find(ts, "name");
	struct row *found = by_uuid(ctx, table, record);

	if (found) {
		*ret_row = found;
		return NULL;
	}
	if (!strcmp(record, "."))
		return find_only(ctx, table, ret_row);
	if (table == ctx->columns.master.table)
		return naming_find_master(ctx, record, ret_row);
	if (table == ctx->columns.slave.table)
		return naming_find_slave(ctx, record, ret_row, NULL);
	if (table == ctx->columns.pool.table)
		return naming_find_pool(ctx, record, ret_row);
	for (struct row *r = txn_first(ctx->txn, table); r && name;
	     r = txn_next(ctx->txn, table, r)) {
		if (strcmp(context_text(ctx, r, name), record))
			continue;
		if (found)
			return err_hint(err_new(ERR_INVALID,
						"several rows of table %s are named %s",
						ts->name, record),
					"give the UUID");
		found = r;
	}
	if (!found)
		return err_hint(err_new(ERR_NOT_FOUND, "table %s has no row \"%s\"",
					ts->name, record),
				"give its %sUUID, or \".\" for the only row of a table",
				name ? "name or its " : "");
	*ret_row = found;
	return NULL;
}

struct err *naming_find_any(const struct context *ctx, const char *record,
			    struct row **ret_row, struct row **ret_master)
{
	struct err *e = naming_find_master(ctx, record, ret_row);

	if (!e && ret_master)
		*ret_master = NULL;
	if (!e || e->code != ERR_NOT_FOUND)
		return e;
	err_free(e);
	e = naming_find_slave(ctx, record, ret_row, ret_master);
	if (!e || e->code != ERR_NOT_FOUND)
		return e;
	err_free(e);
	return err_hint(err_new(ERR_NOT_FOUND, "no such master or slave: %s", record),
			"`ipvl-ctl show` shows all of them");
}

/* A value of an index as the error has it: a word, or in quotes. '*at' moves behind it.
 * Owned by the caller. */
static char *take_value(const char **at)
{
	const char *start = *at += strspn(*at, ", ");
	size_t n;

	if (!strncmp(start, "and ", strlen("and ")))
		start += strlen("and ");
	if (*start == '"') {
		n = strcspn(++start, "\"");
		*at = start + n + (start[n] == '"');
	} else {
		n = strcspn(start, ",)");
		*at = start + n;
	}
	return xstrndup(start, n);
}

struct err *naming_explain(struct err *e)
{
	static const char values[] = " table to have identical values (";
	const char *at = e->code == ERR_CONSTRAINT ? strstr(e->message, values) : NULL;
	bool is_pool = at && strstr(e->message, "multiple rows in \"Pool\"");
	bool is_slave = at && strstr(e->message, "multiple rows in \"Slave\"");
	CLEANUP(freep) char *host = NULL;
	CLEANUP(freep) char *netns = NULL;
	CLEANUP(freep) char *name = NULL;

	if (!at ||
	    (!is_pool &&
	     !strstr(at, ") for index on columns \"host\", \"netns\", and \"name\".")))
		return e;
	at += strlen(values);
	host = take_value(&at);
	netns = is_pool ? xstrdup("") : take_value(&at);
	name = take_value(&at);
	err_free(e);
	e = err_new(ERR_EXISTS, "%s %s%s%s already exists",
		    is_pool    ? "pool"
		    : is_slave ? "slave"
			       : "master",
		    netns, *netns ? "/" : "", name);
	return err_hint(e, "choose another name%s, or remove that one first",
			is_pool ? "" : " or namespace");
}
