/* Docker's plug-in protocol over HTTP: from a request to its method, and the answer. */
#ifndef ENGINES_DOCKER_SERVER_H
#define ENGINES_DOCKER_SERVER_H 1

struct http_request;

/* An http_fn; 'db' is where ipvld listens. */
void docker_server_answer(void *db, struct http_request *r);

#endif
