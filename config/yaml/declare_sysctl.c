/* Settings of a device: `sysctl:`, and of a slave `ipv6:` and `ipv6-address-generation:`, words for
 * some of them. */
#include "config/yaml/declare.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>

struct sysctl {
	struct model_sysctl m;
	struct place place;
};

struct sysctls {
	struct sysctl *all;
	size_t n, cap;
};

/* Linux Documentation/networking/ip-sysctl.rst. 2: routers are heard also where the namespace
 * forwards. */
static const struct word {
	const char *word;
	struct model_sysctl sysctls[3];
} ipv6_words[] = {
	{"off", {{"ipv6.disable_ipv6", "1"}}},
	{"static", {{"ipv6.accept_ra", "0"}, {"ipv6.disable_ipv6", "0"}}},
	{"ra",
	 {{"ipv6.accept_ra", "2"}, {"ipv6.autoconf", "1"}, {"ipv6.disable_ipv6", "0"}}},
};

/* IN6_ADDR_GEN_MODE_*. */
static const struct word generation_words[] = {
	{"eui64", {{"ipv6.addr_gen_mode", "0"}}},
	{"none", {{"ipv6.addr_gen_mode", MODEL_SYSCTL_NO_LINK_LOCAL}}},
	{"random", {{"ipv6.addr_gen_mode", "3"}}},
};

/* A key whose value is one of a few words. */
struct choice {
	const char *key;
	const struct word *words;
	size_t n_words;
	void (*refuse)(struct declare *r, const struct node *value);
};

static void add(struct sysctls *s, struct model_sysctl m, struct place place)
{
	s->all = xgrow(s->all, s->n, &s->cap, sizeof(*s->all));
	s->all[s->n++] = (struct sysctl){m, place};
}

static void read_sysctl(struct declare *r, const struct node *value, struct sysctls *s)
{
	if (value->kind != NODE_MAP) {
		declare_fail(r, value,
			     err_hint(err_new(ERR_INVALID, "`sysctl` must be a map"),
				      "write it as in {ipv6.accept_ra: 0}"));
		return;
	}
	for (size_t i = 0; i < value->n_pairs; i++) {
		const struct node_pair *pair = &value->pairs[i];
		const char *text = declare_text(r, pair->value, pair->key->text);

		if (text)
			add(s, (struct model_sysctl){pair->key->text, text},
			    pair->key->place);
	}
}

static const struct word *find_word(const struct choice *c, const char *text)
{
	for (size_t i = 0; i < c->n_words; i++) {
		if (!strcmp(c->words[i].word, text))
			return &c->words[i];
	}
	return NULL;
}

static void refuse_ipv6(struct declare *r, const struct node *value)
{
	declare_fail(r, value,
		     err_hint(err_new(ERR_INVALID,
				      "unknown `ipv6: %s`: there are off, static and ra",
				      value->text),
			      "off: no IPv6; static: no router advertisements; ra: "
			      "addresses and routes of router advertisements"));
}

/* The kernel takes mode 2 of a device that has a secret, and a secret sets it (Linux
 * addrconf_sysctl_stable_secret()). */
static void refuse_generation(struct declare *r, const struct node *value)
{
	struct err *e;

	if (!strcmp(value->text, "stable-privacy"))
		e = err_hint(
			err_new(ERR_INVALID, "`stable-privacy` needs a secret"),
			"write `sysctl: {ipv6.stable_secret: SECRET}` instead, in the "
			"form of an IPv6 address with all its digits; or `random`, with "
			"a secret that the kernel chooses");
	else
		e = err_hint(err_new(ERR_INVALID,
				     "unknown `ipv6-address-generation: %s`: there are "
				     "eui64, none and random",
				     value->text),
			     "eui64: from the MAC address; none: no link-local address; "
			     "random: from a secret of the kernel's");
	declare_fail(r, value, e);
}

static const struct choice ipv6_choice = {"ipv6", ipv6_words, ARRAY_SIZE(ipv6_words),
					  refuse_ipv6};
static const struct choice generation_choice = {
	"ipv6-address-generation", generation_words, ARRAY_SIZE(generation_words),
	refuse_generation};

