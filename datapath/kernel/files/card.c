/* The card behind a network device. Linux virtio_dev_probe(): a virtio device is numbered in the
 * order of discovery ("virtio3"), which another disk changes. The card below it has a place that
 * stays. */
#include "datapath/kernel/files/card.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Cuts the last name off 'path', and returns it. NULL: there is none. */
static char *cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static bool read_link(const char *path, char target[static PATH_MAX])
{
	ssize_t n = readlink(path, target, PATH_MAX - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return true;
}

void card_settle(struct nl_link *l, const char *virtio_devices)
{
	char path[PATH_MAX], target[PATH_MAX], of_bus[PATH_MAX];
	const char *card, *bus;

	if (strcmp(l->bus, "virtio") != 0)
		return;
	/* ../../../devices/pci0000:00/0000:00:03.0/virtio3 */
	snprintf(path, sizeof(path), "%s/%s", virtio_devices, l->parent);
	if (!read_link(path, target) || !cut_name(target))
		return;
	card = cut_name(target);
	/* ../../../bus/pci */
	snprintf(path, sizeof(path), "%s/%s/../subsystem", virtio_devices, l->parent);
	if (!card || !read_link(path, of_bus))
		return;
	bus = cut_name(of_bus);
	if (!bus || strlen(card) >= sizeof(l->parent) || strlen(bus) >= sizeof(l->bus))
		return;
	strcpy(l->parent, card);
	strcpy(l->bus, bus);
}
