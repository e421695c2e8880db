"""A link type that is built outside of the source tree, by the command of docs/datapaths.md, and one for another ABI."""

import os
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE, CC, LOADER = sys.argv[1], sys.argv[2], sys.argv[3:]
HERE = os.path.join(SOURCE, "tests/unit/template")


def command_of_the_page():
    """What the page tells a reader to type."""
    page = open(os.path.join(SOURCE, "docs/datapaths.md"), encoding="utf-8").read()
    return re.search(r"^ *cc (.*)$", page, re.MULTILINE).group(1)


def build(folder, text):
    path = os.path.join(folder, "macvtap.c")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    words = command_of_the_page().replace("NAME", "macvtap").replace("/path/to/ipvl", shlex.quote(SOURCE))
    subprocess.run([*shlex.split(CC), *shlex.split(words)], cwd=folder, check=True)


def load(folder):
    return subprocess.run([*LOADER, folder], check=True, capture_output=True, text=True).stdout


def check(number, what, is_right, output):
    print(f"{'ok' if is_right else 'not ok'} {number} - {what}")
    if not is_right:
        print("\n".join("# " + line for line in output.splitlines()))
    return is_right


def main():
    template = open(os.path.join(HERE, "macvtap.c"), encoding="utf-8").read()
    print("1..2")
    with tempfile.TemporaryDirectory() as folder:
        build(folder, template)
        out = load(folder)
        good = check(1, "the template is a link type", "macvtap: link type macvtap\n" in out, out)
    with tempfile.TemporaryDirectory() as folder:
        build(folder, template.replace("LINK_TYPE_ABI", "4711"))
        out = load(folder)
        good &= check(2, "one of another ABI is refused", "macvtap: " in out and "ABI 4711" in out, out)
    sys.exit(not good)


main()
