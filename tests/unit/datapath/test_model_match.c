/* Which device a master with `match` is: what fits, and which of several is chosen. */
#include "build.h"

#include "datapath/model_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEVICES 8

struct host {
	struct arena *a;
	struct model_match match;
	struct model_match_device devices[MAX_DEVICES];
	size_t n;
};

static int setup(void **state)
{
	struct host *h = calloc(1, sizeof(*h));

	h->a = arena_new();
	h->match = model_match_none();
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct host *h = *state;

	arena_free(h->a);
	free(h);
	return 0;
}

/* 'last': of its MAC address, 02:00:00:00:00:LAST. */
static struct model_match_device *add(struct host *h, const char *name, const char *kind,
				      uint8_t last)
{
	struct model_match_device *d = &h->devices[h->n++];

	assert_true(h->n <= MAX_DEVICES);
	*d = (struct model_match_device){.name = name,
					 .kind = kind,
					 .mac = {2, 0, 0, 0, 0, last},
					 .bus = "",
					 .parent = "",
					 .is_usable = true};
	return d;
}

static void give_route(struct model_match_device *d, bool is_ipv6, uint32_t metric)
{
	d->has_route = true;
	d->route_order = model_match_route_order(is_ipv6, metric);
}

/* The name of the device, or the candidates in brackets; ", but NAME" if the default route is
 * by another. */
static void expect(struct host *h, const char *expected)
{
	struct model_match_choice c =
		model_match_choose(h->a, &h->match, h->devices, h->n);
	char text[128];

	if (c.device == MODEL_MATCH_NO_DEVICE)
		snprintf(text, sizeof(text), "[%s]", c.candidates);
	else
		snprintf(text, sizeof(text), "%s%s%s", h->devices[c.device].name,
			 c.other == MODEL_MATCH_NO_DEVICE ? "" : ", but ",
			 c.other == MODEL_MATCH_NO_DEVICE ? ""
							  : h->devices[c.other].name);
	assert_string_equal(text, expected);
}

static void by_name(void **state)
{
	struct host *h = *state;

	h->match.name = "en[op]*";
	expect(h, "[]");
	add(h, "eth0", "", 1);
	expect(h, "[]");
	add(h, "enp7s0", "", 2);
	expect(h, "enp7s0");
	add(h, "eno1", "", 3);
	expect(h, "[eno1 and enp7s0]");
	add(h, "enp8s0", "", 4);
	expect(h, "[eno1, enp7s0 and enp8s0]");
	h->match.mac = "02:00:00:00:00:03";
	expect(h, "eno1");
	h->match.mac = "02:00:00:00:00:01";
	expect(h, "[]");
}

/* A VLAN, a bridge and a bond have the address of the device below, or of a port. */
static void by_mac(void **state)
{
	struct host *h = *state;

	h->match.mac = "02:00:00:00:00:01";
	add(h, "br0", "bridge", 1);
	expect(h, "br0");
	add(h, "eth0.5", "vlan", 1);
	expect(h, "[br0 and eth0.5]");
	add(h, "v0", "veth", 1);
	expect(h, "v0");
	/* That of another card now; made with this one. */
	add(h, "eth0", "", 9);
	h->devices[3].has_permanent_mac = true;
	h->devices[3].permanent_mac[0] = 2;
	h->devices[3].permanent_mac[5] = 1;
	expect(h, "eth0");
	/* Made with another. */
	h->devices[3].mac[5] = 1;
	h->devices[3].permanent_mac[5] = 9;
	expect(h, "v0");
}

static void by_path(void **state)
{
	struct host *h = *state;

	h->match.path = "0000:02:00.0";
	add(h, "d0", "dummy", 1);
	add(h, "eth0", "", 2)->parent = "0000:02:00.0";
	h->devices[1].bus = "pci";
	add(h, "eth1", "", 3)->parent = "0000:02:00.1";
	h->devices[2].bus = "pci";
	expect(h, "eth0");
	h->match.path = "pci-0000:02:00.1";
	expect(h, "eth1");
	h->match.path = "pci-0000:02:*";
	expect(h, "[eth0 and eth1]");
	h->match.path = "usb-*";
	expect(h, "[]");
}

