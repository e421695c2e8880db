/* `apply` and `diff` of a folder, by default the config-dir. */
#ifndef CTL_FOLDER_H
#define CTL_FOLDER_H 1

#include "ctl/line/command.h"
#include "ctl/session/context.h"

/* 'dir' NULL: the config-dir. One transaction; changes nothing if a file has an error. */
struct err *cmd_folder_apply(struct context *ctx, const char *dir) MUST_CHECK;

/* The folder whose files declare rows on this host: the daemon's config-dir, or
 * FOLDER_DEFAULT without a daemon. From the attempt's arena. ERR_UNSUPPORTED if the
 * daemon may be on another host. */
struct err *cmd_folder_config_dir(const struct context *ctx,
				  const char **ret_dir) MUST_CHECK;

#endif
