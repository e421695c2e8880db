/* The options of a server on a command line, the same for `ovsdb-lite server` and
 * `ipvld`: remotes, TLS, roles, limits. docs/man/ovsdb-lite.8.scd describes them. */
#ifndef OVSDB_SERVER_OPTIONS_H
#define OVSDB_SERVER_OPTIONS_H 1

#include "lib/err.h"
#include "lib/stream.h"
#include "ovsdb-lite/server/server.h"

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

struct server_options {
	const char **remotes; /* owned arrays of borrowed strings */
	size_t n_remotes;
	const char **subject_roles;
	size_t n_subject_roles;
	struct stream_tls_files tls; /* all NULL: none */
	bool keeps_arguments;        /* server_keep_arguments() */
	struct server_limits limits;
};

enum {
	SERVER_OPTION_REMOTE = 1000,
	SERVER_OPTION_PRIVATE_KEY,
	SERVER_OPTION_CERTIFICATE,
	SERVER_OPTION_CA_CERT,
	SERVER_OPTION_SUBJECT_ROLE,
	SERVER_OPTION_KEEP_ARGUMENTS,
	SERVER_OPTION_MAX_CLIENTS,
	SERVER_OPTION_MAX_MESSAGE,
	SERVER_OPTION_MAX_VALUES,
	SERVER_OPTION_MAX_KEPT,
	SERVER_OPTION_MAX_KEPT_SUM,
	SERVER_OPTION_MAX_WORK,
	SERVER_OPTION_MAX_PARTIAL,
	SERVER_OPTION_MAX_BACKLOG,
	SERVER_OPTION_MAX_BACKLOG_SUM,
	SERVER_OPTION_MAX_STALL,
	SERVER_OPTION_END
};

/* For getopt_long(3). */
#define SERVER_LONG_OPTIONS                                                              \
	{"remote", required_argument, NULL, SERVER_OPTION_REMOTE},                       \
		{"private-key", required_argument, NULL, SERVER_OPTION_PRIVATE_KEY},     \
		{"certificate", required_argument, NULL, SERVER_OPTION_CERTIFICATE},     \
		{"ca-cert", required_argument, NULL, SERVER_OPTION_CA_CERT},             \
		{"subject-role", required_argument, NULL, SERVER_OPTION_SUBJECT_ROLE},   \
		{"keep-arguments", no_argument, NULL, SERVER_OPTION_KEEP_ARGUMENTS},     \
		{"max-clients", required_argument, NULL, SERVER_OPTION_MAX_CLIENTS},     \
		{"max-message", required_argument, NULL, SERVER_OPTION_MAX_MESSAGE},     \
		{"max-values", required_argument, NULL, SERVER_OPTION_MAX_VALUES},       \
		{"max-kept", required_argument, NULL, SERVER_OPTION_MAX_KEPT},           \
		{"max-kept-sum", required_argument, NULL, SERVER_OPTION_MAX_KEPT_SUM},   \
		{"max-work", required_argument, NULL, SERVER_OPTION_MAX_WORK},           \
		{"max-partial", required_argument, NULL, SERVER_OPTION_MAX_PARTIAL},     \
		{"max-backlog", required_argument, NULL, SERVER_OPTION_MAX_BACKLOG},     \
		{"max-backlog-sum", required_argument, NULL,                             \
		 SERVER_OPTION_MAX_BACKLOG_SUM},                                         \
	{                                                                                \
		"max-stall", required_argument, NULL, SERVER_OPTION_MAX_STALL            \
	}

/* Whole lines of --help; each program has its own first line of --remote. */
#define SERVER_OPTIONS_HELP                                                              \
	"                        punix:PATH, ptcp:PORT[:IP], pssl:PORT[:IP]; or to\n"    \
	"                        connect, unix:PATH, tcp:IP:PORT, ssl:IP:PORT. With\n"   \
	"                        ,role=NAME ,inactivity-probe=MILLISECONDS; punix:\n"    \
	"                        also with ,mode=MODE ,group=NAME\n"                     \
	"  --private-key=FILE, --certificate=FILE, --ca-cert=FILE\n"                     \
	"                        for ssl: and pssl:, in PEM format\n"                    \
	"  --subject-role=NAME:ROLE\n"                                                   \
	"                        the role of clients with NAME in their certificate\n"   \
	"  --keep-arguments      store whole command lines of clients in the history\n"  \
	"  --max-clients=N       clients at one time (500)\n"                            \
	"  --max-message=SIZE    of one request; bytes, or with K, M, G (64M)\n"         \
	"  --max-values=SIZE     memory for the values of one request (256M)\n"          \
	"  --max-kept=SIZE       memory for monitors and waiting transactions of a\n"    \
	"                        client (32M)\n"                                         \
	"  --max-kept-sum=SIZE   the same for all clients together (256M)\n"             \
	"  --max-work=MILLISECONDS\n"                                                    \
	"                        searches and changes of one transaction (20)\n"         \
	"  --max-partial=SIZE    memory for all incomplete requests (384M)\n"            \
	"  --max-backlog=SIZE    replies that a client has not read (16M)\n"             \
	"  --max-backlog-sum=SIZE\n"                                                     \
	"                        the same for all clients together (256M)\n"             \
	"  --max-stall=SECONDS   that a client with unread replies reads nothing (60)\n"

void server_options_init(struct server_options *o); /* the defaults */
void server_options_clear(struct server_options *o);

bool server_options_has(int option);
/* One option of that enum. Borrows 'argument'. ERR_INVALID in one sentence. */
struct err *server_options_take(struct server_options *o, int option,
				const char *argument) MUST_CHECK;
/* Sets TLS, roles and remotes of a server that was made with 'o->limits', and logs where
 * it listens. */
struct err *server_options_apply(const struct server_options *o,
				 struct server *s) MUST_CHECK;
/* After it: writes the first unix socket beside db's file. A program that finds the file
 * in use names it in its error. */
void server_options_note_socket(const struct server_options *o, const struct server *s,
				struct db *db);

#endif
