/* The timer of the port watch, and the comparison of ports with rows. */
#include "reconciler/port_watch.h"

#include "config/object.h"
#include "config/settings.h"
#include "lib/alloc.h"
#include "lib/log.h"

#include <stdlib.h>

struct port_watch {
	struct port_watch_config config;
	struct loop_timer *timer;
	/* Masters with only strangers on them: there is no slave of ours to ask for. */
	struct object_set *of_strangers;
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

void port_watch_note(struct port_watch *w, const struct model *have)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		object_set_put(w->of_strangers, m->netns, m->name,
			       *m->seen.stranger && !m->seen.has_ours);
	}
}

/* They are read by a pass, which asks for the strangers. */
static bool report_strangers(void *aux, const char *netns, const char *name)
{
	const struct port_watch *w = aux;

	if (!rows_find_master(w->config.source.columns, NULL, netns, name))
		return false;
	w->config.changed(w->config.aux, netns, name);
	return true;
}

static void on_timer(void *aux)
{
	struct port_watch *w = aux;

	if (!w->config.is_busy(w->config.aux)) {
		look(w);
		object_set_each(w->of_strangers, report_strangers, w);
	}
	port_watch_set(w);
}

struct port_watch *port_watch_new(const struct port_watch_config *config)
{
	struct port_watch *w = xcalloc(1, sizeof(*w));

	w->config = *config;
	w->of_strangers = object_set_new();
	w->timer = loop_timer_new(config->loop, on_timer, w);
	return w;
}

void port_watch_free(struct port_watch *w)
{
	if (!w)
		return;
	object_set_free(w->of_strangers);
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