static void by_default_route(void **state)
{
	struct host *h = *state;
	struct model_match_device *eth0, *eth1;

	h->match.default_route = true;
	eth0 = add(h, "eth0", "", 1);
	eth1 = add(h, "eth1", "", 2);
	expect(h, "[]");
	give_route(eth1, true, 0);
	expect(h, "eth1");
	/* 0 of IPv6 is 1024. */
	give_route(eth0, true, 1023);
	expect(h, "eth0");
	give_route(eth1, false, 2000);
	expect(h, "eth1");
	give_route(eth0, false, 2000);
	expect(h, "[eth0 and eth1]");
	h->match.name = "eth1";
	expect(h, "eth1");
}

static void slaves_keep_their_device(void **state)
{
	struct host *h = *state;
	struct model_match_device *eth1;

	h->match.mac = "02:00:00:00:00:01";
	add(h, "eth0", "", 1);
	eth1 = add(h, "eth1", "vlan", 1);
	eth1->n_carried = 1;
	expect(h, "eth1");
	eth1->is_usable = false;
	expect(h, "eth1");
	h->devices[0].n_carried = 2;
	expect(h, "eth0");
	eth1->n_carried = 2;
	expect(h, "eth0");
	/* It does not fit any more. */
	h->devices[0].mac[5] = 7;
	expect(h, "eth1");
}

/* They leave it only if it carries no traffic, and another does. */
static void slaves_outlast_a_default_route(void **state)
{
	struct host *h = *state;
	struct model_match_device *eth0, *eth1;

	h->match.default_route = true;
	eth0 = add(h, "eth0", "", 1);
	eth1 = add(h, "eth1", "", 2);
	eth0->n_carried = 1;
	expect(h, "eth0");
	give_route(eth1, false, 100);
	expect(h, "eth0, but eth1");
	give_route(eth0, false, 200);
	expect(h, "eth0, but eth1");
	give_route(eth0, false, 100);
	expect(h, "eth0");
	eth0->has_route = false;
	eth1->is_usable = false;
	eth0->is_usable = false;
	expect(h, "eth0, but eth1");
	eth1->is_usable = true;
	expect(h, "eth1");
	eth1->has_route = false;
	expect(h, "eth0");
}

static void texts(void **state)
{
	struct host *h = *state;
	struct model_match other = model_match_none();

	assert_false(model_match_is_set(&h->match));
	assert_string_equal(model_match_text(h->a, &h->match), "");
	assert_true(model_match_set(&h->match, "default-route", "true"));
	assert_true(model_match_set(&h->match, "name", "en*"));
	assert_false(model_match_set(&h->match, "driver", "e1000"));
	assert_true(model_match_is_set(&h->match));
	assert_string_equal(model_match_text(h->a, &h->match),
			    "name: en*, default-route: true");
	assert_string_equal(model_match_get(&h->match, "path"), "");
	assert_false(model_match_equals(&h->match, &other));
	other.name = "en*";
	assert_false(model_match_equals(&h->match, &other));
	other.default_route = true;
	assert_true(model_match_equals(&h->match, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(by_mac, setup, teardown),
		cmocka_unit_test_setup_teardown(by_path, setup, teardown),
		cmocka_unit_test_setup_teardown(by_default_route, setup, teardown),
		cmocka_unit_test_setup_teardown(slaves_keep_their_device, setup,
						teardown),
		cmocka_unit_test_setup_teardown(slaves_outlast_a_default_route, setup,
						teardown),
		cmocka_unit_test_setup_teardown(texts, setup, teardown),
	};

	return cmocka_run_group_tests_name("model_match", tests, NULL, NULL);
}
