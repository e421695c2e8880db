/* Faults of ipvlan in Linux by version, as published by the kernel's CVE team: where a fault
 * began, and the first release of each stable branch without it. */
#include "reconciler/doctor/doctor_kernel.h"

#include "lib/alloc.h"

#include <stdio.h>
#include <string.h>

/* When a fault can strike this host. */
enum need { NEED_ANY, NEED_L3S, NEED_IPV6 };

struct fault {
	const char *name, *what, *until;
	enum need need;
	struct doctor_version since;
	/* Of each branch, ascending; the last one is where the fault never was. */
	struct doctor_version fixed[8];
};

static const struct fault faults[] = {
	{
		.name = "CVE-2025-22103",
		.what = "a packet that arrives while the last slave leaves l3s, deleted "
			"or "
			"by a change of the mode, can crash the kernel",
		.until = "until then, set the master down before you change its mode or "
			 "delete its slaves",
		.need = NEED_L3S,
		.since = {5, 1, 0},
		/* 5.10 was corrected too, in a release that is not known here. */
		.fixed = {{5, 10, 0},
			  {5, 15, 222},
			  {6, 1, 188},
			  {6, 6, 117},
			  {6, 12, 46},
			  {6, 14, 2},
			  {6, 15, 0}},
	},
	{
		.name = "CVE-2026-23103",
		.what = "IPv6 addresses that are added on two processors at once can "
			"damage the master's list of addresses, or be given to two "
			"slaves",
		.until = "it is rare: no step is needed until then",
		.need = NEED_IPV6,
		.since = {4, 17, 0},
		.fixed = {{5, 10, 249},
			  {5, 15, 199},
			  {6, 1, 162},
			  {6, 6, 122},
			  {6, 12, 68},
			  {6, 18, 8},
			  {6, 19, 0}},
	},
	{
		.name = "CVE-2025-21652",
		.what = "the kernel can use a master after it was freed, when it is "
			"deleted "
			"together with slaves that have just lost their carrier",
		.until = "until then, delete slaves before their master",
		.need = NEED_ANY,
		.since = {6, 2, 0},
		.fixed = {{6, 6, 72}, {6, 12, 10}, {6, 13, 0}},
	},
};

static int compare(const struct doctor_version *a, const struct doctor_version *b)
{
	if (a->major != b->major)
		return a->major < b->major ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	return a->patch < b->patch ? -1 : a->patch > b->patch;
}

bool doctor_kernel_version(const char *release, const char *version,
			   struct doctor_version *ret_version)
{
	const char *debian = strstr(version, "Debian ");
	struct doctor_version v;
	int n = 0;

	if (debian &&
	    sscanf(debian, "Debian %u.%u.%u", &v.major, &v.minor, &v.patch) == 3) {
		*ret_version = v;
		return true;
	}
	if (sscanf(release, "%u.%u.%u%n", &v.major, &v.minor, &v.patch, &n) != 3)
		return false;
	/* "5.14.0-427.el9", "6.8.0-60-generic": what comes after the 0 counts fixes. */
	if (!v.patch && release[n] == '-')
		return false;
	*ret_version = v;
	return true;
}

/* A branch without a fix of its own was given up before there was one. */
static bool has_fault(const struct fault *f, const struct doctor_version *v)
{
	const struct doctor_version *last = NULL;

	if (compare(v, &f->since) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(f->fixed) && f->fixed[i].major; i++) {
		last = &f->fixed[i];
		if (last->major == v->major && last->minor == v->minor)
			return compare(v, last) < 0;
	}
	return compare(v, last) < 0;
}

/* "5.15.222, 6.1.188 or 6.15"; a branch whose release is not known is left out. */
static const char *fixed_text(const struct fault *f, struct arena *a)
{
	const char *all = "";

	for (size_t i = 0; i < ARRAY_SIZE(f->fixed) && f->fixed[i].major; i++) {
		const struct doctor_version *v = &f->fixed[i];
		bool is_last = i + 1 == ARRAY_SIZE(f->fixed) || !f->fixed[i + 1].major;

		if (is_last)
			all = arena_printf(a, "%s%s%u.%u", all, *all ? " or " : "",
					   v->major, v->minor);
		else if (v->patch)
			all = arena_printf(a, "%s%s%u.%u.%u", all, *all ? ", " : "",
					   v->major, v->minor, v->patch);
	}
	return all;
}

static bool has_ipv6(const struct model_slave *s)
{
	for (size_t i = 0; i < s->n_addresses; i++) {
		if (ip_addr_bits(&s->addresses[i].addr) == 128)
			return true;
	}
	return false;
}

static bool is_needed(enum need need, const struct model *want)
{
	for (size_t i = 0; i < want->n_masters; i++) {
		const struct model_master *m = &want->masters[i];

		if (need == NEED_ANY || (need == NEED_L3S && m->mode == MODEL_MODE_L3S))
			return true;
		for (size_t k = 0; need == NEED_IPV6 && k < m->n_slaves; k++) {
			if (has_ipv6(&m->slaves[k]))
				return true;
		}
	}
	return false;
}

static void add_fault(const struct doctor_facts *f, struct doctor_report *r,
		      const struct fault *fault)
{
	bool matters = is_needed(fault->need, f->want);

	doctor_add(r, matters ? DOCTOR_WARNING : DOCTOR_NOTE, "kernel",
		   arena_printf(r->arena, "update to Linux %s; %s",
				fixed_text(fault, r->arena), fault->until),
		   "%s in Linux %s: %s%s", fault->name, f->release, fault->what,
		   matters                    ? ""
		   : fault->need == NEED_L3S  ? " (no master is in l3s)"
		   : fault->need == NEED_IPV6 ? " (no slave declares IPv6)"
					      : " (there is no master)");
}

void doctor_kernel_examine(const struct doctor_facts *f, struct doctor_report *r)
{
	struct doctor_version v;

	if (!*f->release)
		return;
	if (!doctor_kernel_version(f->release, f->version, &v)) {
		doctor_add(
			r, DOCTOR_NOTE, "kernel",
			"ask your distribution about CVE-2025-22103, CVE-2026-23103 and "
			"CVE-2025-21652",
			"the number of Linux %s does not say which faults of ipvlan are "
			"corrected in it",
			f->release);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (has_fault(&faults[i], &v))
			add_fault(f, r, &faults[i]);
	}
}
