/* Words of networks as values. What is wrong is a sentence with the key as its user has written
 * it. */
#include "engines/attachment/attachment_words.h"

#include "config/canon.h"
#include "config/pool/pool.h"
#include "lib/alloc.h"

#include <inttypes.h>
#include <string.h>

struct err *attachment_words_mode(struct attachment *want, const char *key,
				  const char *text)
{
	want->has_mode = *text;
	want->mode = MODEL_MODE_L2; /* as of the drivers that engines have */
	if (*text && (!model_mode_from_name(text, &want->mode) ||
		      want->mode == MODEL_MODE_PASSTHRU))
		return err_new(ERR_INVALID, "`%s` is \"%s\", and has to be l2, l3 or l3s",
			       key, text);
	return NULL;
}

struct err *attachment_words_flag(struct attachment *want, const char *key,
				  const char *text)
{
	want->has_flag = *text;
	want->flag = MODEL_FLAG_BRIDGE;
	if (*text && !model_flag_from_name(text, &want->flag))
		return err_new(ERR_INVALID,
			       "`%s` is \"%s\", and has to be bridge, private or vepa",
			       key, text);
	return NULL;
}

struct err *attachment_words_master(struct attachment *want, const char *key,
				    const char *text)
{
	struct err *e = *text ? canon_check_ifname(text) : NULL;

	want->master = text;
	return e ? err_at(e, "`%s`", key) : NULL;
}

struct err *attachment_words_host_access(struct attachment *want, const char *key,
					 const char *text)
{
	struct err *e;

	want->has_host_access = *text && strcmp(text, "false") != 0;
	if (!want->has_host_access || !strcmp(text, "true"))
		return NULL;
	e = ip_addr_parse(text, &want->host_access);
	return e ? err_hint(err_at(e, "`%s`", key),
			    "write a free address of the containers' subnet, or `true`")
		 : NULL;
}

struct err *attachment_words_pool(struct attachment *want, const char *text)
{
	want->pool = text;
	return *text ? pool_check_name(text) : NULL;
}

static struct err *check_range(const char *key, int64_t value, int64_t min, int64_t max)
{
	/* Go programs write 0 for what is not set. */
	if (!value || (value >= min && value <= max))
		return NULL;
	return err_new(ERR_INVALID,
		       "`%s` is %" PRId64 ", and has to be %" PRId64 " to %" PRId64, key,
		       value, min, max);
}

struct err *attachment_words_vlan(struct attachment *want, const char *key, int64_t value)
{
	want->vlan = (uint16_t)value;
	return check_range(key, value, 1, 4094);
}

struct err *attachment_words_mtu(struct attachment *want, const char *key, int64_t value)
{
	want->mtu = (uint32_t)value;
	return check_range(key, value, MODEL_MTU_MIN, MODEL_MTU_MAX);
}

struct err *attachment_words_address(struct arena *a, struct attachment *want,
				     const char *key, const char *text)
{
	struct ip_prefix *all = arena_array(a, want->n_addresses + 1, sizeof(*all));
	struct ip_prefix p = {.len = ATTACHMENT_NO_LENGTH};
	struct err *e = strchr(text, '/') ? ip_prefix_parse(text, &p)
					  : ip_addr_parse(text, &p.addr);

	if (e)
		return err_at(e, "%s", key);
	if (want->n_addresses)
		memcpy(all, want->addresses, want->n_addresses * sizeof(*all));
	all[want->n_addresses++] = p;
	want->addresses = all;
	return NULL;
}

void attachment_words_label(struct arena *a, struct attachment *want, const char *key,
			    const char *value)
{
	struct attachment_label *all = arena_array(a, want->n_labels + 1, sizeof(*all));

	for (size_t i = 0; i < want->n_labels; i++) {
		if (!strcmp(want->labels[i].key, key)) {
			want->labels[i].value = value;
			return;
		}
	}
	if (want->n_labels)
		memcpy(all, want->labels, want->n_labels * sizeof(*all));
	all[want->n_labels++] = (struct attachment_label){key, value};
	want->labels = all;
}
