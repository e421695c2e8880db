/* `ipvl-cni`: a CNI plug-in. Reads the environment and standard input, prints the result or an
 * error object, exits with 0 or 1. */
#include "engines/cni/cni_read.h"
#include "engines/cni/cni_verbs.h"
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
	fputs("ipvl-cni " IPVL_VERSION ": a CNI plug-in (0.3.1, 0.4.0, 1.0.0, 1.1.0), "
	      "called by container engines\n"
	      "usage: CNI_COMMAND=… ipvl-cni <CONFIGURATION, or ipvl-cni --help, "
	      "--version\n"
	      "see ipvl-cni(8), and \"type\": \"ipvl-cni\" in a file of /etc/cni/net.d\n",
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

static const struct cni_error *read_input(struct arena *a, struct buffer *b)
{
	int error = fd_read(STDIN_FILENO, INPUT_MAX + 1, b);

	if (error)
		return cni_error_new(a, CNI_IO, NULL, "cannot read standard input (%s)",
				     strerror(error));
	if (b->n > INPUT_MAX)
		return cni_error_new(a, CNI_NOT_JSON, NULL,
				     "the network's configuration is larger than %zu MiB",
				     INPUT_MAX >> 20);
	if (b->n && memchr(b->data, '\0', b->n))
		return cni_error_new(a, CNI_NOT_JSON, NULL,
				     "the network's configuration has a NUL byte");
	buffer_putc(b, '\0');
	return NULL;
}

static const char *variable(const char *name)
{
	return getenv(name);
}

static int run(struct arena *a)
{
	CLEANUP(buffer_clearp) struct buffer input = {0};
	CLEANUP(json_freep) struct json_object *config = NULL;
	CLEANUP(json_freep) struct json_object *result = NULL;
	const char *version = cni_version_names[CNI_N_VERSIONS - 1];
	struct cni_request request;
	const struct cni_error *e = read_input(a, &input);

	if (!e)
		e = cni_read(a, variable, input.data, &config, &version, &request);
	if (!e)
		e = cni_verbs_run(a, &request, &result);
	if (e)
		return print(cni_error_json(e, version), 1);
	return result ? print(json_text_pretty(result), 0) : 0;
}

int main(int argc, char **argv)
{
	CLEANUP(arena_freep) struct arena *a = NULL;

	if (argc > 1)
		return strcmp(argv[1], "--help") && strcmp(argv[1], "--version")
			       ? usage(stderr, 1)
			       : usage(stdout, 0);
	if (!getenv("CNI_COMMAND"))
		return usage(stderr, 1);
	/* A daemon that exits is an error of the socket, and must not kill this process. */
	signal(SIGPIPE, SIG_IGN);
	a = arena_new();
	return run(a);
}
