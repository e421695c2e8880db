/* One transaction on rows of attachments, and the sources of a row in it. */
#ifndef ENGINES_ATTACHMENT_EDIT_H
#define ENGINES_ATTACHMENT_EDIT_H 1

#include "config/columns.h"
#include "ovsdb-lite/rows/txn.h"

struct arena;
struct json_object;

struct attachment_edit {
	const struct ipvl_columns *c;
	struct txn *txn;
	unsigned int
		attempt; /* from 1: how often other clients took what it chose, and one */
	/* Operations behind those of 'txn'. */
	struct json_object *extra;
};

/* The text of a column, "" if it is empty. Borrowed. */
const char *attachment_edit_text(const struct attachment_edit *edit, const struct row *r,
				 const struct column_schema *c);

/* One more source of a row of Master or Slave. */
void attachment_edit_declare(const struct attachment_edit *edit, struct row *r,
			     const char *source);
/* The same of a row that has some: it stays as long. A row without any is an
 * administrator's, and stays so. */
void attachment_edit_share(const struct attachment_edit *edit, struct row *r,
			   const char *source);
/* The sources of a row, for people: "network lan and /etc/ipvl/lan.yaml". From the arena. */
const char *attachment_edit_owners(const struct attachment_edit *edit,
				   const struct row *r, struct arena *a);

#endif
