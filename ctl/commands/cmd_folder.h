/* `apply` and `diff` of a folder, which is the config-dir where no file is named. */
#ifndef CTL_FOLDER_H
#define CTL_FOLDER_H 1

#include "ctl/line/command.h"
#include "ctl/session/context.h"

/* 'dir' NULL: the config-dir. One transaction, and nothing if a file is broken. */
struct err *cmd_folder_apply(struct context *ctx, const struct call *call,
			     const char *dir) MUST_CHECK;

/* Whose rows a file of this host may declare: the daemon's config-dir, FOLDER_DEFAULT
 * where there is no daemon. From the attempt's arena. ERR_UNSUPPORTED if the daemon is
 * another host's. */
struct err *cmd_folder_config_dir(const struct context *ctx,
				  const char **ret_dir) MUST_CHECK;

#endif
