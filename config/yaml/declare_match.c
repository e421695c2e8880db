/* `match:` of a master: the properties that its device is found by. */
#include "config/yaml/declare.h"

#include "config/canon.h"
#include "lib/alloc.h"

static void set_value(struct declare *r, const struct node *value, const char *key,
		      const char *text, struct model_match *match)
{
	const char *canonical = "";
	struct err *e = canon_match(key, text, r->d->arena, &canonical);

	if (e)
		declare_fail(r, value, e);
	else
		(void)model_match_set(match, key, canonical);
}

static void read_value(struct declare *r, const struct node *value, const char *key,
		       struct model_match *match)
{
	const char *text = declare_text(r, value, key);

	if (text)
		set_value(r, value, key, text, match);
}

static void read_name(struct declare *r, const struct node *value, void *object)
{
	read_value(r, value, "name", object);
}

static void read_mac(struct declare *r, const struct node *value, void *object)
{
	read_value(r, value, "macaddress", object);
}

static void read_path(struct declare *r, const struct node *value, void *object)
{
	read_value(r, value, "path", object);
}

static void read_default_route(struct declare *r, const struct node *value, void *object)
{
	bool is_true = true;

	if (declare_boolean(r, value, "default-route", &is_true))
		set_value(r, value, "default-route", is_true ? "true" : "false", object);
}

void declare_match(struct declare *r, const struct node *value, struct model_match *match)
{
	static const struct declare_key keys[] = {
		{.name = "name", .read = read_name},
		{.name = "macaddress", .read = read_mac},
		{.name = "path", .read = read_path},
		{.name = "default-route", .read = read_default_route},
	};
	static const struct declare_stranger strangers[] = {
		{"driver", "ipvl finds no device by its driver",
		 "use `path`, `macaddress` or `name`"},
	};
	static const struct declare_kind kind = {
		.what = "`match`",
		.example = "{macaddress: \"02:00:00:00:00:01\"}",
		.keys = keys,
		.n_keys = ARRAY_SIZE(keys),
		.strangers = strangers,
		.n_strangers = ARRAY_SIZE(strangers),
	};

	if (declare_map(r, value, &kind, match) && !value->n_pairs)
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID, "`match` is empty"),
				      "write it as in %s", kind.example));
}
