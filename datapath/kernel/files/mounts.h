/* The mounts below /run/netns, for other programs to see. Under systemd's sandbox
 * (data/ipvld.service) ipvld has a mount namespace of its own, whose mounts nobody else
 * sees: then IPVL_MOUNT_NS in its environment names the file of the host's, and the
 * mounts are made there. They appear here too, by propagation (mount_namespaces(7)). */
#ifndef DATAPATH_KERNEL_MOUNTS_H
#define DATAPATH_KERNEL_MOUNTS_H 1

/* Each returns 0, or an errno. */

/* Mounts the namespace of the descriptor 'fd' on the file 'path'. */
int mounts_add_netns(int fd, const char *path) __attribute__((warn_unused_result));
/* umount2(2) with MNT_DETACH. */
int mounts_remove(const char *path) __attribute__((warn_unused_result));
/* Makes a folder, which must be a mount, a shared one: EINVAL if it is none. */
int mounts_share(const char *path) __attribute__((warn_unused_result));
/* Mounts a folder on itself. */
int mounts_add_itself(const char *path) __attribute__((warn_unused_result));

#endif
