/* A whole server: bytes of two clients to an in-process server of fuzz_every_type.
 *
 * Input: a byte that says how long the pieces are in which it is sent, then the bytes;
 * 0x1e changes to the other of two clients. Laws: all that the server says are JSON-RPC
 * messages; the database stays whole; a third client is served, and the monitor that it
 * has had from the beginning has told it everything by then. */
#include "copy.h"
#include "fuzz.h"

#include "lib/clock.h"
#include "lib/loop.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/datum.h"
#include "ovsdb-lite/wire/jsonrpc.h"
#include "ovsdb-lite/server/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 120000

enum { OTHER_CLIENT = 0x1e, N_CLIENTS = 3, BYSTANDER = 2 };
enum { MONITOR = 2 }; /* the id of the bystander's request */
enum { MAX_QUESTIONS = 4 };

struct client {
	int fd; /* -1 once the server has closed it */
	struct json_stream *parser;
	size_t n_replies;
	bool is_watching; /* the bystander, until its monitor is cancelled */
	struct copy copy;
};

static struct loop *loop;
static char *path, *passive; /* of the server's socket */

static void leave_place(void)
{
	loop_free(loop);
	free(path);
	free(passive);
}

static void make_place(void)
{
	if (loop)
		return;
	path = xasprintf("%s/s", fuzz_folder());
	passive = xasprintf("punix:%s", path);
	fuzz_must(loop_new(&loop));
	atexit(leave_place);
}

static void turn(void)
{
	fuzz_must(loop_run_once(loop, 0));
}

static void client_open(struct client *c, const struct db *db)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	LAW(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	LAW(c->fd >= 0);
	LAW(!connect(c->fd, (struct sockaddr *)&address, sizeof(address)));
	c->parser = json_stream_new((size_t)16 << 20);
	c->n_replies = 0;
	c->is_watching = false;
	c->copy = (struct copy){.schema = db_schema(db)};
	turn();
}

