/* What a change of a master does to its slaves. */
#include "ctl/text/diff_effect.h"

#include "config/state.h"
#include "ctl/text/describe.h"
#include "datapath/link_type.h"

#include <string.h>

const char *diff_effect_kept(const struct context *ctx, const struct row *master)
{
	const struct datum *old = row_get(master, ctx->columns.master.slaves);
	const struct datum *new = txn_get(ctx->txn, master, ctx->columns.master.slaves);
	size_t n = 0;

	for (uint32_t i = 0; i < old->n; i++) {
		const union atom *key = &datum_keys(old)[i];
		const struct row *r = table_find(ctx->columns.slave.table, &key->uuid);
		enum row_state state = r ? state_of_row(&ctx->columns, r) : STATE_ERROR;

		/* Only a slave that runs can keep running; without a daemon the states
		 * are unknown. */
		if (datum_find(new, key, ATOM_UUID) >= 0 &&
		    (state == STATE_UNKNOWN || state == STATE_READY))
			n++;
	}
	return n ? arena_printf(ctx->arena, "%s %s running",
				describe_count(ctx->arena, n, "slave"),
				n == 1 ? "keeps" : "keep")
		 : "";
}

/* Linux Documentation/networking/ipvlan.rst: the effect of each mode and flag on the
 * slaves. */
const char *diff_effect_text(const struct context *ctx, const struct change *c)
{
	const struct ipvl_columns *columns = &ctx->columns;
	const char *kept = diff_effect_kept(ctx, c->row);
	const char *old_mode = datum_string(change_old(c, columns->master.mode));
	const char *new_mode = datum_string(change_new(c, columns->master.mode));
	const char *new_flag = datum_string(change_new(c, columns->master.flag));
	const char *effect = kept;

	if (!*kept)
		return "";
	if (strcmp(old_mode, "l2") && !strcmp(new_mode, "l2"))
		effect = describe_join(ctx->arena, effect, "ARP and broadcast begin");
	else if (!strcmp(old_mode, "l2") && strcmp(new_mode, "l2"))
		effect = describe_join(ctx->arena, effect, "ARP and broadcast stop");
	if (change_is_changed(c, columns->master.flag)) {
		if (!strcmp(new_flag, "private"))
			effect = describe_join(ctx->arena, effect,
					       "slaves can no longer reach each other");
		else if (!strcmp(new_flag, "vepa"))
			effect = describe_join(ctx->arena, effect,
					       "traffic between slaves passes through "
					       "the external switch");
		else
			effect = describe_join(ctx->arena, effect,
					       "slaves reach each other directly");
	}
	return effect;
}

/* As link types know it. */
static struct link_mode mode_of(const struct datum *mode, const struct datum *flag)
{
	enum model_mode m = MODEL_MODE_L3;
	enum model_flag f = MODEL_FLAG_BRIDGE;

	(void)model_mode_from_name(datum_string(mode), &m);
	(void)model_flag_from_name(datum_string(flag), &f);
	return (struct link_mode){(uint8_t)m, (uint8_t)f};
}

/* Its slaves become other devices: of another kind, or with a mode that needs a new one. */
bool diff_effect_remakes_slaves(const struct context *ctx, const struct change *c)
{
	const struct ipvl_columns *columns = &ctx->columns;
	const char *name = datum_text(change_new(c, columns->master.datapath));
	const struct link_type *t = *name ? link_type_find(name) : &link_type_ipvlan;

	if (change_is_changed(c, columns->master.datapath))
		return true;
	return t && !t->can_change(mode_of(change_old(c, columns->master.mode),
					   change_old(c, columns->master.flag)),
				   mode_of(change_new(c, columns->master.mode),
					   change_new(c, columns->master.flag)));
}
