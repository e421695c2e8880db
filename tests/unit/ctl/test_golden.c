/* What people see of the commands that print tables, at 80, 120 and 200 columns, and the
 * formats of `show`, held against files: tests/unit/ctl/golden, and docs/images/show.svg,
 * which is the picture of the documentation. --update writes them. */
#include "world.h"

#include "ctl/commands/cmd.h"
#include "ctl/output/display.h"
#include "ctl/session/naming.h"
#include "ctl/text/show_select.h"
#include "ctl/text/traffic.h"
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool is_update;

/* A host as in the documentation: something is wrong, in each way. */
static void fill_cards(struct world *w)
{
	world_run(w, "add-master|eno2|mode=l2");
	world_run(w, "add-slave|eno2|ns1/ipvl1|addresses=10.138.36.2/23,2001:db8::2/64|"
		     "routes=0.0.0.0/0");
	world_run(w, "add-slave|eno2|ns2/ipvl2|addresses=10.138.36.3/23|"
		     "routes=default via 10.138.36.1|nameservers=10.3.3.3|"
		     "search=example.net");
	world_run(w, "add-slave|eno2|lab7/eth0|addresses=10.138.36.9/23");
	world_run(w, "add-slave|eno2|shim0|addresses=10.138.36.250/32|host_access=true");
	world_status(w, "Master", "eno2",
		     "state=ready|link_state=up|link_mtu=1500|mac=bb:6b:8c:89:88:22");
	world_status(w, "Slave", "ipvl1", "state=ready|link_state=up");
	world_status(w, "Slave", "ipvl2", "state=ready|link_state=up");
	world_status(w, "Slave", "shim0", "state=ready|link_state=up");
	world_status(
		w, "Slave", "lab7/eth0",
		"state=conflict|message=lab7 already has a veth called eth0 that ipvl "
		"did not make: rename or remove it");
}

static void fill_vlan(struct world *w)
{
	world_run(w, "add-master|eno3.100|mode=l3s|vlan_link=eno3|vlan_id=100");
	world_run(w, "add-slave|eno3.100|ns1/backup|addresses=192.0.2.2/24|mtu=9000");
	world_run(w, "add-slave|eno3.100|blue/ipvl3|addresses=192.0.2.3/24");
	world_run(w, "add-slave|eno3.100|old/ipvl4|addresses=192.0.2.4/24|enabled=false");
	world_status(w, "Master", "eno3.100",
		     "state=ready|link_state=up|link_mtu=1400|mac=bb:6b:8c:89:88:23");
	world_status(w, "Slave", "backup",
		     "state=ready|link_state=up|warnings=[\"mtu 9000 is above eno3.100's "
		     "1400: longer packets are lost; `set-master eno3.100 mtu=9000` or "
		     "leave it out\"]");
	world_status(w, "Slave", "ipvl3",
		     "state=waiting|message=waiting for the namespace blue to appear");
	world_status(w, "Slave", "ipvl4", "state=disabled");
	world_run(w, "add-master|wlan0|mode=l2|flag=private");
	world_status(w, "Master", "wlan0",
		     "state=waiting|message=waiting for wlan0 to appear");
}

static void fill(struct world *w)
{
	fill_cards(w);
	fill_vlan(w);
	world_status(w, "Host", ".", "version=0.1.0|kernel=6.1.0|cur_cfg=0");
	world_declare(w, "ns1/ipvl1", "/etc/ipvl/lab.yaml");
	world_drift(
		w, 1790000000000,
		"object=ns1/ipvl1|found=address 10.138.36.2/23 removed|actor=`ip` (pid "
		"4711, uid 0)|done=back|took_ms=3|count=2");
	world_drift(
		w, 1790000060000,
		"object=eno2|found=mode l2 -> l3 by a new slave tmp0 in the host, which "
		"is not ours|done=back|took_ms=2|count=1");
}

