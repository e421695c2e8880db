/* One batch of steps while it is executed. */
#ifndef DATAPATH_KERNEL_EXECUTE_BATCH_H
#define DATAPATH_KERNEL_EXECUTE_BATCH_H 1

#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/state/nsid.h"

struct batch_item {
	const struct plan_step *step;
	struct plan_result *result;
	/* The namespace and name of the device that the step acts on; of LINK_ADD and
	 * MASTER_ADD the device below the new one. */
	struct netns_ref *ns;
	const char *name;
	const char *netns; /* of steps on no device: the namespace that they are about */
	bool is_master; /* the device is that of a master, or the one below a new slave */
	bool is_found;
	struct nl_link link;
	bool is_settled; /* the result is final */
	/* LINK_ADD: the namespace of the new slave. */
	struct netns_ref *target;
	int target_fd; /* -1: the namespace of the master */
	uint32_t new_ifindex;
};

struct batch {
	struct kernel *k;
	struct arena *a;
	enum plan_op op;
	struct netns_table netns;
	struct batch_item *items;
	size_t n;
};

/* These settle an item. The first takes 'e'. */
void batch_item_fail(struct batch_item *item, struct err *e);
void batch_item_done(struct batch_item *item);
/* Fails every item that is not settled; takes 'e'. */
void batch_fail(struct batch *batch, struct err *e);

/* Fills 'm'; false if it settled 'item' instead. */
typedef bool batch_build_fn(struct batch *batch, struct batch_item *item,
			    struct nl_msg *m);
/* Settles 'item' by the kernel's answer; 'sock' is in the device's namespace. */
typedef void batch_settle_fn(struct batch *batch, struct batch_item *item,
			     struct nl_socket *sock, const struct nl_answer *a);
/* Sends one message for each item that is not settled, inside the device's namespace, one
 * namespace after another. */
void batch_send(struct batch *batch, batch_build_fn *build, batch_settle_fn *settle);
/* The plain batch_settle_fn: done, or failed with batch_item_message(). */
void batch_item_settle(struct batch *batch, struct batch_item *item,
		       struct nl_socket *sock, const struct nl_answer *a);
/* What could not be done (plan_failure()). From the arena. */
const char *batch_item_message(struct batch *batch, const struct batch_item *item);

/* Executes all items of one op; settles each. */
typedef void batch_fn(struct batch *batch);

#endif
