/* The table of methods. A call is answered before the next one is read: each is a transaction or
 * two, and Docker waits for its own calls anyway. */
#include "engines/docker/docker_server.h"

#include "engines/docker/docker_call.h"
#include "engines/docker/docker_driver.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/http/http.h"
#include "lib/log.h"
#include "lib/text.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_parse.h"

#include <stdlib.h>
#include <string.h>

#define CONTENT_TYPE   "application/vnd.docker.plugins.v1.2+json"
#define HTTP_OK        200
#define HTTP_NOT_FOUND 404

/* A dockerd that starts must come up without ipvld, too: its containers show what is wrong. */
static struct err *activate(struct docker_call *call)
{
	struct json_object *list = json_array();
	CLEANUP(err_freep) struct err *e = docker_driver_clean(call);

	if (e)
		log_err(LOG_LEVEL_WARNING, "not_cleaned", e, "%s", "");
	json_add(list, json_string("NetworkDriver"));
	json_put(call->answer, "Implements", list);
	return NULL;
}

/* Docker takes the methods that are not here for optional ones. */
static const struct method {
	const char *name;
	docker_method_fn *run;
} methods[] = {
	{"/Plugin.Activate", activate},
	{"/NetworkDriver.GetCapabilities", docker_driver_capabilities},
	{"/NetworkDriver.GwAllocCheck", docker_driver_check_gateway},
	{"/NetworkDriver.CreateNetwork", docker_driver_create_network},
	{"/NetworkDriver.DeleteNetwork", docker_driver_delete_network},
	{"/NetworkDriver.CreateEndpoint", docker_driver_create_endpoint},
	{"/NetworkDriver.DeleteEndpoint", docker_driver_delete_endpoint},
	{"/NetworkDriver.Join", docker_driver_join},
	{"/NetworkDriver.Leave", docker_driver_leave},
	{"/NetworkDriver.EndpointOperInfo", docker_driver_info},
};

static const struct method *find_method(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (!strcmp(methods[i].name, name))
			return &methods[i];
	}
	return NULL;
}

static struct err *read_request(const struct http_request *r, struct json_object **ret)
{
	size_t n;
	const char *body = http_body(r, &n);
	struct err *e;

	if (!n) {
		*ret = json_object();
		return NULL;
	}
	e = json_parse(body, n, ret);
	if (!e && json_kind(*ret) != JSON_OBJECT) {
		json_free(STEAL(*ret));
		e = err_new(ERR_SYNTAX, "the request is no JSON object");
	}
	return e;
}

static void send(struct http_request *r, struct json_object *answer)
{
	char *text = json_text(answer);

	http_add_header(r, "Content-Type", CONTENT_TYPE);
	http_answer(r, HTTP_OK, text, strlen(text));
	free(text);
	json_free(answer);
}

/* The sentence reaches the user of `docker`. Takes 'e'. */
static struct json_object *failure(const char *method, struct err *e)
{
	struct json_object *answer = json_object();
	char *text;

	log_err(LOG_LEVEL_WARNING, "call_failed", e, "method=%s", method + 1);
	text = err_text(e);
	text_make_plain(text, strlen(text));
	json_put(answer, "Err", json_string(text));
	free(text);
	err_free(e);
	return answer;
}

void docker_server_answer(void *db, struct http_request *r)
{
	const struct method *method = find_method(http_path(r));
	CLEANUP(arena_freep) struct arena *a = NULL;
	struct json_object *request = NULL;
	struct docker_call call;
	struct err *e;

	if (!method || http_method(r) != HTTP_POST) {
		http_answer(r, HTTP_NOT_FOUND, "", 0);
		return;
	}
	a = arena_new();
	e = read_request(r, &request);
	call = (struct docker_call){
		.a = a,
		.db = db,
		.deadline_ms = clock_now_ms() + DOCKER_CALL_MS,
		.request = request,
		.answer = json_object(),
	};
	if (!e)
		e = method->run(&call);
	attachment_session_close(call.session);
	if (e) {
		json_free(call.answer);
		call.answer = failure(method->name, e);
	}
	json_free(request);
	send(r, call.answer);
}
