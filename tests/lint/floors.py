#!/usr/bin/python3
"""docs/architecture.md shows the floors, the faces and the libraries of house.py and includes.py."""

import re

import house
import includes
import lint

PAGE = "docs/architecture.md"


def tables(text):
    """{heading of the first column: [[cell, …], …]}, cells as the sets of what stands in `code`."""
    found = {}
    for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
        found[rows[0][0]] = rows[2:]
    return found


def codes(cell):
    return tuple(re.findall(r"`([^`]+)`", cell))


def differences(what, shown, held):
    for key in held.keys() - shown.keys():
        yield f"{PAGE}: {what}: `{key}` is missing"
    for key in shown.keys() - held.keys():
        yield f"{PAGE}: {what}: `{key}` is not in tests/lint"
    for key in held.keys() & shown.keys():
        if set(shown[key]) != set(held[key]):
            yield f"{PAGE}: {what}: `{key}` has {', '.join(shown[key])}; tests/lint has {', '.join(held[key])}"


if __name__ == "__main__":
    page = tables(lint.read(PAGE))
    floors = {codes(row[0])[0]: codes(row[2]) for row in page.get("floor", [])}
    faces = {codes(row[0])[0]: codes(row[1]) for row in page.get("room", [])}
    libraries = {row[0]: codes(row[1]) for row in page.get("library", [])}
    lint.report([
        ("the floors are those of house.py", list(differences("floors", floors, house.STANDS_ON))),
        ("the faces are those of house.py", list(differences("faces", faces, house.FACES))),
        ("the libraries are those of includes.py",
         list(differences("libraries", libraries, {name: files for name, _, files in includes.LIBRARIES}))),
    ])
