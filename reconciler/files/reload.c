/* A reload: by SIGHUP or by the method, and the same for both. config_dir.c applies
 * the files. */
#include "reconciler/files/reload.h"

#include "lib/alloc.h"
#include "lib/log.h"
#include "ovsdb-lite/json/json.h"

#include <stdlib.h>

struct reload {
	const struct ipvl_columns *c;
	struct db *db;
	struct config_dir *dir;
	struct systemd *systemd;
};

struct err *reload_run(struct reload *r)
{
	struct err *e;

	systemd_reloading(r->systemd);
	e = config_dir_apply(r->dir);
	systemd_reloaded(r->systemd, config_dir_n_errors(r->dir));
	if (e) {
		CLEANUP(freep) char *text = err_text(e);

		log_event(LOG_LEVEL_ERR, "reload_failed", "error=\"%s\"", text);
		return e;
	}
	log_event(LOG_LEVEL_INFO, "reloaded", "dir=%s files=%zu errors=%zu",
		  config_dir_path(r->dir), config_dir_n_files(r->dir),
		  config_dir_n_errors(r->dir));
	return NULL;
}

static struct json_object *result_of(const struct reload *r)
{
	struct json_object *result = json_object(), *errors = json_array();

	for (size_t i = 0; i < config_dir_n_errors(r->dir); i++)
		json_add(errors, json_string(config_dir_error(r->dir, i)));
	json_put(result, "dir", json_string(config_dir_path(r->dir)));
	json_put(result, "files", json_integer((int64_t)config_dir_n_files(r->dir)));
	json_put(result, "errors", errors);
	json_put(result, "next_cfg", json_integer(rows_next_cfg(r->c)));
	return result;
}

static struct err *call(void *aux, const struct json_object *params,
			const struct txn_origin *caller, struct json_object **ret_result)
{
	struct reload *r = aux;
	struct err *e = server_check_no_params(r->db, params);

	(void)caller;
	if (!e)
		e = reload_run(r);
	if (!e)
		*ret_result = result_of(r);
	return e;
}

struct reload *reload_new(struct server *s, const struct ipvl_columns *c, struct db *db,
			  struct config_dir *d, struct systemd *systemd)
{
	struct reload *r = xcalloc(1, sizeof(*r));

	r->c = c;
	r->db = db;
	r->dir = d;
	r->systemd = systemd;
	server_add_method(s, db, "ipvl_reload", RBAC_ALL, call, r);
	return r;
}

void reload_free(struct reload *r)
{
	free(r);
}
