/* ovsdb-lite/uuid: text, order, randomness; and the hashes of UUIDs and atoms. */
#include "lib/alloc.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/values/uuid.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void text_and_back(void **state)
{
	struct uuid u;
	char buf[UUID_TEXT_BYTES];

	(void)state;
	assert_true(uuid_parse("00112233-4455-6677-8899-AABBCCddeeff", &u));
	assert_int_equal(u.bytes[0], 0x00);
	assert_int_equal(u.bytes[1], 0x11);
	assert_int_equal(u.bytes[15], 0xff);
	assert_string_equal(uuid_format(&u, buf), "00112233-4455-6677-8899-aabbccddeeff");
}

static void refuses_what_is_no_uuid(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"00112233445566778899aabbccddeeff",
		"00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeefff",
		"00112233-4455-6677-8899-aabbccddeef ",
		" 0112233-4455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899-aabbccddeefg",
		"001122334-455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899_aabbccddeeff",
		"0x112233-4455-6677-8899-aabbccddeeff",
		"{0112233-4455-6677-8899-aabbccddeef}",
		"00112233-4455-6677-8899-aabbccddee\xc3\xa4",
	};
	struct uuid u = {.bytes = {42}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (uuid_parse(bad[i], &u))
			fail_msg("\"%s\" was taken", bad[i]);
	}
	assert_int_equal(u.bytes[0], 42); /* written only on success */
}

static void order_and_zero(void **state)
{
	struct uuid zero = {0}, one = {.bytes = {[15] = 1}}, high = {.bytes = {0x80}};

	(void)state;
	assert_true(uuid_is_zero(&zero));
	assert_false(uuid_is_zero(&one));
	assert_true(uuid_equals(&one, &one));
	assert_false(uuid_equals(&one, &high));
	assert_true(uuid_cmp(&one, &high) < 0);
	assert_true(uuid_cmp(&high, &one) > 0);
	assert_int_equal(uuid_cmp(&high, &high), 0);
}

static void random_ones_are_version_4(void **state)
{
	struct uuid a = uuid_random(), b = uuid_random();

	(void)state;
	assert_false(uuid_equals(&a, &b));
	assert_int_equal(a.bytes[6] >> 4, 4);
	assert_int_equal(a.bytes[8] >> 6, 2);
}

static void child_draws_its_own(void **state)
{
	struct uuid before = uuid_random(), of_child, of_parent;
	int fds[2], status;
	pid_t child;

	(void)state;
	(void)before; /* so that there is something left to deal out */
	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		of_child = uuid_random();
		_exit(write(fds[1], &of_child, sizeof(of_child)) != sizeof(of_child));
	}
	of_parent = uuid_random();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read(fds[0], &of_child, sizeof(of_child)), sizeof(of_child));
	assert_false(uuid_equals(&of_child, &of_parent));
	close(fds[0]);
	close(fds[1]);
}

static void many_differ(void **state)
{
	struct uuid all[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		all[i] = uuid_random();
		for (size_t j = 0; j < i; j++)
			assert_false(uuid_equals(&all[i], &all[j]));
	}
}

static int cmp_hashes(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

#define N_CHOSEN 10000

/* Clients may choose UUIDs. These all had one hash when it was a product of their halves
 * with a known number, and an insert took as long as there were rows. */
static void chosen_ones_do_not_collide(void **state)
{
	uint32_t *hashes = xcalloc(N_CHOSEN, sizeof(*hashes));
	size_t n_distinct = 1;

	(void)state;
	for (uint64_t i = 0; i < N_CHOSEN; i++) {
		uint64_t halves[2] = {i * 0x9e3779b97f4a7c15u, i};
		struct uuid u;

		memcpy(u.bytes, halves, sizeof(u.bytes));
		hashes[i] = uuid_hash(&u);
	}
	qsort(hashes, N_CHOSEN, sizeof(*hashes), cmp_hashes);
	for (size_t i = 1; i < N_CHOSEN; i++)
		n_distinct += hashes[i] != hashes[i - 1];
	/* Of so many 32-bit numbers by chance one in a hundred runs has two equal. */
	assert_true(n_distinct > N_CHOSEN - 5);
	free(hashes);
}

/* What another process of this program prints. */
static void ask_another(uint32_t *ret_uuid, uint32_t *ret_string)
{
	FILE *other = popen("exec \"$SELF\" --print-hashes", "r");

	assert_non_null(other);
	assert_int_equal(fscanf(other, "%" SCNx32 " %" SCNx32, ret_uuid, ret_string), 2);
	assert_int_equal(pclose(other), 0);
}

static uint32_t hash_of_eth0(void)
{
	char text[] = "eth0";

	return atom_hash(&(union atom){.string = text}, ATOM_STRING, 0);
}

/* Nor can somebody search for UUIDs and index keys that do. */
static void another_process_hashes_otherwise(void **state)
{
	const struct uuid u = {.bytes = {1}};
	uint32_t uuid, string;

	(void)state;
	ask_another(&uuid, &string);
	if (uuid == uuid_hash(&u) || string == hash_of_eth0()) /* by chance, once */
		ask_another(&uuid, &string);
	assert_true(uuid != uuid_hash(&u));
	assert_true(string != hash_of_eth0());
}

static void fixed_ones_repeat(void **state)
{
	struct uuid first[40], again[40];

	(void)state;
	for (int round = 0; round < 2; round++) {
		uuid_fix(7);
		for (int i = 0; i < 40; i++)
			*(round ? &again[i] : &first[i]) = uuid_random();
	}
	assert_memory_equal(first, again, sizeof(first));
	assert_false(uuid_equals(&first[0], &first[39]));
	uuid_fix(8);
	*again = uuid_random();
	assert_false(uuid_equals(first, again));
}

static void print_hashes(void)
{
	const struct uuid u = {.bytes = {1}};

	printf("%" PRIx32 " %" PRIx32 "\n", uuid_hash(&u), hash_of_eth0());
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(refuses_what_is_no_uuid),
		cmocka_unit_test(order_and_zero),
		cmocka_unit_test(random_ones_are_version_4),
		cmocka_unit_test(child_draws_its_own),
		cmocka_unit_test(many_differ),
		cmocka_unit_test(chosen_ones_do_not_collide),
		cmocka_unit_test(another_process_hashes_otherwise),
		cmocka_unit_test(fixed_ones_repeat), /* the last: there is no way back */
	};

	if (argc > 1 && !strcmp(argv[1], "--print-hashes")) {
		print_hashes();
		return 0;
	}
	setenv("SELF", argv[0], 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
