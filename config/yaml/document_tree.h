/* A YAML file as a tree of values with their places. Private to config/yaml/. */
#ifndef CONFIG_DOCUMENT_TREE_H
#define CONFIG_DOCUMENT_TREE_H 1

#include "config/yaml/document_data.h"
#include "config/yaml/document_errors.h"

#include <stdbool.h>

/* What a file may hold. Far above any host's needs, far below what would hurt. */
#define DOCUMENT_MAX_DEPTH 32
/* Values, those that aliases repeat counted each time: `[*a, *a]` of ten levels is a
 * bomb. */
#define DOCUMENT_MAX_NODES ((size_t)4 << 20)
/* Keys of one map; they are compared with each other. */
#define DOCUMENT_MAX_KEYS 256

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node_pair {
	const struct node *key; /* always a scalar */
	const struct node *value;
};

/* A value of the file. A node that an alias repeats stands in several places of the tree.
 */
struct node {
	enum node_kind kind;
	struct place place;
	size_t n_nodes; /* in the tree below and with this one */
	bool is_plain;  /* a scalar without quotes */
	const char *text;
	const struct node **items;
	size_t n_items;
	struct node_pair *pairs; /* keys are distinct */
	size_t n_pairs;
};

/* The file's only document as a tree; NULL after a complaint. */
const struct node *document_tree(struct document *d, struct document_errors *errors);

#endif
