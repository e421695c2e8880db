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


def summary(measures, rounds, all_theirs, ours):
    """One dictionary a measure, for --json and for the table."""
    found = []
    for m in measures:
        measured = [r for r in rounds if m.name in r[ours]]
        values = {name: [r[name][m.name] for r in measured] for name in (*all_theirs, ours)}
        ratios = {name: ratio(values[name], values[ours]) for name in all_theirs}
        found.append({"name": m.name, "title": m.title, "unit": m.unit, **values, "ratios": ratios,
                      "goal": goal_text(m), "reached": all(is_reached(m, r) for r in ratios.values())})
    return found


def markdown(rows, all_theirs, ours):
    titles = [*all_theirs, ours, *("ratio" if len(all_theirs) == 1 else f"… to {name}" for name in all_theirs),
              "goal", ""]
    lines = ["| | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    for r in rows:
        cells = [r["title"], *(spread(r[name], r["unit"]) for name in (*all_theirs, ours)),
                 *(f"{r['ratios'][name]:.3g}" for name in all_theirs),
                 r["goal"], "reached" if r["reached"] else "**not reached**"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
