/* lib/hash: the function is SipHash-1-3, and its key another one in every process. */
#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* PYTHONHASHSEED=0 python3.11 -c 'print(hex(hash(b"abc") & (1 << 64) - 1))', which is
 * SipHash-1-3 with a key of zeros (sys.hash_info.algorithm). */
static void is_siphash(void **state)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} cases[] = {
		{"abc", 0xc03bc3a0042630f2u},
		{"abcdefgh", 0x3f7b849c0b8e35eau},
		{"0123456789abcdef0", 0xf738bb4f30801228u},
		{"0123456789abcdef0123456", 0x248e5de96262a07du},
	};
	static const struct hash_key zeros;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_true(hash_bytes_by_key(cases[i].text, strlen(cases[i].text),
					      &zeros) == cases[i].hash);
}

static void seeds_differ(void **state)
{
	(void)state;
	assert_true(hash_bytes("abc", 3, 0) == hash_bytes("abc", 3, 0));
	assert_true(hash_bytes("abc", 3, 0) != hash_bytes("abc", 3, 1));
	assert_true(hash_bytes("", 0, 0) != hash_bytes("\0", 1, 0));
}

static void print_hashes(void)
{
	unsigned int of_table;

	HASH_VALUE("eth0", 4, of_table);
	printf("%" PRIx64 " %x\n", hash_bytes("eth0", 4, 0), of_table);
}

/* What another process of this program prints. */
static void ask_another(uint64_t *ret_hash, unsigned int *ret_of_table)
{
	FILE *other = popen("exec \"$SELF\" --print-hashes", "r");

	assert_non_null(other);
	assert_int_equal(fscanf(other, "%" SCNx64 " %x", ret_hash, ret_of_table), 2);
	assert_int_equal(pclose(other), 0);
}

static void another_process_has_another_key(void **state)
{
	uint64_t hash;
	unsigned int of_table, mine;

	(void)state;
	HASH_VALUE("eth0", 4, mine);
	ask_another(&hash, &of_table);
	assert_true(hash != hash_bytes("eth0", 4, 0));
	if (of_table == mine) /* one in four billion times */
		ask_another(&hash, &of_table);
	assert_true(of_table != mine);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_siphash),
		cmocka_unit_test(seeds_differ),
		cmocka_unit_test(another_process_has_another_key),
	};

	if (argc > 1 && !strcmp(argv[1], "--print-hashes")) {
		print_hashes();
		return 0;
	}
	setenv("SELF", argv[0], 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
