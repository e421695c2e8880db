"""What the lint tests share: the sources, and TAP."""

import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PRODUCT = ("lib", "ovsdb-lite", "datapath", "config", "reconciler", "ctl", "engines")
ROOMS = (*PRODUCT, "tests")


def sources(*endings, rooms=ROOMS):
    """Paths relative to the top, sorted."""
    found = []
    for room in rooms:
        for folder, _, names in os.walk(os.path.join(SOURCE, room)):
            found += [os.path.relpath(os.path.join(folder, n), SOURCE)
                      for n in names if n.endswith(endings)]
    return sorted(found)


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as f:
        return f.read()


def run(*words, stdin=None):
    return subprocess.run(words, input=stdin, capture_output=True, text=True, cwd=SOURCE, check=False)


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def report(results):
    """'results': (what, [complaint, …]) for each test."""
    print(f"1..{len(results)}")
    for number, (what, complaints) in enumerate(results, 1):
        print(f"{'not ok' if complaints else 'ok'} {number} - {what}")
        for c in complaints:
            print(f"# {c}")
    sys.exit(any(complaints for _, complaints in results))
