/* explain: what modes and flags do, in general (`trace` says it of one packet on one host), and
 * the keys of the YAML file beside the columns. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <string.h>

#include <keys_text.h> /* made by the build */

/* clang-format off */
/* tests/kernel/test_trace.py compares all of it but DHCP with packets, docs/kernel.md 11 has
 * the filters. */
static const char overview[] =
	"              slave to slave                      host to    slave to\n"
	"              same subnet    other subnet         slave      outside\n"
	"  l2 bridge   switched       by a router          no         yes\n"
	"  l2 private  no             by a router          no         yes\n"
	"  l2 vepa     by the switch  by a router          no         yes\n"
	"  l3 bridge   switched       switched             no         with a route back\n"
	"  l3 private  no             no                   no         with a route back\n"
	"  l3 vepa     no             by a router that     no         with a route back\n"
	"                             has a route back\n"
	"  l3s         as l3, and the host's packet filter sees what comes in\n"
	"\n"
	"`host-access` on a master with flag bridge connects host and slaves.\n"
	"`ipvl-ctl explain l2` and the like say more; `trace` follows one packet.\n"
	"`explain master`, pool, slave, route and rule list the keys of the file, and\n"
	"`explain KEY` says what ipvl-ctl takes for one, its values and its default.\n";

static const struct {
	const char *word, *text;
} words[] = {
	{"l2",
	 "l2: slaves are hosts on the master's LAN, all with the master's MAC address\n"
	 "  ARP      each slave asks and answers for itself; broadcast and multicast pass\n"
	 "  outside  reaches them as any host of the LAN\n"
	 "  host     it and its slaves do not reach each other, unless `host-access`\n"
	 "           gives it a slave of its own\n"
	 "  filter   the host's packet filter sees nothing of them; use that of their\n"
	 "           namespaces\n"
	 "  DHCP     the server must tell clients apart by client identifier: they have\n"
	 "           one MAC address\n"},
	{"l3",
	 "l3: the host routes for its slaves, which have no neighbours\n"
	 "  ARP      slaves neither ask nor answer; broadcast and multicast are dropped\n"
	 "  routes   what is for no other slave takes the routes of the master's\n"
	 "           namespace that leave by the master; a slave needs no more than\n"
	 "           `to: default`\n"
	 "  outside  needs a route back to the slaves by an address of the master, which\n"
	 "           `ipvl-ctl trace` prints\n"
	 "  host     receives what slaves send to it, and its answers do not reach them,\n"
	 "           unless `host-access` gives it a slave of its own\n"
	 "  filter   what leaves passes output and postrouting of the host, after those\n"
	 "           of the slave's namespace; what comes in passes the latter alone\n"},
	{"l3s", "l3s: as l3, and the host's packet filter sees what comes in, too\n"
		"  filter   what leaves passes output and postrouting of the host, after those\n"
		"           of the slave's namespace; what comes in passes the host's\n"
		"           prerouting and input, and nothing of the slave's namespace\n"},
	{"bridge",
	 "bridge: slaves of a master reach each other, switched by the kernel\n"},
	{"private",
	 "private: slaves of a master do not reach each other\n"
	 "  l2       within a subnet; a router on the LAN still connects two subnets\n"
	 "  l3, l3s  whatever sends it back\n"},
	{"vepa",
	 "vepa: what slaves send to each other leaves by the master\n"
	 "  l2       it arrives if the switch sends frames back to their port (hairpin,\n"
	 "           reflective relay), and between two subnets by a router; a router that\n"
	 "           sends ICMP redirects stops it after the first packets\n"
	 "  l3, l3s  it takes the host's routes: a router has to send it back, and needs a\n"
	 "           route to the slaves\n"},
};
/* clang-format on */

/* Keys of the YAML file. */
static const struct {
	const char *object; /* "slave" */
	const char *
		words; /* the key, and columns and inner keys; or the object, for a list */
	const char *text;
} keys[] = {KEYS_TEXT};

static const char *text_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i].word, word))
			return words[i].text;
	}
	return NULL;
}

/* source_routing is a column, source-routing a key. */
static bool is_same(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i] && !(strchr("-_", a[i]) && strchr("-_", b[i])))
			return false;
	}
	return true;
}

static bool has_word(const char *all, const char *word)
{
	size_t n, length = strlen(word);

	for (; *all; all += n + strspn(all + n, " ")) {
		n = strcspn(all, " ");
		if (n == length && is_same(all, word, n))
			return true;
	}
	return false;
}

/* Prints each key that 'word' names, as KEY or OBJECT.KEY: how many. */
static size_t print_keys(FILE *out, const char *word)
{
	const char *dot = strchr(word, '.'), *key = dot ? dot + 1 : word;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t n_object = strlen(keys[i].object);

		if (dot &&
		    (strncmp(word, keys[i].object, n_object) || word + n_object != dot))
			continue;
		if (has_word(keys[i].words, key))
			fprintf(out, "%s%s", n++ ? "\n" : "", keys[i].text);
	}
	return n;
}

/* All words that can be explained, for a suggestion. NULL ends it. */
static const char **all_words(struct arena *a)
{
	const char **all = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		all = arena_grow(a, all, n, &cap, sizeof(*all));
		all[n++] = words[i].word;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char *rest = arena_strdup(a, keys[i].words);

		while (rest) {
			all = arena_grow(a, all, n, &cap, sizeof(*all));
			all[n++] = strsep(&rest, " ");
		}
	}
	all = arena_grow(a, all, n, &cap, sizeof(*all));
	all[n] = NULL;
	return all;
}

static struct err *unknown(struct context *ctx, const char *word)
{
	const char *nearest = text_nearest(word, all_words(ctx->arena));
	struct err *e = err_new(ERR_INVALID, "%s is not a mode, a flag or a key", word);

	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "`ipvl-ctl explain` shows modes and flags; `explain "
				     "master`, pool, slave, route and rule list keys");
}

struct err *cmd_explain(struct context *ctx, const struct call *call)
{
	if (!call->n_args)
		fputs(overview, ctx->out);
	for (size_t i = 0; i < call->n_args; i++) {
		const char *text = text_of(call->args[i]);

		if (text)
			fputs(text, ctx->out);
		else if (!print_keys(ctx->out, call->args[i]))
			return unknown(ctx, call->args[i]);
	}
	return NULL;
}
