/* The monitors of a database, and the position of each: what its client has received. */
#include "ovsdb-lite/monitor/monitor.h"

#include "lib/alloc.h"
#include "ovsdb-lite/history/history.h"
#include "ovsdb-lite/json/json.h"
#include "ovsdb-lite/json/json_write.h"
#include "ovsdb-lite/monitor/monitor_since.h"
#include "ovsdb-lite/monitor/monitor_view.h"
#include "ovsdb-lite/monitor/monitor_write.h"

#include <assert.h>
#include <stdlib.h>

struct monitor_set {
	struct db *db;
	struct monitor_view *views; /* by monitor_request_key() */
};

struct monitor {
	struct monitor_set *set;
	enum monitor_method method;
	struct json_object *id;
	struct monitor_view *view;
	struct monitor_changes *position; /* of the view; NULL before the first reply */
	struct uuid since;                /* zeros if the client has nothing */
};

struct monitor_set *monitor_set_new(struct db *db)
{
	struct monitor_set *set = xcalloc(1, sizeof(*set));

	set->db = db;
	return set;
}

void monitor_set_free(struct monitor_set *set)
{
	assert(!set || !set->views);
	free(set);
}

struct db *monitor_set_db(const struct monitor_set *set)
{
	return set->db;
}

void monitor_set_note(struct monitor_set *set, const struct txn *txn)
{
	for (struct monitor_view *v = set->views; v; v = v->hh.next)
		monitor_view_note(v, txn);
}

struct err *monitor_new(struct monitor_set *set, enum monitor_method method,
			const struct json_object *id, const struct json_object *requests,
			const struct uuid *since, struct monitor **ret_monitor)
{
	struct monitor_request *request;
	struct monitor *m;
	struct err *e = monitor_request_parse(set->db, method == MONITOR_PLAIN, requests,
					      &request);

	if (e)
		return e;
	m = xcalloc(1, sizeof(*m));
	m->set = set;
	m->method = method;
	m->id = json_copy(id);
	m->view = monitor_view_join(&set->views, request);
	if (since)
		m->since = *since;
	*ret_monitor = m;
	return NULL;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	if (m->position)
		monitor_view_leave_position(m->view, m->position);
	monitor_view_leave(m->view);
	json_free(m->id);
	free(m);
}

const struct json_object *monitor_id(const struct monitor *m)
{
	return m->id;
}

struct monitor_set *monitor_of_set(const struct monitor *m)
{
	return m->set;
}

size_t monitor_n_scanned(const struct monitor *m)
{
	return monitor_request_n_scanned(m->view->request);
}

struct err *monitor_too_many_scanned(size_t max_scanned)
{
	return err_hint(err_new(ERR_RESOURCES,
				"the conditions of this client's monitors would ask each "
				"row more than %zu questions",
				max_scanned),
			"ask for `==`, or for `includes` of one element: any number of "
			"these is one look-up");
}

static void write_last_id(const struct monitor *m, struct buffer *out)
{
	char text[UUID_TEXT_BYTES];

	json_write_comma(out);
	json_write_string(out, uuid_format(history_last_id(m->set->db), text));
}

/* ovsdb-server(7) 4.1.15: [found, last transaction, updates]. */
static void write_since(struct monitor *m, struct buffer *out)
{
	struct monitor_changes *missed = monitor_since(m->view->request, &m->since);

	buffer_puts(out, missed ? "[true" : "[false");
	write_last_id(m, out);
	buffer_putc(out, ',');
	if (missed) {
		const struct buffer *text = monitor_write_changes(missed);

		buffer_puts(out, text->n ? text->data : "{}");
		monitor_changes_free(missed);
	} else {
		monitor_write_rows(out, m->view->request);
	}
	buffer_putc(out, ']');
}

void monitor_write_initial(struct monitor *m, struct buffer *out)
{
	assert(!m->position);
	if (m->method == MONITOR_COND_SINCE)
		write_since(m, out);
	else
		monitor_write_rows(out, m->view->request);
	m->position = monitor_view_enter_now(m->view);
}

bool monitor_is_behind(const struct monitor *m)
{
	return m->position && m->position->n_rows;
}

static void write_notification(const struct monitor *m, const struct buffer *text,
			       struct buffer *out)
{
	static const char *const names[] = {
		[MONITOR_PLAIN] = "update",
		[MONITOR_COND] = "update2",
		[MONITOR_COND_SINCE] = "update3",
	};

	buffer_puts(out, "{\"id\":null,\"method\":\"");
	buffer_puts(out, names[m->method]);
	buffer_puts(out, "\",\"params\":[");
	json_write(out, m->id);
	if (m->method == MONITOR_COND_SINCE)
		write_last_id(m, out);
	buffer_putc(out, ',');
	buffer_put(out, text->data, text->n);
	buffer_puts(out, "]}");
}

bool monitor_write_update(struct monitor *m, struct buffer *out)
{
	const struct buffer *text;
	struct monitor_changes *position = m->position;
	bool is_something;

	if (!monitor_is_behind(m))
		return false;
	text = monitor_write_changes(position);
	is_something = text->n > 0;
	if (is_something)
		write_notification(m, text, out);
	m->position = monitor_view_enter_now(m->view);
	monitor_view_leave_position(m->view, position);
	return is_something;
}

struct err *monitor_change(struct monitor *m, const struct json_object *new_id,
			   const struct json_object *requests, size_t max_scanned)
{
	struct monitor_view *from = m->view;
	struct monitor_request *request;
	struct monitor_changes *changes;
	struct err *e;

	if (m->method == MONITOR_PLAIN)
		return err_new(ERR_SYNTAX,
			       "a monitor of RFC 7047 has no conditions to change");
	e = monitor_request_change(from->request, requests, &request);
	if (e)
		return e;
	if (monitor_request_n_scanned(request) > max_scanned) {
		monitor_request_free(request);
		return monitor_too_many_scanned(max_scanned);
	}
	assert(m->position && !monitor_is_behind(m));
	monitor_view_leave_position(from, m->position);
	m->view = monitor_view_join(&m->set->views, request);
	changes = monitor_changes_between(from->request, m->view->request);
	monitor_view_enter(m->view, changes);
	m->position = changes;
	monitor_view_leave(from);
	json_free(m->id);
	m->id = json_copy(new_id);
	return NULL;
}
