/* What `ipvl-cni` reads. Which sentence an error has, tests/messages/cni.txt shows. */
#include "engines/cni/cni_read.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
// cmocka.h needs those above.
#include <cmocka.h>

/* The environment: pairs, NULL at the end. */
static const char *const *variables;

static const char *variable(const char *name)
{
	for (const char *const *v = variables; *v; v += 2) {
		if (!strcmp(*v, name))
			return v[1];
	}
	return NULL;
}

static const char *const usual[] = {
	"CNI_COMMAND", "ADD",           "CNI_CONTAINERID", "c1",
	"CNI_NETNS",   "/run/netns/c1", "CNI_IFNAME",      "eth0",
	"CNI_PATH",    "/usr/lib/cni",  "CNI_ARGS",        "IP=10.0.0.3;K=V;K=W",
	NULL,
};

struct read {
	struct arena *a;
	struct json_object *config;
	const char *version;
	struct cni_request request;
	const struct cni_error *error;
};

static void read_text(struct read *r, const char *const *env, const char *text)
{
	variables = env;
	r->a = arena_new();
	r->error = cni_read(r->a, variable, text, &r->config, &r->version, &r->request);
}

static void end(struct read *r)
{
	json_free(r->config);
	arena_free(r->a);
}

static void all_keys(void **state)
{
	struct read r;
	const struct attachment *want = &r.request.want;

	(void)state;
	read_text(&r, usual,
		  "{\"cniVersion\": \"1.0.0\", \"name\": \"net\", \"master\": \"eth0\","
		  " \"mode\": \"l3s\", \"flag\": \"vepa\", \"vlan\": 7, \"mtu\": 1400,"
		  " \"hostAccess\": \"10.0.0.250\", \"linkInContainer\": false,"
		  " \"unknown\": {}, \"dns\": {}, \"db\": \"unix:/x\","
		  " \"ipam\": {\"type\": \"ipvl\", \"pool\": \"lan\", \"routes\": []}}");
	assert_null(r.error);
	assert_int_equal(r.request.verb, CNI_ADD);
	assert_int_equal(r.request.version, CNI_1_0_0);
	assert_string_equal(r.version, "1.0.0");
	assert_string_equal(r.request.db, "unix:/x");
	assert_string_equal(r.request.ipam, "");
	assert_non_null(r.request.dns);
	assert_string_equal(want->network, "net");
	assert_string_equal(want->container, "c1");
	assert_string_equal(want->ifname, "eth0");
	assert_string_equal(want->netns, "/run/netns/c1");
	assert_string_equal(want->master, "eth0");
	assert_true(want->has_mode && want->mode == MODEL_MODE_L3S);
	assert_true(want->has_flag && want->flag == MODEL_FLAG_VEPA);
	assert_int_equal(want->vlan, 7);
	assert_int_equal(want->mtu, 1400);
	assert_true(want->has_host_access && want->host_access.family);
	assert_true(want->is_addressed && want->has_routes && !want->n_routes);
	assert_string_equal(want->pool, "lan");
	assert_int_equal(want->n_addresses, 1);
	assert_int_equal(want->addresses[0].len, ATTACHMENT_NO_LENGTH);
	assert_int_equal(want->n_labels, 1);
	assert_string_equal(want->labels[0].value, "W");
	end(&r);
}

/* What Go programs write for what is not set is as good as nothing. */
static void empty_values(void **state)
{
	struct read r;

	(void)state;
	read_text(
		&r, usual,
		"{\"cniVersion\": \"1.1.0\", \"name\": \"net\", \"master\": \"\","
		" \"mode\": \"\", \"mtu\": 0, \"ipam\": null, \"args\": null,"
		" \"runtimeConfig\": {\"mac\": \"\", \"portMappings\": [], \"ips\": []},"
		" \"prevResult\": null, \"hostAccess\": \"\"}");
	assert_null(r.error);
	assert_false(r.request.want.has_mode || r.request.want.has_host_access);
	assert_int_equal(r.request.want.mode, MODEL_MODE_L2);
	assert_string_equal(r.request.want.master, "");
	assert_null(r.request.previous);
	assert_int_equal(r.request.want.n_addresses, 1);
	end(&r);
}

/* A program of CNI_PATH gives addresses, and reads the wishes itself. */
static void ipam_of_others(void **state)
{
	struct read r;

	(void)state;
	read_text(&r, usual,
		  "{\"cniVersion\": \"1.1.0\", \"name\": \"net\", \"pool\": \"lan\","
		  " \"ipam\": {\"type\": \"host-local\", \"subnet\": \"10.0.0.0/24\"}}");
	assert_null(r.error);
	assert_string_equal(r.request.ipam, "host-local");
	assert_string_equal(r.request.want.pool, "");
	assert_int_equal(r.request.want.n_addresses, 0);
	assert_true(r.request.want.is_addressed);
	end(&r);
}

/* What is removed need not be right, nor there. */
static void del_of_little(void **state)
{
	static const char *const env[] = {"CNI_COMMAND", "DEL",        "CNI_CONTAINERID",
					  "c 1",         "CNI_IFNAME", "a/b",
					  NULL};
	struct read r;

	(void)state;
	read_text(&r, env,
		  "{\"cniVersion\": \"0.3.1\", \"name\": \"net\", \"mode\": \"l9\"}");
	assert_null(r.error);
	assert_string_equal(r.request.want.netns, "");
	end(&r);
}

static void gc_lists(void **state)
{
	static const char *const env[] = {"CNI_COMMAND", "GC", NULL};
	struct read r;

	(void)state;
	read_text(&r, env,
		  "{\"cniVersion\": \"1.1.0\", \"name\": \"net\", "
		  "\"cni.dev/attachments\": ["
		  "{\"containerID\": \"c1\", \"ifname\": \"eth0\"}, 7]}");
	assert_null(r.error);
	assert_int_equal(r.request.n_valid, 2);
	assert_string_equal(r.request.valid[0].container, "c1");
	assert_string_equal(r.request.valid[1].container, "");
	end(&r);
}

/* Each beginning of a text is an error, and no more. */
static void cut_texts(void **state)
{
	static const char text[] =
		"{\"cniVersion\": \"1.1.0\", \"name\": \"net\", \"ipam\": {\"type\": "
		"\"ipvl\", \"pool\": \"lan\"}, \"runtimeConfig\": {\"ips\": "
		"[\"10.0.0.9\"]}}";

	(void)state;
	for (size_t n = 0; n < strlen(text); n++) {
		char *cut = xstrndup(text, n);
		struct read r;

		read_text(&r, usual, cut);
		assert_non_null(r.error);
		assert_int_equal(r.error->code, CNI_NOT_JSON);
		end(&r);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys),       cmocka_unit_test(empty_values),
		cmocka_unit_test(ipam_of_others), cmocka_unit_test(del_of_little),
		cmocka_unit_test(gc_lists),       cmocka_unit_test(cut_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
