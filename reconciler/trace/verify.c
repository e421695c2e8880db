/* A run sends its echo requests at intervals and collects the answers; the loop waits for
 * none. A client asks for the result until the run is done: a method replies at once.
 *
 * params: ["ipvl", {"netns": …, "device": …, "from": …, "to": …}] begins a run, ["ipvl", {"run":
 * N}] asks. */
#include "reconciler/trace/verify.h"

#include "lib/alloc.h"
#include "lib/fd.h"
#include "ovsdb-lite/json/json.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_ECHOES    3
#define INTERVAL_MS 200
/* After the last request. ARP gives up after three seconds, but then nothing was sent. */
#define PATIENCE_MS 2000
/* A result that nobody asks for. */
#define KEPT_MS  30000
#define MAX_RUNS 16

/* Both families have the same head. */
struct echo {
	uint8_t type, code;
	uint16_t checksum, id, number;
	uint8_t token[8]; /* tells our requests from those of others with this id */
};

struct run {
	struct verify *verify;
	int64_t number;
	int fd; /* -1: it is done */
	bool is_v6;
	struct loop_io *io;
	struct loop_timer *timer;
	unsigned int n_sent, n_back;
	bool has_answer[N_ECHOES];
	uint16_t id;
	uint8_t token[8];
	char *error; /* why a request could not be sent; NULL: all were */
	struct run *next;
};

struct verify {
	struct db *db;
	struct loop *loop;
	struct datapath *datapath;
	struct run *runs;
	int64_t last_number;
};

static void run_free(struct run *r)
{
	loop_io_free(r->io);
	loop_timer_free(r->timer);
	if (r->fd >= 0)
		close(r->fd);
	free(r->error);
	free(r);
}

static void forget(struct run *r)
{
	struct run **at = &r->verify->runs;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	run_free(r);
}

/* The socket keeps a namespace alive. */
static void finish(struct run *r)
{
	loop_io_free(r->io);
	r->io = NULL;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	loop_timer_set(r->timer, KEPT_MS);
}

