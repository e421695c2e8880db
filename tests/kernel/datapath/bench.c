/* See bench.h. */
#include "tests/kernel/datapath/bench.h"

#include "tests/said_line.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

struct datapath *dp;
struct arena *arena;

void fail_at(int line, const char *what)
{
	printf("# line %d: %s\n", line, what);
	fflush(stdout);
	_exit(1);
}

int sh(const char *format, ...)
{
	va_list args;
	char *command;
	int status;

	va_start(args, format);
	command = xvasprintf(format, args);
	va_end(args);
	fflush(stdout);
	status = system(command);
	free(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

void open_datapath(void)
{
	struct datapath_config config = {.mark = MARK,
					 .route_protocol = DATAPATH_ROUTE_PROTOCOL};
	struct err *e = kernel_provider.open(&config, &dp);

	if (e)
		fail_at(__LINE__, err_text(e));
}

struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;
	struct err *e = ip_prefix_parse(text, &p);

	if (e)
		fail_at(__LINE__, err_text(e));
	return p;
}

struct ip_addr addr(const char *text)
{
	struct ip_addr a;
	struct err *e = ip_addr_parse(text, &a);

	if (e)
		fail_at(__LINE__, err_text(e));
	return a;
}

struct model_slave slave_of(const char *netns, const char *name)
{
	return (struct model_slave){.netns = netns,
				    .name = name,
				    .addresses_managed = true,
				    .nameservers = "",
				    .search = "",
				    .alias = "",
				    .vrf = "",
				    .pool = ""};
}

struct model_master master_of(const char *name, enum model_mode mode,
			      enum model_flag flag)
{
	return (struct model_master){
		.netns = "", .name = name, .mode = mode, .flag = flag, .vlan_link = ""};
}

struct err *try_step(struct plan_step *step, struct plan_result *ret_result)
{
	const struct plan_step *steps[] = {step};
	struct plan_result result = {0};
	struct err *e;

	step->after = PLAN_NO_STEP;
	kernel_provider.apply(dp, steps, 1, &result);
	CHECK((result.kind == PLAN_FAILED) == (result.error != NULL));
	e = result.error;
	if (ret_result)
		*ret_result = result;
	return e;
}

struct plan_result do_step(struct plan_step *step)
{
	struct plan_result result;
	struct err *e = try_step(step, &result);

	if (e)
		fail_at(__LINE__, err_text(e));
	return result;
}

void check_refused(int line, struct plan_step *step, enum err_code code, int sys_errno,
		   const char *part)
{
	struct err *e = try_step(step, NULL);
	char *text = e ? err_text(e) : NULL;

	if (!e)
		fail_at(line, "done, but should be refused");
	printf("# %s\n", text);
	if (e->code != code || (sys_errno && e->sys_errno != sys_errno) ||
	    !strstr(text, part))
		fail_at(line, "refused otherwise than expected");
	free(text);
	err_free(e);
}

struct plan_step step_of(enum plan_op op, const struct model_master *m,
			 const struct model_slave *want, const struct model_slave *have)
{
	return (struct plan_step){
		.op = op, .why = "", .master = m, .want = want, .have = have};
}

uint64_t add_netns(const char *name)
{
	struct model_netns netns = {.name = name};
	struct plan_step step = {.op = PLAN_OP_NETNS_ADD, .netns = &netns};

	return do_step(&step).inode;
}

uint32_t add_link(const struct model_master *m, const struct model_slave *s)
{
	struct plan_step step = step_of(PLAN_OP_LINK_ADD, m, s, NULL);

	return do_step(&step).ifindex;
}

void add_addr(const struct model_master *m, const struct model_slave *s, const char *text)
{
	struct plan_step step = step_of(PLAN_OP_ADDR_ADD, m, s, NULL);

	step.u.address = prefix(text);
	do_step(&step);
}

struct model_route route_of(const char *to, const char *via)
{
	struct model_route r = {.to = prefix(to), .table = MODEL_ROUTE_TABLE_MAIN};

	if (via)
		r.via = addr(via);
	return r;
}

struct plan_step route_step(enum plan_op op, const struct model_master *m,
			    const struct model_slave *s, const struct model_route *r)
{
	struct plan_step step = step_of(op, m, s, op == PLAN_OP_ROUTE_DEL ? s : NULL);

	step.u.route = *r;
	return step;
}

struct model *observe(struct model_master *masters, size_t n, enum datapath_depth depth)
{
	struct model scope = {.masters = masters, .n_masters = n}, *have;
	struct err *e = kernel_provider.observe(dp, &scope, depth, arena, &have);

	if (e)
		fail_at(__LINE__, err_text(e));
	return have;
}

struct model_netns observe_netns(const char *name)
{
	struct model_netns netns = {.name = name};
	struct model scope = {.namespaces = &netns, .n_namespaces = 1}, *have;
	struct err *e = kernel_provider.observe(dp, &scope, DATAPATH_SCOPE, arena, &have);

	if (e)
		fail_at(__LINE__, err_text(e));
	CHECK(have->n_namespaces == 1);
	return have->namespaces[0];
}

void with_slaves(struct model_master *m, struct model_slave *slaves, size_t n)
{
	m->slaves = slaves;
	m->n_slaves = n;
}

static void hear(void *aux, const struct datapath_event *e)
{
	static const char *const kinds[] = {"master", "slave", "netns", "all"};
	struct heard *heard = aux;
	size_t n = strlen(heard->text);

	snprintf(heard->text + n, sizeof(heard->text) - n, "%s %s/%s %s%s|",
		 kinds[e->kind], e->netns, e->name, e->what,
		 e->pid || (e->by && *e->by) ? " by" : "");
	heard->n++;
}

const struct heard *listen_for(int ms)
{
	static struct heard heard;
	struct pollfd p = {.fd = datapath_event_fd(dp), .events = POLLIN};

	heard = (struct heard){0};
	while (poll(&p, 1, ms) > 0)
		kernel_provider.drain(dp, hear, &heard);
	return &heard;
}

void check_heard(int line, const struct heard *heard, const char *what)
{
	if (strstr(heard->text, what))
		return;
	printf("# heard %s\n", heard->text);
	fail_at(line, what);
}

const struct model_master *seen_master(struct model_master *m, enum datapath_depth depth)
{
	const struct model *have = observe(m, 1, depth);
	const struct model_master *found = model_find_master(have, m->netns, m->name);

	CHECK(found);
	return found;
}

static struct {
	char *text;
} told[64];
static size_t n_told;

void say_text(const char *text)
{
	CHECK(n_told < ARRAY_SIZE(told));
	told[n_told++].text = xstrdup(text);
}

void say(int line, struct err *e)
{
	char *text;

	if (!e)
		fail_at(line, "done, but should be refused");
	text = err_text(e);
	say_text(text);
	free(text);
	err_free(e);
}

int end_said(const char *name)
{
	FILE *f = fopen(SAID, "r");
	bool is_mine = false, is_bad = !f;
	char *line = NULL;
	size_t size = 0, at = 0;

	while (f && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "## ", 3))
			is_mine = !strcmp(line + 3, name);
		else if (is_mine && *line)
			is_bad |= at == n_told || !said_line_fits(line, told[at++].text);
	}
	is_bad |= at != n_told;
	for (size_t i = 0; is_bad && i < n_told; i++)
		printf("# said: %s\n", told[i].text);
	if (is_bad)
		printf("# said.txt has other sentences below %s\n", name);
	fflush(stdout);
	return is_bad;
}
