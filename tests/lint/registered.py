#!/usr/bin/python3
"""No file of tests is forgotten: each test_* stands in its folder's meson.build."""

import os
import re

import lint


def complaint(path):
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    build = lint.read(os.path.join(folder, "meson.build"))
    words = set(re.findall(r"[\w.-]+", build))
    if {name, stem, stem.removeprefix("test_")} & words:
        return None
    return f"{path}: {folder}/meson.build does not name it"


if __name__ == "__main__":
    tests = [p for p in lint.sources(".c", ".py", rooms=("tests",)) if os.path.basename(p).startswith("test_")]
    lint.report([("each test is in a suite", list(filter(None, map(complaint, tests))))])
