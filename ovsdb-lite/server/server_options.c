/* Reads the options of a server, and passes them to it. */
#include "ovsdb-lite/server/server_options.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>
#include <string.h>

/* More than a process can have descriptors for; server_new() asks the kernel. */
#define MAX_CLIENTS 1000000
#define MAX_BYTES   ((uint64_t)1 << 40)
#define MAX_MESSAGE ((uint64_t)250 << 20)
#define MIN_BYTES   1024
#define MAX_SECONDS 86400
#define MAX_WORK_MS 3600000

_Static_assert(MAX_MESSAGE <= JSON_MAX_BYTES, "json_stream_new() asserts it");

/* exec_request.max_work counts these. */
#define UNITS_PER_MS 100000

void server_options_init(struct server_options *o)
{
	*o = (struct server_options){.limits = server_limits_default};
}

void server_options_clear(struct server_options *o)
{
	free(o->remotes);
	free(o->subject_roles);
	server_options_init(o);
}

bool server_options_has(int option)
{
	return option >= SERVER_OPTION_REMOTE && option < SERVER_OPTION_END;
}

static void append(const char ***list, size_t *n, const char *text)
{
	*list = xrealloc_array(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = text;
}

static struct err *take_count(const char *name, const char *argument, uint64_t min,
			      uint64_t max, uint64_t *ret_value)
{
	if (text_to_uint(argument, min, max, ret_value))
		return NULL;
	return err_new(ERR_INVALID, "--%s=%s: give a number from %llu to %llu", name,
		       argument, (unsigned long long)min, (unsigned long long)max);
}

/* Bytes; with a letter after the number KiB, MiB or GiB. */
static struct err *take_size(const char *name, const char *argument, uint64_t max,
			     size_t *ret_bytes)
{
	static const char letters[] = "KMG";
	CLEANUP(freep) char *digits = xstrdup(argument);
	size_t n = strlen(digits);
	const char *letter = n ? strchr(letters, digits[n - 1]) : NULL;
	unsigned int shift = letter ? 10 * (unsigned int)(letter - letters + 1) : 0;
	uint64_t value;

	if (letter)
		digits[n - 1] = '\0';
	if (!text_to_uint(digits, 0, max >> shift, &value) || value << shift < MIN_BYTES)
		return err_new(
			ERR_INVALID,
			"--%s=%s: give a size in bytes, or with the suffix K, M or G, "
			"from 1K to %llu%c",
			name, argument,
			(unsigned long long)(max >> (max >> 30 ? 30 : 20)),
			max >> 30 ? 'G' : 'M');
	*ret_bytes = (size_t)(value << shift);
	return NULL;
}

static struct err *take_limit(struct server_limits *limits, int option,
			      const char *argument)
{
	uint64_t n = 0;
	struct err *e;

	switch (option) {
	case SERVER_OPTION_MAX_CLIENTS:
		e = take_count("max-clients", argument, 1, MAX_CLIENTS, &n);
		if (!e)
			limits->max_sessions = (size_t)n;
		return e;
	case SERVER_OPTION_MAX_MESSAGE:
		return take_size("max-message", argument, MAX_MESSAGE,
				 &limits->max_message_bytes);
	case SERVER_OPTION_MAX_VALUES:
		return take_size("max-values", argument, MAX_BYTES,
				 &limits->max_parsed_bytes);
	case SERVER_OPTION_MAX_KEPT:
		return take_size("max-kept", argument, MAX_BYTES,
				 &limits->max_kept_bytes);
	case SERVER_OPTION_MAX_KEPT_SUM:
		return take_size("max-kept-sum", argument, MAX_BYTES,
				 &limits->max_kept_sum_bytes);
	case SERVER_OPTION_MAX_WORK:
		e = take_count("max-work", argument, 1, MAX_WORK_MS, &n);
		if (!e)
			limits->max_work = n * UNITS_PER_MS;
		return e;
	case SERVER_OPTION_MAX_PARTIAL:
		return take_size("max-partial", argument, MAX_BYTES,
				 &limits->max_partial_bytes);
	case SERVER_OPTION_MAX_BACKLOG:
		return take_size("max-backlog", argument, MAX_BYTES,
				 &limits->max_unsent_bytes);
	case SERVER_OPTION_MAX_BACKLOG_SUM:
		return take_size("max-backlog-sum", argument, MAX_BYTES,
				 &limits->max_unsent_sum_bytes);
	default:
		e = take_count("max-stall", argument, 1, MAX_SECONDS, &n);
		if (!e)
			limits->send_timeout_ms = (int64_t)n * 1000;
		return e;
	}
}

struct err *server_options_take(struct server_options *o, int option,
				const char *argument)
{
	switch (option) {
	case SERVER_OPTION_REMOTE:
		append(&o->remotes, &o->n_remotes, argument);
		return NULL;
	case SERVER_OPTION_SUBJECT_ROLE:
		append(&o->subject_roles, &o->n_subject_roles, argument);
		return NULL;
	case SERVER_OPTION_KEEP_ARGUMENTS:
		o->keeps_arguments = true;
		return NULL;
	case SERVER_OPTION_PRIVATE_KEY:
		o->tls.private_key = argument;
		return NULL;
	case SERVER_OPTION_CERTIFICATE:
		o->tls.certificate = argument;
		return NULL;
	case SERVER_OPTION_CA_CERT:
		o->tls.ca_certificate = argument;
		return NULL;
	default:
		return take_limit(&o->limits, option, argument);
	}
}

struct err *server_options_apply(const struct server_options *o, struct server *s)
{
	struct err *e = NULL;

	if (o->keeps_arguments)
		server_keep_arguments(s);
	if (stream_tls_files_are_given(&o->tls))
		e = server_set_tls(s, &o->tls);
	for (size_t i = 0; i < o->n_subject_roles && !e; i++)
		e = server_add_subject_role(s, o->subject_roles[i]);
	for (size_t i = 0; i < o->n_remotes && !e; i++)
		e = server_add_remote(s, o->remotes[i]);
	for (size_t i = 0; i < o->n_remotes && !e; i++) {
		const char *bound = server_remote_bound(s, i);

		if (bound)
			log_event(LOG_LEVEL_INFO, "listening", "remote=%s", bound);
	}
	return e;
}

void server_options_note_socket(const struct server_options *o, const struct server *s,
				struct db *db)
{
	static const char scheme[] = "punix:";

	for (size_t i = 0; i < o->n_remotes; i++) {
		const char *bound = server_remote_bound(s, i);
		CLEANUP(freep) char *path = NULL;
		CLEANUP(freep) char *remote = NULL;

		if (!bound || strncmp(bound, scheme, strlen(scheme)) != 0)
			continue;
		path = realpath(bound + strlen(scheme), NULL);
		if (!path)
			continue;
		remote = xasprintf("unix:%s", path);
		db_advertise(db, remote);
		return;
	}
}
