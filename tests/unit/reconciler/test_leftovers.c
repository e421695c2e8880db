/* reconciler/leftovers: the setting that keeps what a lost database wanted. */
#include "reconciler/leftovers.h"

#include "config/settings.h"
#include "lib/alloc.h"
#include "lib/text.h"
#include "ovsdb-lite/db/db.h"
#include "ovsdb-lite/rows/txn.h"
#include "ovsdb-lite/values/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h comes last. */
#include <cmocka.h>

static void must(struct err *e)
{
	if (e)
		fail_msg("%s", e->message);
}

/* What else is set there stays, and once is enough. */
static void keeping_is_one_setting_more(void **state)
{
	struct ipvl_columns c;
	struct schema *s;
	struct db *db;
	struct txn *t;
	struct datum d = {0};

	(void)state;
	must(schema_from_file(IPVL_SCHEMA_FILE, &s));
	db = db_new_in_memory(s);
	must(ipvl_columns_init(&c, db));
	assert_false(leftovers_are_kept(&c));
	t = txn_new(db, &(struct txn_origin){.internal = true});
	datum_append(&d, (union atom){.string = xstrdup(SETTING_PORT_WATCH)},
		     &(union atom){.string = xstrdup("7")});
	txn_set(t, rows_ensure_host(&c, t, NULL), c.host.other_config, &d);
	must(db_commit(t));
	txn_free(t);
	assert_false(leftovers_are_kept(&c));
	for (int i = 0; i < 2; i++) {
		const struct datum *found;

		must(leftovers_keep(&c, db));
		assert_true(leftovers_are_kept(&c));
		found = row_get(rows_find_host(&c, NULL, NULL), c.host.other_config);
		assert_int_equal(found->n, 2);
		assert_int_equal(settings_port_watch_s(found), 7);
	}
	db_close(db);
}

/* A file in a namespace that a row names is that row's matter; another one stays. */
static void what_is_kept_has_its_files(void **state)
{
	struct model_netns wanted[] = {{.name = "ns1"}};
	struct model_netns found[] = {{.name = "ns1", .seen.resolv_conf = "x"},
				      {.name = "ns2", .seen.resolv_conf = "y"}};
	const struct model want = {.namespaces = wanted, .n_namespaces = 1};
	struct model have = {.namespaces = found, .n_namespaces = 2};

	(void)state;
	assert_int_equal(leftovers_set_aside(&want, &have), 0);
	assert_string_equal(found[0].seen.resolv_conf, "x");
	assert_string_equal(found[1].seen.resolv_conf, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeping_is_one_setting_more),
		cmocka_unit_test(what_is_kept_has_its_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
