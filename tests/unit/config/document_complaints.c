/* See document_complaints.h. */
#include "document_complaints.h"

#include "lib/alloc.h"

#include <stdlib.h>

char *document_complaints(const struct document_errors *e)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < e->n; i++) {
		char *longer = xasprintf("%s%zu:%zu: %s%s%s\n", text, e->errors[i].line,
					 e->errors[i].column, e->errors[i].message,
					 e->errors[i].hint ? "; " : "",
					 e->errors[i].hint ? e->errors[i].hint : "");

		free(text);
		text = longer;
	}
	return text;
}
