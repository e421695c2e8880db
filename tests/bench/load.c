/* A client, or a hundred, that keep an OVSDB server busy and say how long it took: one
 * workload a run, its result as one line of JSON. Beside it: wire.c (the connections),
 * bench.ovsschema (the table), run (which starts the servers and compares them). Not
 * here: any knowledge of who serves. */
#include "lib/alloc.h"
#include "tests/bench/requests.h"
#include "tests/bench/wire.h"

#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define MAX_EVENTS 128

static struct options {
	const char *socket;
	uint64_t rows;     /* how many the table has, or shall get */
	uint64_t first;    /* the number of the first row that is added */
	uint64_t batch;    /* rows in one transaction */
	uint64_t clients;  /* each with one request on its way */
	uint64_t monitors; /* connections that watch the table */
	uint64_t count;    /* requests in all; 0: as many as 'seconds' allow */
	double seconds;
	bool is_durable;
} options = {.rows = 1000, .batch = 1000, .clients = 1, .seconds = 1};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool holds(const char *message, size_t n, const char *what)
{
	return memmem(message, n, what, strlen(what));
}

/* A transaction that fails is no benchmark: `"error":"…"` stands in its result. */
static void check_reply(const char *reply, size_t n, const char *wanted)
{
	if (holds(reply, n, "\"error\":\"") || !holds(reply, n, wanted))
		errx(1, "the server replied: %.*s", (int)(n < 2000 ? n : 2000), reply);
}

static void insert_rows(void)
{
	struct buffer request = {0};
	struct wire w;
	double spent = 0;

	wire_open(&w, options.socket);
	for (uint64_t i = 0; i < options.rows;) {
		uint64_t end_of_batch = i + options.batch;
		double start;
		const char *reply;
		size_t n;

		request_begin(&request);
		for (; i < end_of_batch && i < options.rows; i++)
			request_put_insert(&request, i);
		request_end(&request, options.is_durable);
		start = now();
		wire_send(&w, request.data, request.n);
		reply = wire_wait(&w, &n);
		spent += now() - start;
		check_reply(reply, n, "\"uuid\"");
	}
	printf("{\"seconds\": %.6f, \"count\": %" PRIu64 "}\n", spent, options.rows);
	wire_close(&w);
	buffer_clear(&request);
}

static int epoll_of(struct wire *wires, uint64_t n)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	for (uint64_t i = 0; i < n; i++) {
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = &wires[i]};

		if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, wires[i].fd, &e))
			err(1, "epoll");
	}
	return fd;
}

static int epoll_next(int fd, struct epoll_event *events)
{
	int n = epoll_wait(fd, events, MAX_EVENTS, 60000);

	if (n < 0)
		err(1, "epoll_wait");
	if (!n)
		errx(1, "the server has not answered for a minute");
	return n;
}

/* How far a crowd of clients has come. */
struct crowd {
	struct wire *wires;
	struct buffer request;
	void (*put_request)(struct buffer *b, uint64_t number);
	const char *wanted; /* in every reply */
	double deadline;
	uint64_t n_sent, n_done;
};

static void ask_next(struct crowd *c, struct wire *w)
{
	if (options.count ? c->n_sent >= options.count : now() > c->deadline)
		return;
	c->put_request(&c->request, c->n_sent++);
	wire_send(w, c->request.data, c->request.n);
}

static void hear_reply(struct crowd *c, struct wire *w)
{
	const char *reply;
	size_t n;

	wire_read(w);
	reply = wire_next(w, &n);
	if (!reply)
		return;
	check_reply(reply, n, c->wanted);
	c->n_done++;
	ask_next(c, w);
}

/* All clients ask at once, and each asks again when it is answered. */
static void ask(void (*put_request)(struct buffer *b, uint64_t number),
		const char *wanted)
{
	struct crowd c = {
		.wires = xcalloc(options.clients, sizeof(*c.wires)),
		.put_request = put_request,
		.wanted = wanted,
	};
	struct epoll_event events[MAX_EVENTS];
	double start;
	int fd;

	for (uint64_t i = 0; i < options.clients; i++)
		wire_open(&c.wires[i], options.socket);
	fd = epoll_of(c.wires, options.clients);
	start = now();
	c.deadline = start + options.seconds;
	for (uint64_t i = 0; i < options.clients; i++)
		ask_next(&c, &c.wires[i]);
	while (c.n_done < c.n_sent) {
		int n_ready = epoll_next(fd, events);

		for (int i = 0; i < n_ready; i++)
			hear_reply(&c, events[i].data.ptr);
	}
	printf("{\"seconds\": %.6f, \"count\": %" PRIu64 "}\n", now() - start, c.n_done);
	for (uint64_t i = 0; i < options.clients; i++)
		wire_close(&c.wires[i]);
	close(fd);
	free(c.wires);
	buffer_clear(&c.request);
}

static void put_update(struct buffer *b, uint64_t number)
{
	request_update(b, number, options.rows, options.is_durable);
}

static void update_rows(void)
{
	ask(put_update, "\"count\":1");
}

