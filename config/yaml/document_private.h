/* Between the files that make a document: document.c reads YAML into a tree, declare.c
 * reads the tree into a model, complaint.c keeps the complaints. Private to config/. */
#ifndef CONFIG_DOCUMENT_PRIVATE_H
#define CONFIG_DOCUMENT_PRIVATE_H 1

#include "config/yaml/document.h"

/* From 1; column in characters. Line 0: nowhere in the file. */
struct place {
	size_t line, column;
};

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

/* Where the parts of one model object stand, in the model's order. */
struct route_places {
	struct place object, via, from;
};

struct object_places {
	struct place object, fields[VALID_N_FIELDS];
	struct place *addresses, *sysctls;
	struct route_places *routes;
	struct object_places *slaves; /* of a master */
};

struct document {
	struct arena *arena;
	const char *file, *text; /* the text without a byte order mark */
	size_t n_bytes;
	size_t *line_starts, n_lines;
	struct model model;
	struct object_places *masters;
};

/* Adds a complaint; takes 'e'. 'd' lends its file's name and line; 'place' of line 0 has
 * neither line nor caret. */
void complaint_add(struct document_errors *errors, const struct document *d,
		   struct place place, struct err *e);
/* The complaints from 'first' on, in the order of the file. */
void complaint_sort(struct document_errors *errors, size_t first);

/* The file's only document as a tree; NULL after a complaint. */
const struct node *document_tree(struct document *d, struct document_errors *errors);
/* A byte's place. */
struct place document_offset(const struct document *d, size_t offset);
/* The first tab of a line's indentation. */
bool document_find_tab(const struct document *d, size_t line, struct place *ret_place);

/* Reads 'root' into d->model and d->masters. Complaints go to 'errors'; if there were
 * any, the model is not to be used. */
void declare_model(struct document *d, const struct node *root,
		   struct document_errors *errors);

/* Where 'at', a part of d->model, stands. */
struct place document_place(const struct document *d, const struct valid_place *at);

#endif
