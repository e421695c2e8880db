/* Random transactions, and clients of all kinds that follow them, some of them slowly,
 * with conditions that change: each has in the end what a select finds. */
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "ovsdb-lite/json/json.h"
#include "tests/unit/ovsdb-lite/database.h"
#include "tests/unit/ovsdb-lite/monitor_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define N_CLIENTS 12 /* two of each request; a multiple of 6 */
#define N_STEPS   1000

static const char schema_text[] =
	"{'name':'T','version':'1.0.0','tables':{"
	"'A':{'isRoot':true,'columns':{"
	"'e':{'type':'integer','ephemeral':true},"
	"'es':{'type':{'key':'integer','min':0,'max':'unlimited'},'ephemeral':true},"
	"'map':{'type':{'key':'integer','value':'string','min':0,'max':'unlimited'}},"
	"'n':{'type':'integer'},"
	"'name':{'type':'string'},"
	"'opt':{'type':{'key':'boolean','min':0}},"
	"'own':{'type':{'key':{'type':'uuid','refTable':'B'},'min':0,'max':'unlimited'}},"
	"'tags':{'type':{'key':'string','min':0,'max':'unlimited'}},"
	"'weak':{'type':{'key':{'type':'uuid','refTable':'A','refType':'weak'},"
	"'min':0,'max':'unlimited'}},"
	"'x':{'type':'real'}}},"
	"'B':{'columns':{'v':{'type':'integer'},'w':{'type':'integer'}}},"
	"'E':{'isRoot':true,'columns':{'v':{'type':'integer','ephemeral':true}}}}}";

static unsigned int below(unsigned int n)
{
	return (unsigned int)random() % n;
}

/* --- transactions --- */

/* The UUID of some row of A, or one of no row. */
static void put_uuid(struct buffer *b, struct db *db)
{
	const struct table *t = db_table(db, "A");
	size_t n = table_count(t) ? below((unsigned int)table_count(t)) : 0;
	char text[UUID_TEXT_BYTES];
	struct uuid uuid = uuid_random();

	TABLE_FOR_EACH (r, t)
		if (!n--)
			uuid = *row_uuid(r);
	buffer_puts(b, "['uuid','");
	buffer_puts(b, uuid_format(&uuid, text));
	buffer_puts(b, "']");
}

static void put_number(struct buffer *b, unsigned int n)
{
	CLEANUP(freep) char *text = xasprintf("%u", below(n));

	buffer_puts(b, text);
}

static void put_string(struct buffer *b)
{
	static const char *const strings[] = {"",          "a",        "b",
					      "\\\"q\\\\", "\xc3\xa9", "\\n"};

	buffer_puts(b, "'");
	buffer_puts(b, strings[below(ARRAY_SIZE(strings))]);
	buffer_puts(b, "'");
}

/* Distinct keys, in any order. */
static void put_elements(struct buffer *b, bool is_map, bool of_strings)
{
	bool is_first = true;

	buffer_puts(b, is_map ? "['map',[" : "['set',[");
	for (unsigned int key = 0; key < 4; key++) {
		CLEANUP(freep)
		char *text = xasprintf(of_strings ? "'t%u'" : "%u", key);

		if (below(2))
			continue;
		buffer_puts(b, is_first ? "" : ",");
		buffer_puts(b, is_map ? "[" : "");
		buffer_puts(b, text);
		if (is_map) {
			buffer_puts(b, ",");
			put_string(b);
			buffer_puts(b, "]");
		}
		is_first = false;
	}
	buffer_puts(b, "]]");
}

static void put_column(struct buffer *b, struct db *db)
{
	switch (below(8)) {
	case 0:
		buffer_puts(b, "'e':");
		put_number(b, 3);
		break;
	case 1:
		buffer_puts(b, "'es':");
		put_elements(b, false, false);
		break;
	case 2:
		buffer_puts(b, "'map':");
		put_elements(b, true, false);
		break;
	case 3:
		buffer_puts(b, "'name':");
		put_string(b);
		break;
	case 4:
		buffer_puts(b, below(2)   ? "'opt':['set',[]]"
			       : below(2) ? "'opt':true"
					  : "'opt':false");
		break;
	case 5:
		buffer_puts(b, "'tags':");
		put_elements(b, false, true);
		break;
	case 6:
		buffer_puts(b, "'weak':");
		put_uuid(b, db);
		break;
	case 7:
		buffer_puts(b, "'x':0.");
		put_number(b, 100);
		break;
	}
}

static void put_row(struct buffer *b, struct db *db)
{
	buffer_puts(b, "'row':{'n':");
	put_number(b, 6);
	for (unsigned int n = below(3); n; n--) {
		buffer_puts(b, ",");
		put_column(b, db);
	}
	buffer_puts(b, "}}");
}

