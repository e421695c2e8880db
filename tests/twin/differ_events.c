/* See differ_events.h. */
#include "tests/twin/differ_events.h"

#include "lib/alloc.h"
#include "tests/twin/kernel.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define MARK_DEVICE "zz"
/* Before what is not compared. */
#define DETAIL ": "

#define PATIENCE_MS 60000

static void take(void *aux, const struct datapath_event *e)
{
	static const char *const kinds[] = {
		[DATAPATH_MASTER_CHANGED] = "master", [DATAPATH_SLAVE_CHANGED] = "slave",
		[DATAPATH_NETNS_CHANGED] = "netns",   [DATAPATH_STRAYED] = "strayed",
		[DATAPATH_ALL_CHANGED] = "all",
	};
	CLEANUP(arena_freep) struct arena *a = arena_new();

	lines_add(aux, arena_printf(a, "%s %s/%s" DETAIL "%s", kinds[e->kind], e->netns,
				    e->name, e->what));
}

static bool is_mark(const char *line)
{
	return strstr(line, "/" MARK_DEVICE DETAIL) != NULL;
}

static bool has_mark(const struct lines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (is_mark(l->lines[i]))
			return true;
	}
	return false;
}

static struct err *mark(void)
{
	static uint32_t mtu = 1000;
	const struct twin_request r = {.kind = TWIN_LINK_NEW,
				       .netns = "",
				       .name = MARK_DEVICE,
				       .u.link = {.sent = TWIN_LINK_MTU, .mtu = mtu++}};

	return kernel_request(&r);
}

const struct twin_request *differ_events_mark(void)
{
	static const struct twin_request r = {.kind = TWIN_LINK_NEW,
					      .flags = TWIN_CREATE | TWIN_EXCL,
					      .netns = "",
					      .name = MARK_DEVICE,
					      .u.link.kind = "dummy"};

	return &r;
}

const char *differ_events_unmarked(struct arena *a, const char *state)
{
	const char *at = strstr(state, "\n  " MARK_DEVICE " ");

	if (!at)
		return arena_strdup(a, state);
	return arena_printf(a, "%.*s%s", (int)(at - state), state,
			    at + 1 + strcspn(at + 1, "\n"));
}

void differ_events_drain_sim(struct datapath *dp, struct lines *l)
{
	datapath_drain(dp, take, l);
}

struct err *differ_events_drain_kernel(struct datapath *dp, struct lines *l)
{
	struct pollfd p = {.fd = datapath_event_fd(dp), .events = POLLIN};
	struct lines heard = {0};
	struct err *e = mark();

	while (!e && !has_mark(&heard)) {
		if (poll(&p, 1, PATIENCE_MS) <= 0)
			e = err_new(ERR_TIMED_OUT, "no event for a minute");
		else
			datapath_drain(dp, take, &heard);
	}
	for (size_t i = 0; i < heard.n; i++) {
		if (!is_mark(heard.lines[i]))
			lines_add(l, heard.lines[i]);
	}
	lines_clear(&heard);
	return e;
}

static bool is_without_news(const char *line)
{
	size_t n = strlen(line), tail = strlen(DETAIL);

	return !strncmp(line, "master ", strlen("master ")) &&
	       !strcmp(line + n - tail, DETAIL);
}

static bool has_same_device(const struct lines *l, const char *line)
{
	size_t n = (size_t)(strstr(line, DETAIL) - line) + strlen(DETAIL);

	for (size_t i = 0; i < l->n; i++) {
		if (!strncmp(l->lines[i], line, n))
			return true;
	}
	return false;
}

void differ_events_drop_features(struct lines *real, const struct lines *sim)
{
	size_t kept = 0;

	for (size_t i = 0; i < real->n; i++) {
		if (is_without_news(real->lines[i]) &&
		    !has_same_device(sim, real->lines[i]))
			free(real->lines[i]);
		else
			real->lines[kept++] = real->lines[i];
	}
	real->n = kept;
}

const char *differ_events_text(struct arena *a, struct lines *l)
{
	const char *text = "", *last = "";

	lines_sort(l);
	for (size_t i = 0; i < l->n; i++) {
		char *line = arena_strdup(a, l->lines[i]);

		*strstr(line, DETAIL) = '\0';
		if (strcmp(line, last) != 0)
			text = arena_printf(a, "%s%s\n", text, line);
		last = line;
	}
	return text;
}

const char *differ_events_details(struct arena *a, const char *who, const struct lines *l)
{
	const char *text = "";

	for (size_t i = 0; i < l->n; i++)
		text = arena_printf(a, "%s    %s: %s\n", text, who, l->lines[i]);
	return text;
}