static void compare(const char *folder, const char *file, const char *text)
{
	CLEANUP(freep) char *path = xasprintf("%s/%s", folder, file);
	CLEANUP(freep) char *right = NULL;
	FILE *f = fopen(path, is_update ? "w" : "r");
	size_t size = 0;

	if (!f)
		fail_msg("%s cannot be opened; --update writes it", path);
	if (is_update) {
		fputs(text, f);
		assert_int_equal(fclose(f), 0);
		return;
	}
	if (getdelim(&right, &size, '\0', f) < 0)
		right = xstrdup("");
	fclose(f);
	expect_text(text, right);
}

static void expect_fit(const char *line, char *text, size_t width)
{
	char *rest = text, *one;

	while ((one = strsep(&rest, "\n"))) {
		if (display_width(one) > width)
			fail_msg("%s is wider than %zu: %s", line, width, one);
	}
}

static void test_widths(void **state)
{
	static const struct {
		const char *file, *line;
		enum format format;
	} cases[] = {
		{"show.txt", "show", FORMAT_DEFAULT},
		{"show-one.txt", "show|ns1/ipvl1", FORMAT_DEFAULT},
		{"show-netns.txt", "show|ns1/", FORMAT_DEFAULT},
		{"show-not-ready.txt", "show|--not-ready", FORMAT_DEFAULT},
		{"status.txt", "status", FORMAT_DEFAULT},
		{"drift.txt", "drift", FORMAT_DEFAULT},
		{"list-masters.txt", "list-masters", FORMAT_DEFAULT},
		{"list-slaves.txt", "list-slaves", FORMAT_DEFAULT},
		{"list.txt",
		 "list|Slave|--columns=netns,name,addresses,routes,state,message",
		 FORMAT_TABLE},
		{"find.txt",
		 "find|Slave|state{in}conflict,waiting|--columns=name,message",
		 FORMAT_TABLE},
		{"sources.txt", "sources", FORMAT_DEFAULT},
		{"explain.txt", "explain", FORMAT_DEFAULT},
	};
	static const size_t widths[] = {80, 120, 200};
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	world_run(&w, "add-slave|eno2|日本語/名前|addresses=10.138.36.77/23");
	world_status(&w, "Slave", "名前", "state=waiting|message=日本語を待っています");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buffer_clearp) struct buffer all = {0};

		w.ctx.options.format = cases[i].format;
		for (size_t k = 0; k < ARRAY_SIZE(widths); k++) {
			CLEANUP(freep)
			char *heading = xasprintf("== %zu columns\n", widths[k]);

			w.ctx.width = widths[k];
			buffer_puts(&all, heading);
			buffer_puts(&all, world_run(&w, cases[i].line));
			expect_fit(cases[i].line, w.out, widths[k]);
		}
		compare(GOLDEN, cases[i].file, all.data);
	}
	world_clear(&w);
}

