/* Namespaces that stay open for one turn of the loop. */
#include "datapath/kernel/state/held.h"

#include "lib/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void forget(struct held *h, struct held_netns *n)
{
	HASH_DELETE(hh, h->by_name, n);
	nl_socket_close(n->sock);
	close(n->fd);
	free(n->name);
	free(n);
}

static void forget_all(struct held *h)
{
	struct held_netns *n, *next;

	HASH_ITER (hh, h->by_name, n, next)
		forget(h, n);
}

void held_begin(struct held *h)
{
	h->is_on = true;
	if (!++h->turn)
		h->turn = 1;
}

void held_end(struct held *h)
{
	forget_all(h);
	h->is_on = false;
}

bool held_make_room(struct held *h, size_t n)
{
	if (!h->is_on || n > HELD_MAX)
		return false;
	if (HASH_COUNT(h->by_name) + n > HELD_MAX)
		forget_all(h);
	return true;
}

struct held_netns *held_find(const struct held *h, const char *name)
{
	struct held_netns *n;

	if (!h->by_name)
		return NULL;
	HASH_FIND_STR(h->by_name, name, n);
	return n;
}

bool held_add(struct held *h, const char *name, uint64_t inode, int fd)
{
	struct held_netns *n;

	if (!h->is_on || HASH_COUNT(h->by_name) >= HELD_MAX)
		return false;
	held_drop(h, name);
	n = xcalloc(1, sizeof(*n));
	n->name = xstrdup(name);
	n->inode = inode;
	n->fd = fd;
	HASH_ADD_KEYPTR(hh, h->by_name, n->name, strlen(n->name), n);
	return true;
}

void held_drop(struct held *h, const char *name)
{
	struct held_netns *n = held_find(h, name);

	if (n)
		forget(h, n);
}

static struct held_netns *find_socket(const struct held *h, const struct nl_socket *sock)
{
	struct held_netns *n;

	for (n = h->by_name; n && n->sock != sock; n = n->hh.next)
		;
	return n;
}

bool held_has_socket(const struct held *h, const struct nl_socket *sock)
{
	return find_socket(h, sock);
}

void held_drop_socket(struct held *h, const struct nl_socket *sock)
{
	struct held_netns *n = find_socket(h, sock);

	if (n)
		nl_socket_close(STEAL(n->sock));
}
