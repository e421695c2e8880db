/* A deadline for each namespace that another process is about to make. datapath/plan/
 * decides what an awaited namespace means. */
#include "reconciler/wanted/grace.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdlib.h>
#include <string.h>

struct wait {
	char *text; /* hash key */
	int64_t until_ms;
	bool is_over;
	bool is_for_file; /* ends when the file is gone or mounted on */
	UT_hash_handle hh;
};

struct grace {
	struct wait *waits;
};

struct grace *grace_new(void)
{
	return xcalloc(1, sizeof(struct grace));
}

static void drop(struct grace *g, struct wait *x)
{
	HASH_DEL(g->waits, x);
	free(x->text);
	free(x);
}

void grace_free(struct grace *g)
{
	struct wait *x, *next;

	if (!g)
		return;
	HASH_ITER (hh, g->waits, x, next)
		drop(g, x);
	free(g);
}

static struct wait *begin(struct grace *g, const char *text, int64_t now_ms)
{
	struct wait *x = xcalloc(1, sizeof(*x));

	x->text = xstrdup(text);
	x->until_ms = now_ms + GRACE_MS;
	HASH_ADD_KEYPTR(hh, g->waits, x->text, strlen(x->text), x);
	return x;
}

/* The namespace that was there belonged to another process, even if ipvl once made one
 * of that name. */
static bool was_theirs(const struct aliases *aliases, const struct model_netns *want)
{
	bool has_changed;
	uint64_t inode = aliases_last(aliases, want->name, &has_changed);

	return inode && (!want->is_ours || (want->inode && want->inode != inode));
}

static void judge(struct grace *g, const struct aliases *aliases,
		  struct model_netns *want, const struct model_netns *have,
		  int64_t now_ms)
{
	bool is_theirs = was_theirs(aliases, want);
	struct wait *x;

	HASH_FIND_STR(g->waits, want->name, x);
	if (have->seen.exists || !want->is_wanted) {
		if (x)
			drop(g, x);
		return;
	}
	/* A file with nothing mounted: `ip netns add` is about to mount, or `ip netns del` to
	 * unlink, which fails with EBUSY if ipvl mounts in between. */
	if (x && x->is_for_file && !have->seen.is_dead_file) {
		drop(g, x);
		x = NULL;
	}
	if (!x && (have->seen.is_dead_file || is_theirs)) {
		x = begin(g, want->name, now_ms);
		x->is_for_file = !is_theirs;
	}
	want->is_awaited |= x && !x->is_over && now_ms < x->until_ms;
}

void grace_mark_awaited(struct grace *g, const struct aliases *aliases,
			struct model *want, const struct model *have, int64_t now_ms)
{
	for (size_t i = 0; i < want->n_namespaces; i++) {
		struct model_netns *n = &want->namespaces[i];
		const struct model_netns *seen = model_find_netns(have, n->name);

		/* ipvl never makes a path. */
		if (*n->name != '/' && seen)
			judge(g, aliases, n, seen, now_ms);
	}
}

int64_t grace_wait_ms(const struct grace *g, int64_t now_ms)
{
	int64_t soonest = -1;

	for (const struct wait *x = g->waits; x; x = x->hh.next) {
		int64_t ms = x->until_ms > now_ms ? x->until_ms - now_ms : 0;

		if (!x->is_over && (soonest < 0 || ms < soonest))
			soonest = ms;
	}
	return soonest;
}

void grace_end(struct grace *g, int64_t now_ms, grace_text_fn *fn, void *aux)
{
	for (struct wait *x = g->waits; x; x = x->hh.next) {
		if (x->is_over || now_ms < x->until_ms)
			continue;
		x->is_over = true;
		fn(aux, x->text);
	}
}
