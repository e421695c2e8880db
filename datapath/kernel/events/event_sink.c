/* Events on their way to the caller of drain(): one for each text of a namespace, and
 * equal ones once. */
#include "datapath/kernel/events/event_sink.h"

#include "datapath/kernel/files/authors.h"

#include <string.h>

/* The stranger's device, the process, or both. */
static const char *author_of(const struct event_sink *s, const struct datapath_event *e)
{
	const char *by = e->by ? e->by : "";
	const char *process = e->pid ? authors_text(s->k->authors, e->pid, s->a) : "";

	return *by && *process ? arena_printf(s->a, "%s, made by %s", by, process)
	       : *by           ? by
			       : process;
}

void event_emit(struct event_sink *s, const struct datapath_event *e)
{
	struct datapath_event named = *e;
	char *text = arena_printf(s->a, "%d\n%s\n%s\n%s\n%u\n%d %d\n%s", (int)e->kind,
				  e->netns, e->name, e->what, e->pid, e->reaches_upper,
				  e->has_failed_over, e->by ? e->by : "");
	struct emitted *emitted;

	HASH_FIND_STR(s->emitted, text, emitted);
	if (emitted)
		return;
	emitted = arena_alloc(s->a, sizeof(*emitted));
	emitted->text = text;
	HASH_ADD_KEYPTR(hh, s->emitted, emitted->text, strlen(emitted->text), emitted);
	named.by = author_of(s, e);
	s->fn(s->aux, &named);
}

void event_emit_strayed(struct event_sink *s, const char *what)
{
	event_emit(s, &(struct datapath_event){.kind = DATAPATH_STRAYED,
					       .netns = "",
					       .name = "",
					       .what = what});
}

void event_emit_device(struct event_sink *s, enum datapath_event_kind kind, int32_t nsid,
		       const char *name, struct event_cause cause)
{
	const struct cache_text *t;

	for (t = cache_texts(&s->k->cache, nsid); t; t = t->next)
		event_emit(s, &(struct datapath_event){
				      .kind = kind,
				      .netns = t->text,
				      .name = name,
				      .what = cause.what,
				      .pid = cause.pid,
				      .reaches_upper = cause.reaches_upper,
				      .has_failed_over = cause.has_failed_over,
				      .by = cause.by});
}

/* In the model, a slave in its master's namespace has "" as its namespace. */
static bool is_beside_master(const struct cache_device *d, int32_t nsid)
{
	return d->lower.ifindex && d->lower.nsid == nsid && nsid != NSID_HERE;
}

static void emit_beside_master(struct event_sink *s, const char *name,
			       struct event_cause cause)
{
	event_emit(s, &(struct datapath_event){.kind = DATAPATH_SLAVE_CHANGED,
					       .netns = "",
					       .name = name,
					       .what = cause.what,
					       .pid = cause.pid,
					       .by = cause.by});
}

void event_emit_cached(struct event_sink *s, const struct cache_device *d,
		       const char *name, struct event_cause cause)
{
	if (d->is_master)
		event_emit_device(s, DATAPATH_MASTER_CHANGED, d->key.nsid, name, cause);
	else
		event_emit_device(s, DATAPATH_SLAVE_CHANGED, d->key.nsid, name, cause);
	if (is_beside_master(d, d->key.nsid))
		emit_beside_master(s, name, cause);
	/* Its row has the old name. */
	if (*d->place.name && strcmp(d->place.name, name) != 0 &&
	    d->key.nsid == d->place.nsid)
		event_emit_device(s,
				  d->is_master ? DATAPATH_MASTER_CHANGED
					       : DATAPATH_SLAVE_CHANGED,
				  d->key.nsid, d->place.name, cause);
}

void event_emit_place(struct event_sink *s, const struct cache_device *d,
		      struct event_cause cause)
{
	if (!*d->place.name || d->place.nsid == d->key.nsid)
		return;
	event_emit_device(s, DATAPATH_SLAVE_CHANGED, d->place.nsid, d->place.name, cause);
	if (is_beside_master(d, d->place.nsid))
		emit_beside_master(s, d->place.name, cause);
}
