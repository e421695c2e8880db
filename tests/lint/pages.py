#!/usr/bin/python3
"""Each folder of the product has a page: README.md, short, and true about what stands in the folder."""

import os
import re

import house
import lint

MAX_LINES, MAX_COLUMNS = 40, 100


def check(folder):
    path = os.path.join(folder, "README.md")
    if not os.path.exists(os.path.join(lint.SOURCE, path)):
        return [f"{folder}: has no README.md: its duty, its invariants, who calls whom, where to start"]
    lines = lint.read(path).splitlines()
    complaints = []
    if len(lines) > MAX_LINES:
        complaints.append(f"{path}: {len(lines)} lines, {MAX_LINES} at most")
    complaints += [f"{path}:{n}: more than {MAX_COLUMNS} columns"
                   for n, line in enumerate(lines, 1) if len(line) > MAX_COLUMNS]
    complaints += [f"{path}:{n}: two versions, of a merge that was not finished"
                   for n, line in enumerate(lines, 1) if line.startswith(("<<<<<<< ", ">>>>>>> "))]
    return complaints


def check_names(folder):
    """Files that the page names stand somewhere: here, or by their path."""
    path = os.path.join(folder, "README.md")
    if not os.path.exists(os.path.join(lint.SOURCE, path)):
        return []
    names = re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:[ch]|md|py))`", lint.read(path))
    return [f"{path}: names {name}, which does not exist" for name in names
            if not any(os.path.exists(os.path.join(lint.SOURCE, base, name)) for base in (folder, "", os.path.dirname(folder)))]


def check_paths(page):
    """Paths of sources that a page of the project names."""
    names = re.findall(r"`((?:[\w.-]+/)+[\w-]+\.(?:[ch]|py|scd))`", lint.read(page))
    return [f"{page}: names {name}, which does not exist" for name in names
            if not re.search("[A-Z]{3}", name)  # a pattern such as fuzz_NAME.c
            and not any(os.path.exists(os.path.join(lint.SOURCE, room, name)) for room in ("", *lint.PRODUCT))]


def pages():
    docs = os.path.join(lint.SOURCE, "docs")
    return ["README.md", "CONTRIBUTING.md"] + sorted(f"docs/{n}" for n in os.listdir(docs) if n.endswith(".md"))


def folders():
    found = {os.path.dirname(p) for p in lint.sources(".c", rooms=lint.PRODUCT)}
    return sorted(found | {f.split("/")[0] for f in found})


if __name__ == "__main__":
    lint.report([
        ("each folder has its page", [c for f in folders() for c in check(f)]),
        ("the pages name what exists",
         [c for f in folders() for c in check_names(f)] + [c for p in pages() for c in check_paths(p)]),
        ("each folder stands on a floor", [f"{f}: tests/lint/house.py has no floor for it" for f in folders()
                                           if f != "ovsdb-lite" and house.floor_of(f + "/x.c") is None]),
    ])
