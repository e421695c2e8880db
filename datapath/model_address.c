/* What is declared of an address: text, likeness, and comparison with an observed one. */
#include "datapath/model_address.h"

#include <string.h>
#include <sys/socket.h>

static const char *const lifetime_names[] = {
	[MODEL_LIFETIME_ANY] = "",
	[MODEL_LIFETIME_FOREVER] = "forever",
	[MODEL_LIFETIME_DEPRECATED] = "0",
};

const char *model_lifetime_name(enum model_lifetime lifetime)
{
	return lifetime_names[lifetime];
}

bool model_address_options_are_set(const struct model_address_options *o)
{
	return o->peer.family || o->scope || o->lifetime || *o->label;
}

bool model_address_options_equal(const struct model_address_options *a,
				 const struct model_address_options *b)
{
	return !ip_prefix_cmp(&a->address, &b->address) &&
	       !ip_addr_cmp(&a->peer, &b->peer) && a->scope == b->scope &&
	       a->lifetime == b->lifetime && !strcmp(a->label, b->label);
}

/* "" without a value. */
static const char *word(struct arena *a, const char *before, const char *key,
			const char *value)
{
	return *value ? arena_printf(a, "%s%s%s %s", before, *before ? " " : "", key,
				     value)
		      : before;
}

const char *model_address_options_text(struct arena *a,
				       const struct model_address_options *o)
{
	char buf[IP_TEXT_BYTES] = "";
	const char *text;

	if (o->peer.family)
		ip_addr_format(&o->peer, buf);
	text = word(a, "", "peer", buf);
	text = word(a, text, "scope", model_route_scope_name(o->scope));
	text = word(a, text, "label", o->label);
	return word(a, text, "lifetime", model_lifetime_name(o->lifetime));
}

static bool has_scope(enum model_route_scope want, enum model_route_scope have)
{
	return want == MODEL_SCOPE_DERIVED || want == MODEL_SCOPE_GLOBAL
		       ? have == MODEL_SCOPE_DERIVED
		       : have == want;
}

static bool has_lifetime(enum model_lifetime want, const struct model_address_seen *seen)
{
	switch (want) {
	case MODEL_LIFETIME_ANY:
		return true;
	case MODEL_LIFETIME_FOREVER:
		return !(seen->notes & MODEL_ADDRESS_LIFETIME);
	case MODEL_LIFETIME_DEPRECATED:
		return seen->is_deprecated;
	}
	return true;
}

/* Linux inetdev_changename(): of a device that gets another name, "NAME" becomes "NAME:2" from
 * the second address on. */
static bool is_kernels_label(const char *label, const char *name)
{
	size_t n = strlen(name);

	return !*label || (!strncmp(label, name, n) && label[n] == ':' && label[n + 1] &&
			   !label[n + 1 + strspn(label + n + 1, "0123456789")]);
}

static bool has_label(const char *want, const char *have, const char *name)
{
	return !*want || !strcmp(want, name) ? is_kernels_label(have, name)
					     : !strcmp(want, have);
}

unsigned int model_address_compare(const struct model_address_options *options,
				   const struct model_address_seen *seen,
				   const char *name)
{
	static const struct model_address_options no_options;
	static const struct model_address_seen plain;
	unsigned int notes;

	options = options ? options : &no_options;
	seen = seen ? seen : &plain;
	notes = seen->notes &
		~(unsigned int)(MODEL_ADDRESS_PEER | MODEL_ADDRESS_SCOPE |
				MODEL_ADDRESS_LIFETIME | MODEL_ADDRESS_LABEL);
	if (ip_addr_cmp(&options->peer, &seen->peer) != 0)
		notes |= MODEL_ADDRESS_PEER;
	if (!has_scope(options->scope, seen->scope))
		notes |= MODEL_ADDRESS_SCOPE;
	if (!has_lifetime(options->lifetime, seen))
		notes |= MODEL_ADDRESS_LIFETIME;
	if (!has_label(options->label, seen->label, name))
		notes |= MODEL_ADDRESS_LABEL;
	return notes;
}

/* A second RTM_NEWADDR changes neither peer, scope nor label. In IPv6 it restores the route to
 * the subnet, but not the entry of the local table (Linux inet6_addr_modify()). Duplicate
 * address detection runs once, when the address is added. */
bool model_address_is_spoilt(const struct ip_prefix *address, unsigned int notes)
{
	unsigned int bad = MODEL_ADDRESS_PEER | MODEL_ADDRESS_SCOPE |
			   MODEL_ADDRESS_LABEL | MODEL_ADDRESS_DUPLICATE;

	if (address->addr.family == AF_INET6)
		bad |= MODEL_ADDRESS_NO_LOCAL;
	return notes & bad;
}
