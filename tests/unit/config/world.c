/* A database of the real schema in memory, with the validator, for the tests of rows and
 * rules. Not for YAML alone, which needs none. */
#include "world.h"

#include "config/valid/valid_txn.h"
#include "config/yaml/declare_rows.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void must(struct err *e)
{
	CLEANUP(freep) char *text = e ? err_text(e) : NULL;

	err_free(e);
	if (text)
		fail_msg("%s", text);
}

void world_init(struct world *w)
{
	struct schema *s;

	must(schema_from_file(SCHEMAS "/ipvl.ovsschema", &s));
	w->db = db_new_in_memory(s);
	must(ipvl_columns_init(&w->c, w->db));
	db_set_validator(w->db, valid_transaction, &w->c);
}

void world_clear(struct world *w)
{
	db_close(w->db);
}

struct txn *world_begin(struct world *w, bool internal)
{
	struct txn_origin origin = {.internal = internal, .uid = -1, .pid = -1};

	return txn_new(w->db, &origin);
}

char *world_try(struct txn *t)
{
	struct err *e = db_commit(t);
	char *text = e ? err_text(e) : NULL;

	err_free(e);
	txn_free(t);
	return text;
}

void world_commit(struct txn *t)
{
	CLEANUP(freep) char *text = world_try(t);

	if (text)
		fail_msg("%s", text);
}

static union atom atom_of(const struct base_type *type, const char *text)
{
	union atom a = {.integer = 0};

	if (type->type == ATOM_STRING) {
		a.string = xstrdup(text);
		for (char *p = a.string; *p; p++)
			*p = *p == '+' ? ' ' : *p;
	} else if (type->type == ATOM_BOOLEAN) {
		a.boolean = !strcmp(text, "true");
	} else {
		assert_true(text_to_int(text, &a.integer));
	}
	return a;
}

