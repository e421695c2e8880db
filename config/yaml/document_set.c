/* Contradictions of documents: the same object in two of them is compared, then the rules
 * are asked about one model of all. Complaints return to the document that they are about. */
#include "config/yaml/document_set.h"

#include "config/valid/valid.h"
#include "config/yaml/declare_compare.h"
#include "config/yaml/declare_rows_pool.h"
#include "config/yaml/document_place.h"

#include "lib/alloc.h"

#include <stdlib.h>

/* An object in the document that declares it. */
struct declared {
	const struct document *d;
	const struct model_master *master;
	const struct model_slave *slave; /* NULL: the master */
	size_t number;                   /* of the document */
};

struct set {
	struct arena *a;
	struct document_errors *errors;
	struct declared *masters, *slaves; /* sorted; then of each object the first one */
	size_t n_masters, n_slaves;
	struct model model;
	/* The slaves of each master of the model, in its order. */
	struct declared **slaves_of;
};

static struct valid_place place_of(const struct declared *x)
{
	return (struct valid_place){
		.master = x->master, .slave = x->slave, .field = VALID_NAME};
}

static void refuse(struct set *s, const struct declared *first,
		   const struct declared *other, const char *difference)
{
	struct valid_place there = place_of(first), at = place_of(other);
	size_t line = document_place_of(first->d, &there).line;

	document_errors_add(s->errors, other->d, document_place_of(other->d, &at),
			    declare_compare_error(s->a, other->master, other->slave,
						  document_file(first->d), line,
						  difference));
}

static const char *compare_slaves(struct set *s, const struct declared *first,
				  const struct declared *other)
{
	return model_master_cmp(first->master, other->master)
		       ? "the masters differ"
		       : declare_compare_slaves(s->a, first->slave, other->slave);
}

static int object_cmp(const struct declared *x, const struct declared *y)
{
	return x->slave ? model_slave_cmp(x->slave, y->slave)
			: model_master_cmp(x->master, y->master);
}

static int declared_cmp(const void *a, const void *b)
{
	const struct declared *x = a, *y = b;
	int c = object_cmp(x, y);

	return c ? c : (x->number > y->number) - (x->number < y->number);
}

/* Compares equal objects, and keeps the first of each. */
static size_t keep_first(struct set *s, struct declared *all, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(all, n, sizeof(*all), declared_cmp);
	for (size_t i = 0; i < n; i++) {
		struct declared *first = kept ? &all[kept - 1] : NULL;
		const char *difference;

		if (!first || object_cmp(first, &all[i])) {
			all[kept++] = all[i];
			continue;
		}
		difference = first->slave ? compare_slaves(s, first, &all[i])
					  : declare_compare_masters(s->a, first->master,
								    all[i].master);
		if (difference)
			refuse(s, first, &all[i], difference);
	}
	return kept;
}

static void collect(struct set *s, const struct document *const *documents, size_t n)
{
	size_t n_masters = 0, n_slaves = 0;

	for (size_t i = 0; i < n; i++) {
		const struct model *m = document_model(documents[i]);

		n_masters += m->n_masters;
		for (size_t k = 0; k < m->n_masters; k++)
			n_slaves += m->masters[k].n_slaves;
	}
	s->masters = arena_array(s->a, n_masters, sizeof(*s->masters));
	s->slaves = arena_array(s->a, n_slaves, sizeof(*s->slaves));
	for (size_t i = 0; i < n; i++) {
		const struct model *m = document_model(documents[i]);

		for (size_t k = 0; k < m->n_masters; k++) {
			struct declared x = {documents[i], &m->masters[k], NULL, i};

			s->masters[s->n_masters++] = x;
			for (size_t j = 0; j < x.master->n_slaves; j++) {
				x.slave = &x.master->slaves[j];
				s->slaves[s->n_slaves++] = x;
			}
		}
	}
}

static size_t find_master(const struct set *s, const struct model_master *m)
{
	size_t low = 0, high = s->n_masters;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (model_master_cmp(s->masters[middle].master, m) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Slaves stay sorted: they are handed out in their order. */
static void make_model(struct set *s)
{
	struct model *m = &s->model;
	size_t *of = arena_array(s->a, s->n_slaves, sizeof(*of));
	size_t *n = arena_array(s->a, s->n_masters, sizeof(*n));

	m->n_masters = s->n_masters;
	m->masters = arena_array(s->a, s->n_masters, sizeof(*m->masters));
	s->slaves_of = arena_array(s->a, s->n_masters, sizeof(struct declared *));
	for (size_t i = 0; i < s->n_slaves; i++) {
		of[i] = find_master(s, s->slaves[i].master);
		n[of[i]]++;
	}
	for (size_t i = 0; i < s->n_masters; i++) {
		m->masters[i] = *s->masters[i].master;
		m->masters[i].slaves =
			arena_array(s->a, n[i], sizeof(struct model_slave));
		m->masters[i].n_slaves = 0;
		s->slaves_of[i] = arena_array(s->a, n[i], sizeof(struct declared));
	}
	for (size_t i = 0; i < s->n_slaves; i++) {
		struct model_master *master = &m->masters[of[i]];

		s->slaves_of[of[i]][master->n_slaves] = s->slaves[i];
		master->slaves[master->n_slaves++] = *s->slaves[i].slave;
	}
}

/* From a place of the model to the same in its document, which is returned. */
static const struct document *find_place(const struct set *s, struct valid_place *at)
{
	size_t i = (size_t)(at->master - s->model.masters);
	const struct declared *x = &s->masters[i];

	if (at->slave)
		x = &s->slaves_of[i][at->slave - at->master->slaves];
	at->master = x->master;
	at->slave = x->slave;
	return x->d;
}

static void complain(void *aux, const struct valid_complaint *c)
{
	struct set *s = aux;
	struct valid_complaint own = *c;
	const struct document *d = find_place(s, &own.at);

	const struct document *other = c->other.master ? find_place(s, &own.other) : d;

	document_place_complain(d, &own, other, s->errors);
}

void document_set_check(const struct document *const *documents, size_t n,
			struct document_errors *errors)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct set s = {.a = a, .errors = errors};

	declare_rows_compare_pools(documents, n, errors);
	collect(&s, documents, n);
	s.n_masters = keep_first(&s, s.masters, s.n_masters);
	s.n_slaves = keep_first(&s, s.slaves, s.n_slaves);
	make_model(&s);
	valid_check_model(&s.model, complain, &s);
}
