/* See command_packet.h. */
#include "tests/twin/command_packet.h"

static const char *const hooks[TWIN_HOOKS] = {
	[TWIN_HOOK_INPUT] = "input",
	[TWIN_HOOK_OUTPUT] = "output",
};

static struct err *read_option_n(struct words *w, struct twin_request *r)
{
	return words_take(w, "-n") ? words_next(w, "a namespace", &r->netns) : NULL;
}

static const char *option_n(struct arena *a, const struct twin_request *r)
{
	return *r->netns ? arena_printf(a, " -n %s", words_quote(a, r->netns)) : "";
}

struct err *command_read_advert(struct words *w, struct twin_request *r)
{
	const char *text;
	struct err *e = read_option_n(w, r);

	r->kind = TWIN_ADVERTISE;
	if (!e)
		e = words_next(w, "a device", &r->name);
	if (!e)
		e = words_next(w, "the prefix", &text);
	return e ? e : ip_prefix_parse(text, &r->u.advertised);
}

const char *command_advert_text(struct arena *a, const struct twin_request *r)
{
	char buf[IP_TEXT_BYTES];

	return arena_printf(a, "ra%s %s %s", option_n(a, r), words_quote(a, r->name),
			    ip_prefix_format(&r->u.advertised, buf));
}

struct err *command_read_filter(struct words *w, struct twin_request *r)
{
	struct err *e = read_option_n(w, r);

	r->kind = TWIN_FILTER;
	if (e)
		return e;
	r->u.filter.drops = words_take(w, "drop");
	if (!r->u.filter.drops && !words_take(w, "accept"))
		return words_expected(w, "drop or accept");
	for (unsigned int i = 0; i < TWIN_HOOKS; i++) {
		if (words_take(w, hooks[i])) {
			r->u.filter.hook = i;
			return NULL;
		}
	}
	return words_expected(w, "input or output");
}

const char *command_filter_text(struct arena *a, const struct twin_request *r)
{
	return arena_printf(a, "filter%s %s %s", option_n(a, r),
			    r->u.filter.drops ? "drop" : "accept",
			    hooks[r->u.filter.hook]);
}
