/* See scenario_run.h. */
#include "tests/twin/scenario_run.h"

#include "datapath/sim/sim.h"
#include "lib/alloc.h"
#include "lib/clock.h"
#include "lib/text.h"
#include "tests/twin/command.h"
#include "tests/twin/dump_view.h"
#include "tests/twin/lines.h"
#include "tests/twin/stage.h"
#include "tests/unit/patience.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATE_DRAINS 3
#define LOOK_MS     20

static const char nothing[] = "version: 1\nmasters: []\n";

struct run {
	const struct scenario *s;
	const struct scenario_options *options;
	struct arena *a;
	struct stage *stage;
	struct scenario_result *result;
	/* What the last `apply` was refused with; "" if it was not. */
	const char *refusal;
	bool is_state_checked; /* since something happened */
	/* Of the last `apply`, if nothing else happened since. */
	bool has_foretold;
	struct foretold foretold;
	struct lines sources; /* that were applied */
	bool is_filtered;     /* a packet filter is at work, which no trace asks */
};

static const char *const accident_names[ACCIDENT_KINDS] = {
	[ACCIDENT_NONE] = "none",
	[ACCIDENT_DOWN] = "down",
	[ACCIDENT_EVENTS_TWICE] = "events-twice",
	[ACCIDENT_EVENTS_LATE] = "events-late",
	[ACCIDENT_EVENTS_LOST] = "events-lost",
	[ACCIDENT_EVENTS_MIXED] = "events-mixed",
	[ACCIDENT_SLOW] = "slow",
	[ACCIDENT_DEATH] = "death",
	[ACCIDENT_DEATH_BEHIND] = "death-behind",
	[ACCIDENT_EIO] = "eio",
	[ACCIDENT_EBUSY] = "ebusy",
	[ACCIDENT_ENOBUFS] = "enobufs",
	[ACCIDENT_INTERRUPTED] = "interrupted",
};

const char *accident_name(enum accident_kind kind)
{
	return accident_names[kind];
}

bool accident_parse(const char *text, struct accident *ret_accident)
{
	size_t n = strcspn(text, ":");
	uint64_t number = 0;

	if (text[n] && !text_to_uint(text + n + 1, 0, INT32_MAX, &number))
		return false;
	for (size_t i = 0; i < ACCIDENT_KINDS; i++) {
		if (strlen(accident_names[i]) != n ||
		    strncmp(accident_names[i], text, n) != 0)
			continue;
		*ret_accident = (struct accident){.kind = (enum accident_kind)i,
						  .number = (int64_t)number};
		return true;
	}
	return false;
}

/* Complaints. */

static void complain(struct run *r, size_t line, const char *text)
{
	struct lines lines = lines_of(r->a, text);
	char *what = arena_strdup(r->a, lines_text(r->a, &lines));

	if (*what)
		what[strlen(what) - 1] = '\0';
	r->result->complaints =
		line ? arena_printf(r->a, "%s%s:%zu: %s\n", r->result->complaints,
				    r->s->file, line, what)
		     : arena_printf(r->a, "%s%s: %s\n", r->result->complaints, r->s->file,
				    what);
}

/* Takes 'e'. */
static bool succeeded(struct run *r, size_t line, struct err *e)
{
	CLEANUP(freep) char *text = e ? err_text(e) : NULL;

	if (text)
		complain(r, line, text);
	err_free(e);
	return !text;
}

/* What happens. */

static void run_command(struct run *r, size_t line, const char *text)
{
	struct command c;
	struct err *e = command_parse(r->a, text, &c);
	const char *name;

	if (!succeeded(r, line, e))
		return;
	r->is_filtered |= c.request.kind == TWIN_FILTER;
	e = stage_request(r->stage, &c.request);
	name = e ? command_errno_name(r->a, e->sys_errno) : "success";
	if ((e ? e->sys_errno : 0) != c.refusal)
		complain(r, line,
			 arena_printf(r->a, "%s\n- %s\n+ %s%s%s%s", text,
				      c.refusal ? command_errno_name(r->a, c.refusal)
						: "success",
				      name, e ? " \"" : "", e ? e->message : "",
				      e ? "\"" : ""));
	else if (c.refusal_text && !strstr(e->message, c.refusal_text))
		complain(r, line,
			 arena_printf(r->a, "%s\n- %s\n+ %s", text, c.refusal_text,
				      e->message));
	err_free(e);
}

