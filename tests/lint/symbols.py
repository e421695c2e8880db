#!/usr/bin/python3
"""Who calls whom, from the objects of a build: no circle, no call upwards, no symbol without its file's prefix.

    tests/lint/symbols.py BUILD              the test
    tests/lint/symbols.py BUILD FILE.c       what a module uses of others, and who uses it
"""

import collections
import json
import os
import re
import shutil
import sys

import graph
import house
import lint

# Words that stand for a module in place of its name.
PREFIXES = {
    "lib/alloc.c": ("x", "freep"),
}
# Entry points: what they are called is not theirs to choose.
ENTRY = {"main", "datapath_plugin", "datapath_link_type"}


def objects(build):
    """{source: object} of the product."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = json.load(f)
    found = {}
    for c in commands:
        source = os.path.relpath(os.path.realpath(os.path.join(c["directory"], c["file"])), lint.SOURCE)
        if house.floor_of(source) and source.endswith(".c"):
            found[source] = os.path.join(build, c["output"])
    return found


def symbols(found):
    """{source: names defined}, {source: names undefined}: the global names of objects."""
    defined = {source: set() for source in found}
    undefined = {source: set() for source in found}
    sources = {path: source for source, path in found.items()}
    for line in lint.run("nm", "--extern-only", "--print-file-name", *sources).stdout.splitlines():
        path, _, rest = line.rpartition(":")
        kind, name = rest.split()[-2:]
        if kind == "U":
            undefined[sources[path]].add(name)
        elif not name.startswith("__"):  # of sanitizers and profilers
            defined[sources[path]].add(name)
    return defined, undefined


def calls(found):
    """{source: {source: names}}, and {source: names defined}."""
    defined, undefined = symbols(found)
    home = {}
    for source, names in defined.items():
        if os.path.basename(source) != "main.c":  # one in each program
            home.update(dict.fromkeys(names, source))
    edges = {}
    for source, names in undefined.items():
        uses = collections.defaultdict(set)
        for name in names & home.keys():
            uses[home[name]].add(name)
        uses.pop(source, None)
        edges[source] = uses
    return edges, defined


def types_of_face(source):
    """Structs and enums that the module's header, or that of a leading part of its name, declares."""
    folder, stem = os.path.split(source[:-2])
    words = stem.split("_")
    found = set()
    for n in range(1, len(words) + 1):
        for ending in ".h", "_private.h":
            header = os.path.join(folder, "_".join(words[:n]) + ending)
            if os.path.exists(os.path.join(lint.SOURCE, header)):
                found.update(re.findall(r"^(?:struct|enum) (\w+) \{", lint.read(header), re.M))
                found.update(re.findall(r"^struct (\w+);", lint.read(header), re.M))
    return found


def has_prefix(source, name):
    words = os.path.basename(source)[:-2].split("_")
    leading = {"_".join(words[:n]) for n in range(1, len(words) + 1)} | types_of_face(source)
    return any(name == p or name.startswith(p + "_") for p in leading) or \
        name.startswith(PREFIXES.get(source, ("\0",)))


def shared_first_words(found):
    folders = collections.defaultdict(set)
    for source in found:
        word = os.path.basename(source)[:-2].split("_")[0]
        if word != "main":
            folders[word].add(os.path.dirname(source))
    return [f"`{word}` begins names of files in {', '.join(sorted(f))}" for word, f in sorted(folders.items())
            if len(f) > 1]


def explain(edges, source):
    for other, names in sorted(edges[source].items()):
        print(f"uses {other}: {', '.join(sorted(names))}")
    for other in sorted(edges):
        if source in edges[other]:
            print(f"used by {other}: {', '.join(sorted(edges[other][source]))}")


def describe(circle, edges):
    steps = [f"{a} -> {b} ({', '.join(sorted(edges[a][b])[:3])})" for a in circle for b in circle if b in edges[a]]
    return "; ".join(steps)


def main():
    build = sys.argv[1]
    if not shutil.which("nm"):
        lint.skip_all("nm is not installed: apt install binutils")
    found = objects(build)
    if not all(map(os.path.exists, found.values())):
        lint.skip_all("not everything is built")
    edges, defined = calls(found)
    if len(sys.argv) > 2:
        explain(edges, sys.argv[2])
        return
    upward = [f"{a} calls {b} ({', '.join(sorted(names)[:3])}), which its floor does not stand on"
              for a, uses in sorted(edges.items()) for b, names in sorted(uses.items())
              if house.floor_of(b) not in house.below(house.floor_of(a))]
    nameless = [f"{source}: {name} has not the prefix of its file" for source, names in sorted(defined.items())
                for name in sorted(names - ENTRY) if not has_prefix(source, name)]
    lint.report([
        ("no modules call each other in a circle", [describe(c, edges) for c in graph.circles(edges)]),
        ("each floor calls what it stands on", upward),
        ("a global symbol has its file's prefix", nameless),
        ("a prefix is one folder's", shared_first_words(found)),
    ])


if __name__ == "__main__":
    main()
