/* MAC addresses as `ip link` writes them. */
#include "lib/mac.h"

#include <stdio.h>

const char *mac_format(const uint8_t mac[6], char buf[MAC_TEXT_BYTES])
{
	snprintf(buf, MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
	return buf;
}
