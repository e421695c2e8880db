/* What the apply*.c files share while one batch of steps is done; nobody else includes
 * this.
 *
 * apply.c finds each step's device and hands the batch on: execute_link.c makes and changes
 * devices, execute_del.c deletes them, execute_inside.c does addresses, routes, sysctls,
 * execute_netns.c namespaces. */
#ifndef DATAPATH_KERNEL_BATCH_H
#define DATAPATH_KERNEL_BATCH_H 1

#include "datapath/kernel/netlink/nl_link.h"
#include "datapath/kernel/nsid.h"

struct work {
	const struct plan_step *step;
	struct plan_result *result;
	/* The device that the step acts on; of LINK_ADD and VLAN_ADD the one below the
	 * new one. */
	struct space *space;
	const char *name;
	const char *label; /* "ns1/eth0" */
	bool is_found;
	struct nl_link link;
	bool is_settled;      /* the result stands */
	struct space *target; /* LINK_ADD: where the slave is to be */
	int target_fd;        /* -1: where the master is */
	uint32_t new_ifindex;
};

struct job {
	struct kernel *k;
	struct arena *a;
	enum plan_op op;
	struct space_table spaces;
	struct work *works;
	size_t n;
};

/* Settles: takes 'e'. */
void work_fail(struct work *w, struct err *e);
void work_done(struct work *w);

/* Fills 'm'; false if it settled 'w' instead. */
typedef bool work_build_fn(struct job *j, struct work *w, struct nl_msg *m);
/* Settles 'w' from the kernel's answer; 'sock' is in the device's namespace. */
typedef void work_judge_fn(struct job *j, struct work *w, struct nl_socket *sock,
			   const struct nl_answer *a);
/* One message for each unsettled work, in its device's namespace, namespace by namespace.
 */
void job_send(struct job *j, work_build_fn *build, work_judge_fn *judge);
/* The plain judgement: done, or failed with the sentence of work_sentence(). */
void work_judge(struct job *j, struct work *w, struct nl_socket *sock,
		const struct nl_answer *a);
/* What could not be done: "cannot add 10.0.0.2/24 to ns1/ipvl1". From the arena. */
const char *work_sentence(struct job *j, const struct work *w);

/* By op; each settles every work. */
typedef void job_fn(struct job *j);
job_fn apply_link_add, apply_vlan_add, apply_link_change, apply_port_set;
job_fn apply_link_del, apply_vlan_del;
job_fn apply_address, apply_route, apply_sysctl;
job_fn apply_netns_add, apply_netns_del, apply_resolv;

#endif
