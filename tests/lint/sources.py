#!/usr/bin/python3
"""Every file, page, section and function of ours that a comment names exists."""

import os
import re

import lint

COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(/\*.*?\*/)', re.S)
FILE = re.compile(r"(?<![\w./*-])((?:[\w.-]+/)*[\w-]+\.(?:[chm]d?|py|scd|ovsschema|yaml))(?![\w/(])")
SECTION = re.compile(r"([\w-]+\.md)[,:]? (?:section )?(?:(\d+)(?:(?: and |, ?)(\d+))*|\"([^\"]+)\")")
DECISION = re.compile(r"decisions?/(\d{4})")
CALL = re.compile(r"\b([a-z_][a-z0-9_]+)\(\)")
# What follows one of these words, in the same comment, is theirs.
OTHERS = re.compile(r"\b(Linux|SQLite|OVS|ovsdb-server|iproute2|libmnl|libevent|OpenSSL|glibc|systemd)\b")


def comments(path):
    text = lint.read(path)
    for m in COMMENT.finditer(text):
        if m[1]:
            yield text.count("\n", 0, m.start()) + 1, re.sub(r"\s*\n\s*\*? ?", " ", m[1])


def all_files():
    found = []
    for folder, folders, names in os.walk(lint.SOURCE):
        folders[:] = [f for f in folders if not f.startswith((".", "build"))]
        found += [os.path.relpath(os.path.join(folder, n), lint.SOURCE) for n in names]
    return found


def identifiers():
    """What our code, without its comments, calls, defines or declares."""
    names = set()
    for path in lint.sources(".c", ".h", ".py"):
        text = lint.read(path)
        code = COMMENT.sub(lambda m: "" if m[1] else m[0], text) if not path.endswith(".py") else text
        names.update(re.findall(r"\b[a-z_][a-z0-9_]+", code))
    return names


def headings(page):
    text = lint.read(page)
    return (set(re.findall(r"^#+ (\d+)\.", text, re.M)) | set(re.findall(r"^(\d+)\. ", text, re.M)),
            {h.strip() for h in re.findall(r"^#+ (?:\d+\. )?(.+)$", text, re.M)})


def check_files(comment, files):
    for m in FILE.finditer(comment):
        name = m[1]
        if OTHERS.search(comment, 0, m.start()):
            continue
        if os.path.exists(os.path.join("/usr/include", name)) or re.search("[A-Z]{3}", name):
            continue  # the system's, or a pattern such as fuzz_NAME.c
        if not any(f == name or f.endswith("/" + name) for f in files):
            yield f"names {name}, which does not exist"


def check_sections(comment, files):
    for m in SECTION.finditer(comment):
        page = next((f for f in files if f.endswith("docs/" + m[1])), None)
        if not page:
            continue  # check_files() reports it
        numbers, names = headings(page)
        if m[2] and m[2] not in numbers:
            yield f"names section {m[2]} of {m[1]}, which has none of that number"
        if m[4] and m[4] not in names:
            yield f'names section "{m[4]}" of {m[1]}, which has none of that name'
    for m in DECISION.finditer(comment):
        if not any(f.startswith(f"docs/decisions/{m[1]}") for f in files):
            yield f"names decision {m[1]}, which does not exist"


def check_calls(comment, known):
    for m in CALL.finditer(comment):
        if m[1] not in known and not OTHERS.search(comment, 0, m.start()):
            yield f"names {m[1]}(), which our code neither has nor calls (if it is Linux's, write `Linux` before it)"


if __name__ == "__main__":
    FILES, KNOWN = all_files(), identifiers()
    dangling = []
    for source in lint.sources(".c", ".h"):
        for line, comment in comments(source):
            for checked in check_files(comment, FILES), check_sections(comment, FILES), check_calls(comment, KNOWN):
                dangling += [f"{source}:{line}: {complaint}" for complaint in checked]
    lint.report([("what a comment names exists", dangling)])
