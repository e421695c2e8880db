#!/usr/bin/python3
"""Who may include whom: the table of docs/architecture.md, folder by folder and library by library."""

import fnmatch
import os
import re

import lint

# A room may include its own headers and those of these.
ROOMS = {
    "lib": (),
    "ovsdb-lite": ("lib",),
    "datapath": ("lib",),
    "config": ("lib", "ovsdb-lite", "datapath"),
    "reconciler": ("lib", "ovsdb-lite", "config", "datapath"),
    "ctl": ("lib", "ovsdb-lite", "config"),
    "tests": ("lib", "ovsdb-lite", "config", "datapath", "reconciler", "ctl"),
}
# Narrower than a whole room: of datapath, these see its pure data only.
PURE_DATAPATH = ("datapath/model.h", "datapath/plan/plan.h")
NARROW = {
    "config": ("datapath/", PURE_DATAPATH),
    "ctl": ("datapath/", PURE_DATAPATH),
}
# A library's header, and the only files that know it.
LIBRARIES = {
    r"json-c/|json\.h$": ("ovsdb-lite/json/json.c",),
    r"sqlite3\.h$": ("ovsdb-lite/store/*", "tests/unit/ovsdb-lite/store_folder.c", "tests/unit/ovsdb-lite/fault_vfs.c"),
    r"libmnl/|linux/(rtnetlink|netlink|if_link|if_addr|neighbour|net_namespace|veth)\.h$":
        ("datapath/kernel/*", "tests/unit/datapath/test_kernel*", "tests/kernel/*",
         "tests/bench/*"),
    r"yaml\.h$": ("config/yaml/document_tree.c",),
    r"event2?/|event\.h$": ("lib/loop.c", "lib/stream*"),
    r"openssl/": ("lib/stream_tls*",),
    r"systemd/": ("reconciler/*",),
    r"uthash\.h$": ("lib/hash_table.h",),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def included(path):
    """(line number, is a header of ours, name) of each include."""
    text = lint.read(path)
    for m in INCLUDE.finditer(text):
        yield text.count("\n", 0, m.start()) + 1, m[1] == '"', m[2]


def check_room(path, name):
    room, other = path.split("/")[0], name.split("/")[0]
    if ".." in name.split("/"):
        return 'an include names its folder from the top, never "../"'
    if other == room:
        return None
    beside = os.path.join(lint.SOURCE, os.path.dirname(path), name)
    if room == "tests" and "/" not in name and os.path.exists(beside):
        return None  # a few tests' common ground, beside them
    if other not in ROOMS:
        return f'"{name}" does not begin with a room of the house ({", ".join(ROOMS)})'
    if other not in ROOMS[room]:
        allowed = ", ".join(ROOMS[room]) or "libraries only"
        return f"{room}/ may not include {other}/ (it may: {allowed})"
    prefix, headers = NARROW.get(room, ("\0", ()))
    if name.startswith(prefix) and name not in headers:
        return f"{room}/ may include of {prefix} only {', '.join(headers)}"
    return None


def check_library(path, name):
    for pattern, files in LIBRARIES.items():
        if re.match(pattern, name) and not any(fnmatch.fnmatch(path, f) for f in files):
            return f"<{name}> belongs to {', '.join(files)} alone"
    return None


def check(paths):
    rooms, libraries = [], []
    for path in paths:
        for line, ours, name in included(path):
            complaint = check_room(path, name) if ours else None
            if complaint:
                rooms.append(f"{path}:{line}: {complaint}")
            complaint = None if ours else check_library(path, name)
            if complaint:
                libraries.append(f"{path}:{line}: {complaint}")
    return rooms, libraries


if __name__ == "__main__":
    in_rooms, in_libraries = check(lint.sources(".c", ".h"))
    lint.report([("rooms include only whom they may", in_rooms),
                 ("each library is known to its own files only", in_libraries)])