static void put_row(struct buffer *b, uint64_t number)
{
	request_begin(b);
	request_put_insert(b, options.first + number);
	request_end(b, options.is_durable);
}

static void add_rows(void)
{
	ask(put_row, "\"uuid\"");
}

static void put_select(struct buffer *b, uint64_t number)
{
	request_select(b, number, options.rows);
}

static void select_rows(void)
{
	ask(put_select, "\"port");
}

static size_t monitor_all(struct wire *w)
{
	struct buffer request = {0};
	const char *reply;
	size_t n;

	request_monitor(&request);
	wire_open(w, options.socket);
	wire_send(w, request.data, request.n);
	reply = wire_wait(w, &n);
	check_reply(reply, n, "\"port");
	buffer_clear(&request);
	return n;
}

static void dump(void)
{
	double start = now();
	struct wire w;
	size_t n = monitor_all(&w);

	printf("{\"seconds\": %.6f, \"bytes\": %zu}\n", now() - start, n);
	wire_close(&w);
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* One transaction, until the writer and every monitor have heard of it. */
static double commit_and_see(int fd, struct wire *writer, struct buffer *request)
{
	struct epoll_event events[MAX_EVENTS];
	uint64_t n_heard = 0;
	double start = now();

	wire_send(writer, request->data, request->n);
	while (n_heard <= options.monitors) {
		int n_ready = epoll_next(fd, events);

		for (int i = 0; i < n_ready; i++) {
			struct wire *w = events[i].data.ptr;
			const char *message;
			size_t n;

			wire_read(w);
			while ((message = wire_next(w, &n))) {
				check_reply(message, n,
					    w == writer ? "\"count\":1" : "\"update2\"");
				n_heard++;
			}
		}
	}
	return now() - start;
}

static void latency(void)
{
	struct wire *wires = xcalloc(options.monitors + 1, sizeof(*wires));
	struct wire *writer = &wires[options.monitors];
	double *seconds = xcalloc(options.count, sizeof(*seconds));
	struct buffer request = {0};
	int fd;

	for (uint64_t i = 0; i < options.monitors; i++)
		monitor_all(&wires[i]);
	wire_open(writer, options.socket);
	fd = epoll_of(wires, options.monitors + 1);
	for (uint64_t i = 0; i < options.count; i++) {
		request_update(&request, i, options.rows, options.is_durable);
		seconds[i] = commit_and_see(fd, writer, &request);
	}
	qsort(seconds, options.count, sizeof(*seconds), compare_doubles);
	printf("{\"seconds\": %.6f, \"p99\": %.6f, \"count\": %" PRIu64 "}\n",
	       seconds[options.count / 2], seconds[options.count * 99 / 100],
	       options.count);
	for (uint64_t i = 0; i <= options.monitors; i++)
		wire_close(&wires[i]);
	close(fd);
	free(wires);
	free(seconds);
	buffer_clear(&request);
}

static const struct workload {
	const char *name, *what;
	void (*run)(void);
} workloads[] = {
	{"insert", "--rows in transactions of --batch", insert_rows},
	{"add", "--count, or for --seconds, rows from --first on, from --clients",
	 add_rows},
	{"update", "--count, or for --seconds, by _uuid, from --clients", update_rows},
	{"select", "--count, or for --seconds, by an index's column", select_rows},
	{"dump", "the first reply to monitor_cond", dump},
	{"latency", "--count commits, each until all --monitors know", latency},
};

static const struct option long_options[] = {
	{"socket", required_argument, NULL, 's'},
	{"rows", required_argument, NULL, 'r'},
	{"first", required_argument, NULL, 'f'},
	{"batch", required_argument, NULL, 'b'},
	{"clients", required_argument, NULL, 'c'},
	{"monitors", required_argument, NULL, 'm'},
	{"count", required_argument, NULL, 'n'},
	{"seconds", required_argument, NULL, 't'},
	{"durable", no_argument, NULL, 'd'},
	{0},
};

__attribute__((noreturn)) static void usage(void)
{
	fprintf(stderr, "usage: load --socket=PATH [OPTIONS] WORKLOAD\n");
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++)
		fprintf(stderr, "  %-8s %s\n", workloads[i].name, workloads[i].what);
	exit(2);
}

static uint64_t number(void)
{
	return strtoull(optarg, NULL, 10);
}

static void parse_options(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 's':
			options.socket = optarg;
			break;
		case 'r':
			options.rows = number();
			break;
		case 'f':
			options.first = number();
			break;
		case 'b':
			options.batch = number();
			break;
		case 'c':
			options.clients = number();
			break;
		case 'm':
			options.monitors = number();
			break;
		case 'n':
			options.count = number();
			break;
		case 't':
			options.seconds = strtod(optarg, NULL);
			break;
		case 'd':
			options.is_durable = true;
			break;
		default:
			usage();
		}
	}
	if (!options.socket || argc - optind != 1)
		usage();
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++) {
		if (!strcmp(argv[optind], workloads[i].name)) {
			workloads[i].run();
			return 0;
		}
	}
	usage();
}
