/* The registry: built-in providers, and plug-ins that fit or do not. The folder of the
 * built plug-ins is the first argument. */
#include "build.h"

#include "datapath/registry.h"
#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

static const char *plugin_dir;

static void refuses(const char *name, enum err_code code, const char *part)
{
	const struct datapath_provider *p = NULL;
	struct err *e = registry_find_provider(name, plugin_dir, &p);
	char *text;

	assert_non_null(e);
	text = err_text(e);
	if (e->code != code || !strstr(text, part))
		print_error("%s\n", text);
	assert_int_equal(e->code, code);
	assert_non_null(strstr(text, part));
	assert_null(p);
	free(text);
	err_free(e);
}

static void finds_built_in(void **state)
{
	const struct datapath_provider *p = NULL;

	(void)state;
	must(registry_find_provider("sim", plugin_dir, &p));
	assert_ptr_equal(p, &sim_provider);
}

static void refuses_what_does_not_fit(void **state)
{
	(void)state;
	refuses("nothing", ERR_NOT_FOUND, "unknown datapath \"nothing\"");
	refuses("../sample", ERR_NOT_FOUND, "unknown datapath");
	refuses("", ERR_NOT_FOUND, "unknown datapath");
	refuses("other_abi", ERR_UNSUPPORTED, "ABI 4711");
	refuses("other_size", ERR_UNSUPPORTED, "bytes");
	refuses("no_plugin", ERR_UNSUPPORTED, "no symbol `datapath_plugin`");
	refuses("no_function", ERR_UNSUPPORTED, "lacks functions");
}

static void cannot(struct err *e)
{
	assert_non_null(e);
	assert_int_equal(e->code, ERR_UNSUPPORTED);
	err_free(e);
}

/* What a provider may leave out. */
static void asks_for_more(struct bench *b)
{
	struct datapath_counters counters = {.netns = "", .name = "eth0"};
	struct datapath_lookup lookup = {.netns = "", .in = "", .out = ""};
	struct model scope = {0}, *have;

	cannot(datapath_survey(b->dp, &scope, DATAPATH_FOR_FILE, b->arena, &have));
	cannot(datapath_lookup(b->dp, &lookup, b->arena));
	cannot(datapath_count(b->dp, &counters, 1));
}

/* A whole pass on the sample: everything is absent, so a master is waited for. */
static void runs_the_sample(void **state)
{
	struct datapath_config config = {.mark = 1, .route_protocol = 76};
	struct bench b = {.arena = arena_new()};
	const struct datapath_provider *p = NULL;
	struct plan_step step = {.op = PLAN_OP_NETNS_ADD};
	const struct plan_step *steps[] = {&step};
	struct plan_result result = {0};

	(void)state;
	must(registry_find_provider("sample", plugin_dir, &p));
	assert_string_equal(p->id.name, "sample");
	must(datapath_open(p, &config, &b.dp));
	assert_true(datapath_event_fd(b.dp) >= 0);
	want_slave(&b, want_master(&b, "eth0", MODEL_MODE_L2), "ns1", "a", "10.0.0.2/24");
	bench_plan(&b);
	assert_int_equal(b.plan->n_steps, 0);
	assert_int_equal(verdict(&b, "ns1", "a", "eth0")->kind, PLAN_WAITING);
	datapath_apply(b.dp, steps, 1, &result);
	assert_int_equal(result.kind, PLAN_FAILED);
	assert_int_equal(result.error->code, ERR_UNSUPPORTED);
	plan_results_clear(&result, 1);
	asks_for_more(&b);
	datapath_drain(b.dp, NULL, NULL);
	datapath_close(b.dp);
	arena_free(b.arena);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_built_in),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(runs_the_sample),
	};

	if (argc != 2)
		return 1;
	plugin_dir = argv[1];
	return cmocka_run_group_tests_name("plugin", tests, NULL, NULL);
}