static void put_where(struct buffer *b, const char *column)
{
	CLEANUP(freep) char *text = xasprintf("'where':[['%s','==',", column);

	buffer_puts(b, text);
	put_number(b, 6);
	buffer_puts(b, "]]");
}

static void put_operation(struct buffer *b, struct db *db)
{
	switch (below(10)) {
	case 0:
	case 1:
		buffer_puts(b, "{'op':'insert','table':'A',");
		put_row(b, db);
		break;
	case 2:
		buffer_puts(b, "{'op':'delete','table':'A',");
		put_where(b, "n");
		buffer_puts(b, "}");
		break;
	case 3:
		buffer_puts(b, "{'op':'insert','table':'B','uuid-name':'b','row':{'v':");
		put_number(b, 6);
		buffer_puts(b, "}},{'op':'mutate','table':'A',");
		put_where(b, "n");
		buffer_puts(b, ",'mutations':[['own','insert',['named-uuid','b']]]}");
		break;
	case 4:
		buffer_puts(b, "{'op':'mutate','table':'A',");
		put_where(b, "n");
		buffer_puts(b, below(2) ? ",'mutations':[['tags','insert',"
					: ",'mutations':[['tags','delete',");
		put_elements(b, false, true);
		buffer_puts(b, "],['x','+=',0.25]]}");
		break;
	case 5:
		buffer_puts(b, "{'op':'update','table':'B',");
		put_where(b, "v");
		buffer_puts(b, ",'row':{'w':");
		put_number(b, 6);
		buffer_puts(b, "}}");
		break;
	case 6:
		buffer_puts(b, "{'op':'insert','table':'E','row':{'v':");
		put_number(b, 6);
		buffer_puts(b, "}},{'op':'delete','table':'E',");
		put_where(b, "v");
		buffer_puts(b, "}");
		break;
	case 7:
		buffer_puts(b, "{'op':'update','table':'A',");
		put_where(b, "n");
		buffer_puts(b, ",'row':{'own':['set',[]],'e':");
		put_number(b, 4);
		buffer_puts(b, "}}");
		break;
	default:
		buffer_puts(b, "{'op':'update','table':'A',");
		put_where(b, "n");
		buffer_puts(b, ",");
		put_row(b, db);
	}
}

/* Some of them fail, and change nothing. */
static void random_transaction(struct db *db)
{
	CLEANUP(buffer_clearp) struct buffer b = {0};

	buffer_puts(&b, "[");
	for (unsigned int n = 1 + below(3); n; n--) {
		put_operation(&b, db);
		buffer_puts(&b, n > 1 ? "," : "]");
	}
	free(transact(db, b.data));
}

/* --- clients --- */

static char *random_clause(unsigned int table, struct db *db)
{
	struct buffer b = {0};

	if (table) {
		buffer_puts(&b, "['v','<',");
		put_number(&b, 7);
		buffer_puts(&b, "]");
		return buffer_take(&b);
	}
	switch (below(7)) {
	case 0:
		buffer_puts(&b, below(3) ? "false" : "true");
		return buffer_take(&b);
	case 1:
		buffer_puts(&b, "['_uuid','==',");
		put_uuid(&b, db);
		break;
	case 2:
		buffer_puts(&b, "['tags','includes',");
		put_elements(&b, false, true);
		break;
	case 3:
		buffer_puts(&b, "['tags','excludes',");
		put_elements(&b, false, true);
		break;
	case 4:
		buffer_puts(&b, "['e','==',");
		put_number(&b, 3);
		break;
	default:
		buffer_puts(&b, below(2) ? "['n','=='," : "['n','>=',");
		put_number(&b, 6);
	}
	buffer_puts(&b, "]");
	return buffer_take(&b);
}

static void choose_conditions(struct model *m, struct db *db)
{
	for (unsigned int i = 0; i < m->schema->n_tables; i++) {
		struct model_table *mt = &m->tables[i];

		while (mt->n_where)
			free(mt->where[--mt->n_where]);
		while (m->method != MONITOR_PLAIN && mt->n_where < 3 && below(2))
			mt->where[mt->n_where++] = random_clause(i, db);
	}
}

/* Of two that ask for the same, each has its own pace. */
static void copy_request(struct model *to, const struct model *from)
{
	for (size_t i = 0; i < from->schema->n_tables; i++) {
		const struct model_table *mt = &from->tables[i];

		to->tables[i].columns = mt->columns;
		to->tables[i].n_where = mt->n_where;
		for (size_t j = 0; j < mt->n_where; j++)
			to->tables[i].where[j] = xstrdup(mt->where[j]);
	}
}

