/* The report of `doctor`: a list of findings that grows in an arena. What is wrong is
 * decided in the rules (doctor_rules.c). */
#include "reconciler/doctor/doctor_report.h"

#include <stdarg.h>

void doctor_add(struct doctor_report *r, enum doctor_level level, const char *topic,
		const char *cure, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->findings =
		arena_grow(r->arena, r->findings, r->n, &r->cap, sizeof(*r->findings));
	r->findings[r->n++] = (struct doctor_finding){
		.level = level,
		.topic = topic,
		.text = arena_vprintf(r->arena, format, args),
		.cure = cure,
	};
	va_end(args);
}

const char *doctor_level_name(enum doctor_level level)
{
	static const char *const names[] = {
		[DOCTOR_OK] = "ok",
		[DOCTOR_NOTE] = "note",
		[DOCTOR_WARNING] = "warning",
		[DOCTOR_ERROR] = "error",
	};

	return names[level];
}
