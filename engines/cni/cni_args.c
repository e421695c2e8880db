/* CNI_ARGS (CONVENTIONS.md): what the runtime knows of the container, as labels. */
#include "engines/cni/cni_args.h"

#include "lib/alloc.h"
#include "lib/ip.h"
#include "lib/text.h"

#include <string.h>

const struct cni_error *cni_args_wish(struct arena *a, const char *where,
				      const char *text, struct cni_request *request)
{
	struct attachment *want = &request->want;
	struct ip_prefix *all = arena_array(a, want->n_addresses + 1, sizeof(*all));
	struct ip_prefix p = {.len = ATTACHMENT_NO_LENGTH};
	struct err *e = strchr(text, '/') ? ip_prefix_parse(text, &p)
					  : ip_addr_parse(text, &p.addr);

	if (e)
		return cni_error_from(a, CNI_BAD_CONFIG, err_at(e, "%s", where));
	if (want->n_addresses)
		memcpy(all, want->addresses, want->n_addresses * sizeof(*all));
	all[want->n_addresses++] = p;
	want->addresses = all;
	return NULL;
}

static void add_label(struct arena *a, struct attachment *want, const char *key,
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

/* Of the runtime, not of the container. */
static bool is_label(const char *key)
{
	return strcmp(key, "IgnoreUnknown") && strcmp(key, "IP");
}

const struct cni_error *cni_args_read(struct arena *a, const char *text,
				      struct cni_request *request, const char **ret_ip)
{
	char *rest = arena_strdup(a, text), *key;

	*ret_ip = NULL;
	if (!text_is_utf8(text, strlen(text)))
		return cni_error_new(a, CNI_BAD_VARIABLE, NULL,
				     "CNI_ARGS is not valid UTF-8");
	while ((key = strsep(&rest, ";"))) {
		char *value = strchr(key, '=');

		if (!*key)
			continue;
		if (!value || value == key)
			return cni_error_new(a, CNI_BAD_VARIABLE, "it is KEY=VALUE;…",
					     "CNI_ARGS has \"%s\", which is no KEY=VALUE",
					     key);
		*value++ = '\0';
		if (!strcmp(key, "MAC") && *value)
			return cni_error_new(
				a, CNI_UNSUPPORTED, "leave the address out",
				"MAC=%s of CNI_ARGS: an ipvlan device has the address "
				"of its master",
				value);
		if (!strncmp(key, "cni-", 4))
			return cni_error_new(
				a, CNI_BAD_VARIABLE, "call it otherwise",
				"CNI_ARGS has %s: ipvl-cni keeps these as "
				"labels, and the names that begin with `cni-` "
				"are its own",
				key);
		if (!strcmp(key, "IP") && *value)
			*ret_ip = value;
		else if (is_label(key))
			add_label(a, &request->want, key, value);
	}
	return NULL;
}
