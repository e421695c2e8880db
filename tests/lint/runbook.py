#!/usr/bin/python3
"""docs/runbook.md has each state of a row, each finding of doctor, each error of the log and each alert."""

import os
import re

import lint

PAGE = "docs/runbook.md"
STRING = re.compile(r'"((?:\\.|[^"\\])*)"')


def arguments(text, start):
    """The arguments of the call whose '(' is at 'start'."""
    parts, depth, begin, i = [], 0, start + 1, start
    while i < len(text):
        if text[i] == '"':
            i = STRING.match(text, i).end()
            continue
        depth += {"(": 1, ")": -1, "{": 1, "}": -1}.get(text[i], 0)
        if depth == 0 or (text[i] == "," and depth == 1):
            parts.append(text[begin:i])
            begin = i + 1
        if depth == 0:
            return parts
        i += 1
    return parts


def literal(code):
    """The text of the literals in it, with … for what printf puts in."""
    return re.sub(r"%[-0-9.]*[a-z]*|\" ?PRI\w+ ?\"", "…", "".join(STRING.findall(code)))


def findings():
    """What identifies each finding: the longest piece of its sentence without a name of the host."""
    for path in lint.sources(".c", rooms=("reconciler/doctor",)):
        text = lint.read(path)
        for m in re.finditer(r"\bdoctor_add\(", text):
            args = arguments(text, m.end() - 1)
            if len(args) < 5 or args[1].strip() == "DOCTOR_OK" or not STRING.search(args[4]):
                continue
            yield path, max(re.split("…", literal(args[4])), key=len).strip(" :,")
        for name in re.findall(r"\"(CVE-\d+-\d+)\"", text):
            yield path, name


def states():
    return [s for s in re.findall(r'\[STATE_\w+\] = "(\w*)"', lint.read("config/state.c")) if s]


def events():
    """Those that need a person: level error or critical."""
    for line in lint.read("docs/events.md").splitlines():
        cells = line.split(" | ")
        if len(cells) > 2 and re.match("error|critical", cells[1]):
            yield from re.findall(r"`(\w+)`", cells[0])


def alerts():
    for folder, _, names in os.walk(os.path.join(lint.SOURCE, "data")):
        for name in names:
            if name.endswith((".yml", ".yaml", ".rules")):
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    yield from re.findall(r"(?m)^\s*- alert: (\w+)", f.read())


def words(text):
    return " ".join(re.sub(r"[`\\]", "", text).split())


def check():
    page = lint.read(PAGE)
    plain = words(page)
    rows = {m for m in re.findall(r"(?m)^\| (.*?) \|", page)}
    found = list(findings())
    pieces = [f"{PAGE}: has no line for the finding \"{piece}\" of {path}" for path, piece in found
              if words(piece) not in plain]
    named = {w for row in rows for w in re.findall(r"`(\w+)`", row)}
    return [
        ("the runbook has each state", [f"{PAGE}: has no line for the state {s}" for s in states() if s not in named]),
        ("the runbook has each finding of doctor", pieces if len(found) > 20 else [f"only {len(found)} findings were read"]),
        ("the runbook has each error of the log", [f"{PAGE}: has no line for {e}" for e in events() if e not in named]),
        ("the runbook has each alert", [f"{PAGE}: has no line for the alert {a}" for a in alerts() if a not in named]),
    ]


if __name__ == "__main__":
    lint.report(check())
