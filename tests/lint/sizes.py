#!/usr/bin/python3
"""Files of at most 500 lines, functions of at most 60, folders of at most 25 modules, lines of at most 100 columns."""

import collections
import os
import re

import lint

MAX_FILE, MAX_FUNCTION, MAX_FOLDER, MAX_COLUMNS = 500, 60, 25, 100


def functions(path):
    """(line of its brace, name, lines) of each function: what stands between braces in the first column."""
    lines = lint.read(path).split("\n")
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            head = " ".join(lines[max(0, start - 6):start])
            name = (re.findall(r"(\w+)\(", head) or ["?"])[0]
            yield start + 1, name, number - start + 1
            start = None


def wide_lines():
    """clang-format leaves comments as they are."""
    return [f"{path}:{number}: more than {MAX_COLUMNS} columns"
            for path in lint.sources(".c", ".h")
            for number, line in enumerate(lint.read(path).split("\n"), 1) if len(line.expandtabs(8)) > MAX_COLUMNS]


def main():
    files, long_functions, modules = [], [], collections.defaultdict(set)
    for path in lint.sources(".c", ".h", rooms=lint.PRODUCT):
        n = lint.read(path).count("\n")
        if n > MAX_FILE:
            files.append(f"{path}: {n} lines, {MAX_FILE} at most: which two duties has it?")
        long_functions += [f"{path}:{line}: {name}() has {length} lines, {MAX_FUNCTION} at most"
                           for line, name, length in functions(path) if length > MAX_FUNCTION]
        if path.endswith(".c"):
            modules[os.path.dirname(path)].add(path)
    folders = [f"{folder}: {len(m)} modules, {MAX_FOLDER} at most: which floor is missing?"
               for folder, m in modules.items() if len(m) > MAX_FOLDER]
    lint.report([("files have one duty", files), ("functions fit on a screen", long_functions),
                 ("folders can be seen at once", folders), ("lines can be read", wide_lines())])


if __name__ == "__main__":
    main()
