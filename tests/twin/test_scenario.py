#!/usr/bin/python3
"""The program `scenario`: what it notices, and what it prints then."""

import os
import re
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
# Rules of docs/kernel.md that no scenario can show, and why.
BEYOND = {
    26: "hangs the kernel",
}
GOOD = """\
A slave is made.

-- do --
ip link add eth0 up type dummy
ip link add eth0 type dummy ! EEXIST "File exists"

-- apply --
version: 1
masters:
  - name: eth0
    mode: l2
    slaves: [{name: a, netns: ns1, addresses: [10.0.0.2/24]}]

-- plan --
+ add namespace ns1
+ add slave ns1/a on eth0 (l2 bridge)
+ add address 10.0.0.2/24 to ns1/a

-- do --
# by another process
ip -n ns1 link del a

-- drift --
ns1/a: deleted: made again

-- kernel --
ns1/a ipvlan on ./eth0 l2 bridge up mtu 1500 ours
  10.0.0.2/24
ns2/a absent
"""


class Run:
    def __init__(self, text, *options):
        with tempfile.TemporaryDirectory() as folder:
            self.file = os.path.join(folder, "x.txt")
            with open(self.file, "w", encoding="utf-8") as f:
                f.write(text)
            done = subprocess.run([PROGRAM, *options, self.file], stdout=subprocess.PIPE, text=True, check=False)
            self.status, self.output = done.returncode, done.stdout.replace(folder + "/", "")
            with open(self.file, encoding="utf-8") as f:
                self.text = f.read()
            self.left = os.listdir(folder)


def expect(condition, run):
    if not condition:
        raise AssertionError(run.output)


def good():
    """A scenario that holds."""
    r = Run(GOOD)
    expect(r.status == 0 and "ok 1 - x.txt: A slave is made." in r.output, r)
    n = re.search(r"ok 2 - x.txt under (\d+) accidents", r.output)
    expect(n and int(n[1]) > 30, r)


def differs(old, new, *printed):
    """The change is noticed, and each line of 'printed' is in the output."""
    assert old in GOOD
    r = Run(GOOD.replace(old, new))
    expect(r.status == 1 and "not ok 1" in r.output and "under" not in r.output, r)
    for line in printed:
        expect(f"# {line}\n" in r.output, r)


def expectations():
    """Each kind of expectation that does not hold, with file, line and the difference."""
    differs("-- plan --\n+ add namespace ns1", "-- plan --\n+ add namespace ns2",
            "x.txt:15: plan differs (- expected, + found)", "- + add namespace ns2", "+ + add namespace ns1",
            "  + add slave ns1/a on eth0 (l2 bridge)")
    differs("ns1/a: deleted: made again", "", "+ ns1/a: deleted: made again")
    differs("mtu 1500 ours", "mtu 1400 ours", "- ns1/a ipvlan on ./eth0 l2 bridge up mtu 1400 ours")
    differs("ns2/a absent", "eth0 absent", "- eth0 absent", "+ eth0 dummy up mtu 1500")
    differs(" ! EEXIST \"File exists\"", "", "x.txt:5: ip link add eth0 type dummy", "- success",
            '+ EEXIST "File exists"')
    differs("EEXIST", "EBUSY", "- EBUSY")
    differs("File exists", "no such text", "- no such text", "+ File exists")
    differs("ip link add eth0 up type dummy\n", "", "- EEXIST", "+ success")
    differs("ip -n ns1", "ipp -n ns1", 'x.txt:21: "ipp": expected ip, sysctl, resolv.conf, ra or filter')


def states():
    """Rows that are not ready must be named."""
    waits = GOOD.replace("name: eth0", "name: eth7")
    r = Run(waits)
    expect("rows that no `state` section names are not ready at the end" in r.output, r)


def refused():
    """An apply that is refused must be expected, with its text."""
    r = Run(GOOD.replace("mode: l2", "mode: l9"))
    expect(r.status == 1 and "l9" in r.output, r)
    r = Run(GOOD.replace("mode: l2", "mode: l9").replace("-- plan --", "-- refused --\n\n-- plan --"))
    expect("refused differs" in r.output, r)


def files():
    """Files that are no scenarios."""
    for text, what in (("", "a scenario begins with a sentence"), ("Title.\n", "there is no section"),
                       ("T.\n-- foo --\n", 'x.txt:2: "foo" is not a section'),
                       ("T.\n-- state --\n", "nothing has happened before this section"),
                       ("T.\n-- do x --\n", "expected `do` or `do N times`"),
                       ("T.\n-- stop x --\n", "stop takes no argument")):
        r = Run(text)
        expect(r.status == 1 and what in r.output, r)
    done = subprocess.run([PROGRAM, "/nowhere"], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "cannot read /nowhere" in done.stdout, done.stdout


def update():
    """--update writes what was found, keeps comments and prose, and leaves no other file."""
    emptied = re.sub(r"(-- (?:plan|drift) --\n)(?:[^-\n].*\n)+", r"\1", GOOD.replace("up mtu 1500 ours", ""))
    assert emptied != GOOD
    r = Run(emptied, "--update")
    expect(r.text == GOOD and r.left == ["x.txt"], r)
    r = Run(GOOD, "--update")
    expect(r.text == GOOD and r.status == 0, r)


def accidents():
    """One accident alone, as a failure names it."""
    r = Run(GOOD, "--accident", "death:2")
    expect(r.status == 0 and "under" not in r.output, r)
    for bad in ("dead", "death:x"):
        done = subprocess.run([PROGRAM, "--accident", bad, "x"], stderr=subprocess.PIPE, check=False)
        assert done.returncode == 2


def rules():
    """Each rule of docs/kernel.md has a scenario that names it."""
    with open(os.path.join(SOURCE, "docs/kernel.md"), encoding="utf-8") as f:
        numbers = {int(n) for n in re.findall(r"^(\d+)\. ", f.read(), re.M)}
    shown = set()
    folder = os.path.join(SOURCE, "tests/scenarios")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            heads = re.findall(r"^kernel\.md (\d+)$", f.read(), re.M)
        if name.endswith(".txt"):
            shown |= {int(n) for n in heads}
    missing = numbers - shown - set(BEYOND)
    assert not missing, f"no scenario has the line `kernel.md N` for {sorted(missing)}"
    assert not shown & set(BEYOND), f"there is a scenario for {sorted(shown & set(BEYOND))}"


def main():
    tests = (rules, good, expectations, states, refused, files, update, accidents)
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {test.__doc__}")
        except AssertionError as e:
            failed += 1
            print("\n".join("# " + line for line in str(e).splitlines()))
            print(f"not ok {number} - {test.__doc__}")
    print(f"1..{len(tests)}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
