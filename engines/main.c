/* `ipvl-cni`: a plug-in of CNI, and of netavark under the name of its driver, `ipvl`. Which of the
 * two is asked for is in the variable CNI_COMMAND or in the first argument. Reads standard input,
 * prints the result or an error object, exits with 0 or 1. */
#include "engines/cni/cni_read.h"
#include "engines/cni/cni_verbs.h"
#include "engines/netavark/netavark_answer.h"
#include "engines/netavark/netavark_calls.h"
#include "engines/netavark/netavark_read.h"
#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/fd.h"
#include "ovsdb-lite/json/json.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a configuration; prevResult of a long chain included. */
#define INPUT_MAX ((size_t)4 << 20)

static int usage(FILE *out, int status)
{
	fputs("ipvl-cni " IPVL_VERSION
	      ": a plug-in of CNI (0.3.1, 0.4.0, 1.0.0, 1.1.0) and "
	      "of netavark (Podman), called by container engines\n"
	      "usage: CNI_COMMAND=… ipvl-cni <CONFIGURATION\n"
	      "       ipvl-cni info|create|setup NETNS|teardown NETNS <NETWORK\n"
	      "       ipvl-cni --help|--version\n"
	      "see ipvl-cni(8)\n",
	      out);
	return status;
}

static int print(char *text, int status)
{
	fputs(text, stdout);
	if (*text && text[strlen(text) - 1] != '\n')
		putchar('\n');
	free(text);
	if (fflush(stdout) || ferror(stdout)) {
		perror("ipvl-cni: standard output");
		return 1;
	}
	return status;
}

/* ERR_SYSTEM: it cannot be read. ERR_INVALID: it cannot be JSON. */
static struct err *read_input(const char *what, struct buffer *b)
{
	int error = fd_read(STDIN_FILENO, INPUT_MAX + 1, b);

	if (error)
		return err_sys(error, "cannot read standard input");
	if (b->n > INPUT_MAX)
		return err_new(ERR_INVALID, "%s is larger than %zu MiB", what,
			       INPUT_MAX >> 20);
	if (b->n && memchr(b->data, '\0', b->n))
		return err_new(ERR_INVALID, "%s has a NUL byte", what);
	buffer_putc(b, '\0');
	return NULL;
}

/* --- CNI --- */

static const char *variable(const char *name)
{
	return getenv(name);
}

static int run_cni(struct arena *a)
{
	CLEANUP(buffer_clearp) struct buffer input = {0};
	CLEANUP(json_freep) struct json_object *config = NULL;
	CLEANUP(json_freep) struct json_object *result = NULL;
	const char *version = cni_version_names[CNI_N_VERSIONS - 1];
	struct cni_request request;
	struct err *unread = read_input("the network's configuration", &input);
	const struct cni_error *e = NULL;

	if (unread)
		e = cni_error_from(a, unread->sys_errno ? CNI_IO : CNI_NOT_JSON, unread);
	if (!e)
		e = cni_read(a, variable, input.data, &config, &version, &request);
	if (!e)
		e = cni_verbs_run(a, &request, &result);
	if (e)
		return print(cni_error_json(e, version), 1);
	return result ? print(json_text_pretty(result), 0) : 0;
}

/* --- netavark --- */

static const struct {
	const char *name;
	enum netavark_call call;
	bool needs_netns;
} calls[] = {
	{"create", NETAVARK_CREATE, false},
	{"setup", NETAVARK_SETUP, true},
	{"teardown", NETAVARK_TEARDOWN, true},
};

static int run_netavark(struct arena *a, enum netavark_call call, const char *netns)
{
	CLEANUP(buffer_clearp) struct buffer text = {0};
	CLEANUP(json_freep) struct json_object *input = NULL;
	CLEANUP(json_freep) struct json_object *answer = NULL;
	struct netavark_request request;
	struct err *e = read_input("standard input", &text);
	int status = 0;

	if (!e)
		e = netavark_read(a, call, netns, text.data, &input, &request);
	if (!e)
		e = netavark_calls_run(a, &request, &answer);
	if (e) {
		answer = netavark_answer_error(e);
		status = 1;
	}
	return answer ? print(json_text_pretty(answer), status) : status;
}

static int print_info(void)
{
	CLEANUP(json_freep) struct json_object *info = netavark_answer_info(IPVL_VERSION);

	return print(json_text_pretty(info), 0);
}

static int run(struct arena *a, int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "--version")))
		return usage(stdout, 0);
	if (argc == 2 && !strcmp(argv[1], "info"))
		return print_info();
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(calls); i++) {
		if (!strcmp(argv[1], calls[i].name) && argc == 2 + calls[i].needs_netns)
			return run_netavark(a, calls[i].call,
					    calls[i].needs_netns ? argv[2] : "");
	}
	return argc == 1 && getenv("CNI_COMMAND") ? run_cni(a) : usage(stderr, 1);
}

int main(int argc, char **argv)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();

	/* A daemon that exits is an error of the socket, and must not kill this process. */
	signal(SIGPIPE, SIG_IGN);
	return run(a, argc, argv);
}
