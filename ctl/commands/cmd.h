/* The handlers of the commands, grouped by file. */
#ifndef CTL_CMD_H
#define CTL_CMD_H 1

#include "ctl/line/command.h"

struct json_object;
struct shown;
struct traffic;

/* cmd_master.c */
command_fn cmd_init, cmd_add_master, cmd_del_master, cmd_set_master, cmd_list_masters,
	cmd_list_datapaths;
/* cmd_slave.c */
command_fn cmd_add_slave, cmd_del_slave, cmd_set_slave, cmd_list_slaves;
/* cmd_pool.c */
command_fn cmd_add_pool, cmd_del_pool, cmd_set_pool, cmd_list_pools;
/* cmd_file.c; `diff` is an apply that the line never commits */
command_fn cmd_apply, cmd_validate;
/* Checks the files of an apply before a database is opened. */
struct err *cmd_apply_check(const struct call *call) MUST_CHECK;
/* cmd_try.c */
command_fn cmd_try, cmd_confirm, cmd_cancel;
/* cmd_trace.c */
command_fn cmd_trace;
/* cmd_doctor.c */
command_fn cmd_doctor;
/* Prints the result of `ipvl_doctor` in the line's format. */
void cmd_doctor_print(const struct context *ctx, const struct json_object *result);
/* cmd_explain.c */
command_fn cmd_explain;
/* cmd_edit.c */
command_fn cmd_export, cmd_edit;
/* cmd_who.c */
command_fn cmd_who;
/* cmd_source.c */
command_fn cmd_sources, cmd_forget, cmd_reload;
/* cmd_show.c */
command_fn cmd_show;
/* cmd_status.c */
command_fn cmd_status;
/* cmd_online.c */
command_fn cmd_wait_online;
/* cmd_watch.c */
command_fn cmd_watch;
/* cmd_top.c */
command_fn cmd_top;
/* Prints the rates of 'n' masters and their slaves between two readings. */
void cmd_top_print(const struct context *ctx, const struct traffic *before,
		   const struct traffic *now, const struct shown *shown, size_t n);
/* cmd_drift.c */
command_fn cmd_drift;
/* cmd_why.c */
command_fn cmd_why;
/* cmd_repair.c */
command_fn cmd_repair, cmd_cleanup;
/* cmd_transfer.c */
command_fn cmd_import, cmd_adopt, cmd_release;
/* cmd_announce.c */
command_fn cmd_announce;
/* cmd_history.c */
command_fn cmd_history, cmd_undo;
/* cmd_read.c */
command_fn cmd_list, cmd_find, cmd_get, cmd_wait_until;
/* cmd_write.c */
command_fn cmd_set, cmd_add, cmd_remove, cmd_clear, cmd_create, cmd_destroy, cmd_comment;

#endif
