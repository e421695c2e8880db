/* Several documents as one: what they contradict each other in. */
#ifndef CONFIG_DOCUMENT_SET_H
#define CONFIG_DOCUMENT_SET_H 1

#include "config/yaml/document.h"

/* Objects that two of them declare differently, and what one excludes for another
 * (valid_check_model()), as an apply of all of them would refuse it. Each is valid by
 * itself; a document may be there twice. */
void document_set_check(const struct document *const *documents, size_t n,
			struct document_errors *errors);

#endif
