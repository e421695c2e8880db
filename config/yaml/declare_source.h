/* Documents by their source. Private to config/yaml/. */
#ifndef CONFIG_DECLARE_SOURCE_H
#define CONFIG_DECLARE_SOURCE_H 1

#include "config/yaml/document.h"

/* The document of this source among 'n'; NULL if there is none. */
const struct document *declare_source_find(const struct document *const *all, size_t n,
					   const char *source);

#endif
