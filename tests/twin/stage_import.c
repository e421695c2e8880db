/* What `ipvl-ctl import` writes, and what its `apply` would do. */
#include "config/yaml/document.h"
#include "config/yaml/write.h"
#include "datapath/link_type.h"
#include "datapath/plan/plan.h"
#include "datapath/plan/plan_text.h"
#include "lib/alloc.h"
#include "tests/twin/stage_private.h"

#include <stdlib.h>
#include <string.h>

/* A plan is about the namespaces of its slaves, too. */
static struct model *with_namespaces(const struct model *declared, struct arena *a)
{
	struct model *want = arena_memdup(a, declared, sizeof(*declared));
	size_t cap = 0;

	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			if (m->slaves[k].is_handed_over)
				model_hand_over(a, &m->slaves[k]);
		}
		for (size_t k = 0; k < m->n_slaves; k++) {
			const char *netns =
				*m->slaves[k].netns ? m->slaves[k].netns : m->netns;
			bool is_known = !*netns;

			for (size_t n = 0; n < want->n_namespaces; n++)
				is_known |= !strcmp(want->namespaces[n].name, netns);
			if (is_known)
				continue;
			want->namespaces =
				arena_grow(a, want->namespaces, want->n_namespaces, &cap,
					   sizeof(*want->namespaces));
			want->namespaces[want->n_namespaces++] =
				(struct model_netns){.name = netns, .is_wanted = true};
		}
	}
	model_sort(want);
	return want;
}

/* A row that waits keeps what is of its namespace, and the file has that of devices. */
static bool is_of_waiting_row(const struct plan_step *s)
{
	return s->netns && (s->op == PLAN_OP_RESOLV_SET || s->op == PLAN_OP_RULE_DEL ||
			    s->op == PLAN_OP_ROUTE_DEL);
}

static struct err *plan_of(struct stage *s, const struct model *declared, struct arena *a,
			   const char **ret_text)
{
	struct model *want = with_namespaces(declared, a), *have;
	const char *text = "";
	struct plan *plan;
	struct err *e = datapath_observe(s->witness, want, DATAPATH_EVERYTHING, a, &have);

	if (e)
		return e;
	plan_build(want, have, a, &plan);
	for (size_t i = 0; i < plan->n_steps; i++) {
		if (!is_of_waiting_row(&plan->steps[i]))
			text = arena_printf(a, "%s%s\n", text,
					    plan_text_step(a, &plan->steps[i]));
	}
	*ret_text = text;
	return NULL;
}

static bool has_row(const struct model *want, const char *netns)
{
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const char *its =
				*m->slaves[k].netns ? m->slaves[k].netns : m->netns;

			if (!strcmp(its, netns))
				return true;
		}
	}
	return false;
}

/* No key has it; a row does, and repairs it. */
static bool has_wrong_arp(const struct model *have)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct link_type *t =
				link_type_find_kind(m->slaves[k].seen.kind);

			if (t && link_type_has_wrong_arp(t, &m->slaves[k]))
				return true;
		}
	}
	return false;
}

/* A row that waits keeps its rules, and the file has those of devices: a device that was given
 * up there makes the namespace one that the file is about. */
static bool has_foreign_among_rows(const struct model *have, const struct model *want)
{
	for (size_t i = 0; i < have->n_masters; i++) {
		const struct model_master *m = &have->masters[i];

		for (size_t k = 0; k < m->n_slaves; k++) {
			const struct model_slave *s = &m->slaves[k];

			if (s->seen.presence == MODEL_FOREIGN &&
			    has_row(want, *s->netns ? s->netns : m->netns))
				return true;
		}
	}
	return false;
}

struct err *stage_import(struct stage *s, struct arena *a, const char **ret_text,
			 bool *ret_is_whole)
{
	struct desired_source source = reconciler_source(s->reconciler);
	const struct desired *desired = desired_build(&source, NULL, 0, true, a);
	struct document_errors errors = {0};
	CLEANUP(freep) char *yaml = NULL;
	struct document *d;
	struct model *have;
	size_t n_left_out;
	const char *plan;
	struct err *e =
		datapath_survey(s->witness, desired->want, DATAPATH_FOR_FILE, a, &have);

	if (e)
		return e;
	yaml = write_survey(have, false, &n_left_out);
	*ret_is_whole = !n_left_out && !strstr(yaml, "# it is down") &&
			!has_wrong_arp(have) &&
			!has_foreign_among_rows(have, desired->want);
	d = document_parse("imported", yaml, strlen(yaml), &errors);
	if (!d) {
		CLEANUP(freep) char *text = document_errors_text(&errors);

		*ret_text = arena_printf(a, "%s%s", yaml, text);
		document_errors_clear(&errors);
		return NULL;
	}
	e = plan_of(s, document_model(d), a, &plan);
	if (!e)
		*ret_text = *plan ? arena_printf(a, "%s%s", yaml, plan) : "";
	document_free(d);
	return e;
}
