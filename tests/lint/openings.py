#!/usr/bin/python3
"""Every source opens with its duty; every header is guarded."""

import re

import lint


def opening(path):
    text = lint.read(path)
    if not text.startswith("/*"):
        return f"{path}:1: must open with a comment: its duty"
    if path.endswith(".c") and not path.startswith("tests/") and text.index("*/") < 40:
        return f"{path}:1: that is too little: what is its duty?"
    return None


def neighbours(path):
    """What stands beside a file is on the folder's page: in a file it goes stale."""
    m = re.search(r"(Beside it|Neighbours|Not here):", lint.read(path))
    return f"{path}: `{m[0]}` belongs on the folder's README.md" if m else None


def guard(path):
    if not re.search(r"^#ifndef ([A-Z0-9_]+_H)\n#define \1 1\n", lint.read(path), re.M):
        return f"{path}: it has no guard of the form #ifndef ROOM_FILE_H, #define ROOM_FILE_H 1"
    return None


if __name__ == "__main__":
    lint.report([
        ("sources open with their duty", list(filter(None, map(opening, lint.sources(".c", ".h"))))),
        ("neighbours are on the folder's page",
         list(filter(None, map(neighbours, lint.sources(".c", ".h", rooms=lint.PRODUCT))))),
        ("headers are guarded", list(filter(None, map(guard, lint.sources(".h"))))),
    ])
