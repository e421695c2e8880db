/* The packet filter: the policies of the table `filter` of iptables, without a rule. UML has no
 * table of nf_tables for IPv4. */
#include "tests/twin/kernel_private.h"

#include "lib/alloc.h"
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TABLE "filter"

static const unsigned int hooks[TWIN_HOOKS] = {
	[TWIN_HOOK_INPUT] = NF_INET_LOCAL_IN,
	[TWIN_HOOK_OUTPUT] = NF_INET_LOCAL_OUT,
};

/* Else no table is read: that would make it. */
static bool is_used;

/* The table in the namespace of the thread. */
struct table {
	int fd;
	struct ipt_getinfo info;
	struct ipt_get_entries *entries;
};

/* As iptables does: nothing has the kernel load it by itself. */
static void load_module(void)
{
	int fd CLEANUP(fd_closep) =
		open("/proc/sys/kernel/modprobe", O_RDONLY | O_CLOEXEC);
	char *path CLEANUP(freep) = fd < 0 ? NULL : fd_read_text(fd);
	char module[] = "ip_tables";
	char *args[] = {path, module, NULL};
	pid_t pid;

	if (!path)
		return;
	path[strcspn(path, "\n")] = '\0';
	if (!posix_spawn(&pid, path, NULL, NULL, args, environ))
		(void)waitpid(pid, NULL, 0);
}

static bool read_info(struct table *t)
{
	socklen_t size = sizeof(t->info);

	t->info = (struct ipt_getinfo){.name = TABLE};
	return !getsockopt(t->fd, IPPROTO_IP, IPT_SO_GET_INFO, &t->info, &size);
}

static bool read_table(struct table *t)
{
	socklen_t size;

	*t = (struct table){.fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW)};
	if (t->fd < 0)
		return false;
	if (!read_info(t)) {
		load_module();
		if (!read_info(t))
			return false;
	}
	size = (socklen_t)sizeof(*t->entries) + t->info.size;
	t->entries = xcalloc(1, size);
	strcpy(t->entries->name, TABLE);
	t->entries->size = t->info.size;
	return !getsockopt(t->fd, IPPROTO_IP, IPT_SO_GET_ENTRIES, t->entries, &size);
}

static void close_table(struct table *t)
{
	free(t->entries);
	fd_closep(&t->fd);
}

/* The last entry of a chain. */
static int *policy_of(const struct table *t, unsigned int hook)
{
	char *at = (char *)t->entries->entrytable + t->info.underflow[hook];
	const struct ipt_entry *e = (const struct ipt_entry *)at;

	return &((struct xt_standard_target *)(at + e->target_offset))->verdict;
}

static int verdict_of(unsigned int nf)
{
	return -(int)nf - 1;
}

static struct err *write_table(const struct table *t)
{
	size_t size = sizeof(struct ipt_replace) + t->info.size;
	struct ipt_replace *r = xcalloc(1, size);
	int rc;

	strcpy(r->name, TABLE);
	r->valid_hooks = t->info.valid_hooks;
	r->num_entries = r->num_counters = t->info.num_entries;
	r->size = t->info.size;
	memcpy(r->hook_entry, t->info.hook_entry, sizeof(r->hook_entry));
	memcpy(r->underflow, t->info.underflow, sizeof(r->underflow));
	memcpy(r->entries, t->entries->entrytable, t->info.size);
	r->counters = xcalloc(r->num_counters, sizeof(*r->counters));
	rc = setsockopt(t->fd, IPPROTO_IP, IPT_SO_SET_REPLACE, r, (socklen_t)size);
	free(r->counters);
	free(r);
	return rc < 0 ? kernel_err(errno, NULL) : NULL;
}

struct err *kernel_filter(const struct twin_request *r)
{
	struct err *e;
	struct table t;

	is_used = true;
	if (read_table(&t)) {
		*policy_of(&t, hooks[r->u.filter.hook]) =
			verdict_of(r->u.filter.drops ? NF_DROP : NF_ACCEPT);
		e = write_table(&t);
	} else {
		e = kernel_err(errno, NULL);
	}
	close_table(&t);
	return e;
}

unsigned int kernel_filtered(void)
{
	unsigned int dropped = 0;
	struct table t;

	if (!is_used)
		return 0;
	if (read_table(&t)) {
		for (unsigned int i = 0; i < TWIN_HOOKS; i++)
			dropped |= *policy_of(&t, hooks[i]) == verdict_of(NF_DROP)
					   ? 1U << i
					   : 0;
	}
	close_table(&t);
	return dropped;
}
