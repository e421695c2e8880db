/* The text of a draft, or of rows: keys in the order of docs/yaml.md, remarks as comments above
 * what they are about. */
#include "config/yaml/write.h"

#include "config/routing_source.h"
#include "config/yaml/declare.h"
#include "config/yaml/scalar.h"
#include "config/yaml/write_pool.h"
#include "config/yaml/write_rules.h"
#include "datapath/link_type.h"
#include "lib/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The column of the dash of each list. */
#define AT_MASTER 2
#define AT_SLAVE  6
#define AT_ROUTE  10

static void print_remarks(FILE *out, const struct remarks *r, int column)
{
	for (size_t i = 0; i < r->n; i++)
		fprintf(out, "%*s# %s\n", column, "", r->texts[i]);
}

static void print_addr(FILE *out, const struct ip_addr *addr)
{
	char buf[IP_TEXT_BYTES];

	scalar_print_address(out, ip_addr_format(addr, buf));
}

static void print_text(FILE *out, int column, const char *key, const char *value)
{
	if (!*value)
		return;
	fprintf(out, "%*s%s: ", column, "", key);
	scalar_print(out, value);
	fputc('\n', out);
}

/* --- routes --- */

/* `default` has the family of what follows; without that, and on a slave with both families,
 * it is ambiguous. */
static void print_to(FILE *out, const struct model_route *r)
{
	char buf[IP_TEXT_BYTES];

	if (ip_prefix_is_default(&r->to) && (r->via.family || r->from.family))
		fputs("default", out);
	else
		scalar_print_address(out, ip_prefix_format(&r->to, buf));
}

static void print_via(FILE *out, const struct model_route *r)
{
	if (r->via.family && !r->n_more) {
		fputs(", via: ", out);
		print_addr(out, &r->via);
	}
	for (size_t i = 0; r->n_more && i < model_route_n_hops(r); i++) {
		struct model_hop hop = model_route_hop(r, i);

		fputs(i ? ", " : ", via: [", out);
		if (hop.weight > 1)
			fputs("{address: ", out);
		print_addr(out, &hop.via);
		if (hop.weight > 1)
			fprintf(out, ", weight: %u}", hop.weight);
	}
	if (r->n_more)
		fputc(']', out);
}

static void print_route(FILE *out, const struct model_route *r)
{
	fputs("- {to: ", out);
	print_to(out, r);
	if (model_route_is_reject(r))
		fprintf(out, ", type: %s", model_route_type_name(r->type));
	print_via(out, r);
	if (r->from.family) {
		fputs(", from: ", out);
		print_addr(out, &r->from);
	}
	if (r->metric)
		fprintf(out, ", metric: %u", r->metric);
	if (r->table != MODEL_ROUTE_TABLE_MAIN)
		fprintf(out, ", table: %u", r->table);
	if (r->on_link)
		fputs(", on-link: true", out);
	if (r->mtu)
		fprintf(out, ", mtu: %u", r->mtu);
	if (r->advmss)
		fprintf(out, ", advertised-mss: %u", r->advmss);
	if (*model_route_scope_name(r->scope))
		fprintf(out, ", scope: %s", model_route_scope_name(r->scope));
	fputs("}\n", out);
}

static void print_routes(FILE *out, int column, const struct model_route *routes,
			 size_t n)
{
	if (n)
		fprintf(out, "%*sroutes:\n", column, "");
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%*s", column + 2, "");
		print_route(out, &routes[i]);
	}
}

static void print_prefix(FILE *out, const struct ip_prefix *p)
{
	char buf[IP_TEXT_BYTES];

	if (p->len == ip_addr_bits(&p->addr))
		print_addr(out, &p->addr);
	else
		scalar_print_address(out, ip_prefix_format(p, buf));
}