static void prepare_events(const struct run *r)
{
	struct datapath *sim = stage_sim(r->stage);

	if (r->options->accident.kind == ACCIDENT_EVENTS_LATE)
		sim_delay_events(sim, LATE_DRAINS);
	if (r->options->accident.kind == ACCIDENT_EVENTS_LOST)
		sim_lose_events(sim);
}

static void run_commands(struct run *r, const struct section *section)
{
	struct lines lines = lines_of(r->a, section->raw);
	bool is_down =
		r->options->accident.kind == ACCIDENT_DOWN && stage_is_running(r->stage);

	if (is_down)
		stage_stop(r->stage);
	prepare_events(r);
	for (size_t i = 0; i < lines.n; i++) {
		if (*lines.lines[i] && *lines.lines[i] != '#')
			run_command(r, section->line + i, lines.lines[i]);
	}
	if (is_down)
		succeeded(r, section->line, stage_start(r->stage));
}

/* Each time the daemon reacts; it does not come to rest. */
static void run_often(struct run *r, const struct section *section)
{
	for (unsigned int i = 0; i < section->times; i++) {
		run_commands(r, section);
		succeeded(r, section->line, stage_react(r->stage));
	}
}

static void run_apply(struct run *r, const struct section *section)
{
	struct err *e = stage_start(r->stage);

	if (!succeeded(r, section->line, e))
		return;
	prepare_events(r);
	e = stage_apply(r->stage, section->argument, section->text, r->a, &r->foretold);
	if (e) {
		r->refusal = arena_strdup(r->a, e->message);
		err_free(e);
		return;
	}
	r->has_foretold = true;
	if (!lines_have(&r->sources, section->argument))
		lines_add(&r->sources, section->argument);
}

/* `ipvl-ctl adopt` or `release` of the rows that the lines name. */
static void run_transfer(struct run *r, const struct section *section)
{
	struct lines labels = lines_of(r->a, section->text);
	struct err *e = stage_start(r->stage);

	if (!succeeded(r, section->line, e))
		return;
	prepare_events(r);
	e = stage_transfer(r->stage, &labels,
			   section->kind == SECTION_ADOPT ? ROWS_ADOPT : ROWS_RELEASE,
			   r->a, &r->foretold);
	if (e) {
		r->refusal = arena_strdup(r->a, e->message);
		err_free(e);
		return;
	}
	r->has_foretold = true;
}

/* The file is applied before the daemon has come to rest after the commands. */
static bool is_in_a_hurry(const struct run *r, const struct section *section)
{
	const struct section *next = section + 1;

	return r->options->accident.kind == ACCIDENT_EVENTS_LATE &&
	       next < r->s->sections + r->s->n_sections && section->kind == SECTION_DO &&
	       next->kind == SECTION_APPLY;
}

/* On the kernel what was foretold may come later. */
static void check_foretold(struct run *r, const struct section *section)
{
	int64_t until = clock_now_ms() + patience_ms();
	const char *surprise = stage_surprise(r->stage, &r->foretold, r->a);

	while (r->options->on_kernel && *surprise && clock_now_ms() < until &&
	       succeeded(r, section->line, stage_turn(r->stage, LOOK_MS)))
		surprise = stage_surprise(r->stage, &r->foretold, r->a);
	if (*surprise)
		complain(r, section->line,
			 arena_printf(
				 r->a,
				 "what happened was not foretold (- foretold, + found)"
				 "\n%s",
				 surprise));
}