static void set_column(struct txn *t, struct row *r, char *assignment)
{
	char *value = strchr(assignment, '='), *save, *word;
	const struct column_schema *c;
	struct datum d;

	assert_non_null(value);
	*value++ = '\0';
	c = table_schema_find(table_schema(row_table(r)), assignment);
	if (!c)
		fail_msg("no column %s", assignment);
	datum_init_empty(&d);
	if (!*value && column_type_is_scalar(&c->type))
		datum_append(&d, atom_of(&c->type.key, ""), NULL);
	for (word = strtok_r(value, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		char *colon = c->type.is_map ? strchr(word, ':') : NULL;
		union atom map_value = {.integer = 0};

		if (colon) {
			*colon = '\0';
			map_value = atom_of(&c->type.value, colon + 1);
		}
		datum_append(&d, atom_of(&c->type.key, word), colon ? &map_value : NULL);
	}
	must(datum_sort(&d, &c->type));
	txn_set(t, r, c, &d);
}

void world_set(struct world *w, struct txn *t, struct row *r, const char *columns)
{
	CLEANUP(freep) char *copy = xstrdup(columns);
	char *save;

	(void)w;
	for (char *one = strtok_r(copy, " ", &save); one;
	     one = strtok_r(NULL, " ", &save))
		set_column(t, r, one);
}

struct row *world_add_master(struct world *w, struct txn *t, const char *name,
			     const char *columns)
{
	struct model_master m = {
		.netns = "", .name = name, .vlan_link = "", .mode = MODEL_MODE_L2};
	struct row *r = rows_add_master(&w->c, t, rows_ensure_host(&w->c, t, NULL), &m);

	world_set(w, t, r, columns);
	return r;
}

struct row *world_add_slave(struct world *w, struct txn *t, struct row *master,
			    const char *name, const char *columns)
{
	const char *slash = strchr(name, '/');
	CLEANUP(freep) char *netns = xstrndup(name, slash ? (size_t)(slash - name) : 0);
	struct model_slave s = {.netns = netns,
				.name = slash ? slash + 1 : name,
				.addresses_managed = true,
				.nameservers = "",
				.search = "",
				.alias = "",
				.vrf = "",
				.pool = ""};
	struct row *r = rows_add_slave(&w->c, t, master, &s);

	world_set(w, t, r, columns);
	return r;
}

struct row *world_slave(struct world *w, const struct txn *t, const char *name)
{
	const char *slash = strchr(name, '/');
	CLEANUP(freep) char *netns = xstrndup(name, slash ? (size_t)(slash - name) : 0);

	return rows_find_slave(&w->c, t, netns, slash ? slash + 1 : name);
}

struct row *world_master(struct world *w, const struct txn *t, const char *name)
{
	return rows_find_master(&w->c, t, "", name);
}

static char *said(struct document_errors *errors)
{
	char *text = document_errors_text(errors);

	document_errors_clear(errors);
	return text;
}

struct document *world_document(const char *file, const char *yaml)
{
	struct document_errors errors = {0};
	struct document *d = document_parse(file, yaml, strlen(yaml), &errors);
	CLEANUP(freep) char *text = said(&errors);

	if (!d)
		fail_msg("%s", text);
	return d;
}

bool world_apply(struct world *w, const char *file, const char *yaml, char **ret_said)
{
	struct document_errors errors = {0};
	struct document *d = yaml ? world_document(file, yaml) : NULL;
	struct txn *t = world_begin(w, false);
	struct row *host = rows_ensure_host(&w->c, t, NULL);
	bool ok = declare_rows(&w->c, t, host, file, d, NULL, 0, &errors);
	char *text = said(&errors);

	if (ok)
		world_commit(t);
	else
		txn_free(t);
	document_free(d);
	assert_true(ok == !*text);
	if (!ok && ret_said)
		*ret_said = text;
	else
		free(text);
	return ok;
}

static int line_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* NAME: COLUMN=JSON for each persistent column that is not a reference and not default.
 */
static char *row_text(const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	char *line = xstrdup(ts->name);

	for (size_t i = 0; i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		const struct datum *d = row_get(r, c);
		struct json_object *json;
		CLEANUP(freep) char *value = NULL;
		char *longer;

		if (c->ephemeral || datum_is_default(d, &c->type))
			continue;
		if (c->type.key.type == ATOM_UUID) {
			value = xasprintf("%u", d->n);
		} else {
			json = datum_to_json(d, &c->type);
			value = json_text(json);
			json_free(json);
		}
		longer = xasprintf("%s %s=%s", line, c->name, value);
		free(line);
		line = longer;
	}
	return line;
}

char *world_dump(struct world *w)
{
	const struct table *const tables[] = {w->c.host.table, w->c.master.table,
					      w->c.slave.table};
	char **lines = NULL, *all = xstrdup("");
	size_t n = 0, capacity = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		TABLE_FOR_EACH (r, tables[i]) {
			lines = xgrow(lines, n, &capacity, sizeof(*lines));
			lines[n++] = row_text(r);
		}
	}
	if (n)
		qsort(lines, n, sizeof(*lines), line_cmp);
	for (size_t i = 0; i < n; i++) {
		char *longer = xasprintf("%s%s\n", all, lines[i]);

		free(all);
		free(lines[i]);
		all = longer;
	}
	free(lines);
	return all;
}

/* A base of three slaves, and one change of a row: NULL where it is allowed, else the
 * sentence. */
void world_init_base(struct world *w)
{
	struct txn *t;
	struct row *m, *other;

	world_init(w);
	t = world_begin(w, false);
	m = world_add_master(w, t, "eth0", "mtu=1500");
	world_add_slave(
		w, t, m, "ns1/a",
		"addresses=10.0.0.2/24,2001:db8::2/64 routes=default+via+10.0.0.1");
	world_add_slave(w, t, m, "ns2/b", "addresses=192.168.9.3/24");
	world_add_slave(w, t, m, "shim", "addressing=external");
	other = world_add_master(w, t, "eth1", "");
	world_add_slave(w, t, other, "ns1/c", "addresses=10.1.0.2/24");
	world_commit(t);
}

void world_expect_refused(struct txn *t, const char *words)
{
	CLEANUP(freep) char *said = world_try(t);

	if (words ? !said || !strstr(said, words) : said != NULL)
		fail_msg("said: %s\nnot: %s", said ? said : "nothing",
			 words ? words : "nothing");
}

void world_add_to_set(struct txn *t, struct row *parent, const struct column_schema *c,
		      const struct row *child)
{
	struct datum set, one;

	datum_copy(&set, txn_get(t, parent, c), &c->type);
	datum_init_empty(&one);
	datum_append(&one, (union atom){.uuid = *row_uuid(child)}, NULL);
	datum_union(&set, &one, &c->type);
	datum_clear(&one, &c->type);
	txn_set(t, parent, c, &set);
}
