/* `ipvl-docker`: a network driver of Docker. Serves a socket that systemd passes, or makes one. */
#include "engines/docker/docker_server.h"
#include "lib/alloc.h"
#include "lib/http/http.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLUGINS "/run/docker/plugins"
/* sd_listen_fds(3). */
#define LISTEN_FD 3
/* Of one request: options, exposed ports, labels. */
#define BODY_MAX ((size_t)1 << 20)

struct options {
	const char *db, *socket;
};

static int usage(FILE *out, int status)
{
	fputs("ipvl-docker " IPVL_VERSION ": a network driver of Docker\n"
	      "usage: ipvl-docker [--db=REMOTE] [--socket=PATH]\n"
	      "  --db=REMOTE    where ipvld listens (default: unix:/run/ipvl/db.sock)\n"
	      "  --socket=PATH  where dockerd connects to (default: " PLUGINS
	      "/ipvl.sock,\n"
	      "                 or the socket that systemd passes); its name is the\n"
	      "                 driver's\n"
	      "  --help, --version\n"
	      "see ipvl-docker(8)\n",
	      out);
	return status;
}

/* 0: go on; else exit with 'ret_status'. */
static int read_options(int argc, char **argv, struct options *o, int *ret_status)
{
	static const struct option longs[] = {
		{"db", required_argument, NULL, 'd'},
		{"socket", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		if (c == 'd')
			o->db = optarg;
		else if (c == 's')
			o->socket = optarg;
		else {
			*ret_status = c == '?' ? usage(stderr, 1) : usage(stdout, 0);
			return 1;
		}
	}
	if (optind == argc)
		return 0;
	*ret_status = usage(stderr, 1);
	return 1;
}

static bool is_passed_a_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	return pid && n && strtol(pid, NULL, 10) == (long)getpid() && !strcmp(n, "1");
}

/* dockerd makes the folder at its start, which may come later. */
static struct err *make_folder(void)
{
	if ((mkdir("/run/docker", 0711) && errno != EEXIST) ||
	    (mkdir(PLUGINS, 0755) && errno != EEXIST))
		return err_sys(errno, "cannot make " PLUGINS);
	return NULL;
}

static struct err *listen_on(struct loop *l, const struct options *o, struct http **ret)
{
	void *db = (void *)(uintptr_t)o->db;
	const char *path = o->socket ? o->socket : PLUGINS "/ipvl.sock";
	char *address;
	struct err *e;

	if (!o->socket && is_passed_a_socket())
		return http_adopt(l, LISTEN_FD, docker_server_answer, db, ret);
	e = o->socket ? NULL : make_folder();
	if (e)
		return e;
	address = xasprintf("punix:%s", path);
	e = http_listen(l, address, S_IRUSR | S_IWUSR, docker_server_answer, db, ret);
	free(address);
	return e;
}

static void stop(void *loop)
{
	loop_stop(loop);
}

static struct err *run(const struct options *o)
{
	struct loop *l;
	struct loop_signal *on_term, *on_int;
	struct http *http = NULL;
	struct err *e = loop_new(&l);

	if (e)
		return e;
	on_term = loop_signal_new(l, SIGTERM, stop, l);
	on_int = loop_signal_new(l, SIGINT, stop, l);
	e = listen_on(l, o, &http);
	if (!e) {
		http_set_max_body(http, BODY_MAX);
		log_event(LOG_LEVEL_INFO, "ready", "db=%s", o->db);
		e = loop_run(l);
	}
	http_free(http);
	loop_signal_free(on_int);
	loop_signal_free(on_term);
	loop_free(l);
	return e;
}

int main(int argc, char **argv)
{
	struct options o = {.db = "unix:/run/ipvl/db.sock"};
	CLEANUP(err_freep) struct err *e = NULL;
	int status;

	if (read_options(argc, argv, &o, &status))
		return status;
	/* A daemon that exits is an error of the socket, and must not kill this process. */
	signal(SIGPIPE, SIG_IGN);
	e = run(&o);
	if (!e)
		return 0;
	log_err(LOG_LEVEL_ERR, "failed", e, "%s", "");
	return 1;
}
