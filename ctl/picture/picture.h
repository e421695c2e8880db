/* What a picture of `show` contains: masters, below them the namespaces of their slaves,
 * in those the slaves. Texts and colours; where they are drawn is picture_svg.c's. */
#ifndef CTL_PICTURE_H
#define CTL_PICTURE_H 1

#include "ctl/output/layout.h"
#include "ctl/text/show_select.h"
#include "lib/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct picture_line {
	enum style style;
	const char *text;
};

struct picture_slave {
	const char *label; /* "ns1/ipvl1" */
	const char *name, *state;
	enum style style; /* of its state; PLAIN if that is unknown */
	/* Addresses, routes, what else is set, its message, its warnings. */
	struct picture_line *lines;
	size_t n_lines;
};

/* A namespace below one master. */
struct picture_frame {
	const char *netns; /* as in the column; "": the daemon's own */
	const char *title; /* "ns1", "host" */
	const char *also;  /* "also on eno3"; "" if no other master has slaves in it */
	struct picture_slave *slaves;
	size_t n_slaves, slaves_cap;
};

struct picture_master {
	const char *label, *count;
	enum style style; /* of itself, not of its slaves */
	enum style count_style;
	const char *facts[4]; /* "l2 bridge", "up", "mtu 1500", the MAC address; or "" */
	/* Its message, warnings and routes. */
	struct picture_line *lines;
	size_t n_lines;
	struct picture_frame *frames; /* in the order of their first slaves */
	size_t n_frames;
};

struct picture {
	struct arena *arena;
	const char *summary; /* a sentence, for those who cannot see it */
	struct picture_master *masters;
	size_t n_masters;
};

/* From the attempt's arena, which has to outlive it. */
const struct picture *picture_make(const struct context *ctx, const struct shown *shown,
				   size_t n);

/* STYLE_BAD as "bad" and so on: a class in SVG. Static. */
const char *picture_style_name(enum style style);

#endif
