"""Medians, ratios, and the table that docs/benchmarks.md shows."""
import statistics


def number(x):
    """Three significant digits, without an exponent."""
    if x == 0:
        return "0"
    digits = 3
    while abs(x) >= 10 ** digits:
        digits += 1
    return f"{x:,.{digits}g}" if abs(x) >= 1 else f"{x:.{3}g}"


def spread(values, unit):
    text = f"{number(statistics.median(values))} {unit}"
    if len(values) > 1:
        text += f" ({number(min(values))}–{number(max(values))})"
    return text


def ratio(theirs, ours):
    """The median of the rounds' own ratios: what slows a whole round down slows both."""
    return statistics.median(o / t for t, o in zip(theirs, ours))


def is_reached(measure, r):
    return r >= measure.goal if measure.is_rate else r <= measure.goal


def goal_text(measure):
    bound = "≥" if measure.is_rate else "≤"
    if measure.goal < 1:
        return f"{bound} 1/{round(1 / measure.goal)}"
    return f"{bound} {measure.goal}"


def summary(measures, rounds, theirs, ours):
    """One dictionary a measure, for --json and for the table."""
    found = []
    for m in measures:
        measured = [r for r in rounds if m.name in r[theirs]]
        a = [r[theirs][m.name] for r in measured]
        b = [r[ours][m.name] for r in measured]
        r = ratio(a, b)
        found.append({"name": m.name, "title": m.title, "unit": m.unit, theirs: a, ours: b, "ratio": r,
                      "goal": goal_text(m), "reached": is_reached(m, r)})
    return found


def markdown(rows, theirs, ours):
    lines = [f"| | {theirs} | {ours} | ratio | goal | |", "|---|---|---|---|---|---|"]
    for r in rows:
        lines.append(f"| {r['title']} | {spread(r[theirs], r['unit'])} | {spread(r[ours], r['unit'])} "
                     f"| {r['ratio']:.3g} | {r['goal']} | {'reached' if r['reached'] else '**not reached**'} |")
    return "\n".join(lines)