static void print_rule(FILE *out, const struct model_rule *r)
{
	fprintf(out, "%*s- {", AT_SLAVE + 4, "");
	if (r->from.len || !r->to.len) {
		fputs("from: ", out);
		print_prefix(out, &r->from);
	}
	if (r->to.len) {
		fputs(r->from.len ? ", to: " : "to: ", out);
		print_prefix(out, &r->to);
	}
	fprintf(out, ", table: %u", r->table);
	if (r->priority != MODEL_RULE_PRIORITY)
		fprintf(out, ", priority: %u", r->priority);
	if (r->mark)
		fprintf(out, ", mark: %u", r->mark);
	if (r->tos)
		fprintf(out, ", type-of-service: %u", r->tos);
	fputs("}\n", out);
}

static void print_rules(FILE *out, const struct model_slave *s)
{
	if (s->n_rules)
		fprintf(out, "%*srouting-policy:\n", AT_SLAVE + 2, "");
	for (size_t i = 0; i < s->n_rules; i++)
		print_rule(out, &s->rules[i]);
}

/* --- slaves and masters --- */

static void print_option(FILE *out, const char **before, const char *key,
			 const char *value)
{
	if (!*value)
		return;
	fprintf(out, "%s%s: ", *before, key);
	/* `lifetime: 0` is a number. */
	if (!strcmp(value, "0"))
		fputs(value, out);
	else
		scalar_print(out, value);
	*before = ", ";
}

static void print_options(FILE *out, const struct model_address_options *o)
{
	const char *before = "{";
	char buf[IP_TEXT_BYTES] = "";

	if (o->peer.family)
		ip_addr_format(&o->peer, buf);
	print_option(out, &before, "peer", buf);
	print_option(out, &before, "scope", model_route_scope_name(o->scope));
	print_option(out, &before, "label", o->label);
	print_option(out, &before, "lifetime", model_lifetime_name(o->lifetime));
	fputc('}', out);
}

/* One on a line where more is declared of any. */
static void print_address_list(FILE *out, const struct model_slave *s)
{
	char buf[IP_TEXT_BYTES];

	fprintf(out, "%*saddresses:\n", AT_SLAVE + 2, "");
	for (size_t i = 0; i < s->n_addresses; i++) {
		const struct model_address_options *o =
			model_find_options(s, &s->addresses[i]);

		fprintf(out, "%*s- ", AT_SLAVE + 4, "");
		scalar_print_address(out, ip_prefix_format(&s->addresses[i], buf));
		if (o) {
			fputs(": ", out);
			print_options(out, o);
		}
		fputc('\n', out);
	}
}

static void print_addresses(FILE *out, const struct model_slave *s)
{
	char buf[IP_TEXT_BYTES];

	if (!s->addresses_managed)
		return;
	if (s->n_address_options) {
		print_address_list(out, s);
		return;
	}
	fprintf(out, "%*saddresses: [", AT_SLAVE + 2, "");
	for (size_t i = 0; i < s->n_addresses; i++) {
		fputs(i ? ", " : "", out);
		scalar_print_address(out, ip_prefix_format(&s->addresses[i], buf));
	}
	fputs("]\n", out);
}

/* Words that blanks separate as a list. */
static void print_words(FILE *out, const char *key, const char *words)
{
	const char *before = "[";

	if (!*words)
		return;
	fprintf(out, "%s: ", key);
	for (const char *at = words; *at;) {
		size_t n = strcspn(at, " ");
		CLEANUP(freep) char *word = strndup(at, n);

		fputs(before, out);
		scalar_print(out, word);
		before = ", ";
		at += n + strspn(at + n, " ");
	}
	fputc(']', out);
}

static void print_nameservers(FILE *out, const struct model_slave *s)
{
	if (!*s->nameservers && !*s->search)
		return;
	fprintf(out, "%*snameservers: {", AT_SLAVE + 2, "");
	print_words(out, "addresses", s->nameservers);
	fputs(*s->nameservers && *s->search ? ", " : "", out);
	print_words(out, "search", s->search);
	fputs("}\n", out);
}

