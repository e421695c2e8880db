/* A new host on both sides, and the comparison after each request: answer, state, events,
 * and what the providers observe. */
#include "tests/twin/differ.h"

#include "datapath/kernel/kernel.h"
#include "datapath/sim/sim.h"
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"
#include "tests/twin/command.h"
#include "tests/twin/differ_events.h"
#include "tests/twin/kernel.h"
#include "tests/twin/model_text.h"
#include "tests/twin/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

struct side {
	struct datapath *dp;
	struct err *answer;
	struct lines events;
	const char *state, *model;
};

struct host {
	struct arena *a; /* of one request */
	struct side sim, real;
	struct buffer report;
	char *last_state; /* of the real side */
	const struct differ_options *options;
	/* The kernel is no later than the texts of the simulator, 6.1 (kernel.md 25). */
	bool has_same_texts;
	bool has_ports; /* of bridges, so far */
};

static void report(struct host *h, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void report(struct host *h, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	buffer_puts(&h->report, text);
	free(text);
}

static void must(struct err *e, const char *what)
{
	if (!e)
		return;
	fprintf(stderr, "differ: %s: %s\n", what, e->message);
	exit(2);
}

static void must_do(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(2);
}

/* ------------------------------------------------------------------- host */

static void write_text(const char *path, const char *text)
{
	int fd CLEANUP(fd_closep) = open(path, O_WRONLY | O_CLOEXEC);

	must_do(fd >= 0 && !fd_write_text(fd, text), path);
}

/* In the calling thread's namespace: duplicate address detection ends at once, also where
 * it begins again (kernel.md 23). */
static void turn_dad_off(void)
{
	write_text("/proc/sys/net/ipv6/conf/all/accept_dad", "0");
	write_text("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	write_text("/proc/sys/net/ipv6/conf/default/router_solicitation_delay", "0");
}

static void isolate(void)
{
	must_do(!unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare");
	must_do(!mount("", "/", "none", MS_REC | MS_PRIVATE, NULL), "mount /");
	must_do(!mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), "mount /run");
	must_do(!mkdir("/run/etc-netns", 0755), "mkdir");
	must_do(!mount("/run/etc-netns", "/etc/netns", "none", MS_BIND, NULL),
		"mount /etc/netns");
	turn_dad_off();
}

static struct err *on_both(struct host *h, const struct twin_request *r)
{
	struct err *e = sim_request(h->sim.dp, r);

	err_free(e);
	return kernel_request(r);
}

static void forget_events(struct host *h)
{
	struct lines before = {0};

	differ_events_drain_sim(h->sim.dp, &before);
	must(differ_events_drain_kernel(h->real.dp, &before), "events");
	lines_clear(&before);
}

static void take_version(struct host *h)
{
	unsigned int major, minor;
	struct utsname u;

	h->has_same_texts = true;
	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return;
	sim_set_kernel_version(h->sim.dp, major, minor);
	h->has_same_texts = major < 6 || (major == 6 && minor <= 1);
}

static void make(struct host *h, struct twin_request *r)
{
	r->kind = TWIN_LINK_NEW;
	r->flags = TWIN_CREATE | TWIN_EXCL;
	r->netns = "";
	must(on_both(h, r), r->name);
}

static void del(struct host *h, const char *name)
{
	const struct twin_request r = {.kind = TWIN_LINK_DEL, .netns = "", .name = name};

	must(on_both(h, &r), name);
}

/* The simulator's own masters go. Both kernels have used their indexes then. A macvlan on
 * the last of them loads its module: before, the kernel does not judge such a device's
 * settings. */
static void del_defaults(struct host *h)
{
	struct twin_request first = {.name = "eth0", .u.link.kind = "dummy"};
	struct twin_request second = {.name = "eth1", .u.link.kind = "dummy"};
	struct twin_request above = {.name = "above",
				     .u.link = {.kind = "macvlan", .lower = "eth1"}};

	make(h, &first);
	del(h, "eth0");
	make(h, &second);
	make(h, &above);
	del(h, "above");
	del(h, "eth1");
}

static void open_host(struct host *h)
{
	const struct datapath_config config = {.mark = WALK_MARK,
					       .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	const struct twin_request lo = {
		.kind = TWIN_LINK_NEW,
		.netns = "",
		.name = "lo",
		.u.link = {.sent = TWIN_LINK_UP, .is_up = true},
	};

	isolate();
	must(datapath_open(&sim_provider, &config, &h->sim.dp), "sim");
	take_version(h);
	must(datapath_open(&kernel_provider, &config, &h->real.dp), "kernel");
	del_defaults(h);
	must(on_both(h, &lo), "lo");
	must(on_both(h, differ_events_mark()), "mark");
	forget_events(h);
}

static void close_host(struct host *h)
{
	datapath_close(h->sim.dp);
	datapath_close(h->real.dp);
	kernel_forget();
	buffer_clear(&h->report);
	free(h->last_state);
}

/* ------------------------------------------------------------ one request */

static bool names_controller(const struct twin_request *r)
{
	return (r->kind == TWIN_LINK_NEW || r->kind == TWIN_LINK_SET) &&
	       r->u.link.controller;
}

static unsigned int background_of(const struct twin_request *r, bool has_ports)
{
	bool is_link = r->kind == TWIN_LINK_NEW || r->kind == TWIN_LINK_SET;
	unsigned int what = 0;

	if (r->kind == TWIN_NETNS_DEL || r->kind == TWIN_NETNS_UNMOUNT ||
	    r->kind == TWIN_NETNS_RELEASE)
		what |= KERNEL_NAMESPACES;
	if (is_link || r->kind == TWIN_LINK_DEL)
		what |= KERNEL_CARRIER;
	/* A bridge may lose its carrier with its MAC address, and with a port. */
	if ((is_link && (r->u.link.sent & TWIN_LINK_CARRIER || r->u.link.mac)) ||
	    (has_ports && what & KERNEL_CARRIER))
		what |= KERNEL_SLOW_CARRIER;
	if (is_link || r->kind == TWIN_ADDR_NEW || r->kind == TWIN_SYSCTL)
		what |= KERNEL_IPV6;
	return what;
}

static void observe(struct host *h, struct side *s, enum datapath_depth depth)
{
	struct model *have;

	must(datapath_observe(s->dp, walk_scope(h->a, depth), depth, h->a, &have),
	     "observe");
	s->model = model_text(h->a, have, depth);
}

static void drain_kernel(struct host *h)
{
	must(differ_events_drain_kernel(h->real.dp, &h->real.events), "events");
}

static void ask_both(struct host *h, const struct twin_request *r)
{
	unsigned int background;

	h->has_ports |= names_controller(r);
	background = background_of(r, h->has_ports);

	h->sim.answer = sim_request(h->sim.dp, r);
	h->real.answer = kernel_request(r);
	if (r->kind == TWIN_NETNS_ADD && !h->real.answer) {
		/* The steering of DAD. */
		kernel_inside(r->netns, turn_dad_off);
	}
	/* First the provider closes what it holds in a namespace that is gone. */
	if (background & KERNEL_NAMESPACES)
		drain_kernel(h);
	if (background && !kernel_settle(background))
		must(err_new(ERR_TIMED_OUT, "a minute"), "settle");
	drain_kernel(h);
	differ_events_drain_sim(h->sim.dp, &h->sim.events);
}

static void take_state(struct host *h, enum datapath_depth depth)
{
	char *sim CLEANUP(freep) = sim_dump(h->sim.dp);
	char *real CLEANUP(freep) = kernel_dump(WALK_MARK);

	h->sim.state = differ_events_unmarked(h->a, sim);
	h->real.state = differ_events_unmarked(h->a, real);
	/* A request that was refused has changed nothing. */
	h->sim.model = h->real.model = "";
	if (h->real.answer && !strcmp(h->real.state, h->last_state))
		return;
	observe(h, &h->sim, depth);
	observe(h, &h->real, depth);
	free(h->last_state);
	h->last_state = xstrdup(h->real.state);
}

/* The simulator has no table without routes. */
static const char *answer_text(struct arena *a, const struct err *e)
{
	if (!e)
		return "done";
	if (e->sys_errno == ESRCH)
		return "ESRCH";
	return arena_printf(a, "%s \"%s\"", command_errno_name(a, e->sys_errno),
			    e->message);
}

/* The lines of 'a' that 'b' has not. */
static void report_lines(struct host *h, char sign, const char *a, const char *b)
{
	const char *padded = arena_printf(h->a, "\n%s", b);

	while (*a) {
		int n = (int)strcspn(a, "\n");
		const char *line = arena_printf(h->a, "\n%.*s\n", n, a);

		if (!strstr(padded, line))
			report(h, "    %c%s", sign, line + 1);
		a += n + (a[n] == '\n');
	}
}

static void compare(struct host *h, const char *what, const char *sim, const char *real)
{
	size_t before;

	if (!strcmp(sim, real) ||
	    (h->options->ignored && strstr(h->options->ignored, what)))
		return;
	report(h, "  %s (- sim, + kernel):\n", what);
	before = h->report.n;
	report_lines(h, '-', sim, real);
	report_lines(h, '+', real, sim);
	/* The same lines in another order. */
	if (h->report.n == before)
		report(h, "%s    instead of\n%s", sim, real);
}

static void compare_answers(struct host *h)
{
	const struct err *sim = h->sim.answer, *real = h->real.answer;

	if (!h->has_same_texts && sim && real && sim->sys_errno == real->sys_errno)
		return;
	compare(h, "answer", arena_printf(h->a, "%s\n", answer_text(h->a, sim)),
		arena_printf(h->a, "%s\n", answer_text(h->a, real)));
}

static void compare_events(struct host *h)
{
	size_t before = h->report.n;

	if (h->has_ports)
		differ_events_drop_features(&h->real.events, &h->sim.events);
	compare(h, "events", differ_events_text(h->a, &h->sim.events),
		differ_events_text(h->a, &h->real.events));
	if (h->report.n > before)
		report(h, "%s%s", differ_events_details(h->a, "sim", &h->sim.events),
		       differ_events_details(h->a, "kernel", &h->real.events));
}

static void compare_all(struct host *h)
{
	compare_answers(h);
	compare(h, "state", h->sim.state, h->real.state);
	compare_events(h);
	compare(h, "observation", h->sim.model, h->real.model);
}

/* True if both sides did the same. */
static bool step(struct host *h, const struct walk_step *s)
{
	h->a = arena_new();
	ask_both(h, &s->request);
	take_state(h, s->depth);
	if (h->options->is_loud)
		printf("%s\n    %s\n", walk_text(h->a, s),
		       answer_text(h->a, h->real.answer));
	compare_all(h);
	err_free(STEAL(h->sim.answer));
	err_free(STEAL(h->real.answer));
	lines_clear(&h->sim.events);
	lines_clear(&h->real.events);
	arena_free(h->a);
	return !h->report.n;
}

/* ---------------------------------------------------------------- process */

static void send_report(int fd, size_t at, const struct host *h)
{
	FILE *out = fdopen(fd, "w");

	must_do(out != NULL, "pipe");
	fprintf(out, "%zu\n%s", at, h->report.data ? h->report.data : "");
	must_do(!fclose(out), "pipe");
}

static void child(const struct walk_step *steps, size_t n, const struct differ_options *o,
		  int fd)
{
	struct host h = {.options = o, .last_state = xstrdup("")};
	size_t at = 0;

	open_host(&h);
	while (at < n && step(&h, &steps[at]))
		at++;
	send_report(fd, at, &h);
	close_host(&h);
	fflush(stdout);
	_exit(0);
}

static const char *how_it_ended(struct arena *a, int status)
{
	if (WIFSIGNALED(status))
		return arena_printf(a, "  the run ended by signal %d (%s)\n",
				    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return arena_printf(a, "  the run ended with status %d\n", WEXITSTATUS(status));
}

struct difference differ_run(struct arena *a, const struct walk_step *steps, size_t n,
			     const struct differ_options *o)
{
	struct difference d = {.text = ""};
	char *text CLEANUP(freep) = NULL;
	int fds[2], status;
	pid_t pid;

	must_do(!pipe2(fds, O_CLOEXEC), "pipe");
	fflush(stdout);
	pid = fork();
	must_do(pid >= 0, "fork");
	if (!pid) {
		close(fds[0]);
		child(steps, n, o, fds[1]);
	}
	close(fds[1]);
	text = fd_read_text(fds[0]);
	close(fds[0]);
	must_do(waitpid(pid, &status, 0) == pid, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) || !text || !*text) {
		d.is_found = true;
		d.at = n - 1;
		d.text = how_it_ended(a, status);
		return d;
	}
	d.at = strtoul(text, NULL, 10);
	d.text = arena_strdup(a, strchr(text, '\n') + 1);
	d.is_found = *d.text;
	return d;
}
