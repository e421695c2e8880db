/* A YAML file as a tree of values with their places. Private to config/yaml/. */
#ifndef CONFIG_DOCUMENT_TREE_H
#define CONFIG_DOCUMENT_TREE_H 1

#include "config/yaml/document_data.h"
#include "config/yaml/document_errors.h"

#include <stdbool.h>

/* Far above the needs of any host, far below what would harm. */
#define DOCUMENT_MAX_DEPTH 32
/* Values, those that aliases repeat counted each time: ten levels of `[*a, *a]` are a
 * bomb. */
#define DOCUMENT_MAX_NODES ((size_t)4 << 20)
/* Keys of one map; they are compared with each other. */
#define DOCUMENT_MAX_KEYS 256

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node_pair {
	const struct node *key; /* always a scalar */
	const struct node *value;
};

/* A value of the file. A node that an alias repeats is in several places of the tree. */
struct node {
	enum node_kind kind;
	struct place place;
	/* In the tree below and with this one. */
	size_t n_nodes;
	/* A scalar without quotes. */
	bool is_plain;
	const char *text;
	const struct node **items;
	size_t n_items;
	/* Keys are distinct. */
	struct node_pair *pairs;
	size_t n_pairs;
};

/* The file's only document as a tree; NULL after a complaint. */
const struct node *document_tree(struct document *d, struct document_errors *errors);

#endif
