/* A request to the kernel as a line in the words of `ip`, and back.
 *
 * ip [-n NS] link add NAME [index N] ATTRIBUTE… type KIND [PORT…]
 * ip [-n NS] link replace NAME …, ip [-n NS] link set|setlink|del DEV ATTRIBUTE…
 * ip [-n NS] link del group N
 * ip [-n NS] addr add|replace|change|del ADDRESS/LENGTH [peer ADDRESS] dev DEV …
 * ip [-n NS] route add|append|prepend|replace|change|del [TYPE] TO [via ADDRESS] …
 * ip [-n NS] rule add|del [from PREFIX] [to PREFIX] [tos N] [fwmark N] [table N] …
 * ip netns add|del|unmount|hold|release NS, ip netns attach NS TEXT
 * sysctl [-n NS] net.ipv6.conf.DEV.KEY=VALUE
 * resolv.conf NS TEXT
 * ra [-n NS] DEV PREFIX: a router advertisement, sent by DEV
 * filter [-n NS] drop|accept input|output: every IPv4 packet of the hook
 *
 * `ip netns attach /proc/PID/ns/net NS` starts a process with that PID in NS; `ip netns
 * del` of that path ends it.
 *
 * DEV is a name, or `index N`. As in `ip`, `link set` is RTM_NEWLINK without
 * NLM_F_CREATE; `link setlink` is RTM_SETLINK, which `ip` never sends. `nlflags
 * create,excl` at the end sets the flags that the verb does not have. A word with blanks
 * is quoted, "\n" is a newline. */
#ifndef TESTS_TWIN_COMMAND_H
#define TESTS_TWIN_COMMAND_H 1

#include "datapath/sim/twin/twin_request.h"
#include "lib/arena.h"
#include "lib/err.h"

struct command {
	struct twin_request request;
	/* After the request, `! EBUSY` or `! EBUSY "text"`: the errno that the kernel
	 * answers, and what its extended ack contains (NULL: anything). 0: success. */
	int refusal;
	const char *refusal_text;
};

/* Everything in '*ret_command' is from 'a'. ERR_INVALID: names the word, and what was
 * expected in its place. */
struct err *command_parse(struct arena *a, const char *line,
			  struct command *ret_command) MUST_CHECK;

/* The line of a request, from 'a'. command_parse() of it gives the same request. */
const char *command_text(struct arena *a, const struct twin_request *r);

/* "EBUSY"; its number for an unknown one. Static, or from 'a'. */
const char *command_errno_name(struct arena *a, int sys_errno);

#endif
