/* What networks declare, in the words that the configurations of all engines have. */
#ifndef ENGINES_ATTACHMENT_WORDS_H
#define ENGINES_ATTACHMENT_WORDS_H 1

#include "engines/attachment/attachment.h"
#include "lib/arena.h"
#include "lib/err.h"

/* Each reads 'text', the value of 'key', into 'want'; 'text' is from the arena. "" is as good as
 * no such key. ERR_INVALID, which names the key. */

/* l2, l3 or l3s; bridge, private or vepa. Without them those of the master's row, and l2 and bridge
 * if there is none. */
struct err *attachment_words_mode(struct attachment *want, const char *key,
				  const char *text) MUST_CHECK;
struct err *attachment_words_flag(struct attachment *want, const char *key,
				  const char *text) MUST_CHECK;
/* The name of a device. */
struct err *attachment_words_master(struct attachment *want, const char *key,
				    const char *text) MUST_CHECK;
/* "true", "false", or an address. */
struct err *attachment_words_host_access(struct attachment *want, const char *key,
					 const char *text) MUST_CHECK;
struct err *attachment_words_pool(struct attachment *want, const char *text) MUST_CHECK;

/* 'value', of 'key', as want->vlan or want->mtu; 0 is as good as no such key. */
struct err *attachment_words_vlan(struct attachment *want, const char *key,
				  int64_t value) MUST_CHECK;
struct err *attachment_words_mtu(struct attachment *want, const char *key,
				 int64_t value) MUST_CHECK;

/* One more address, ADDRESS or ADDRESS/LENGTH, that a container wishes for. */
struct err *attachment_words_address(struct arena *a, struct attachment *want,
				     const char *key, const char *text) MUST_CHECK;
/* One more label; of two values of one key the last. Both are from the arena. */
void attachment_words_label(struct arena *a, struct attachment *want, const char *key,
			    const char *value);

#endif
