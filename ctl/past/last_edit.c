/* Reads the history, a page at a time, until an object is found in it. */
#include "ctl/past/last_edit.h"

#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

/* Most edits that are asked about are recent. */
#define PAGE 50

static bool is_of(const struct last_edit_of *of, const struct past_change *c)
{
	const char *label = c->edit.object, *slash = strrchr(label, '/');
	char text[UUID_TEXT_BYTES];

	if (c->table == PAST_HOST)
		return false;
	if (of->uuid)
		return !strcmp(c->uuid, uuid_format(of->uuid, text));
	return c->edit.kind == EDIT_REMOVED &&
	       (!strcmp(label, of->label) ||
		(slash && !strchr(of->label, '/') && !strcmp(slash + 1, of->label)));
}

static bool find(const struct last_edit_of *of, struct past *past, size_t n,
		 struct last_edit *ret_edit)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < past[i].n_changes; k++) {
			if (!is_of(of, &past[i].changes[k]))
				continue;
			past[i].json = NULL;
			ret_edit->past = &past[i];
			ret_edit->edit = &past[i].changes[k].edit;
			return true;
		}
	}
	return false;
}

struct err *last_edit_find(struct context *ctx, const struct last_edit_of *of,
			   struct last_edit *ret_edit)
{
	struct last_edit found = {0};
	struct err *e = NULL;
	int64_t before = 0;
	size_t n = 1;

	/* Transaction 1 is the first of all. */
	while (!e && n && before != 1 && !found.past) {
		struct json_object *all = NULL;
		struct past *past;

		e = past_read(ctx, before, PAGE, &all, &past, &n);
		if (e)
			break;
		if (n && !find(of, past, n, &found))
			before = past[n - 1].serial;
		json_free(all);
	}
	if (e && e->code == ERR_UNSUPPORTED) {
		err_free(STEAL(e));
		found.is_unsupported = true;
	}
	if (!e)
		*ret_edit = found;
	return e;
}
