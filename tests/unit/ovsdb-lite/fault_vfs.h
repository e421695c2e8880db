/* A VFS around SQLite's own, in which a chosen call that changes something goes wrong. */
#ifndef TEST_FAULT_VFS_H
#define TEST_FAULT_VFS_H 1

enum fault {
	FAULT_NONE,
	FAULT_EIO,   /* the call fails, once */
	FAULT_FULL,  /* from that call on files cannot grow, until another fault is set */
	FAULT_CRASH, /* the process dies before the call */
	FAULT_TORN,  /* it dies in the middle of it: half of a write is done */
	/* As FAULT_CRASH, and what was not synced is lost: */
	FAULT_POWER,     /* all of it */
	FAULT_POWER_ANY, /* each sector of it, or not */
	FAULT_N_KINDS
};

extern const char *const fault_names[FAULT_N_KINDS];

/* From now on this is the default VFS of the process. Nothing is really synced. */
void fault_vfs_register(void);
/* Call number 'at', from 1 on, counted from the first: writes, truncations, syncs,
 * removals and mappings of the log's index. */
void fault_set(enum fault kind, unsigned long at);
unsigned long fault_n_calls(void);
/* How many syncs failed by FAULT_EIO. */
unsigned long fault_n_failed_syncs(void);

/* What a process that was made to die returns. */
#define FAULT_EXIT_STATUS 77

#endif
