/* Reads an object that an engine has written. What is not asked for is left alone. */
#ifndef ENGINES_ATTACHMENT_JSON_H
#define ENGINES_ATTACHMENT_JSON_H 1

#include "lib/arena.h"
#include "lib/err.h"
#include "ovsdb-lite/json/json.h"

#include <stdint.h>

struct attachment_json {
	struct arena *a;
	const char *what;  /* what is read, for errors: "the network's configuration" */
	struct err *error; /* the first; ERR_INVALID, unless the caller takes another */
};

/* Takes 'e' (NULL: nothing), and keeps it if it is the first. */
void attachment_json_take(struct attachment_json *r, struct err *e);

/* NULL if there is none, or after a complaint about its type. JSON's null is as good as nothing;
 * so is a member of what is no object. */
const struct json_object *attachment_json_member(struct attachment_json *r,
						 const struct json_object *of,
						 const char *key, enum json_kind kind);
/* "" if there is none; else from the arena. */
const char *attachment_json_text(struct attachment_json *r, const struct json_object *of,
				 const char *key);
/* 0 and false if there is none. */
int64_t attachment_json_integer(struct attachment_json *r, const struct json_object *of,
				const char *key);
bool attachment_json_boolean(struct attachment_json *r, const struct json_object *of,
			     const char *key);

/* The members of a list; 0 of what is none. */
size_t attachment_json_length(const struct json_object *list);

#endif