static void run_change(struct run *r, const struct section *section)
{
	const struct section *next = section + 1;
	bool has_next = next < r->s->sections + r->s->n_sections;

	r->refusal = "";
	r->has_foretold = false;
	r->is_state_checked = false;
	if (section->kind != SECTION_REST)
		spy_forget_steps(stage_spy(r->stage));
	if (section->times) {
		run_often(r, section);
		return;
	}
	if (section->kind == SECTION_DO)
		run_commands(r, section);
	else if (section->kind == SECTION_APPLY)
		run_apply(r, section);
	else if (section->kind == SECTION_ADOPT || section->kind == SECTION_RELEASE)
		run_transfer(r, section);
	else if (section->kind == SECTION_START)
		succeeded(r, section->line, stage_start(r->stage));
	else if (section->kind == SECTION_STOP)
		stage_stop(r->stage);
	if (*r->refusal && (!has_next || next->kind != SECTION_REFUSED))
		complain(r, section->line, r->refusal);
	if (is_in_a_hurry(r, section))
		return;
	succeeded(r, section->line, stage_settle(r->stage));
	if (r->has_foretold && !r->s->is_not_foretold &&
	    r->options->accident.kind == ACCIDENT_NONE)
		check_foretold(r, section);
}

/* What is expected then. */

/* As `ipvl-ctl diff` prints it, if it has come so. */
static const char *found_plan(struct run *r)
{
	const char *steps = spy_steps(stage_spy(r->stage), r->a);

	return r->has_foretold && !strcmp(steps, r->foretold.steps) ? r->foretold.diff
								    : steps;
}

/* The trace of the same packet must agree. */
static const char *answer_of(struct run *r, const char *netns, const struct ip_addr *to)
{
	const char *answer = stage_reaches(r->stage, netns, to) ? "yes" : "no";
	const char *traced = stage_is_running(r->stage) && !r->is_filtered
				     ? stage_trace(r->stage, r->a, netns, to)
				     : "";

	return !*traced || !strcmp(traced, answer)
		       ? answer
		       : arena_printf(r->a, "%s, but trace says %s", answer, traced);
}

/* "ns1 to 10.0.0.2: yes". What stands behind the colon is not read. */
static const char *found_reach(struct run *r, const struct section *section)
{
	struct lines lines = lines_of(r->a, section->text);
	const char *text = "";

	for (size_t i = 0; i < lines.n; i++) {
		struct ip_addr to = {0};
		char netns[256], address[64];
		struct err *e = NULL;

		if (sscanf(lines.lines[i], "%255s to %63[0-9a-f.:]", netns, address) ==
		    2) {
			size_t n = strlen(address) - 1;

			address[address[n] == ':' ? n : n + 1] = '\0';
			e = ip_addr_parse(address, &to);
		}
		if (!succeeded(r, section->line + i, e) || !to.family)
			return "expected lines such as `ns1 to 10.0.0.2: yes`\n";
		text = arena_printf(r->a, "%s%s to %s: %s\n", text, netns, address,
				    answer_of(r, netns, &to));
	}
	return text;
}

static const char *found(struct run *r, const struct section *section)
{
	switch (section->kind) {
	case SECTION_REFUSED:
		return r->refusal;
	case SECTION_PLAN:
		return found_plan(r);
	case SECTION_DRIFT:
		return stage_drift(r->stage, r->a);
	case SECTION_STATE:
		return stage_state(r->stage, r->a);
	case SECTION_KERNEL:
		return dump_view_of(r->a,
				    dump_view_flat(r->a, stage_dump(r->stage, r->a)),
				    section->text);
	case SECTION_REACH:
		return found_reach(r, section);
	case SECTION_EVENTS:
		return spy_events(stage_spy(r->stage), r->a);
	case SECTION_DO:
	case SECTION_APPLY:
	case SECTION_START:
	case SECTION_STOP:
	case SECTION_REST:
	case SECTION_ADOPT:
	case SECTION_RELEASE:
	case SECTION_KINDS:
		break;
	}
	return "";
}

/* What an accident may change: how often something was done, and what was seen of it. */
static bool is_compared(const struct run *r, enum section_kind kind)
{
	return r->options->accident.kind == ACCIDENT_NONE || kind == SECTION_REFUSED ||
	       kind == SECTION_STATE || kind == SECTION_KERNEL || kind == SECTION_REACH;
}

/* Which address of a subnet is the primary one follows from the order in which they were
 * added, which no row has. An accident changes it. */
