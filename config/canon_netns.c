/* The canonical text of a network namespace: "" (the master's own), a name below
 * /run/netns, or an absolute path of another place. "pid:N" is short for the path
 * /proc/N/ns/net.
 *
 * Only texts are compared. Two texts that still lead to one namespace (a symlink, a
 * process in a namespace that also has a name) are found when the kernel is read:
 * datapath/plan/plan_place.c. */
#include "config/canon.h"

#include "lib/alloc.h"
#include "lib/text.h"

#include <string.h>

/* As the schema's Slave.netns; a path must fit too. */
#define NETNS_MAX_BYTES ((size_t)255)

/* Where `ip netns` keeps them. Its source has the second; that is a symlink to the
 * first wherever /run exists (ip-netns(8), hier(7)). */
static const char *const name_dirs[] = {"/run/netns/", "/var/run/netns/", NULL};

static struct err *refuse(const char *netns, const char *why)
{
	return err_new(ERR_INVALID, "\"%s\" cannot be a network namespace: %s", netns,
		       why);
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

/* proc(5), pid_max. */
#define PID_MAX ((uint64_t)1 << 22)

static const char pid_prefix[] = "pid:";

static bool is_process(const char *text)
{
	return !strncmp(text, pid_prefix, strlen(pid_prefix));
}

/* The kernel knows no other name of it, and the rest of ipvl none but the path. */
static struct err *canon_process(const char *text, struct arena *a, const char **ret_text)
{
	uint64_t pid;

	if (!text_to_uint(text + strlen(pid_prefix), 1, PID_MAX, &pid))
		return err_hint(refuse(text, "a PID follows `pid:`"),
				"write a number, as in pid:1234");
	*ret_text = arena_printf(a, "/proc/%u/ns/net", (unsigned int)pid);
	return NULL;
}

static struct err *check_name(const char *name)
{
	if (strchr(name, '/'))
		return refuse(name, "it is neither a name below /run/netns nor an "
				    "absolute path");
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return refuse(name, "it would be a directory");
	return NULL;
}

/* Without empty steps and "." in it, which mean nothing. ".." is refused, since it
 * leads elsewhere behind a symlink. */
static struct err *tidy_path(const char *path, struct arena *a, const char **ret_path)
{
	char *tidy = arena_strdup(a, path), *end = tidy;

	for (const char *p = path; *p;) {
		size_t n;

		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (n == 2 && !strncmp(p, "..", 2))
			return err_hint(refuse(path, "`..` is not allowed in it"),
					"write the path out");
		/* The name at the end of a path must not be empty. */
		if ((!n || (n == 1 && *p == '.')) && !p[n])
			return refuse(path, "it is a directory's path, not a namespace "
					    "file's");
		if (n != 1 || *p != '.') {
			*end++ = '/';
			memmove(end, p, n);
			end += n;
		}
		p += n;
	}
	*end = '\0';
	*ret_path = tidy;
	return NULL;
}

static struct err *canon_path(const char *path, struct arena *a, const char **ret_text)
{
	const char *tidy;
	struct err *e = tidy_path(path, a, &tidy);

	if (e)
		return e;
	/* datapath/model.h uses this text for a namespace without a name. */
	if (!strncmp(tidy, "/nsid/", 6))
		return err_hint(refuse(path, "/nsid/ stands for namespaces without a "
					     "name"),
				"give it a name with `ip netns attach NAME PID`");
	*ret_text = tidy;
	for (size_t i = 0; name_dirs[i]; i++) {
		size_t n = strlen(name_dirs[i]);

		if (!strncmp(tidy, name_dirs[i], n) && !strchr(tidy + n, '/'))
			*ret_text = tidy + n;
	}
	return NULL;
}

struct err *canon_netns(const char *text, struct arena *a, const char **ret_text)
{
	const char *right = text;
	struct err *e;

	if (strlen(text) > NETNS_MAX_BYTES)
		return err_new(ERR_INVALID,
			       "a namespace's name has %zu bytes, and a file's name may "
			       "have %zu",
			       strlen(text), NETNS_MAX_BYTES);
	if (has_control(text))
		return refuse(text, "a control character is not allowed in it");
	if (is_process(text))
		e = canon_process(text, a, &right);
	else
		e = *text == '/' ? canon_path(text, a, &right) : check_name(text);
	if (!e)
		*ret_text = right;
	return e;
}

struct err *canon_check_netns(const char *netns)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();

	return canon_netns(netns, a, &netns);
}
