/* A table of other programs' words, and values that name their column by themselves. */
#include "ctl/line/args_hint.h"

#include "lib/alloc.h"
#include "lib/ip.h"
#include "ovsdb-lite/values/datum.h"

#include <string.h>

static const struct {
	const char *table, *names, *hint;
} foreign_keys[] = {
	{"Slave", "|ns|namespace|", "netns=NAME"},
	{"Slave", "|ip|ip4|ip6|ipv4|ipv6|addr|ipaddr|ip-address|ip_address|",
	 "addresses=ADDRESS/LENGTH"},
	{"Slave", "|gateway|gateway4|gateway6|gw|via|", "routes='default via GATEWAY'"},
	{"Slave", "|dns|dns-servers|resolver|", "nameservers=ADDRESS,ADDRESS"},
	{"Slave", "|domain|dns-search|domains|", "search=DOMAIN,DOMAIN"},
	{"Slave", "|dhcp|dhcp4|dhcp6|",
	 "addressing=external, and run a DHCP client in the namespace"},
	{"Slave", "|up|down|disabled|active|", "enabled=true or enabled=false"},
	{"Slave", "|master|parent|link|dev|interface|",
	 "the first argument: add-slave MASTER NAME"},
	{"Slave", "|mode|flag|flags|",
	 "set-master MASTER, which sets it for all its slaves"},
	{"Master", "|ip|ipv4|ipv6|addr|addresses|ipaddr|",
	 "`ip address`: a master's own addresses are not ipvl's"},
	{"Master", "|vlan|tag|vid|parent|link|", "vlan_link=DEVICE vlan_id=NUMBER"},
	{"Master", "|ns|namespace|", "netns=NAME"},
	{"", "|comment|description|desc|",
	 "alias=TEXT of a slave, or external_ids:KEY=TEXT"},
	{"", "|label|labels|annotations|", "external_ids:KEY=VALUE"},
	{"", "|forwarding|proxy_arp|rp_filter|", "sysctl:ipv4.NAME=VALUE"},
};

const char *args_hint_column(const struct table_schema *t, const char *name)
{
	CLEANUP(freep) char *word = xasprintf("|%s|", name);

	for (size_t i = 0; i < ARRAY_SIZE(foreign_keys) && !strchr(name, '|'); i++) {
		bool is_of_all = !*foreign_keys[i].table && strcmp(t->name, "Host") != 0;

		if ((is_of_all || !strcmp(foreign_keys[i].table, t->name)) &&
		    strstr(foreign_keys[i].names, word))
			return foreign_keys[i].hint;
	}
	return NULL;
}

const char *args_hint_assignment(struct arena *a, const struct table_schema *t,
				 const char *word)
{
	const union atom value = {.string = arena_strdup(a, word)};
	struct ip_prefix prefix;
	struct err *e;

	for (size_t i = 0; i < t->n_columns; i++) {
		const struct column_schema *c = &t->columns[i];

		if (c->type.key.type == ATOM_STRING && c->type.key.allowed &&
		    !c->ephemeral && !c->type.is_map &&
		    datum_find(c->type.key.allowed, &value, ATOM_STRING) >= 0)
			return arena_printf(a, "%s=%s", c->name, word);
	}
	e = ip_prefix_parse(word, &prefix);
	if (!e && !strcmp(t->name, "Slave"))
		return arena_printf(a, "addresses=%s", word);
	err_free(e);
	return NULL;
}
