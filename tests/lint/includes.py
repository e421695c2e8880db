#!/usr/bin/python3
"""Who may include whom: floors, faces of rooms, circles, and the files of each library."""

import fnmatch
import os
import re

import graph
import house
import lint

# Each library: its headers, and the only files of the product that include them; docs/architecture.md shows them.
LIBRARIES = (
    ("SQLite", r"sqlite3\.h$", ("ovsdb-lite/store/*",)),
    ("libmnl, the kernel's netlink headers",
     r"libmnl/|linux/(rtnetlink|netlink|if_link|if_addr|neighbour|net_namespace|veth)\.h$", ("datapath/kernel/*",)),
    ("libyaml", r"yaml\.h$", ("config/yaml/document_tree.c",)),
    ("libevent", r"event2?/|event\.h$", ("lib/loop.c", "lib/stream*", "lib/http/http.c")),
    ("OpenSSL", r"openssl/", ("lib/stream_tls*",)),
    ("libsystemd", r"systemd/", ("reconciler/*",)),
    ("uthash", r"uthash\.h$", ("lib/hash_table.h",)),
)
# Tests that need one as well.
TESTS = {
    "SQLite": ("tests/unit/ovsdb-lite/store_folder.c", "tests/unit/ovsdb-lite/fault_vfs.c",
               "tests/unit/ovsdb-lite/test_store_task.c"),
    "libmnl, the kernel's netlink headers":
        ("tests/unit/datapath/test_kernel*", "tests/unit/datapath/test_refused.c", "tests/unit/datapath/test_nl_socket.c",
         "tests/unit/refused.h",
         "tests/kernel/*", "tests/twin/*", "tests/bench/*"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def included(path):
    """(line number, is a header of ours, name) of each include."""
    text = lint.read(path)
    for m in INCLUDE.finditer(text):
        yield text.count("\n", 0, m.start()) + 1, m[1] == '"', m[2]


def check_floor(path, name):
    if not os.path.exists(os.path.join(lint.SOURCE, name)):
        if path.startswith("tests/") and "/" not in name:
            return None  # beside it; the compiler finds it or not
        return f'"{name}" does not begin at the top of the sources'
    if path.startswith("tests/") or name.startswith("tests/"):
        return None if path.startswith("tests/") else "the product does not include its tests"
    floor, other = house.floor_of(path), house.floor_of(name)
    if other not in house.below(floor):
        stands_on = ", ".join(house.STANDS_ON[floor]) or "libraries"
        return f"{floor} may not include {other}: it stands on {stands_on}"
    room, other_room = path.split("/")[0], name.split("/")[0]
    if room != other_room and not any(fnmatch.fnmatch(name, f"{other_room}/{face}") for face in house.FACES[other_room]):
        return f'"{name}" is not of the face of {other_room}/: {", ".join(house.FACES[other_room])}'
    return None


def check_library(path, header):
    for name, pattern, files in LIBRARIES:
        if re.match(pattern, header) and not any(fnmatch.fnmatch(path, f) for f in (*files, *TESTS.get(name, ()))):
            return f"<{header}> is {name}, included by {', '.join(files)} alone"
    return None


def module(path):
    """A header NAME_private.h is of the module NAME."""
    return os.path.splitext(path)[0].removesuffix("_private")


def main():
    floors, libraries, edges = [], [], {}
    for path in lint.sources(".c", ".h"):
        for line, ours, name in included(path):
            if not ours:
                complaint = check_library(path, name)
                if complaint:
                    libraries.append(f"{path}:{line}: {complaint}")
                continue
            complaint = check_floor(path, name)
            if complaint:
                floors.append(f"{path}:{line}: {complaint}")
            if not path.startswith("tests/") and module(path) != module(name):
                edges.setdefault(module(path), set()).add(module(name))
    lint.report([
        ("each floor includes what it stands on", floors),
        ("no modules include each other in a circle",
         [" and ".join(circle) for circle in graph.circles(edges)]),
        ("each library is included by its own files only", libraries),
    ])


if __name__ == "__main__":
    main()