/* A report as ipvld makes it (tests/unit/reconciler/test_doctor.c has the findings). */
static void test_doctor(void **state)
{
	static const char report[] =
		"{\"findings\": ["
		"{\"topic\": \"kernel\", \"level\": \"warning\", \"text\": "
		"\"CVE-2025-22103 in "
		"Linux 6.1.187: a packet that arrives while the last slave leaves l3s, "
		"deleted "
		"or by a change of the mode, can crash the kernel\", \"cure\": \"update "
		"to Linux "
		"6.1.188; until then, set the master down before you change its mode or "
		"delete "
		"its slaves\"},"
		"{\"topic\": \"module\", \"level\": \"ok\", \"text\": \"ipvlan can be "
		"used\", "
		"\"cure\": \"\"},"
		"{\"topic\": \"privileges\", \"level\": \"note\", \"text\": \"ipvld "
		"lacks "
		"CAP_SYS_NICE: drift may not name the process behind it\", \"cure\": "
		"\"compare "
		"the unit with the one of ipvl: `systemctl cat ipvld` "
		"(CapabilityBoundingSet=)\"},"
		"{\"topic\": \"masters\", \"level\": \"error\", \"text\": \"eth0 is in "
		"use by br0, "
		"a bridge: the kernel allows no ipvlan on it\", \"cure\": \"take it away "
		"from "
		"there, or use that device, or a VLAN, as the master\"}]}";
	static const size_t widths[] = {80, 120, 200};
	CLEANUP(buffer_clearp) struct buffer all = {0};
	CLEANUP(json_freep) struct json_object *result = NULL;
	struct world w;

	(void)state;
	assert_null(json_parse(report, strlen(report), &result));
	world_init(&w);
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		CLEANUP(freep) char *heading = xasprintf("== %zu columns\n", widths[i]);
		CLEANUP(freep) char *text = NULL;

		w.ctx.width = widths[i];
		context_begin(&w.ctx);
		cmd_doctor_print(&w.ctx, result);
		fflush(w.ctx.out);
		text = xstrdup(w.ctx.out_text);
		context_end(&w.ctx);
		buffer_puts(&all, heading);
		buffer_puts(&all, text);
		expect_fit("doctor", text, widths[i]);
	}
	compare(GOLDEN, "doctor.txt", all.data);
	world_clear(&w);
}

/* Of the row 'record', whose counters are multiples of 'n'. */
static char *links(struct world *w, const char *table, const char *record,
		   unsigned long long n)
{
	char uuid[UUID_TEXT_BYTES];
	struct row *r;

	assert_null(naming_find(&w->ctx, db_table(w->db, table), record, &r));
	uuid_format(row_uuid(r), uuid);
	return xasprintf(
		"{\"_uuid\": \"%s\", \"rx_bytes\": %llu, \"rx_packets\": %llu, "
		"\"tx_bytes\": %llu, \"tx_packets\": %llu, \"tx_dropped\": %llu}",
		uuid, 1500 * n, n, 64 * n, n / 3, n / 1000);
}

/* A second after the last, with 'n' times as much. */
static struct traffic *reading(struct world *w, unsigned int n)
{
	CLEANUP(freep) char *eno2 = links(w, "Master", "eno2", 900001ull * n);
	CLEANUP(freep) char *ipvl1 = links(w, "Slave", "ipvl1", 700ull * n);
	CLEANUP(freep) char *ipvl2 = links(w, "Slave", "ipvl2", 0);
	CLEANUP(freep) char *wide = links(w, "Slave", "名前", 123456789ull * n);
	CLEANUP(freep)
	char *text = xasprintf("{\"time\": %u, \"links\": [%s, %s, %s, %s]}", 1000 * n,
			       eno2, ipvl1, ipvl2, wide);
	CLEANUP(json_freep) struct json_object *reply = NULL;
	struct traffic *t;

	assert_null(json_parse(text, strlen(text), &reply));
	assert_null(traffic_parse(reply, &t));
	return t;
}

/* `top` asks the daemon; these are its rates of a second. */
static void test_top(void **state)
{
	static const size_t widths[] = {80, 120, 200};
	CLEANUP(buffer_clearp) struct buffer all = {0};
	struct traffic *before, *now;
	struct shown *shown;
	struct world w;
	size_t n;

	(void)state;
	world_init(&w);
	fill(&w);
	world_run(&w, "add-slave|eno2|/run/somewhere/a-namespace-with-a-long-name-of-a-"
		      "cluster/of-which-there-are-many/名前|addresses=10.138.36.77/23");
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		CLEANUP(freep) char *heading = xasprintf("== %zu columns\n", widths[i]);
		CLEANUP(freep) char *text = NULL;

		w.ctx.width = widths[i];
		context_begin(&w.ctx);
		before = reading(&w, 1);
		now = reading(&w, 2);
		assert_null(show_select(&w.ctx, NULL, 0, &shown, &n));
		cmd_top_print(&w.ctx, before, now, shown, n);
		fflush(w.ctx.out);
		text = xstrdup(w.ctx.out_text);
		context_end(&w.ctx);
		traffic_free(before);
		traffic_free(now);
		buffer_puts(&all, heading);
		buffer_puts(&all, text);
		expect_fit("top", text, widths[i]);
	}
	compare(GOLDEN, "top.txt", all.data);
	world_clear(&w);
}

