/* A router advertisement, sent by a raw socket. */
#include "tests/twin/kernel_private.h"

#include "lib/alloc.h"
#include "lib/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define LIFETIME_S 3600
/* Until the link-local address that it is sent from has passed its probe. */
#define N_LOOKS 200
#define LOOK_MS 50

struct advertisement {
	struct nd_router_advert head;
	struct nd_opt_prefix_info prefix;
};

/* The kernel writes the checksum. */
static void fill(struct advertisement *m, const struct ip_prefix *prefix)
{
	*m = (struct advertisement){
		.head = {.nd_ra_type = ND_ROUTER_ADVERT,
			 .nd_ra_curhoplimit = 64,
			 .nd_ra_router_lifetime = htons(LIFETIME_S / 2)},
		.prefix = {.nd_opt_pi_type = ND_OPT_PREFIX_INFORMATION,
			   .nd_opt_pi_len = sizeof(m->prefix) / 8,
			   .nd_opt_pi_prefix_len = prefix->len,
			   .nd_opt_pi_flags_reserved =
				   ND_OPT_PI_FLAG_ONLINK | ND_OPT_PI_FLAG_AUTO,
			   .nd_opt_pi_valid_time = htonl(LIFETIME_S),
			   .nd_opt_pi_preferred_time = htonl(LIFETIME_S)}};
	memcpy(&m->prefix.nd_opt_pi_prefix, prefix->addr.bytes,
	       sizeof(m->prefix.nd_opt_pi_prefix));
}

struct err *kernel_advertise(const struct twin_request *r)
{
	uint32_t ifindex = kernel_ifindex(r->name);
	struct sockaddr_in6 all = {.sin6_family = AF_INET6,
				   .sin6_addr.s6_addr = {0xff, 0x02, [15] = 1},
				   .sin6_scope_id = ifindex};
	int fd CLEANUP(fd_closep) =
		socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	int hops = 255; /* RFC 4861 6.1.2 */
	int looks = 0;
	struct advertisement m;

	if (!ifindex)
		return kernel_err(ENODEV, NULL);
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) < 0)
		return kernel_err(errno, NULL);
	fill(&m, &r->u.advertised);
	while (sendto(fd, &m, sizeof(m), 0, (struct sockaddr *)&all, sizeof(all)) < 0) {
		if (errno != EADDRNOTAVAIL || ++looks == N_LOOKS)
			return kernel_err(errno, NULL);
		(void)poll(NULL, 0, LOOK_MS);
	}
	return NULL;
}