/* Where they are not the default. */
static void print_watch(FILE *out, int column, bool is_optional, enum model_drift drift)
{
	if (is_optional)
		fprintf(out, "%*soptional: true\n", column, "");
	if (drift != MODEL_DRIFT_REPAIR)
		print_text(out, column, "drift", model_drift_name(drift));
}

/* Numbers are not quoted. */
static void print_number(FILE *out, const char *value)
{
	if (*value && !value[strspn(value, "-0123456789")])
		fputs(value, out);
	else
		scalar_print(out, value);
}

static void print_sysctls(FILE *out, int column, const struct model_sysctl *sysctls,
			  size_t n)
{
	const char *before = "{";

	if (!n)
		return;
	fprintf(out, "%*ssysctl: ", column, "");
	for (size_t i = 0; i < n; i++) {
		fputs(before, out);
		scalar_print(out, sysctls[i].key);
		fputs(": ", out);
		print_number(out, sysctls[i].value);
		before = ", ";
	}
	fputs("}\n", out);
}

static void print_settings(FILE *out, const struct model_slave *s)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct model_sysctl *rest = arena_array(a, s->n_sysctls, sizeof(*rest));
	struct declare_word words[DECLARE_SYSCTL_WORDS];
	size_t n_rest,
		n = declare_sysctl_words(s->sysctls, s->n_sysctls, words, rest, &n_rest);

	for (size_t i = 0; i < n; i++)
		print_text(out, AT_SLAVE + 2, words[i].key, words[i].word);
	print_sysctls(out, AT_SLAVE + 2, rest, n_rest);
}

/* What a row has and no kernel. */
static void print_declared(FILE *out, const struct model_slave *s)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const char *table = routing_source_text(a, s);

	if (*table) /* "true", or a number */
		fprintf(out, "%*ssource-routing: %s\n", AT_SLAVE + 2, "", table);
	if (s->host_access)
		fprintf(out, "%*shost-access: true\n", AT_SLAVE + 2, "");
	if (s->intent == MODEL_DISABLED)
		fprintf(out, "%*senabled: false\n", AT_SLAVE + 2, "");
}

static void print_names(FILE *out, const struct model_slave *s)
{
	for (size_t i = 0; i < s->n_altnames; i++) {
		if (i)
			fputs(", ", out);
		else
			fprintf(out, "%*saltnames: [", AT_SLAVE + 2, "");
		scalar_print(out, s->altnames[i]);
	}
	if (s->n_altnames)
		fputs("]\n", out);
	print_text(out, AT_SLAVE + 2, "alias", s->alias);
	print_text(out, AT_SLAVE + 2, "vrf", s->vrf);
}

/* 'r' is NULL for a row. */
static void print_slave(FILE *out, const struct model_slave *s, const struct remarks *r)
{
	if (r)
		print_remarks(out, r, AT_SLAVE);
	fprintf(out, "%*s- name: ", AT_SLAVE, "");
	scalar_print(out, s->name);
	fputc('\n', out);
	print_text(out, AT_SLAVE + 2, "netns", s->netns);
	print_text(out, AT_SLAVE + 2, "pool", s->pool);
	print_addresses(out, s);
	print_routes(out, AT_SLAVE + 2, s->routes, s->n_routes);
	print_rules(out, s);
	print_nameservers(out, s);
	if (s->mtu)
		fprintf(out, "%*smtu: %u\n", AT_SLAVE + 2, "", s->mtu);
	if (s->is_handed_over)
		fprintf(out, "%*shanded-over: true\n", AT_SLAVE + 2, "");
	if (s->is_transient)
		fprintf(out, "%*stransient: true\n", AT_SLAVE + 2, "");
	if (!r)
		print_declared(out, s);
	print_settings(out, s);
	if (!r)
		print_watch(out, AT_SLAVE + 2, s->is_optional, s->drift);
	print_names(out, s);
}

