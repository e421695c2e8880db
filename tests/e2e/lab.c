/* ipvld with a simulated kernel that has something in it: the linker puts
 * __wrap_datapath_open() in the place of datapath_open() (ld(1), --wrap). IPVL_LAB names
 * what is there: "eno2" is a master, "lab7/eth0" a veth of somebody else's in a
 * namespace, "/tmp/c1" a namespace of that path. All else is the daemon's own code. */
#include "config/object.h"
#include "datapath/datapath.h"
#include "datapath/sim/sim.h"

#include "lib/alloc.h"
#include "lib/hash_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* IPVL_LAB_THIEF, "ns1/a 10.0.0.2/24": at each reading of counters another program takes that
 * address away, if it is there.
 *
 * A file `hand` in the daemon's folder is what another program does at that time: lines of
 * "cable eno2 out", "cable eno2 in", "mtu eno2 1400", "addr+ ns1/a 10.0.0.2/24" and
 * "addr- …". It is removed then.
 *
 * __wrap_datapath_count() adds traffic: of each device that is there 1000 packets in and 10 out
 * at each reading of it, with its name's length as the bytes of each. */
struct err *__real_datapath_count(struct datapath *dp, struct datapath_counters *list,
				  size_t n) MUST_CHECK;
struct err *__wrap_datapath_count(struct datapath *dp, struct datapath_counters *list,
				  size_t n) MUST_CHECK;
struct err *__real_datapath_open(const struct datapath_provider *provider,
				 const struct datapath_config *config,
				 struct datapath **ret_datapath) MUST_CHECK;
struct err *__wrap_datapath_open(const struct datapath_provider *provider,
				 const struct datapath_config *config,
				 struct datapath **ret_datapath) MUST_CHECK;

/* 'word' is cut up. */
static struct err *furnish(struct datapath *dp, char *word)
{
	char *slash = strchr(word, '/');
	struct err *e;

	if (slash == word)
		return sim_add_netns(dp, word);
	if (!slash)
		return sim_add_master(dp, "", word, "veth");
	*slash = '\0';
	e = sim_add_netns(dp, word);
	return e ? e : sim_add_link(dp, word, slash + 1, "veth", "", -1, 0);
}

struct err *__wrap_datapath_open(const struct datapath_provider *provider,
				 const struct datapath_config *config,
				 struct datapath **ret_datapath)
{
	static bool is_furnished; /* later ones are there to foresee, and are loaded with
				     ours */
	const char *lab = getenv("IPVL_LAB");
	struct err *e = __real_datapath_open(provider, config, ret_datapath);
	CLEANUP(freep) char *copy = xstrdup(lab ? lab : "");
	char *rest = copy, *word;

	while (!e && !is_furnished && (word = strsep(&rest, " "))) {
		if (*word)
			e = furnish(*ret_datapath, word);
	}
	is_furnished = true;
	return e;
}

static void steal(struct datapath *dp)
{
	const char *thief = getenv("IPVL_LAB_THIEF");
	CLEANUP(freep) char *copy = xstrdup(thief ? thief : "");
	char *address = copy, *name = strsep(&address, " "), *netns;

	if (!address)
		return;
	netns = strsep(&name, "/");
	err_free(sim_del_addr(dp, netns, name, address));
}

static void act(struct datapath *dp, const char *verb, char *place, const char *what)
{
	char *name = strchr(place, '/') ? place : NULL;
	const char *netns = name ? strsep(&name, "/") : "";
	struct err *e = NULL;

	if (!name)
		name = place;
	if (!strcmp(verb, "cable"))
		e = sim_set_carrier(dp, netns, name, !strcmp(what, "in"));
	else if (!strcmp(verb, "mtu"))
		e = sim_set_link(dp, netns, name, true, (uint32_t)atoi(what));
	else if (!strcmp(verb, "addr+"))
		e = sim_add_addr(dp, netns, name, what);
	else if (!strcmp(verb, "addr-"))
		e = sim_del_addr(dp, netns, name, what);
	if (e)
		fprintf(stderr, "hand: %s\n", e->message);
	err_free(e);
}

static void use_hand(struct datapath *dp)
{
	FILE *f = fopen("hand", "r");
	char verb[32], place[64], what[64];

	if (!f)
		return;
	while (fscanf(f, "%31s %63s %63s", verb, place, what) == 3)
		act(dp, verb, place, what);
	fclose(f);
	unlink("hand");
}

struct device {
	char *id; /* hash key */
	uint64_t n_readings;
	UT_hash_handle hh;
};

static uint64_t note_reading(const struct datapath_counters *c)
{
	static struct device *devices;
	char *id = object_id(c->netns, c->name);
	struct device *d;

	HASH_FIND_STR(devices, id, d);
	if (!d) {
		d = xcalloc(1, sizeof(*d));
		d->id = xstrdup(id);
		HASH_ADD_KEYPTR(hh, devices, d->id, strlen(d->id), d);
	}
	free(id);
	return ++d->n_readings;
}

struct err *__wrap_datapath_count(struct datapath *dp, struct datapath_counters *list,
				  size_t n)
{
	struct err *e = __real_datapath_count(dp, list, n);

	steal(dp);
	use_hand(dp);
	for (size_t i = 0; i < n && !e; i++) {
		uint64_t n_readings = list[i].is_there ? note_reading(&list[i]) : 0;

		if (!n_readings)
			continue;
		list[i].rx_packets = n_readings * 1000;
		list[i].rx_bytes = list[i].rx_packets * strlen(list[i].name);
		list[i].tx_packets = n_readings * 10;
		list[i].tx_bytes = list[i].tx_packets * strlen(list[i].name);
		list[i].tx_dropped = 3;
	}
	return e;
}
