/* A child process with two pipes: it may answer before it has read everything, and may hang. */
#include "engines/cni/cni_exec.h"

#include "lib/alloc.h"
#include "lib/buffer.h"
#include "lib/clock.h"
#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)1 << 20)

const char *cni_exec_find(struct arena *a, const char *path, const char *program)
{
	char *rest = arena_strdup(a, path), *folder;

	while ((folder = strsep(&rest, ":"))) {
		const char *file = arena_printf(a, "%s/%s", folder, program);

		if (*folder == '/' && !access(file, X_OK))
			return file;
	}
	return NULL;
}

/* The environment with another CNI_COMMAND. */
static char **environment(struct arena *a, const char *command)
{
	static const char name[] = "CNI_COMMAND=";
	size_t n = 0, out = 0;
	char **env;

	while (environ[n])
		n++;
	env = arena_array(a, n + 2, sizeof(*env));
	for (size_t i = 0; i < n; i++) {
		if (strncmp(environ[i], name, strlen(name)) != 0)
			env[out++] = environ[i];
	}
	env[out] = arena_printf(a, "%s%s", name, command);
	return env;
}

struct child {
	pid_t pid;
	int in, out; /* -1: closed */
};

static struct err *spawn(struct arena *a, const char *file, const char *command,
			 struct child *ret_child)
{
	char *argv[] = {arena_strdup(a, file), NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int in[2], out[2], error;

	if (pipe2(in, O_CLOEXEC))
		return err_sys(errno, "cannot make a pipe");
	if (pipe2(out, O_CLOEXEC)) {
		error = errno;
		close(in[0]);
		close(in[1]);
		return err_sys(error, "cannot make a pipe");
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	/* What this process ignores, others need not. */
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(&ret_child->pid, file, &actions, &attributes, argv,
			    environment(a, command));
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	ret_child->in = in[1];
	ret_child->out = out[0];
	if (!error)
		return NULL;
	close(in[1]);
	close(out[0]);
	return err_sys(error, "cannot execute %s", file);
}

/* What a child that reads nothing does not take is no error: it may know its answer. */
static void feed(struct child *c, const char **at)
{
	ssize_t n = write(c->in, *at, strlen(*at));

	if (n > 0)
		*at += n;
	if ((n < 0 && errno != EINTR && errno != EAGAIN) || !**at) {
		close(c->in);
		c->in = -1;
	}
}

static bool take(struct child *c, struct buffer *output)
{
	ssize_t n = read(c->out, buffer_reserve(output, 4096), 4096);

	if (n > 0)
		output->n += (size_t)n;
	return n > 0 || (n < 0 && errno == EINTR);
}

static bool talk(struct child *c, const char *input, int64_t deadline_ms,
		 struct buffer *output)
{
	bool is_open = true;

	fcntl(c->in, F_SETFL, O_NONBLOCK);
	while (is_open && output->n < OUTPUT_MAX) {
		struct pollfd fds[] = {{.fd = c->out, .events = POLLIN},
				       {.fd = c->in, .events = POLLOUT}};
		int64_t left = deadline_ms - clock_now_ms();

		if (left <= 0)
			return false;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return false;
		if (fds[1].revents && c->in >= 0)
			feed(c, &input);
		if (fds[0].revents)
			is_open = take(c, output);
	}
	return true;
}

struct err *cni_exec_run(struct arena *a, const char *file, const char *command,
			 const char *input, int64_t deadline_ms, const char **ret_output,
			 bool *ret_ok)
{
	CLEANUP(buffer_clearp) struct buffer output = {0};
	struct child c;
	bool is_in_time;
	int status = -1;
	struct err *e = spawn(a, file, command, &c);

	if (e)
		return e;
	is_in_time = talk(&c, input, deadline_ms, &output);
	if (!is_in_time)
		kill(c.pid, SIGKILL);
	if (c.in >= 0)
		close(c.in);
	close(c.out);
	while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!is_in_time)
		return err_new(ERR_TIMED_OUT, "%s did not end in time", file);
	buffer_putc(&output, '\0');
	*ret_output = arena_strdup(a, output.data);
	*ret_ok = WIFEXITED(status) && !WEXITSTATUS(status);
	return NULL;
}
