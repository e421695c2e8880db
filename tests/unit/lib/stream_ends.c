/* Keeps what the two ends of a stream under test are told, and says what is wrong with an
 * error. */
#include "stream_ends.h"

#include "lib/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void on_data(void *aux, const char *data, size_t n)
{
	struct end *end = aux;

	assert_non_null(end->stream);
	if (end->n_got + n + 1 > end->cap_got) {
		end->cap_got = 2 * (end->n_got + n + 1);
		end->got = xrealloc_array(end->got, end->cap_got, 1);
	}
	memcpy(end->got + end->n_got, data, n);
	end->n_got += n;
	end->got[end->n_got] = '\0';
	end->n_calls++;
	if (end->pauses)
		stream_pause(end->stream);
	if (end->frees_itself) {
		stream_free(end->stream);
		end->stream = NULL;
	}
}

static void on_closed(void *aux, struct err *e)
{
	struct end *end = aux;

	end->is_closed = true;
	end->error = e;
}

static void on_drained(void *aux)
{
	struct end *end = aux;

	end->n_drained++;
}

static void on_connected(void *aux)
{
	struct end *end = aux;

	assert_int_equal(end->n_calls, 0);
	end->n_connected++;
}

const struct stream_handlers end_handlers = {
	.data = on_data,
	.closed = on_closed,
	.drained = on_drained,
	.connected = on_connected,
};

void end_accept(void *aux, struct stream *s)
{
	struct end *end = aux;

	end->stream = s;
	stream_set_handlers(s, &end_handlers, end);
}

void end_clear(struct end *end)
{
	stream_free(end->stream);
	err_free(end->error);
	free(end->got);
	*end = (struct end){0};
}

void must(struct err *e)
{
	if (e) {
		char *text = err_text(e);

		print_error("%s\n", text);
		free(text);
		err_free(e);
		fail();
	}
}

void must_fail(struct err *e, enum err_code code)
{
	assert_non_null(e);
	assert_int_equal(e->code, code);
	err_free(e);
}

void must_say(struct err *e, const char *words)
{
	char *text;

	assert_non_null(e);
	text = err_text(e);
	if (!strstr(text, words))
		print_error("\"%s\" does not say \"%s\"\n", text, words);
	assert_non_null(strstr(text, words));
	free(text);
	err_free(e);
}