static void test_formats(void **state)
{
	static const struct {
		const char *folder, *file;
		enum format format;
	} cases[] = {
		{GOLDEN, "show.csv", FORMAT_CSV},
		{GOLDEN, "show.list", FORMAT_LIST},
		{GOLDEN, "show.dot", FORMAT_DOT},
		{IMAGES, "show.svg", FORMAT_SVG},
	};
	struct world w;

	(void)state;
	world_init(&w);
	fill(&w);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		w.ctx.options.format = cases[i].format;
		/* The width of a terminal changes nothing. */
		w.ctx.width = 20 * i;
		compare(cases[i].folder, cases[i].file, world_run(&w, "show"));
	}
	world_clear(&w);
}

/* Without rows, and with names that are no XML and no dot. */
static void test_odd_pictures(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	w.ctx.options.format = FORMAT_SVG;
	assert_non_null(strstr(world_run(&w, "show"), ">no masters</text>"));
	w.ctx.options.format = FORMAT_DOT;
	assert_non_null(strstr(world_run(&w, "show"), "graph ipvl {"));
	w.ctx.options.format = FORMAT_DEFAULT;
	world_run(&w, "add-master|e<&\">|mode=l2");
	world_run(&w, "add-slave|e<&\">|a/b\\\"c");
	world_status(&w, "Slave", "a/b\\\"c", "state=error|message=\"a\\u0001\\nb\"");
	w.ctx.options.format = FORMAT_DOT;
	assert_non_null(strstr(world_run(&w, "show"), "\"slave a/b\\\\\\\"c\""));
	w.ctx.options.format = FORMAT_SVG;
	assert_non_null(strstr(world_run(&w, "show"), ">e&lt;&amp;&quot;&gt;</text>"));
	assert_non_null(strstr(w.out, ">a??b</text>"));
	world_clear(&w);
}

static void test_not_ready(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	world_run(&w, "add-master|eno2|mode=l2");
	world_run(&w, "add-slave|eno2|a|netns=n|addresses=10.0.0.2/24");
	world_run(&w, "add-slave|eno2|b|netns=n|addresses=10.0.0.3/24");
	world_status(&w, "Master", "eno2", "state=ready|link_state=up");
	world_status(&w, "Slave", "a", "state=ready|link_state=up");
	world_status(&w, "Slave", "b", "state=disabled");
	expect_text(world_run(&w, "show|--not-ready"), "everything is ready\n");
	world_status(&w, "Slave", "a", "state=drifted");
	assert_non_null(strstr(world_run(&w, "show|--not-ready"), "\n  n/a"));
	assert_null(strstr(w.out, "n/b"));
	assert_non_null(strstr(world_run(&w, "status"), "\n  n/a "));
	/* That it differs is what was asked for. */
	world_run(&w, "set-slave|a|drift=ignore");
	expect_text(world_run(&w, "show|--not-ready"), "everything is ready\n");
	assert_null(strstr(world_run(&w, "status"), "\n  n/a "));
	world_status(&w, "Slave", "a", "state=error|message=x");
	assert_non_null(strstr(world_run(&w, "status"), "\n  n/a "));
	world_status(&w, "Slave", "a", "state=drifted");
	w.ctx.options.format = FORMAT_JSON;
	expect_text(world_run(&w, "show|--not-ready"), "[]\n");
	world_clear(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_widths),    cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_formats),   cmocka_unit_test(test_odd_pictures),
		cmocka_unit_test(test_not_ready), cmocka_unit_test(test_top),
	};

	is_update = argc == 2 && !strcmp(argv[1], "--update");
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