/* True if `sysctl` has the key, after a complaint. */
static bool is_given(struct declare *r, const struct sysctls *s, size_t n,
		     const struct choice *c, const struct word *w, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		const struct node at = {.place = s->all[i].place};

		if (strcmp(s->all[i].m.key, key) != 0)
			continue;
		declare_fail(r, &at,
			     err_hint(err_new(ERR_INVALID, "`%s: %s` sets %s, too",
					      c->key, w->word, key),
				      "leave out one of them"));
		return true;
	}
	return false;
}

static void read_choice(struct declare *r, const struct node *value,
			const struct choice *c, struct sysctls *s)
{
	const char *text = declare_text(r, value, c->key);
	const struct word *w = text ? find_word(c, text) : NULL;
	size_t n = s->n;

	if (text && !w)
		c->refuse(r, value);
	for (size_t i = 0; w && i < ARRAY_SIZE(w->sysctls) && w->sysctls[i].key; i++) {
		if (!is_given(r, s, n, c, w, w->sysctls[i].key))
			add(s, w->sysctls[i], value->place);
	}
}

/* --- the inverse --- */

static bool stands_for(const struct word *w, const struct model_sysctl *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(w->sysctls) && w->sysctls[i].key; i++) {
		if (!strcmp(w->sysctls[i].key, s->key) &&
		    !strcmp(w->sysctls[i].value, s->value))
			return true;
	}
	return false;
}

static const struct word *find_word_for(const struct choice *c,
					const struct model_sysctl *sysctls, size_t n)
{
	for (size_t i = 0; i < c->n_words; i++) {
		size_t n_wanted = 0, n_found = 0;

		while (n_wanted < ARRAY_SIZE(c->words[i].sysctls) &&
		       c->words[i].sysctls[n_wanted].key)
			n_wanted++;
		for (size_t k = 0; k < n; k++)
			n_found += stands_for(&c->words[i], &sysctls[k]);
		if (n_found == n_wanted)
			return &c->words[i];
	}
	return NULL;
}

size_t declare_sysctl_words(const struct model_sysctl *sysctls, size_t n,
			    struct declare_word words[static DECLARE_SYSCTL_WORDS],
			    struct model_sysctl *rest, size_t *ret_n_rest)
{
	static const struct choice *const choices[DECLARE_SYSCTL_WORDS] = {
		&ipv6_choice, &generation_choice};
	const struct word *found[DECLARE_SYSCTL_WORDS];
	size_t n_words = 0, n_rest = 0;

	for (size_t i = 0; i < DECLARE_SYSCTL_WORDS; i++) {
		found[i] = find_word_for(choices[i], sysctls, n);
		if (found[i])
			words[n_words++] =
				(struct declare_word){choices[i]->key, found[i]->word};
	}
	for (size_t i = 0; i < n; i++) {
		bool is_said = false;

		for (size_t k = 0; k < DECLARE_SYSCTL_WORDS; k++)
			is_said |= found[k] && stands_for(found[k], &sysctls[i]);
		if (!is_said)
			rest[n_rest++] = sysctls[i];
	}
	*ret_n_rest = n_rest;
	return n_words;
}

static int sysctl_cmp(const void *a, const void *b)
{
	const struct sysctl *x = a, *y = b;

	return strcmp(x->m.key, y->m.key);
}

void declare_sysctls(struct declare *r, const struct node *sysctl,
		     const struct node *ipv6, const struct node *generation,
		     struct declare_sysctls *ret)
{
	struct sysctls s = {0};

	if (sysctl)
		read_sysctl(r, sysctl, &s);
	if (ipv6)
		read_choice(r, ipv6, &ipv6_choice, &s);
	if (generation)
		read_choice(r, generation, &generation_choice, &s);
	if (s.n)
		qsort(s.all, s.n, sizeof(*s.all), sysctl_cmp);
	ret->sysctls = arena_array(r->d->arena, s.n, sizeof(*ret->sysctls));
	ret->places = arena_array(r->d->arena, s.n, sizeof(*ret->places));
	ret->n = s.n;
	for (size_t i = 0; i < s.n; i++) {
		ret->sysctls[i] = s.all[i].m;
		ret->places[i] = s.all[i].place;
	}
	free(s.all);
}
