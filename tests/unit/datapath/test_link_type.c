/* Link types: the plug-ins of the build, and what the table of types refuses. */
#include "build.h"

#include "datapath/link_type.h"
#include "datapath/plugin.h"
#include "lib/alloc.h"

#include <string.h>

static const struct link_type *need(const char *name)
{
	const struct link_type *t = link_type_find(name);

	assert_non_null(t);
	return t;
}

static void finds_plugins_when_they_are_named(void **state)
{
	(void)state;
	assert_ptr_equal(need("ipvlan"), &link_type_ipvlan);
	assert_null(link_type_find_kind("macvlan"));
	assert_string_equal(need("macvlan")->kind, "macvlan");
	assert_string_equal(need("ipvtap")->kind, "ipvtap");
	assert_ptr_equal(link_type_find_kind("macvlan"), need("macvlan"));
	assert_null(link_type_find("macvaln"));
	assert_null(link_type_find_kind(""));
}

/* What is encoded for each mode that it has is decoded to the same. */
static void decodes_what_it_encodes(void **state)
{
	static const char *const names[] = {"ipvlan", "ipvtap", "macvlan"};
	static const uint8_t modes[] = {MODEL_MODE_L2, MODEL_MODE_L3, MODEL_MODE_L3S,
					MODEL_MODE_PASSTHRU};
	unsigned int n_modes = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names) * ARRAY_SIZE(modes) * 3; i++) {
		const struct link_type *t = need(names[i % 3]);
		struct link_mode m = {modes[i / 3 % 4], (uint8_t)(i / 12)}, back = {0};
		struct link_attr attrs[LINK_TYPE_MAX_ATTRS];
		size_t n;

		if (t->refuse(m))
			continue;
		n = t->encode(m, attrs);
		assert_true(n && n <= LINK_TYPE_MAX_ATTRS);
		while (n-- > 0)
			t->decode(&attrs[n], &back);
		assert_int_equal(back.mode, m.mode);
		assert_int_equal(back.flag, m.flag);
		n_modes++;
	}
	assert_int_equal(n_modes, 9 + 9 + 4);
}

static void macvlan_has_its_modes(void **state)
{
	const struct link_type *t = need("macvlan");
	struct link_mode bridge = {MODEL_MODE_L2, MODEL_FLAG_BRIDGE};
	struct link_mode vepa = {MODEL_MODE_L2, MODEL_FLAG_VEPA};
	struct link_mode passthru = {MODEL_MODE_PASSTHRU, MODEL_FLAG_BRIDGE};
	struct link_mode l3 = {MODEL_MODE_L3, MODEL_FLAG_BRIDGE};

	(void)state;
	assert_non_null(t->refuse(l3));
	assert_null(t->refuse(passthru));
	passthru.flag = MODEL_FLAG_VEPA;
	assert_non_null(t->refuse(passthru));
	passthru.flag = MODEL_FLAG_BRIDGE;
	assert_true(t->can_change(bridge, vepa));
	assert_false(t->can_change(bridge, passthru));
	assert_false(t->can_change(passthru, bridge));
	assert_true(t->can_share(bridge, vepa));
	assert_false(t->can_share(bridge, passthru));
	assert_false(t->can_share(passthru, passthru));
}

static void knows_families(void **state)
{
	(void)state;
	assert_string_equal(link_type_family("macvtap"), "macvlan");
	assert_string_equal(link_type_family("ipvtap"), "ipvlan");
	assert_null(link_type_family("vlan"));
	assert_null(link_type_family(""));
	assert_true(link_type_is_sibling(&link_type_ipvlan, "ipvtap"));
	assert_false(link_type_is_sibling(&link_type_ipvlan, "macvlan"));
	assert_true(link_type_is_sibling(need("macvlan"), "macvtap"));
}

static bool has_wrong_arp(const struct link_type *t, uint8_t mode, bool is_up,
			  bool is_noarp)
{
	struct model_slave have = model_slave_named("", "a");

	have.seen.mode = mode;
	have.seen.is_up = is_up;
	have.seen.is_noarp = is_noarp;
	return link_type_has_wrong_arp(t, &have);
}