static unsigned int column_bit(const struct schema *s, const char *table,
			       const char *column)
{
	return 1u << table_schema_find(schema_find_table(s, table), column)->index;
}

static void choose_request(struct model *m, struct db *db)
{
	const struct schema *s = m->schema;

	for (unsigned int i = 0; i < s->n_tables; i++)
		m->tables[i].columns =
			(unsigned int)random() & ((1u << s->tables[i].n_columns) - 1);
	/* Most without what a restart makes impossible to tell as a difference. */
	if (below(4)) {
		m->tables[schema_find_table(s, "E")->index].columns = 0;
		m->tables[schema_find_table(s, "A")->index].columns &=
			~column_bit(s, "A", "es");
	}
	choose_conditions(m, db);
}

struct life {
	struct schema *schema;
	struct db *db;
	struct db_observer *observer;
	struct monitor_set *set;
	struct model clients[N_CLIENTS];
	/* How often only the difference was told to one that came back. */
	unsigned int n_found, n_found_after_restart;
};

static void on_commit(void *aux, const struct txn *txn)
{
	struct life *l = aux;

	monitor_set_note(l->set, txn);
}

static void begin(struct life *l, struct db *db)
{
	l->db = db;
	l->observer = db_observe(l->db, on_commit, l);
	l->set = monitor_set_new(l->db);
}

static void end(struct life *l)
{
	monitor_set_free(l->set);
	db_unobserve(l->observer);
	db_close(l->db);
}

static void step(struct life *l)
{
	unsigned int n = below(N_CLIENTS);
	struct model *m = &l->clients[n];

	random_transaction(l->db);
	/* The higher its number, the slower the client. */
	for (unsigned int i = 0; i < N_CLIENTS; i++) {
		struct model *each = &l->clients[i];

		if (!each->monitor || below(i + 1))
			continue;
		model_catch_up(each);
		model_check(each, l->db);
	}
	if (below(3))
		return;
	if (!m->monitor) {
		l->n_found += model_connect(m, l->set);
	} else if (m->method != MONITOR_PLAIN && below(2)) {
		model_catch_up(m);
		choose_conditions(m, l->db);
		model_change(m);
		if (below(2))
			random_transaction(l->db);
		model_catch_up(m);
	} else {
		model_disconnect(m);
		return;
	}
	model_check(m, l->db);
}

static void prepare(struct life *l)
{
	srandom(4);
	l->schema = make_schema(schema_text);
	for (unsigned int i = 0; i < N_CLIENTS; i++) {
		model_init(&l->clients[i], (enum monitor_method)(i % 3), l->schema);
		if (i < N_CLIENTS / 2)
			choose_request(&l->clients[i], l->db);
		else
			copy_request(&l->clients[i], &l->clients[i - N_CLIENTS / 2]);
	}
}

static void clean_up(struct life *l)
{
	for (unsigned int i = 0; i < N_CLIENTS; i++)
		model_clear(&l->clients[i]);
	end(l);
	schema_free(l->schema);
}

static void clients_have_what_a_select_finds(void **state)
{
	struct life l = {0};

	(void)state;
	begin(&l, db_new_in_memory(make_schema(schema_text)));
	prepare(&l);
	for (unsigned int i = 0; i < N_STEPS; i++)
		step(&l);
	assert_int_equal(l.n_found, 0);
	clean_up(&l);
}

static void restart(struct life *l, const char *path)
{
	struct db *db;

	for (unsigned int i = 0; i < N_CLIENTS; i++)
		model_disconnect(&l->clients[i]);
	end(l);
	expect_ok(db_open(path, NULL, &db));
	begin(l, db);
	for (unsigned int i = 0; i < N_CLIENTS; i++) {
		l->n_found_after_restart += model_connect(&l->clients[i], l->set);
		model_check(&l->clients[i], l->db);
	}
}

static void clients_that_come_back_are_told_what_they_missed(void **state)
{
	char folder[] = "/tmp/ipvl-monitor-XXXXXX";
	CLEANUP(freep) char *path = NULL, *command = NULL;
	struct life l = {0};
	struct schema *schema = make_schema(schema_text);
	struct db *db;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = xasprintf("%s/db", folder);
	command = xasprintf("rm -r %s", folder);
	expect_ok(db_open(path, schema, &db));
	schema_free(schema);
	begin(&l, db);
	prepare(&l);
	for (unsigned int i = 0; i < N_STEPS; i++) {
		step(&l);
		if (!below(100))
			restart(&l, path);
	}
	assert_true(l.n_found > 10);
	assert_true(l.n_found_after_restart > 10);
	clean_up(&l);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_have_what_a_select_finds),
		cmocka_unit_test(clients_that_come_back_are_told_what_they_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