static void client_hang_up(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void client_close(struct client *c)
{
	client_hang_up(c);
	json_stream_free(c->parser);
	copy_clear(&c->copy);
}

/* Takes the message. */
static void take_message(struct client *c, struct json_object *json)
{
	struct jsonrpc_message m;

	LAW(json_kind(json) == JSON_OBJECT);
	fuzz_must(jsonrpc_from_json(json, &m));
	c->n_replies += m.kind == JSONRPC_REPLY || m.kind == JSONRPC_ERROR;
	if (c->is_watching && m.kind == JSONRPC_REPLY &&
	    json_get_integer(m.id) == MONITOR)
		copy_apply(&c->copy, m.result, true);
	if (c->is_watching && m.kind == JSONRPC_NOTIFICATION) {
		if (!strcmp(m.method, "update2")) {
			LAW(json_get_length(json_at(m.params, 1)));
			copy_apply(&c->copy, json_at(m.params, 1), false);
		} else if (!strcmp(m.method, "monitor_canceled")) {
			c->is_watching = false;
		}
	}
	jsonrpc_message_clear(&m);
}

static void client_take(struct client *c, const char *data, size_t n)
{
	while (n) {
		struct json_object *json;
		size_t used;

		fuzz_must(json_stream_feed(c->parser, data, n, &used, &json));
		data += used;
		n -= used;
		if (json)
			take_message(c, json);
	}
}

static void client_read(struct client *c)
{
	char buf[16384];
	ssize_t n = 1;

	while (c->fd >= 0 && n > 0) {
		n = read(c->fd, buf, sizeof(buf));
		if (n > 0)
			client_take(c, buf, (size_t)n);
		else if (!n || errno != EAGAIN)
			client_hang_up(c);
	}
}

static void client_send(struct client *c, const char *data, size_t n)
{
	while (n && c->fd >= 0) {
		ssize_t sent = send(c->fd, data, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN) {
			client_read(c);
			client_hang_up(c);
			return;
		}
		if (sent > 0) {
			data += sent;
			n -= (size_t)sent;
		}
		turn();
		client_read(c);
	}
}

static void client_ask(struct client *c, const char *question, size_t n_answers)
{
	int64_t end = clock_now_ms() + PATIENCE_MS;
	size_t n = c->n_replies + n_answers;

	client_send(c, question, strlen(question));
	while (c->n_replies < n) {
		LAW(c->fd >= 0);
		LAW(clock_now_ms() < end);
		fuzz_must(loop_run_once(loop, 100));
		client_read(c);
	}
}

static bool row_is_copied(const struct copy *copy, const struct row *r)
{
	const struct table_schema *ts = table_schema(row_table(r));
	const struct json_object *have = copy_find(copy, ts, row_uuid(r));
	bool is_same = have;

	for (size_t i = 0; is_same && i < ts->n_columns; i++) {
		const struct column_schema *c = &ts->columns[i];
		struct json_object *want = datum_to_json(row_get(r, c), &c->type);

		is_same = json_equals(json_member(have, c->name), want);
		json_free(want);
	}
	return is_same;
}

static bool is_up_to_date(const struct client *c, const struct db *db)
{
	const struct table *t = db_table(db, "R");

	if (!c->is_watching)
		return true;
	TABLE_FOR_EACH (r, t) {
		if (!row_is_copied(&c->copy, r))
			return false;
	}
	return c->copy.n_rows == table_count(t);
}

static void open_bystander(struct client *c, const struct db *db)
{
	client_open(c, db);
	c->is_watching = true;
	client_ask(c,
		   "{\"id\":1,\"method\":\"set_db_change_aware\",\"params\":[true]}"
		   "{\"id\":2,\"method\":\"monitor_cond\",\"params\":[\"D\",0,{\"R\":[{}]"
		   "}]}",
		   2);
}

static void ask_bystander(struct client *c, const struct db *db)
{
	int n = 0;

	/* Updates come before the answer; but by now the others may have changed more. */
	do {
		LAW(n++ < MAX_QUESTIONS);
		client_ask(c,
			   "{\"id\":3,\"method\":\"transact\",\"params\":[\"D\",{\"op\":"
			   "\"select\","
			   "\"table\":\"R\",\"where\":[]}]}",
			   1);
	} while (!is_up_to_date(c, db));
	fuzz_check_db(db);
}

/* Sends 'data' in pieces by two clients in turn. */
static void send_input(struct client *clients, const char *data, size_t n, size_t piece)
{
	int who = 0;

	while (n) {
		const char *end = memchr(data, OTHER_CLIENT, n);
		size_t n_run = end ? (size_t)(end - data) : n;
		size_t n_piece = piece && piece < n_run ? piece : n_run;

		client_send(&clients[who], data, n_piece);
		data += n_piece;
		n -= n_piece;
		if (n && *data == OTHER_CLIENT) {
			who = !who;
			data++;
			n--;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct client clients[N_CLIENTS];
	struct server *server;
	struct db *db;

	if (!n)
		return 0;
	make_place();
	db = fuzz_db_every_type();
	fuzz_must(server_new(loop, NULL, &server));
	fuzz_must(server_add_db(server, db));
	server_fix_schema(server, db); /* the bystander's copy holds on to it */
	fuzz_must(server_add_remote(server, passive));
	open_bystander(&clients[BYSTANDER], db);
	for (int i = 0; i < BYSTANDER; i++)
		client_open(&clients[i], db);
	send_input(clients, (const char *)data + 1, n - 1, data[0]);
	for (int i = 0; i < BYSTANDER; i++) {
		ask_bystander(&clients[BYSTANDER], db);
		/* Again when one of the others has gone. */
		client_read(&clients[i]);
		client_hang_up(&clients[i]);
	}
	ask_bystander(&clients[BYSTANDER], db);
	for (int i = 0; i < N_CLIENTS; i++)
		client_close(&clients[i]);
	turn();
	server_free(server);
	db_close(db);
	return 0;
}
