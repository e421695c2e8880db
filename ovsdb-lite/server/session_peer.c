/* The peer's identity. A unix socket gives uid and pid, TLS the certificate's common
 * name. */
#include "ovsdb-lite/server/session_peer.h"

#include "lib/alloc.h"
#include "lib/process.h"

#include <stdlib.h>

/* A process can delay the reader of its memory, and so of its command line: of a process
 * that is not root's or ours only the name is read. It is read late, because most clients
 * never write; by then the pid may belong to a process that began later. */
void session_peer_find_command(struct session *s)
{
	enum process_detail detail =
		s->common->keeps_arguments ? PROCESS_ARGUMENTS : PROCESS_SUBCOMMAND;

	if (s->is_command_known)
		return;
	s->is_command_known = true;
	if (!s->share.parent->is_privileged)
		detail = PROCESS_NAME;
	s->command = process_command(s->origin.pid, detail, s->arrived_ms);
	s->origin.command = s->command;
}

bool session_peer_sees_processes(const struct session *s)
{
	return remote_config(s->remote)->kind == STREAM_UNIX && !*s->subject.role;
}

void session_peer_identify(struct session *s, const struct stream_peer *peer)
{
	const struct remote_config *config = remote_config(s->remote);
	struct subject_role *own = NULL;

	s->origin.pid = peer->pid;
	s->origin.uid = peer->uid == (uid_t)-1 ? -1 : (int64_t)peer->uid;
	s->arrived_ms = process_clock_ms();
	s->certified = peer->subject ? xstrdup(peer->subject) : NULL;
	if (config->kind != STREAM_UNIX)
		s->name = xstrdup(peer->subject ? peer->subject : peer->address);
	s->origin.subject = s->name;
	if (s->certified)
		HASH_FIND_STR(s->common->subject_roles, s->certified, own);
	s->subject.id = s->certified;
	s->subject.role = own ? own->role : config->role;
}

void session_peer_clear(struct session *s)
{
	free(s->command);
	free(s->name);
	free(s->certified);
}
