/* The method's params are ["ipvl", {"netns": …, "name": …, "to": …, "outside": [word, …]}].
 * Nothing is changed, and nothing is sent. */
#include "reconciler/trace/ipvl_trace.h"

#include "datapath/trace/trace.h"
#include "lib/alloc.h"
#include "ovsdb-lite/json/json.h"

#include <string.h>

static struct err *bad_params(const struct db *db)
{
	return err_new(ERR_INVALID,
		       "the parameters are [\"%s\", {\"netns\": NAME, \"name\": NAME, "
		       "\"to\": ADDRESS, \"outside\": [WORD, …]}]",
		       db_name(db));
}

static struct err *read_outside(const struct json_object *word, unsigned int *outside)
{
	static const struct {
		const char *word;
		enum trace_outside bit;
	} words[] = {
		{"route-back", TRACE_ROUTE_BACK}, {"hairpin", TRACE_HAIRPIN},
		{"proxy-arp", TRACE_PROXY_ARP},   {"on-link", TRACE_ON_LINK},
		{"plain", TRACE_PLAIN},
	};
	const char *text = json_kind(word) == JSON_STRING ? json_get_string(word) : "";

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(text, words[i].word)) {
			*outside |= words[i].bit;
			return NULL;
		}
	}
	return err_hint(err_new(ERR_INVALID, "outside: unknown word \"%s\"", text),
			"it is route-back, hairpin, proxy-arp, on-link or plain");
}

/* "" if it is left out; NULL if it is no string. */
static const char *text_of(const struct json_object *o, const char *key)
{
	const struct json_object *v = json_member(o, key);

	return !v ? "" : json_kind(v) == JSON_STRING ? json_get_string(v) : NULL;
}

static struct err *read_params(const struct db *db, const struct json_object *params,
			       struct trace_question *ret_question)
{
	const struct json_object *o =
		json_get_length(params) == 2 ? json_at(params, 1) : NULL;
	const struct json_object *words;
	struct trace_question q = {0};
	const char *to;
	struct err *e;

	if (!o || json_kind(o) != JSON_OBJECT)
		return bad_params(db);
	q.netns = text_of(o, "netns");
	q.name = text_of(o, "name");
	to = text_of(o, "to");
	words = json_member(o, "outside");
	if (!q.netns || !q.name || !to || (words && json_kind(words) != JSON_ARRAY))
		return bad_params(db);
	e = ip_addr_parse(to, &q.to);
	for (size_t i = 0; words && i < json_get_length(words) && !e; i++)
		e = read_outside(json_at(words, i), &q.outside);
	*ret_question = q;
	return e;
}

static struct json_object *hop_json(const struct trace_hop *h)
{
	struct json_object *o = json_object();

	json_put(o, "place", json_string(h->place));
	json_put(o, "reply", json_boolean(h->is_reply));
	json_put(o, "text", json_string(h->text));
	return o;
}

static struct json_object *trace_json(const struct trace *t)
{
	static const char *const verdicts[] = {
		[TRACE_ARRIVES] = "arrives",
		[TRACE_LOST] = "does not arrive",
		[TRACE_UNKNOWN] = "not known",
	};
	struct json_object *o = json_object(), *hops = json_array();
	char buf[IP_TEXT_BYTES];

	for (size_t i = 0; i < t->n_hops; i++)
		json_add(hops, hop_json(&t->hops[i]));
	json_put(o, "verdict", json_string(verdicts[t->verdict]));
	json_put(o, "source",
		 json_string(t->source.family ? ip_addr_format(&t->source, buf) : ""));
	json_put(o, "vrf", json_string(t->vrf));
	json_put(o, "target", json_string(t->target));
	json_put(o, "hops", hops);
	json_put(o, "cure", json_string(t->cure));
	return o;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	const struct query *q = aux;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct trace_question question;
	struct desired *desired;
	struct model *have;
	struct trace *trace;
	struct err *e = read_params(q->db, params, &question);

	(void)caller;
	if (e)
		return e;
	desired = desired_build(&q->source, NULL, 0, true, a);
	e = datapath_survey(q->datapath, desired->want, DATAPATH_FOR_TRACE, a, &have);
	if (!e)
		e = trace_run(q->datapath, have, &question, a, &trace);
	if (!e)
		*ret_result = trace_json(trace);
	return e;
}

void ipvl_trace_add(struct server *s, struct query *q)
{
	server_add_method(s, q->db, "ipvl_trace", RBAC_ALL, call, q);
}
