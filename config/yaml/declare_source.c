/* Finds the document of a source among those that are applied together. */
#include "config/yaml/declare_source.h"

#include <string.h>

const struct document *declare_source_find(const struct document *const *all, size_t n,
					   const char *source)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(document_source(all[i]), source))
			return all[i];
	}
	return NULL;
}
