/* The files and folders that a command line names, as one set of declarations. */
#ifndef CTL_GIVEN_H
#define CTL_GIVEN_H 1

#include "config/yaml/folder.h"
#include "ctl/line/command.h"
#include "ctl/session/context.h"

/* NULL is the config-dir, which is one. */
bool given_is_folder(const char *file);

/* What can be seen without a database: that the files are there, and have names as
 * sources. */
struct err *given_check(const struct call *call) MUST_CHECK;
/* Reads all files; without any, those of the config-dir. Their errors go to 'errors'. */
struct err *given_read(struct context *ctx, const struct call *call,
		       struct document_errors *errors,
		       struct folder *ret_given) MUST_CHECK;

/* Makes the rows as the files declare; with 'prune' there are no others. False with errors
 * in 'errors'. */
bool given_apply(struct context *ctx, const struct folder *given, bool prune,
		 struct document_errors *errors) MUST_CHECK;

/* The folder whose files declare rows on this host: the daemon's config-dir, or
 * FOLDER_DEFAULT without a daemon. From the attempt's arena. ERR_UNSUPPORTED if the
 * daemon may be on another host. */
struct err *given_config_dir(const struct context *ctx, const char **ret_dir) MUST_CHECK;

#endif