/* kernel.md 38. */
static void knows_which_modes_have_arp(void **state)
{
	const struct link_type *macvlan = need("macvlan");

	(void)state;
	for (uint8_t mode = MODEL_MODE_L2; mode <= MODEL_MODE_L3S; mode++) {
		bool is_l2 = mode == MODEL_MODE_L2;

		assert_int_equal(link_type_lacks_arp(need("ipvtap"), mode), !is_l2);
		assert_int_equal(has_wrong_arp(need("ipvtap"), mode, true, true), is_l2);
		assert_int_equal(has_wrong_arp(need("ipvtap"), mode, true, false),
				 !is_l2);
		assert_false(has_wrong_arp(need("ipvtap"), mode, false, is_l2));
	}
	/* A mode of a later kernel. */
	assert_false(has_wrong_arp(&link_type_ipvlan, 7, true, true));
	assert_false(has_wrong_arp(&link_type_ipvlan, 7, true, false));
	assert_false(link_type_lacks_arp(macvlan, MODEL_MODE_PASSTHRU));
	assert_true(has_wrong_arp(macvlan, MODEL_MODE_PASSTHRU, false, true));
	assert_false(has_wrong_arp(macvlan, MODEL_MODE_L2, true, false));
}

static void own_mac(uint32_t mark, const char *netns, const char *name,
		    uint8_t ret_mac[6])
{
	const struct model_master m = {
		.type = need("macvlan"), .netns = "", .name = "eth0"};
	const struct model_slave s = {.netns = netns, .name = name};

	assert_true(link_type_own_mac(&m, &s, mark, ret_mac));
}

/* The same for the same names, and for others another: also where one could run into the next. */
static void gives_stable_macs(void **state)
{
	uint8_t mac[6], other[6];

	(void)state;
	own_mac(7, "ns1", "a", mac);
	own_mac(7, "ns1", "a", other);
	assert_memory_equal(mac, other, 6);
	assert_int_equal(mac[0] & 3, 2); /* locally administered, no multicast */
	own_mac(7, "ns", "1a", other);
	assert_memory_not_equal(mac, other, 6);
	own_mac(7, "ns1", "b", other);
	assert_memory_not_equal(mac, other, 6);
	own_mac(8, "ns1", "a", other);
	assert_memory_not_equal(mac, other, 6);
}

/* An ipvlan, and a macvlan in mode passthru. */
static void leaves_the_master_s_mac(void **state)
{
	const struct model_slave s = {.netns = "ns1", .name = "a"};
	struct model_master m = {.netns = "", .name = "eth0"};
	uint8_t mac[6];

	(void)state;
	assert_false(link_type_own_mac(&m, &s, 7, mac));
	m.type = need("macvlan");
	m.mode = MODEL_MODE_PASSTHRU;
	assert_false(link_type_own_mac(&m, &s, 7, mac));
}

static void refuses(const struct link_type *t, enum err_code code, const char *part)
{
	struct err *e = link_type_add(t);

	assert_non_null(e);
	assert_int_equal(e->code, code);
	assert_non_null(strstr(e->message, part));
	err_free(e);
}

static void refuses_what_does_not_fit(void **state)
{
	struct link_type t = *need("macvlan");

	(void)state;
	t.id.name = "mine";
	refuses(&t, ERR_EXISTS, "of kind macvlan");
	t.kind = "mine";
	t.id.abi = 4711;
	refuses(&t, ERR_UNSUPPORTED, "ABI 4711");
	t.id.abi = LINK_TYPE_ABI;
	t.id.size = 8;
	refuses(&t, ERR_UNSUPPORTED, "8 bytes");
	t.id.size = sizeof(t);
	t.standard.mode = MODEL_MODE_L3;
	refuses(&t, ERR_UNSUPPORTED, "its own standard");
	t.decode = NULL;
	refuses(&t, ERR_UNSUPPORTED, "incomplete");
}

/* Last: they stay. */
static void takes_so_many_and_no_more(void **state)
{
	static struct link_type types[64];
	struct err *e = NULL;

	(void)state;
	for (size_t i = 0; !e && i < ARRAY_SIZE(types); i++) {
		types[i] = *need("macvlan");
		types[i].id.name = types[i].kind = xasprintf("kind%zu", i);
		e = link_type_add(&types[i]);
	}
	assert_non_null(e);
	assert_int_equal(e->code, ERR_LIMIT);
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_plugins_when_they_are_named),
		cmocka_unit_test(decodes_what_it_encodes),
		cmocka_unit_test(macvlan_has_its_modes),
		cmocka_unit_test(knows_families),
		cmocka_unit_test(knows_which_modes_have_arp),
		cmocka_unit_test(gives_stable_macs),
		cmocka_unit_test(leaves_the_master_s_mac),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(takes_so_many_and_no_more),
	};

	plugin_use(plugin_folder(""));
	return cmocka_run_group_tests_name("link_type", tests, NULL, NULL);
}
