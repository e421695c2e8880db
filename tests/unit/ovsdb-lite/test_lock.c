/* ovsdb-lite/lock: queues of owners, and who is told what. */
#include "ovsdb-lite/server/lock.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char told[512];
static char alice[] = "alice", bob[] = "bob", carol[] = "carol";

static void tell(void *owner, const char *name, bool stolen)
{
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, "%s%s %s %s", n ? ", " : "",
		 (const char *)owner, stolen ? "lost" : "got", name);
}

static int setup(void **state)
{
	told[0] = '\0';
	*state = lock_table_new(tell);
	return 0;
}

static int teardown(void **state)
{
	lock_table_free(*state);
	return 0;
}

static bool take(struct lock_table *t, void *owner, const char *name, bool steal)
{
	bool locked = false;

	assert_null(lock_take(t, owner, name, steal, &locked));
	return locked;
}

static void release(struct lock_table *t, void *owner, const char *name)
{
	assert_null(lock_release(t, owner, name));
}

static void must_fail(struct err *e, enum err_code code)
{
	assert_non_null(e);
	assert_int_equal(e->code, code);
	err_free(e);
}

static void first_come_first_served(void **state)
{
	struct lock_table *t = *state;

	assert_true(take(t, alice, "l", false));
	assert_false(take(t, bob, "l", false));
	assert_false(take(t, carol, "l", false));
	assert_true(take(t, carol, "other", false));
	assert_true(lock_is_owned(t, alice, "l"));
	assert_false(lock_is_owned(t, bob, "l"));
	release(t, alice, "l");
	assert_true(lock_is_owned(t, bob, "l"));
	release(t, bob, "l");
	assert_string_equal(told, "bob got l, carol got l");
	release(t, carol, "l");
	assert_false(lock_is_owned(t, carol, "l"));
	assert_true(take(t, alice, "l", false));
}

static void thief_goes_first_and_victim_stays_queued(void **state)
{
	struct lock_table *t = *state;

	take(t, alice, "l", false);
	take(t, bob, "l", false);
	assert_true(take(t, carol, "l", true));
	assert_string_equal(told, "alice lost l");
	release(t, carol, "l");
	assert_string_equal(told, "alice lost l, alice got l");
	release(t, alice, "l");
	assert_string_equal(told, "alice lost l, alice got l, bob got l");
}

static void stealing_what_nobody_has_just_locks(void **state)
{
	assert_true(take(*state, alice, "l", true));
	assert_string_equal(told, "");
}

static void waiting_owner_may_give_up(void **state)
{
	struct lock_table *t = *state;

	take(t, alice, "l", false);
	take(t, bob, "l", false);
	take(t, carol, "l", false);
	release(t, bob, "l");
	assert_string_equal(told, "");
	release(t, alice, "l");
	assert_string_equal(told, "carol got l");
}

static void owner_that_leaves_frees_all(void **state)
{
	struct lock_table *t = *state;

	take(t, alice, "a", false);
	take(t, alice, "b", false);
	take(t, bob, "b", false);
	take(t, bob, "c", false);
	take(t, alice, "c", false);
	assert_true(lock_has_any(t, alice));
	lock_release_all(t, alice);
	assert_string_equal(told, "bob got b");
	assert_false(lock_has_any(t, alice));
	assert_true(lock_has_any(t, bob));
	release(t, bob, "c");
	assert_string_equal(told, "bob got b");
}

static void mistakes_are_syntax_errors(void **state)
{
	struct lock_table *t = *state;
	bool locked;

	must_fail(lock_take(t, alice, "", false, &locked), ERR_SYNTAX);
	must_fail(lock_take(t, alice, "a b", false, &locked), ERR_SYNTAX);
	must_fail(lock_take(t, alice, "1a", false, &locked), ERR_SYNTAX);
	assert_true(take(t, alice, "_a1", false));
	must_fail(lock_take(t, alice, "_a1", false, &locked), ERR_SYNTAX);
	must_fail(lock_take(t, alice, "_a1", true, &locked), ERR_SYNTAX);
	must_fail(lock_release(t, bob, "_a1"), ERR_SYNTAX);
	must_fail(lock_release(t, alice, "nobodys"), ERR_SYNTAX);
}

static void one_owner_cannot_have_all_locks_of_the_world(void **state)
{
	struct lock_table *t = *state;
	bool locked;

	for (int i = 0; i < LOCK_MAX_PER_OWNER; i++) {
		CLEANUP(freep) char *name = xasprintf("l%d", i);

		assert_true(take(t, alice, name, false));
	}
	must_fail(lock_take(t, alice, "more", false, &locked), ERR_RESOURCES);
	assert_true(take(t, bob, "more", false));
}

static void names_are_bounded(void **state)
{
	struct lock_table *t = *state;
	char name[LOCK_MAX_NAME_BYTES + 2];
	bool locked;

	memset(name, 'l', sizeof(name));
	name[LOCK_MAX_NAME_BYTES + 1] = '\0';
	must_fail(lock_take(t, alice, name, false, &locked), ERR_RESOURCES);
	name[LOCK_MAX_NAME_BYTES] = '\0';
	assert_true(take(t, alice, name, false));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_come_first_served),
		TEST(thief_goes_first_and_victim_stays_queued),
		TEST(stealing_what_nobody_has_just_locks),
		TEST(waiting_owner_may_give_up),
		TEST(owner_that_leaves_frees_all),
		TEST(mistakes_are_syntax_errors),
		TEST(one_owner_cannot_have_all_locks_of_the_world),
		TEST(names_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
