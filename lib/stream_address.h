/* Addresses of streams as OVSDB writes them (ovsdb(7) "Connection Methods"): active
 * `unix:PATH`, `tcp:IP:PORT`, `ssl:IP:PORT`; passive `punix:PATH`, `ptcp:PORT[:IP]`,
 * `pssl:PORT[:IP]`. An IPv6 address stands in square brackets. Names are not looked up:
 * that would block. The default of PORT is 6640, registered for OVSDB. In a passive
 * address PORT 0 is any free port, and IP is the local address, by default 0.0.0.0, as in
 * Open vSwitch. */
#ifndef LIB_STREAM_ADDRESS_H
#define LIB_STREAM_ADDRESS_H 1

#include "lib/err.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#define STREAM_DEFAULT_PORT 6640

enum stream_kind { STREAM_UNIX, STREAM_TCP, STREAM_TLS };

struct stream_address {
	enum stream_kind kind;
	bool is_passive;
	union {
		struct sockaddr sa;
		struct sockaddr_un sun;
		struct sockaddr_in sin;
		struct sockaddr_in6 sin6;
	} socket;
	socklen_t length;
};

/* ERR_INVALID: a sentence with the text and the correct notation. */
struct err *stream_address_parse(const char *text,
				 struct stream_address *ret_address) MUST_CHECK;
/* The same of one side only: an active address to connect to, a passive one to listen on.
 */
struct err *stream_address_parse_side(const char *text, bool is_passive,
				      struct stream_address *ret_address) MUST_CHECK;
/* Back to text. Owned by the caller. */
char *stream_address_text(const struct stream_address *a) MUST_CHECK;
/* True if it begins as an address does, valid or not; else it may be a file name. */
bool stream_address_has_scheme(const char *text);

#endif
