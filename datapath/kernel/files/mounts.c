/* Calls mount(2), in another mount namespace if there is one to be used. setns(2) demands
 * a thread that shares neither its root nor its working directory with others, so each
 * such call has a thread of its own. */
#include "datapath/kernel/files/mounts.h"

#include "lib/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

struct call {
	const char *source; /* NULL: unmount */
	const char *target;
	unsigned long flags;
	const char *where; /* the file of a mount namespace */
	int result;
};

static int run(const struct call *c)
{
	int rc = c->source ? mount(c->source, c->target, "none", c->flags, NULL)
			   : umount2(c->target, (int)c->flags);

	return rc ? errno : 0;
}

static void *run_there(void *aux)
{
	struct call *c = aux;
	int fd = open(c->where, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || unshare(CLONE_FS) || setns(fd, CLONE_NEWNS))
		c->result = errno;
	else
		c->result = run(c);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static int make(struct call c)
{
	pthread_t thread;
	int rc;

	c.where = getenv("IPVL_MOUNT_NS");
	if (!c.where)
		return run(&c);
	rc = thread_start(&thread, run_there, &c);
	if (rc)
		return rc;
	pthread_join(thread, NULL);
	return c.result;
}

int mounts_add_netns(int fd, const char *path)
{
	char source[sizeof("/proc/self/fd/") + 3 * sizeof(fd)];

	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	return make((struct call){.source = source, .target = path, .flags = MS_BIND});
}

int mounts_remove(const char *path)
{
	return make((struct call){.target = path, .flags = MNT_DETACH});
}

int mounts_share(const char *path)
{
	return make(
		(struct call){.source = "", .target = path, .flags = MS_SHARED | MS_REC});
}

int mounts_add_itself(const char *path)
{
	return make(
		(struct call){.source = path, .target = path, .flags = MS_BIND | MS_REC});
}
