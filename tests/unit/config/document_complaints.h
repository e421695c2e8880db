/* YAML files of tests, and what is said of them. */
#ifndef TESTS_CONFIG_DOCUMENT_COMPLAINTS_H
#define TESTS_CONFIG_DOCUMENT_COMPLAINTS_H 1

#include "config/yaml/document.h"

#define HEAD  "version: 1\nmasters:\n  - name: eth0\n" /* three lines */
#define SLAVE HEAD "    slaves:\n      - name: a\n"    /* five */

/* All complaints as "LINE:COLUMN: MESSAGE; HINT\n". Owned. */
char *document_complaints(const struct document_errors *e);

#endif