static const char *without_order(const struct run *r, const char *text)
{
	static const char word[] = " secondary";
	char *plain = arena_strdup(r->a, text), *at;

	while ((at = strstr(plain, word)))
		memmove(at, at + strlen(word), strlen(at + strlen(word)) + 1);
	return plain;
}

static const char *difference(const struct run *r, const struct section *section,
			      const char *text)
{
	const char *expected = section->text;

	if (r->options->accident.kind != ACCIDENT_NONE &&
	    section->kind == SECTION_KERNEL) {
		expected = without_order(r, expected);
		text = without_order(r, text);
	}
	return lines_diff(r->a, expected, text);
}

/* On the kernel what is expected may come later; after an accident, with the next try. */
static const char *await(struct run *r, const struct section *section)
{
	int64_t until = clock_now_ms() + patience_ms();
	const char *text = found(r, section);

	if (r->options->accident.kind != ACCIDENT_NONE && *difference(r, section, text) &&
	    succeeded(r, section->line, stage_settle(r->stage)))
		text = found(r, section);

	while (r->options->on_kernel && clock_now_ms() < until &&
	       *difference(r, section, text)) {
		if (!succeeded(r, section->line, stage_turn(r->stage, LOOK_MS)))
			break;
		text = found(r, section);
	}
	return text;
}

static void run_expectation(struct run *r, const struct section *section)
{
	const char *text, *diff;

	if (section->kind == SECTION_STATE)
		r->is_state_checked = true;
	if (!is_compared(r, section->kind))
		return;
	text = await(r, section);
	diff = difference(r, section, text);
	if (*diff) {
		complain(r, section->line,
			 arena_printf(r->a, "%s differs (- expected, + found)\n%s",
				      section_name(section->kind), diff));
		r->result->texts[section - r->s->sections] = text;
	}
	if (section->kind == SECTION_DRIFT)
		stage_forget_drift(r->stage);
	if (section->kind == SECTION_EVENTS)
		spy_forget_events(stage_spy(r->stage));
}

/* The end. */

static void check_state(struct run *r)
{
	static const struct section none = {.kind = SECTION_STATE, .text = ""};
	const char *state;

	if (r->is_state_checked || !stage_is_running(r->stage))
		return;
	state = await(r, &none);
	if (*state)
		complain(r, 0,
			 arena_printf(r->a,
				      "rows that no `state` section names are not "
				      "ready at the end\n%s",
				      lines_diff(r->a, "", state)));
}

static void check_violation(struct run *r)
{
	struct datapath *sim = stage_sim(r->stage);

	if (sim && sim_violation(sim))
		complain(r, 0, sim_violation(sim));
}

static void check_plan(struct run *r)
{
	const char *plan = "";

	if (stage_is_running(r->stage) &&
	    succeeded(r, 0, stage_next_plan(r->stage, r->a, &plan)) && *plan)
		complain(r, 0,
			 arena_printf(r->a, "the next plan is not empty\n%s", plan));
}

static void check_import(struct run *r)
{
	const char *text = "";
	bool is_whole;

	if (r->options->accident.kind == ACCIDENT_NONE && stage_is_running(r->stage) &&
	    succeeded(r, 0, stage_import(r->stage, r->a, &text, &is_whole)) && *text)
		complain(r, 0,
			 arena_printf(r->a,
				      "to apply what import writes changes something\n%s",
				      text));
}

static const char *flat(struct run *r)
{
	return dump_view_flat(r->a, stage_dump(r->stage, r->a));
}

static const char *foreign(struct run *r)
{
	return dump_view_foreign(r->a, flat(r));
}

/* Takes everything back, and makes a last complete pass. */
static bool clean_up(struct run *r)
{
	struct err *e = stage_start(r->stage);
	struct foretold f;

	for (size_t i = 0; !e && i < r->sources.n; i++)
		e = stage_apply(r->stage, r->sources.lines[i], nothing, r->a, &f);
	if (!e)
		e = stage_settle(r->stage);
	stage_stop(r->stage);
	if (!e)
		e = stage_start(r->stage);
	if (!e)
		e = stage_settle(r->stage);
	return succeeded(r, 0, e);
}

