/* The world as a whole: namespaces, and the files of /etc/netns. */
#ifndef DATAPATH_SIM_TWIN_WORLD_H
#define DATAPATH_SIM_TWIN_WORLD_H 1

#include "datapath/sim/twin/twin_state.h"

void twin_world_init(struct twin_world *w, const struct datapath_config *config);
void twin_world_clear(struct twin_world *w);

/* Namespaces. "" is the daemon's own and always exists. Of several texts for one
 * namespace, find returns the namespace itself, whichever was asked for. */
struct twin_netns *twin_netns_find(const struct twin_world *w,
				   /* NULL if there is none; also finds dead files. */
				   const char *name);
struct twin_netns *twin_netns_find_alive(const struct twin_world *w, const char *name);
/* It has no text any more, but a descriptor keeps it. */
bool twin_netns_is_nameless(const struct twin_netns *s);
/* Some observation can show what is in it: a namespace without a name is found by the id
 * that it got while it had one. */
bool twin_netns_is_seen(const struct twin_netns *s);
/* NULL if it is gone. */
struct twin_netns *twin_netns_find_id(const struct twin_world *w, uint64_t id);
/* Adds another text for the namespace. It is removed together with the namespace. */
void twin_netns_alias(struct twin_world *w, const char *name, struct twin_netns *same);
/* Removes the text alone; false if it is not another text. */
bool twin_netns_unalias(struct twin_world *w, const char *name);
/* The process that the text leads through. */
struct model_process twin_netns_process(const struct twin_world *w, const char *name);
/* Makes the text stand for something that is no usable namespace; FINE: for nothing. */
void twin_netns_set_trouble(struct twin_world *w, const char *name,
			    enum model_netns_trouble trouble, const char *what);
/* EEXIST if it exists. Reuses a dead file. */
struct err *twin_netns_add(struct twin_world *w, const char *name,
			   struct twin_netns **ret_ns) MUST_CHECK;
/* Makes the file of a name, with no namespace on it yet; EEXIST if there is one. */
struct err *twin_netns_put_file(struct twin_world *w, const char *name) MUST_CHECK;
/* Removes the text; the namespace goes with its last text and its last descriptor
 * (kernel.md 16). ENOENT if there is no such text. */
struct err *twin_netns_remove(struct twin_world *w, const char *name) MUST_CHECK;
/* The same, and leaves a file (kernel.md 18). */
struct err *twin_netns_unmount(struct twin_world *w, const char *name) MUST_CHECK;
/* A descriptor in another process, opened as 'text'; 's' NULL: of a file without a
 * namespace. */
void twin_netns_hold(struct twin_world *w, const char *text, struct twin_netns *s);
/* Closes one that was opened as 'text'; false if there is none. */
bool twin_netns_release(struct twin_world *w, const char *text);
/* What the kernel does in the background after a namespace was deleted. */
void twin_world_reap(struct twin_world *w);

/* resolv.conf of a namespace; NULL if there is none. */
struct twin_file *twin_file_find(const struct twin_world *w, const char *netns);
void twin_file_set(struct twin_world *w, const char *netns, const char *text,
		   bool is_foreign);
/* The slave waits for the file to go. */
/* By ipvl: another program's is kept, and put back for a text that is "". False: what is there is
 * in the way. */
bool twin_file_write(struct twin_world *w, const char *netns, const char *text);
bool twin_file_is_in_the_way(const struct twin_file *f);
void twin_file_await(struct twin_file *f, const char *slave);

#endif
