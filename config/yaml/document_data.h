/* What a document is made of. Private to config/yaml/. */
#ifndef CONFIG_DOCUMENT_DATA_H
#define CONFIG_DOCUMENT_DATA_H 1

#include "config/pool/pool.h"
#include "config/valid/valid_complaint.h"
#include "datapath/model.h"

#include <stddef.h>

/* From 1; column in characters. Line 0: nowhere in the file. */
struct place {
	size_t line, column;
};

/* In the order of the file. */
static inline int place_cmp(const struct place *a, const struct place *b)
{
	return a->line != b->line ? (a->line > b->line) - (a->line < b->line)
				  : (a->column > b->column) - (a->column < b->column);
}

/* The places of the parts of one object of the model, in the model's order. */
struct route_places {
	struct place object, via, from, mtu;
};

struct object_places {
	struct place object, fields[VALID_N_FIELDS];
	struct place *addresses, *address_options, *rules, *sysctls, *altnames;
	struct route_places *routes;
	struct object_places *slaves; /* of a master */
};

/* Those of single elements are not kept: rules of pools are checked as they are read. */
struct pool_places {
	struct place object, fields[POOL_N_FIELDS];
};

struct document {
	struct arena *arena;
	/* 'text' has no byte order mark. */
	const char *file, *text, *source;
	size_t n_bytes;
	size_t *line_starts, n_lines;
	struct model model;
	struct object_places *masters;
	struct pool *pools; /* sorted by name; none twice */
	struct pool_places *pool_places;
	size_t n_pools;
};

#endif