static void check_end(struct run *r)
{
	const char *before = foreign(r), *ours = "", *diff;

	check_state(r);
	check_plan(r);
	check_import(r);
	check_violation(r);
	if (!r->sources.n || !clean_up(r))
		return;
	if (succeeded(r, 0, stage_ours(r->stage, r->a, &ours)))
		ours = arena_printf(r->a, "%s%s", ours,
				    dump_view_our_shared(r->a, flat(r)));
	if (*ours)
		complain(r, 0,
			 arena_printf(r->a, "left over after an empty file\n%s", ours));
	diff = lines_diff(r->a, before, foreign(r));
	if (*diff)
		complain(r, 0,
			 arena_printf(r->a, "an empty file changed what is not ours\n%s",
				      diff));
	check_violation(r);
}

/* The whole. */

static void set_faults(struct run *r)
{
	struct datapath *sim = stage_sim(r->stage);
	int64_t number = r->options->accident.number;

	switch (r->options->accident.kind) {
	case ACCIDENT_EVENTS_TWICE:
		sim_double_events(sim, true);
		break;
	case ACCIDENT_EVENTS_MIXED:
		sim_shuffle_events(sim, (uint64_t)number + 1);
		break;
	case ACCIDENT_SLOW:
		/* More than a slice (reconciler/reconcile.c). */
		sim_set_cost(sim, 25);
		break;
	case ACCIDENT_DEATH:
		sim_crash_at(sim, number);
		break;
	case ACCIDENT_EIO:
		sim_fail_request(sim, number, EIO);
		break;
	case ACCIDENT_EBUSY:
		sim_fail_request(sim, number, EBUSY);
		break;
	case ACCIDENT_ENOBUFS:
		sim_fail_request(sim, number, ENOBUFS);
		break;
	case ACCIDENT_NONE:
	case ACCIDENT_DOWN:
	case ACCIDENT_EVENTS_LATE:
	case ACCIDENT_EVENTS_LOST:
	case ACCIDENT_DEATH_BEHIND:
	case ACCIDENT_INTERRUPTED:
	case ACCIDENT_KINDS:
		break;
	}
}

static struct err *open_stage(struct run *r)
{
	struct stage_options options = {.on_kernel = r->options->on_kernel,
					.db_file = r->options->db_file,
					.accidents = spy_no_accidents};
	struct err *e;

	if (r->options->accident.kind == ACCIDENT_DEATH_BEHIND)
		options.accidents.death = r->options->accident.number;
	if (r->options->accident.kind == ACCIDENT_INTERRUPTED)
		options.accidents.failing_observation = r->options->accident.number;
	e = stage_new(&options, &r->stage);
	if (!e && stage_sim(r->stage)) {
		if (r->s->min_major)
			sim_set_kernel_version(stage_sim(r->stage), r->s->min_major,
					       r->s->min_minor);
		set_faults(r);
	}
	return e;
}

static void count(struct run *r)
{
	struct datapath *sim = stage_sim(r->stage);

	r->result->n_messages = sim ? (int64_t)sim_n_requests(sim) : 0;
	r->result->n_steps = (int64_t)spy_n_steps(stage_spy(r->stage));
	r->result->n_observations = (int64_t)spy_n_observations(stage_spy(r->stage));
}

void scenario_run(const struct scenario *s, const struct scenario_options *options,
		  struct arena *a, struct scenario_result *ret_result)
{
	struct run r = {
		.s = s, .options = options, .a = a, .result = ret_result, .refusal = ""};

	*ret_result = (struct scenario_result){.complaints = ""};
	ret_result->texts = arena_array(a, s->n_sections, sizeof(*ret_result->texts));
	if (!succeeded(&r, 0, open_stage(&r)))
		return;
	for (size_t i = 0; i < s->n_sections; i++) {
		if (section_is_expectation(s->sections[i].kind))
			run_expectation(&r, &s->sections[i]);
		else
			run_change(&r, &s->sections[i]);
	}
	check_end(&r);
	count(&r);
	lines_clear(&r.sources);
	stage_free(r.stage);
}
