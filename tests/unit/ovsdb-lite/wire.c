/* The server, and the peers that try it, behind wire.h: nothing is tested here. */
#include "tests/unit/ovsdb-lite/wire.h"

#include "lib/clock.h"
#include "ovsdb-lite/json/json_parse.h"
#include "ovsdb-lite/values/schema.h"

#include <stdio.h>
#include <unistd.h>

const char wire_schema[] =
	"{\"name\":\"T\",\"version\":\"1.0.0\",\"tables\":{\"R\":{\"columns\":{"
	"\"name\":{\"type\":\"string\"},"
	"\"n\":{\"type\":\"integer\"},"
	"\"tags\":{\"type\":{\"key\":\"string\",\"min\":0,\"max\":\"unlimited\"}},"
	"\"e\":{\"type\":\"integer\",\"ephemeral\":true}}}}}";

void wire_must(struct err *e)
{
	char *text;

	if (!e)
		return;
	text = err_text(e);
	print_error("%s\n", text);
	free(text);
	err_free(e);
	fail();
}

void wire_must_fail(struct err *e, enum err_code code)
{
	assert_non_null(e);
	assert_string_equal(err_code_name(e->code), err_code_name(code));
	err_free(e);
}

static struct schema *make_schema(void)
{
	struct json_object *json;
	struct schema *schema;

	wire_must(json_parse(wire_schema, strlen(wire_schema), &json));
	wire_must(schema_from_json(json, &schema));
	json_free(json);
	return schema;
}

static struct wire *prepare(void **state)
{
	struct wire *w = xcalloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/ipvl-wire-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->passive = xasprintf("punix:%s/s", w->dir);
	w->active = xasprintf("unix:%s/s", w->dir);
	wire_must(loop_new(&w->loop));
	*state = w;
	return w;
}

void wire_limit(struct wire *w, const struct server_limits *limits)
{
	server_free(w->server);
	wire_must(server_new(w->loop, limits, &w->server));
	wire_must(server_add_db(w->server, w->db));
	wire_must(server_add_remote(w->server, w->passive));
	wire_must(server_add_remote(w->server, "ptcp:0:127.0.0.1,inactivity-probe=0"));
}

int wire_setup(void **state)
{
	struct wire *w = prepare(state);

	w->db = db_new_in_memory(make_schema());
	wire_limit(w, NULL);
	return 0;
}

int wire_setup_file(void **state)
{
	struct wire *w = prepare(state);
	struct schema *schema = make_schema();
	char *path = xasprintf("%s/db", w->dir);

	wire_must(db_open(path, schema, &w->db));
	schema_free(schema);
	free(path);
	wire_limit(w, NULL);
	return 0;
}

int wire_teardown(void **state)
{
	static const char *const files[] = {"db", "db-wal", "db-shm", "db.lock", "db.id"};
	struct wire *w = *state;

	server_free(w->server);
	db_close(w->db);
	loop_free(w->loop);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *path = xasprintf("%s/%s", w->dir, files[i]);

		unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(w->dir), 0);
	free(w->passive);
	free(w->active);
	free(w);
	return 0;
}

static void on_data(void *aux, const char *data, size_t n)
{
	struct peer *p = aux;

	while (n) {
		struct json_object *json;
		size_t used;

		wire_must(json_stream_feed(p->parser, data, n, &used, &json));
		data += used;
		n -= used;
		if (!json)
			continue;
		p->messages = xrealloc_array(p->messages, p->n_messages + 1,
					     sizeof(*p->messages));
		p->messages[p->n_messages++] = json;
	}
}

static void on_closed(void *aux, struct err *e)
{
	struct peer *p = aux;

	p->is_closed = true;
	err_free(e);
}

static struct peer *open_at(struct wire *w, const char *address)
{
	static const struct stream_handlers handlers = {.data = on_data,
							.closed = on_closed};
	struct peer *p = xcalloc(1, sizeof(*p));

