/* The columns of an `ipvl` database by their names. */
#ifndef CONFIG_COLUMNS_H
#define CONFIG_COLUMNS_H 1

#include "lib/err.h"
#include "ovsdb-lite/db/db.h"

/* The columns of an `ipvl` database, looked up once. Every pointer is borrowed from the
 * schema. */
struct ipvl_columns {
	struct {
		struct table *table;
		const struct column_schema *name, *next_cfg, *masters, *other_config,
			*external_ids, *withheld, *cur_cfg, *version, *kernel,
			*config_dir, *config_errors;
	} host;
	struct {
		struct table *table;
		const struct column_schema *host, *netns, *name, *match, *mode, *flag,
			*vlan_link, *vlan_id, *kind, *datapath, *mtu, *routes, *sysctl,
			*slaves, *optional, *drift, *repairs, *transfer, *sources,
			*external_ids, *state, *message, *warnings, *device, *ifindex,
			*mac, *link_state, *link_mtu;
	} master;
	struct {
		struct table *table;
		const struct column_schema *host, *netns, *name, *enabled, *addressing,
			*addresses, *address_options, *routes, *routing_policy,
			*source_routing, *host_access, *nameservers, *search, *mtu,
			*sysctl, *altnames, *alias, *vrf, *optional, *handed_over,
			*transient, *pool, *leases, *drift, *repairs, *transfer, *sources,
			*external_ids, *state, *message, *warnings, *ifindex, *mac,
			*link_state, *link_mtu;
	} slave;
	struct {
		struct table *table;
		const struct column_schema *host, *name, *subnets, *ranges, *excluded,
			*gateway, *sources, *external_ids;
	} pool;
	struct {
		struct table *table;
		const struct column_schema *pool, *address;
	} lease;
	struct {
		struct table *table;
		const struct column_schema *host, *name, *boot_id, *inode, *cookie,
			*process;
	} netns;
	struct {
		struct table *table;
		const struct column_schema *host, *row, *boot_id, *config, *below, *inode;
	} settled;
	struct {
		struct table *table;
		const struct column_schema *host, *netns, *master, *key, *value, *before,
			*ifindex, *inode, *boot_id;
	} saved;
	struct {
		struct table *table;
		const struct column_schema *host, *timeout, *deadline, *serial, *who;
	} trial;
	struct {
		struct table *table;
		const struct column_schema *host, *time, *object, *found, *actor, *done,
			*took_ms, *count;
	} drift;
};
/* ERR_UNSUPPORTED, naming the column, if 'db' is not an `ipvl` database of a known
 * version. */
struct err *ipvl_columns_init(struct ipvl_columns *c, const struct db *db) MUST_CHECK;
/* A file whose schema is newer than this program has columns that the program does not keep
 * in order: ERR_UNSUPPORTED. */
struct err *ipvl_columns_refuse_newer(const struct db *db) MUST_CHECK;

#endif
