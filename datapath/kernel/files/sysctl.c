/* Sysctls of an interface: files below /proc/sys/net. */
#include "datapath/kernel/files/sysctl.h"
#include "lib/alloc.h"
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file of the key "ipv6.accept_ra" for 'ifname'; NULL if the key has another form. */
static char *sysctl_path(const char *ifname, const char *key)
{
	bool is_v4 = !strncmp(key, "ipv4.", 5), is_v6 = !strncmp(key, "ipv6.", 5);

	if ((!is_v4 && !is_v6) || !key[5] ||
	    strspn(key + 5, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(key + 5))
		return NULL;
	return xasprintf("/proc/sys/net/%.4s/conf/%s/%s", key, ifname, key + 5);
}

const char *sysctl_read(struct arena *a, const char *ifname, const char *key)
{
	char *path CLEANUP(freep) = sysctl_path(ifname, key);
	int fd CLEANUP(fd_closep) =
		path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	char *text CLEANUP(freep) = fd < 0 ? NULL : fd_read_text(fd);

	if (!text)
		return "";
	text[strcspn(text, "\n")] = '\0';
	return arena_strdup(a, text);
}

/* Trying again does not help, so the code is not that of something that may appear. */
static struct err *no_sysctl(const char *path, const char *key)
{
	char *folder CLEANUP(freep) = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	struct err *e;

	if (access(folder, F_OK))
		return err_hint(err_new(ERR_UNSUPPORTED, "this device has no %s",
					!strncmp(key, "ipv6", 4) ? "IPv6" : "IPv4"),
				"the kernel may be without it, and IPv6 needs an mtu of "
				"1280 or more");
	e = err_new(ERR_UNSUPPORTED, "an interface has no sysctl %s", key);
	if (!strcmp(key, "ipv4.ip_forward"))
		return err_hint(e, "that of an interface is ipv4.forwarding");
	return err_hint(e, "`ls %s` lists those of this one", folder);
}

struct err *sysctl_write(const char *ifname, const struct model_sysctl *sysctl)
{
	char *path CLEANUP(freep) = sysctl_path(ifname, sysctl->key);
	int fd CLEANUP(fd_closep) = -1, failed;

	if (!path)
		return err_new(ERR_INVALID, "%s is not a sysctl of an interface",
			       sysctl->key);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return no_sysctl(path, sysctl->key);
	if (fd < 0)
		return err_sys(errno, "cannot open %s", path);
	failed = fd_write_text(fd, sysctl->value);
	return failed ? err_sys(failed, "cannot write") : NULL;
}
