/* The timer of the port watch, and the comparison of ports with rows. */
#include "reconciler/port_watch.h"

#include "config/object.h"
#include "config/settings.h"
#include "lib/alloc.h"
#include "lib/hash_table.h"
#include "lib/log.h"

#include <stdlib.h>
#include <string.h>

/* A port on which only strangers are: there is no slave of ours to ask for. */
struct stranger_port {
	char *id; /* hash key: netns, newline, name */
	char *netns, *name;
	UT_hash_handle hh;
};

struct port_watch {
	struct port_watch_config config;
	struct loop_timer *timer;
	struct stranger_port *ports;
};

static bool is_other_port(const struct model_master *want,
			  const struct model_master *have)
{
	return have && have->seen.has_port &&
	       (have->seen.mode != want->mode || have->seen.flag != want->flag);
}

static void report_changes(const struct port_watch *w, const struct model *want,
			   const struct model *have)
{
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];
		const struct model_master *h = model_find_master(have, m->netns, m->name);

		if (m->intent == MODEL_PRESENT && is_other_port(m, h))
			w->config.changed(w->config.aux, m->netns, m->name);
	}
}

static void look(const struct port_watch *w)
{
	const struct ipvl_columns *c = w->config.source.columns;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct key *keys = arena_array(a, table_count(c->master.table), sizeof(*keys));
	struct desired *d;
	struct model *have;
	struct err *e;
	size_t n = 0;

	TABLE_FOR_EACH (row, c->master.table)
		keys[n++] =
			(struct key){.kind = KEY_MASTER,
				     .netns = datum_text(row_get(row, c->master.netns)),
				     .name = datum_text(row_get(row, c->master.name))};
	if (!n)
		return;
	d = desired_build(&w->config.source, keys, n, false, a);
	e = datapath_observe(w->config.datapath, d->want, DATAPATH_PORTS, a, &have);
	if (e)
		log_err(LOG_LEVEL_WARNING, "port_watch_failed", e, "%s", "");
	else
		report_changes(w, d->want, have);
	err_free(e);
}

static void drop(struct port_watch *w, struct stranger_port *p)
{
	HASH_DEL(w->ports, p);
	free(p->id);
	free(p->netns);
	free(p->name);
	free(p);
}

void port_watch_note(struct port_watch *w, const struct model *have)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];
		CLEANUP(freep) char *id = object_id(m->netns, m->name);
		bool is_theirs = *m->seen.stranger && !m->seen.has_ours;
		struct stranger_port *p;

		HASH_FIND_STR(w->ports, id, p);
		if (p && !is_theirs)
			drop(w, p);
		if (p || !is_theirs)
			continue;
		p = xcalloc(1, sizeof(*p));
		p->id = STEAL(id);
		p->netns = xstrdup(m->netns);
		p->name = xstrdup(m->name);
		HASH_ADD_KEYPTR(hh, w->ports, p->id, strlen(p->id), p);
	}
}

/* They are read by a pass, which asks for the strangers. */
static void report_strangers(struct port_watch *w)
{
	const struct ipvl_columns *c = w->config.source.columns;
	struct stranger_port *p, *next;

	HASH_ITER (hh, w->ports, p, next) {
		if (rows_find_master(c, NULL, p->netns, p->name))
			w->config.changed(w->config.aux, p->netns, p->name);
		else
			drop(w, p);
	}
}

static void on_timer(void *aux)
{
	struct port_watch *w = aux;

	if (!w->config.is_busy(w->config.aux)) {
		look(w);
		report_strangers(w);
	}
	port_watch_set(w);
}

struct port_watch *port_watch_new(const struct port_watch_config *config)
{
	struct port_watch *w = xcalloc(1, sizeof(*w));

	w->config = *config;
	w->timer = loop_timer_new(config->loop, on_timer, w);
	return w;
}

void port_watch_free(struct port_watch *w)
{
	struct stranger_port *p, *next;

	if (!w)
		return;
	HASH_ITER (hh, w->ports, p, next)
		drop(w, p);
	loop_timer_free(w->timer);
	free(w);
}

void port_watch_set(struct port_watch *w)
{
	const struct ipvl_columns *c = w->config.source.columns;
	const struct row *host = rows_find_host(c, NULL, NULL);
	int64_t seconds =
		host ? settings_port_watch_s(row_get(host, c->host.other_config)) : 0;

	if (seconds)
		loop_timer_set(w->timer, seconds * 1000);
	else
		loop_timer_clear(w->timer);
}
