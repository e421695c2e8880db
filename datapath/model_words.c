/* The words for kinds, modes, flags and what becomes of drift. */
#include "datapath/model_words.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const mode_names[] = {"l2", "l3", "l3s"};
static const char *const flag_names[] = {"bridge", "private", "vepa"};
#define N_NAMES 3

_Static_assert(sizeof(mode_names) / sizeof(mode_names[0]) == N_NAMES &&
		       sizeof(flag_names) / sizeof(flag_names[0]) == N_NAMES &&
		       MODEL_MODE_L3S == N_NAMES - 1 && MODEL_FLAG_VEPA == N_NAMES - 1,
	       "a name for each mode and flag");

/* Its number is none of the others. */
static const char passthru[] = "passthru";

static const char *name_of(const char *const *names, uint8_t value, char buf[8])
{
	if (value < N_NAMES)
		return names[value];
	snprintf(buf, 8, "%u", value);
	return buf;
}

static bool value_of(const char *const *names, const char *name, unsigned int *ret_value)
{
	for (unsigned int i = 0; i < N_NAMES; i++) {
		if (!strcmp(names[i], name)) {
			*ret_value = i;
			return true;
		}
	}
	return false;
}

const char *model_mode_name(uint8_t mode, char buf[8])
{
	if (mode == MODEL_MODE_PASSTHRU)
		return passthru;
	return name_of(mode_names, mode, buf);
}

const char *model_flag_name(uint8_t flag, char buf[8])
{
	return name_of(flag_names, flag, buf);
}

bool model_mode_from_name(const char *name, enum model_mode *ret_mode)
{
	unsigned int value = MODEL_MODE_PASSTHRU;

	if (strcmp(name, passthru) != 0 && !value_of(mode_names, name, &value))
		return false;
	*ret_mode = (enum model_mode)value;
	return true;
}

bool model_flag_from_name(const char *name, enum model_flag *ret_flag)
{
	unsigned int value;

	if (!value_of(flag_names, name, &value))
		return false;
	*ret_flag = (enum model_flag)value;
	return true;
}

const char *model_port_change(struct arena *a, uint8_t old_mode, uint8_t old_flag,
			      uint8_t new_mode, uint8_t new_flag)
{
	char was[8], is[8];
	const char *text = "";

	if (old_mode != new_mode)
		text = arena_printf(a, "mode %s -> %s", model_mode_name(old_mode, was),
				    model_mode_name(new_mode, is));
	if (old_flag != new_flag)
		text = arena_printf(a, "%s%sflag %s -> %s", text, *text ? ", " : "",
				    model_flag_name(old_flag, was),
				    model_flag_name(new_flag, is));
	return text;
}

#define N_KINDS (MODEL_KIND_BRIDGE + 1)
static const char *const kind_names[N_KINDS] = {
	[MODEL_KIND_NONE] = "",
	[MODEL_KIND_DUMMY] = "dummy",
	[MODEL_KIND_BRIDGE] = "bridge",
};

const char *model_kind_name(enum model_kind kind)
{
	assert(kind < N_KINDS);
	return kind_names[kind];
}

bool model_kind_from_name(const char *name, enum model_kind *ret_kind)
{
	for (unsigned int i = MODEL_KIND_NONE + 1; i < N_KINDS; i++) {
		if (strcmp(kind_names[i], name) != 0)
			continue;
		*ret_kind = (enum model_kind)i;
		return true;
	}
	return false;
}

bool model_kind_is_made(const char *kind)
{
	enum model_kind ignored;

	return !strcmp(kind, "vlan") || model_kind_from_name(kind, &ignored);
}

static const char *const drift_names[N_NAMES] = {
	[MODEL_DRIFT_REPAIR] = "repair",
	[MODEL_DRIFT_REPORT] = "report",
	[MODEL_DRIFT_IGNORE] = "ignore",
};

const char *model_drift_name(enum model_drift drift)
{
	return drift_names[drift];
}

bool model_drift_from_name(const char *name, enum model_drift *ret_drift)
{
	unsigned int value;

	if (!value_of(drift_names, name, &value))
		return false;
	*ret_drift = (enum model_drift)value;
	return true;
}
