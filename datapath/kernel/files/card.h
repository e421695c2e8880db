/* The card behind a network device, as udev's ID_PATH names it. */
#ifndef DATAPATH_KERNEL_FILES_CARD_H
#define DATAPATH_KERNEL_FILES_CARD_H 1

#include "datapath/kernel/netlink/nl_link.h"

#define CARD_VIRTIO_DEVICES "/sys/bus/virtio/devices"

/* A device on the bus "virtio" gets the place of the card whose only part it is: bus "pci",
 * parent "0000:00:03.0". Any other, and one that is gone, stays as it is. 'virtio_devices' is
 * CARD_VIRTIO_DEVICES but in tests. */
void card_settle(struct nl_link *l, const char *virtio_devices);

#endif
