/* MAC addresses as text. */
#ifndef LIB_MAC_H
#define LIB_MAC_H 1

#include <stdint.h>

#define MAC_TEXT_BYTES 18

/* "02:00:00:00:00:01", in 'buf'. */
const char *mac_format(const uint8_t mac[6], char buf[MAC_TEXT_BYTES]);

#endif