static void print_vlan(FILE *out, const struct model_master *m)
{
	if (!*m->vlan_link)
		return;
	fprintf(out, "%*svlan: {link: ", AT_MASTER + 2, "");
	scalar_print(out, m->vlan_link);
	fprintf(out, ", id: %u}\n", m->vlan_id);
}

static void print_match(FILE *out, const struct model_match *m)
{
	const char *before = "match: {";

	if (!model_match_is_set(m))
		return;
	fprintf(out, "%*s", AT_MASTER + 2, "");
	for (size_t i = 0; i < MODEL_MATCH_KEYS; i++) {
		const char *key = model_match_keys[i], *text = model_match_get(m, key);

		if (!*text)
			continue;
		fprintf(out, "%s%s: ", before, key);
		if (strcmp(key, "default-route"))
			scalar_print(out, text);
		else
			fputs(text, out);
		before = ", ";
	}
	fputs("}\n", out);
}

/* 'd' is NULL for a row. */
static void print_master(FILE *out, const struct model_master *m,
			 const struct draft_master *d)
{
	char buf[8];

	if (d)
		print_remarks(out, &d->remarks, AT_MASTER);
	fprintf(out, "%*s- name: ", AT_MASTER, "");
	scalar_print(out, m->name);
	fputc('\n', out);
	print_match(out, &m->match);
	print_text(out, AT_MASTER + 2, "netns", m->netns);
	print_text(out, AT_MASTER + 2, "datapath", m->type ? m->type->id.name : "");
	print_text(out, AT_MASTER + 2, "mode", model_mode_name((uint8_t)m->mode, buf));
	print_text(out, AT_MASTER + 2, "flag", model_flag_name((uint8_t)m->flag, buf));
	print_text(out, AT_MASTER + 2, "kind", model_kind_name(m->kind));
	print_vlan(out, m);
	if (m->mtu)
		fprintf(out, "%*smtu: %u\n", AT_MASTER + 2, "", m->mtu);
	print_routes(out, AT_MASTER + 2, m->routes, m->n_routes);
	if (!d) {
		print_sysctls(out, AT_MASTER + 2, m->sysctls, m->n_sysctls);
		print_watch(out, AT_MASTER + 2, m->is_optional, m->drift);
	}
	if (m->n_slaves)
		fprintf(out, "%*sslaves:\n", AT_MASTER + 2, "");
	if (d)
		print_remarks(out, &d->left_out, AT_SLAVE);
	for (size_t i = 0; i < m->n_slaves; i++)
		print_slave(out, &m->slaves[i], d ? &d->slaves[i] : NULL);
}

static FILE *open_text(char **text, size_t *n_bytes)
{
	FILE *out = open_memstream(text, n_bytes);

	if (!out)
		abort();
	return out;
}

char *write_model(const struct model *m, const struct pool *pools, size_t n_pools,
		  const char *comment)
{
	char *text;
	size_t n_bytes;
	FILE *out = open_text(&text, &n_bytes);

	fprintf(out, "%sversion: 1\n", comment);
	write_pools(out, pools, n_pools);
	if (m->n_masters)
		fputs("masters:\n", out);
	for (size_t i = 0; i < m->n_masters; i++)
		print_master(out, &m->masters[i], NULL);
	fclose(out);
	return text;
}

char *write_survey(const struct model *have, bool foreign_only, size_t *ret_n_left_out)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct draft *d = write_draft_build(a, have, foreign_only);
	char *text;
	size_t n_bytes;
	FILE *out = open_text(&text, &n_bytes);

	write_rules_obey(d);
	fputs("# The ipvlan devices of this host, by `ipvl-ctl import`.\n", out);
	print_remarks(out, &d->left_out, 0);
	fputs("version: 1\n", out);
	if (d->model.n_masters)
		fputs("masters:\n", out);
	for (size_t i = 0; i < d->model.n_masters; i++)
		print_master(out, &d->model.masters[i], &d->masters[i]);
	fclose(out);
	*ret_n_left_out = d->n_left_out;
	return text;
}
