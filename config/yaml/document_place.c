/* Places in a file: of a byte, of a tab, and of the parts of the model. */
#include "config/yaml/document_place.h"

struct place document_place_of_byte(const struct document *d, size_t offset)
{
	struct place p = {1, 1};

	while (p.line < d->n_lines && d->line_starts[p.line] <= offset)
		p.line++;
	for (size_t i = d->line_starts[p.line - 1]; i < offset && i < d->n_bytes; i++)
		p.column += ((unsigned char)d->text[i] & 0xc0) != 0x80;
	return p;
}

bool document_place_find_tab(const struct document *d, size_t line,
			     struct place *ret_place)
{
	const char *start, *s;

	if (line == 0 || line > d->n_lines)
		return false;
	start = d->text + d->line_starts[line - 1];
	for (s = start; *s == ' '; s++)
		;
	if (*s != '\t')
		return false;
	*ret_place = (struct place){line, (size_t)(s - start) + 1};
	return true;
}

struct place document_place_of(const struct document *d, const struct valid_place *at)
{
	const struct object_places *o = &d->masters[at->master - d->model.masters];
	struct place p;

	if (at->slave)
		o = &o->slaves[at->slave - at->master->slaves];
	switch (at->field) {
	case VALID_ADDRESSES:
		return o->addresses[at->index];
	case VALID_ADDRESS_OPTIONS:
		return o->address_options[at->index];
	case VALID_SYSCTL:
		return o->sysctls[at->index];
	case VALID_ALTNAMES:
		return o->altnames[at->index];
	case VALID_POLICY:
		return o->rules[at->index];
	case VALID_ROUTES:
		return o->routes[at->index].object;
	case VALID_ROUTE_VIA:
		return o->routes[at->index].via;
	case VALID_ROUTE_FROM:
		return o->routes[at->index].from;
	case VALID_ROUTE_MTU:
		return o->routes[at->index].mtu;
	case VALID_OBJECT:
	case VALID_NAME:
	case VALID_NETNS:
	case VALID_MATCH:
	case VALID_MODE:
	case VALID_FLAG:
	case VALID_VLAN:
	case VALID_KIND:
	case VALID_DATAPATH:
	case VALID_VRF:
	case VALID_POOL:
	case VALID_MTU:
	case VALID_SOURCE_ROUTING:
	case VALID_HOST_ACCESS:
	case VALID_HANDED_OVER:
	case VALID_TRANSIENT:
	case VALID_NAMESERVERS:
	case VALID_SEARCH:
	case VALID_ALIAS:
	case VALID_N_FIELDS:
		break;
	}
	p = at->field < VALID_N_FIELDS ? o->fields[at->field] : o->object;
	return p.line ? p : o->object;
}

static const char *in_file(const struct document *d, const struct document *other)
{
	return d == other ? "" : other->file;
}

void document_place_complain(const struct document *d, const struct valid_complaint *c,
			     const struct document *other, struct document_errors *errors)
{
	struct err *e = err_copy(c->error);

	if (c->other.master) {
		const char *file = in_file(d, other);
		struct err *bare = e;

		e = err_new(bare->code, "%s (the other is %s%s%s line %zu)",
			    bare->message, *file ? "in " : "on", file, *file ? "," : "",
			    document_place_of(other, &c->other).line);
		if (bare->hint)
			e = err_hint(e, "%s", bare->hint);
		err_free(bare);
	}
	document_errors_add(errors, d, document_place_of(d, &c->at), e);
}