	p->wire = w;
	p->parser = json_stream_new((size_t)200 << 20);
	wire_must(stream_connect(w->loop, address, NULL, &handlers, p, &p->stream));
	return p;
}

struct peer *peer_open(struct wire *w)
{
	return open_at(w, w->active);
}

struct peer *peer_open_tcp(struct wire *w)
{
	const char *bound = server_remote_bound(w->server, 1);
	char *address = xasprintf("tcp:127.0.0.1:%d", atoi(bound + strlen("ptcp:")));
	struct peer *p = open_at(w, address);

	free(address);
	return p;
}

void peer_close(struct peer *p)
{
	if (!p)
		return;
	stream_free(p->stream);
	json_stream_free(p->parser);
	for (size_t i = 0; i < p->n_messages; i++)
		json_free(p->messages[i]);
	free(p->messages);
	free(p);
}

void peer_send_n(struct peer *p, const char *text, size_t n)
{
	stream_write(p->stream, text, n);
}

void peer_send(struct peer *p, const char *text)
{
	peer_send_n(p, text, strlen(text));
}

struct json_object *peer_next(struct peer *p)
{
	struct json_object *json;

	WIRE_WAIT_FOR(p->wire, p->n_messages || p->is_closed);
	assert_true(p->n_messages);
	json = p->messages[0];
	memmove(p->messages, p->messages + 1, --p->n_messages * sizeof(*p->messages));
	return json;
}

void peer_expect(struct peer *p, const char *want)
{
	struct json_object *got = peer_next(p), *wanted;

	wire_must(json_parse(want, strlen(want), &wanted));
	if (!json_equals(got, wanted)) {
		char *text = json_text(got);

		print_error("got    %s\nwanted %s\n", text, want);
		free(text);
		fail();
	}
	json_free(got);
	json_free(wanted);
}

void peer_ask(struct peer *p, const char *request, const char *want)
{
	peer_send(p, request);
	peer_expect(p, want);
}

struct json_object *peer_transact(struct peer *p, const char *operations)
{
	char *request =
		xasprintf("{\"id\":\"t\",\"method\":\"transact\",\"params\":[\"T\",%s]}",
			  operations);
	struct json_object *reply, *result;

	peer_send(p, request);
	free(request);
	reply = peer_next(p);
	assert_int_equal(json_kind(json_member(reply, "error")), JSON_NULL);
	result = json_clone(json_member(reply, "result"));
	json_free(reply);
	return result;
}

void peer_expect_error(struct peer *p, const char *request, const char *want)
{
	struct json_object *reply, *error;

	peer_send(p, request);
	reply = peer_next(p);
	error = json_member(reply, "error");
	if (json_kind(error) == JSON_OBJECT)
		error = json_member(error, "error");
	assert_int_equal(json_kind(error), JSON_STRING);
	assert_string_equal(json_get_string(error), want);
	assert_int_equal(json_kind(json_member(reply, "result")), JSON_NULL);
	json_free(reply);
}

void peer_expect_quiet(struct peer *p)
{
	int64_t end = clock_now_ms() + WIRE_QUIET_MS;

	for (int64_t left = WIRE_QUIET_MS; left > 0; left = end - clock_now_ms())
		wire_must(loop_run_once(p->wire->loop, left));
	if (p->n_messages) {
		char *text = json_text(p->messages[0]);

		print_error("got %s\n", text);
		free(text);
	}
	assert_int_equal(p->n_messages, 0);
	assert_false(p->is_closed);
}

void peer_expect_closed(struct peer *p)
{
	WIRE_WAIT_FOR(p->wire, p->is_closed);
	assert_int_equal(p->n_messages, 0);
}

char *wire_long_echo(size_t n)
{
	char *padding = xmalloc(n + 1), *text;

	memset(padding, 'x', n);
	padding[n] = '\0';
	text = xasprintf("{\"id\":1,\"method\":\"echo\",\"params\":[\"%s\"]}", padding);
	free(padding);
	return text;
}
