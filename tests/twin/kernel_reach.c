/* A ping. */
#include "tests/twin/kernel_private.h"

#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/fd.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 1000

union place {
	struct sockaddr plain;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* The same in both families: type, code, checksum, and what the answer repeats. */
struct echo {
	uint8_t type, code;
	uint16_t checksum;
	uint8_t mark[16];
};

static socklen_t fill(union place *p, const struct ip_addr *to)
{
	memset(p, 0, sizeof(*p));
	p->plain.sa_family = to->family;
	if (to->family == AF_INET) {
		memcpy(&p->in.sin_addr, to->bytes, sizeof(p->in.sin_addr));
		return sizeof(p->in);
	}
	memcpy(&p->in6.sin6_addr, to->bytes, sizeof(p->in6.sin6_addr));
	return sizeof(p->in6);
}

/* RFC 1071. In IPv6 the kernel writes it. */
static uint16_t checksum(const struct echo *e)
{
	uint16_t words[sizeof(*e) / 2];
	uint32_t sum = 0;

	memcpy(words, e, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

static bool is_answer(const uint8_t *packet, size_t n, const struct echo *request)
{
	bool is_ipv4 = request->type == ICMP_ECHO;
	size_t head = is_ipv4 && n ? (packet[0] & 0xfU) * 4 : 0;
	struct echo answer;

	if (n < head + sizeof(answer))
		return false;
	memcpy(&answer, packet + head, sizeof(answer));
	return answer.type == (is_ipv4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
	       !memcmp(answer.mark, request->mark, sizeof(answer.mark));
}

static bool await(int fd, const struct echo *request)
{
	int64_t until = clock_now_ms() + ANSWER_MS;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t packet[512];

	for (;;) {
		int64_t left_ms = until - clock_now_ms();
		ssize_t n;

		if (left_ms <= 0 || poll(&p, 1, (int)left_ms) <= 0)
			return false;
		n = recv(fd, packet, sizeof(packet), 0);
		if (n > 0 && is_answer(packet, (size_t)n, request))
			return true;
	}
}

/* In the namespace of the thread. */
static bool ping(const struct ip_addr *to)
{
	bool is_ipv4 = to->family == AF_INET;
	struct echo e = {.type = is_ipv4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST};
	union place place;
	socklen_t size = fill(&place, to);
	int fd CLEANUP(fd_closep) = socket(to->family, SOCK_RAW | SOCK_CLOEXEC,
					   is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	if (fd < 0 || getrandom(e.mark, sizeof(e.mark), 0) != sizeof(e.mark))
		return false;
	if (is_ipv4)
		e.checksum = checksum(&e);
	return sendto(fd, &e, sizeof(e), 0, &place.plain, size) == sizeof(e) &&
	       await(fd, &e);
}

bool kernel_reaches(const char *netns, const struct ip_addr *to)
{
	int fd CLEANUP(fd_closep) = kernel_open_netns(netns);
	bool is_answered;

	if (fd < 0 || !kernel_enter(fd))
		return false;
	is_answered = ping(to);
	kernel_leave();
	return is_answered;
}
