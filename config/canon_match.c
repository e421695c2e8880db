/* The properties that a master's device is found by (datapath/model_match.h). */
#include "config/canon.h"

#include "lib/mac.h"

#include <ctype.h>
#include <string.h>

#define MATCH_MAX_BYTES ((size_t)255)
#define MAC_TEXT_BYTES  18

static bool has_glob(const char *text)
{
	return strpbrk(text, "*?[\\");
}

static struct err *check_glob(const char *key, const char *text)
{
	if (!*text)
		return err_hint(err_new(ERR_INVALID, "`%s` of a match is empty", key),
				"leave out the key, or write * for any device");
	if (strlen(text) > MATCH_MAX_BYTES)
		return err_new(ERR_LIMIT, "`%s` of a match is longer than %zu bytes", key,
			       MATCH_MAX_BYTES);
	for (const char *s = text; *s; s++) {
		if (!isgraph((unsigned char)*s))
			return err_hint(
				err_new(ERR_INVALID,
					"\"%s\" as `%s` of a match has a blank or a "
					"character that no device has",
					text, key),
				"write one pattern, as in \"en*\"");
	}
	return NULL;
}

static struct err *canon_name(const char *text, const char **ret_text)
{
	struct err *e = check_glob("name", text);

	if (!e && !has_glob(text))
		e = canon_check_ifname(text);
	if (!e)
		*ret_text = text;
	return e;
}

static int digit_of(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Six pairs of digits with the same character between them. */
static bool parse_mac(const char *text, uint8_t mac[6])
{
	char between = strlen(text) == MAC_TEXT_BYTES - 1 ? text[2] : '\0';

	if (between != ':' && between != '-')
		return false;
	for (size_t i = 0; i < 6; i++) {
		int high = digit_of(text[3 * i]), low = digit_of(text[3 * i + 1]);

		if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != between))
			return false;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static struct err *canon_mac(const char *text, struct arena *a, const char **ret_text)
{
	static const uint8_t zero[6];
	char buf[MAC_TEXT_BYTES];
	uint8_t mac[6];

	if (!parse_mac(text, mac))
		return err_hint(err_new(ERR_INVALID, "\"%s\" is not a MAC address", text),
				"write it as in 02:00:00:00:00:01");
	if (mac[0] & 1 || !memcmp(mac, zero, sizeof(mac)))
		return err_new(ERR_INVALID, "%s is not the MAC address of one device",
			       text);
	*ret_text = arena_strdup(a, mac_format(mac, buf));
	return NULL;
}

struct err *canon_match(const char *key, const char *value, struct arena *a,
			const char **ret_value)
{
	struct err *e;

	if (!strcmp(key, "name"))
		return canon_name(value, ret_value);
	if (!strcmp(key, "macaddress"))
		return canon_mac(value, a, ret_value);
	if (!strcmp(key, "path")) {
		e = check_glob(key, value);
		if (!e)
			*ret_value = value;
		return e;
	}
	if (strcmp(key, "default-route") != 0)
		return err_hint(err_new(ERR_INVALID, "unknown key `%s` of a match", key),
				"there are name, macaddress, path and default-route");
	if (strcmp(value, "true") != 0)
		return err_hint(err_new(ERR_INVALID,
					"`default-route` of a match can only be true"),
				"leave it out if the default route does not matter");
	*ret_value = "true";
	return NULL;
}
