/* MAC addresses as `ip link` writes them. */
#ifndef LIB_MAC_H
#define LIB_MAC_H 1

#include <stdint.h>
#include <stdio.h>

#define MAC_TEXT_BYTES 18

/* "02:00:00:00:00:01", in 'buf'. */
static inline const char *mac_format(const uint8_t mac[6], char buf[MAC_TEXT_BYTES])
{
	snprintf(buf, MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
	return buf;
}

#endif
