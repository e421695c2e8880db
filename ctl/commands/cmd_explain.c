/* explain: what modes and flags do, in general. `trace` says it of one packet on one host. */
#include "ctl/commands/cmd.h"
#include "ctl/session/context.h"
#include "lib/alloc.h"
#include "lib/text.h"

#include <string.h>

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
	"`ipvl-ctl explain l2` and the like say more; `trace` follows one packet.\n";

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

static const char *text_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i].word, word))
			return words[i].text;
	}
	return NULL;
}

static struct err *unknown(const char *word)
{
	const char *names[ARRAY_SIZE(words) + 1] = {NULL}, *nearest;
	struct err *e = err_new(ERR_INVALID, "%s is neither a mode nor a flag", word);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		names[i] = words[i].word;
	nearest = text_nearest(word, names);
	return nearest ? err_hint(e, "did you mean %s?", nearest)
		       : err_hint(e, "there are l2, l3, l3s, bridge, private and vepa");
}

struct err *cmd_explain(struct context *ctx, const struct call *call)
{
	if (!call->n_args)
		fputs(overview, ctx->out);
	for (size_t i = 0; i < call->n_args; i++) {
		const char *text = text_of(call->args[i]);

		if (!text)
			return unknown(call->args[i]);
		fputs(text, ctx->out);
	}
	return NULL;
}
