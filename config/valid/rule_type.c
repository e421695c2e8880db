/* What a link type does not have: modes, flags, a second slave. */
#include "config/valid/rule_type.h"

#include "datapath/link_type.h"

/* A flag that the type has in another mode is the fault of the flag. */
void rule_type_mode(struct valid_check *v, const struct model_master *m)
{
	const struct link_type *t = link_type_of(m);
	struct link_mode mode = {(uint8_t)m->mode, MODEL_FLAG_BRIDGE};
	const char *reason = t->refuse(mode);
	bool is_flag = !reason;
	struct valid_place at = {.master = m};
	struct err *e;
	char buf[8];

	mode.flag = (uint8_t)m->flag;
	if (is_flag)
		reason = t->refuse(mode);
	if (!reason)
		return;
	e = err_new(ERR_INVALID, "%s cannot have %s %s with datapath %s: %s",
		    model_master_label(v->arena, m), is_flag ? "flag" : "mode",
		    is_flag ? model_flag_name(mode.flag, buf)
			    : model_mode_name(mode.mode, buf),
		    t->id.name, reason);
	at.field = is_flag ? VALID_FLAG : VALID_MODE;
	valid_complaint_add(v, &at, NULL,
			    is_flag ? err_hint(e, "leave `flag` out")
				    : err_hint(e, "its standard is `mode: %s`",
					       model_mode_name(t->standard.mode, buf)));
}

/* True if a second slave is refused by the kernel. */
static bool takes_one(const struct model_master *m)
{
	const struct link_type *t = link_type_of(m);
	struct link_mode mode = {(uint8_t)m->mode, (uint8_t)m->flag};

	return !link_type_has(t, LINK_HAS_PORT) && !t->can_share(mode, mode);
}

void rule_type_count(struct valid_check *v, const struct model_master *m, size_t n_slaves)
{
	struct valid_place at = {.master = m, .field = VALID_OBJECT};
	char buf[8];

	if (n_slaves < 2 || !takes_one(m))
		return;
	valid_complaint_add(v, &at, NULL,
			    err_hint(err_new(ERR_INVALID,
					     "%s has %zu slaves, and in mode %s a %s is "
					     "alone on its master",
					     model_master_label(v->arena, m), n_slaves,
					     model_mode_name((uint8_t)m->mode, buf),
					     link_type_of(m)->kind),
				     "keep one of them, or write `mode: l2`"));
}