/* RFC 1071. The kernel sets that of ICMPv6 itself (RFC 3542 3.1). */
static uint16_t checksum_of(const struct echo *e)
{
	const uint8_t *bytes = (const uint8_t *)e;
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(*e); i += 2) {
		uint16_t word;

		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

static void send_next(struct run *r)
{
	struct echo e = {.type = r->is_v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
			 .id = r->id,
			 .number = (uint16_t)r->n_sent};

	memcpy(e.token, r->token, sizeof(e.token));
	if (!r->is_v6)
		e.checksum = checksum_of(&e);
	r->n_sent++;
	/* What the network says of an earlier one (ICMP) is an error of this call. */
	if (send(r->fd, &e, sizeof(e), 0) < 0 && send(r->fd, &e, sizeof(e), 0) < 0 &&
	    !r->error)
		r->error = xstrdup(strerror(errno));
}

static void on_timer(void *aux)
{
	struct run *r = aux;

	if (r->fd < 0) {
		forget(r);
	} else if (r->n_sent < N_ECHOES) {
		send_next(r);
		loop_timer_set(r->timer,
			       r->n_sent < N_ECHOES ? INTERVAL_MS : PATIENCE_MS);
	} else {
		finish(r);
	}
}

/* A packet of IPv4 comes with its header. */
static bool find_echo(const struct run *r, const uint8_t *bytes, size_t n,
		      struct echo *ret_echo)
{
	size_t head = r->is_v6 ? 0 : n ? (size_t)(bytes[0] & 0xf) * 4 : 0;

	if (n < head + sizeof(*ret_echo))
		return false;
	memcpy(ret_echo, bytes + head, sizeof(*ret_echo));
	return ret_echo->type == (r->is_v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
	       ret_echo->id == r->id && ret_echo->number < N_ECHOES &&
	       !memcmp(ret_echo->token, r->token, sizeof(r->token));
}

static void on_answer(void *aux)
{
	struct run *r = aux;
	uint8_t bytes[512];
	struct echo e;
	ssize_t n = recv(r->fd, bytes, sizeof(bytes), 0);

	if (n < 0 || !find_echo(r, bytes, (size_t)n, &e) || r->has_answer[e.number])
		return;
	r->has_answer[e.number] = true;
	if (++r->n_back == N_ECHOES)
		finish(r);
}

/* Why a request cannot leave is an answer: there is no route, or one that refuses. */
static bool is_refusal(const struct err *e)
{
	return e->sys_errno == ENETUNREACH || e->sys_errno == EHOSTUNREACH ||
	       e->sys_errno == EINVAL || e->sys_errno == EACCES;
}

static struct run *run_new(struct verify *v, const struct datapath_ping *p, int fd)
{
	struct run *r = xcalloc(1, sizeof(*r));

	r->verify = v;
	r->number = ++v->last_number;
	r->fd = fd;
	r->is_v6 = p->to.family == AF_INET6;
	if (getrandom(r->token, sizeof(r->token), 0) < 0)
		memcpy(r->token, &r->number, sizeof(r->number));
	memcpy(&r->id, r->token, sizeof(r->id));
	r->timer = loop_timer_new(v->loop, on_timer, r);
	r->next = v->runs;
	v->runs = r;
	return r;
}

static struct err *begin(struct verify *v, const struct datapath_ping *p,
			 struct json_object **ret_result)
{
	struct err *e;
	struct run *r;
	size_t n = 0;
	int fd = -1;

	for (r = v->runs; r; r = r->next)
		n++;
	if (n >= MAX_RUNS)
		return err_hint(
			err_new(ERR_BUSY, "%d other echoes are under way", MAX_RUNS),
			"try again in a few seconds");
	e = datapath_ping(v->datapath, p, &fd);
	if (e && !is_refusal(e))
		return e;
	r = run_new(v, p, fd);
	if (e) {
		r->error = xstrdup(strerror(e->sys_errno));
		r->n_sent = N_ECHOES;
		finish(r);
	} else {
		r->io = loop_io_new(v->loop, fd, LOOP_READ, on_answer, r);
		on_timer(r);
	}
	err_free(e);
	*ret_result = json_object();
	json_put(*ret_result, "run", json_integer(r->number));
	return NULL;
}

static struct err *ask(struct verify *v, int64_t number, struct json_object **ret_result)
{
	struct run *r = v->runs;
	bool is_done;

	while (r && r->number != number)
		r = r->next;
	if (!r)
		return err_new(ERR_NOT_FOUND, "there is no such run");
	is_done = r->fd < 0;
	*ret_result = json_object();
	json_put(*ret_result, "done", json_boolean(is_done));
	json_put(*ret_result, "sent", json_integer(r->n_sent));
	json_put(*ret_result, "back", json_integer(r->n_back));
	json_put(*ret_result, "error", json_string(r->error ? r->error : ""));
	if (is_done)
		forget(r);
	return NULL;
}

static const char *text_of(const struct json_object *o, const char *key)
{
	const struct json_object *v = json_member(o, key);

	return v && json_kind(v) == JSON_STRING ? json_get_string(v) : NULL;
}

static struct err *read_ping(const struct verify *v, const struct json_object *o,
			     struct datapath_ping *p)
{
	const char *from = o ? text_of(o, "from") : NULL;
	const char *to = o ? text_of(o, "to") : NULL;
	struct err *e;

	p->netns = o ? text_of(o, "netns") : NULL;
	p->device = o && json_member(o, "device") ? text_of(o, "device") : "";
	if (!p->netns || !p->device || !from || !to)
		return err_new(
			ERR_INVALID,
			"the parameters are [\"%s\", {\"netns\": NAME, \"device\": "
			"NAME, \"from\": ADDRESS, \"to\": ADDRESS}] or [\"%s\", "
			"{\"run\": N}]",
			db_name(v->db), db_name(v->db));
	e = ip_addr_parse(from, &p->from);
	if (!e)
		e = ip_addr_parse(to, &p->to);
	if (!e && (p->from.family != p->to.family || ip_addr_is_multicast(&p->to)))
		e = err_new(ERR_INVALID, "an echo goes from one address to another one");
	return e;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	struct verify *v = aux;
	const struct json_object *o =
		json_get_length(params) == 2 ? json_at(params, 1) : NULL;
	const struct json_object *number =
		o && json_kind(o) == JSON_OBJECT ? json_member(o, "run") : NULL;
	struct datapath_ping p = {0};
	struct err *e;

	(void)caller;
	if (number && json_kind(number) == JSON_INTEGER)
		return ask(v, json_get_integer(number), ret_result);
	if (o && json_kind(o) != JSON_OBJECT)
		o = NULL;
	e = read_ping(v, o, &p);
	return e ? e : begin(v, &p, ret_result);
}

struct verify *verify_new(struct server *s, struct db *db, struct loop *loop,
			  struct datapath *dp)
{
	struct verify *v = xcalloc(1, sizeof(*v));

	v->db = db;
	v->loop = loop;
	v->datapath = dp;
	server_add_method(s, db, "ipvl_verify", RBAC_ALL, call, v);
	return v;
}

void verify_free(struct verify *v)
{
	if (!v)
		return;
	while (v->runs) {
		struct run *r = v->runs;

		v->runs = r->next;
		run_free(r);
	}
	free(v);
}
