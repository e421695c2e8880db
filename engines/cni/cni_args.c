/* CNI_ARGS (CONVENTIONS.md): what the runtime knows of the container, as labels. */
#include "engines/cni/cni_args.h"

#include "engines/attachment/attachment_words.h"
#include "lib/text.h"

#include <string.h>

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
			attachment_words_label(a, &request->want, key, value);
	}
	return NULL;
}
