/* The attributes of a request as words: one table for reading and writing them. For
 * command*.c alone. */
#ifndef TESTS_TWIN_COMMAND_WORDS_H
#define TESTS_TWIN_COMMAND_WORDS_H 1

#include "datapath/sim/twin/twin_request.h"
#include "tests/twin/words.h"

/* How the value is written, and what is stored. */
enum attribute_form {
	ATTRIBUTE_TEXT,     /* const char *; sent unless NULL */
	ATTRIBUTE_NO_TEXT,  /* no value: the text "" */
	ATTRIBUTE_BOOL,     /* no value: 'fixed' */
	ATTRIBUTE_ON_OFF,   /* bool */
	ATTRIBUTE_FIXED_16, /* no value: 'fixed' */
	ATTRIBUTE_8,
	ATTRIBUTE_16,
	ATTRIBUTE_32,
	ATTRIBUTE_MODE,     /* uint16_t: a name, or a number */
	ATTRIBUTE_SCOPE,    /* uint8_t: the same */
	ATTRIBUTE_LIFETIME, /* uint32_t: a number, or "forever" */
};

struct attribute {
	const char *word;
	enum attribute_form form;
	unsigned int bit; /* of 'sent', the first member; 0: none */
	size_t offset;
	unsigned int fixed;
};

/* Each ends with a NULL word. Where several words write one member, the first one that
 * can write the value is used. */
extern const struct attribute command_link_attributes[];
/* Those after `type KIND`. */
extern const struct attribute command_kind_attributes[];
extern const struct attribute command_addr_attributes[];

/* Takes words as long as they are in 'table'. */
struct err *command_read(struct words *w, const struct attribute *table,
			 void *members) MUST_CHECK;
/* " mtu 1400 up": those that are sent. */
const char *command_write(struct arena *a, const struct attribute *table,
			  const void *members);

/* Names of numbers of rtnetlink(7). A number stands for itself. */
struct number_name {
	const char *name;
	uint8_t number;
};
extern const struct number_name command_scopes[], command_route_types[],
	command_protocols[];
struct err *command_read_number(struct words *w, const struct number_name *names,
				const char *what, uint8_t *ret_number) MUST_CHECK;
const char *command_number_name(struct arena *a, const struct number_name *names,
				uint8_t number);

/* The verbs of one kind of request with the flags that they stand for. */
struct verb {
	const char *word;
	enum twin_request_kind kind;
	unsigned int flags;
};
extern const struct verb command_link_verbs[], command_addr_verbs[],
	command_route_verbs[], command_netns_verbs[];
/* The verb with exactly these flags, else one with the same NLM_F_CREATE; NULL if 'verbs'
 * are of other kinds. */
const struct verb *command_verb_of(const struct verb *verbs,
				   const struct twin_request *r);

/* "create,excl"; "none". */
struct err *command_read_flags(struct words *w, unsigned int *ret_flags) MUST_CHECK;
const char *command_flags_text(struct arena *a, unsigned int flags);

#endif
