"""Each file of docs/examples on a real kernel: applied, its devices deleted by hand and repaired, removed without a trace."""

import re
import time

import examples
from ipvltest import read_inside, wait_until

FILES = ("dev", "fib_trie", "route", "if_inet6", "ipv6_route")
TENTATIVE, LOCAL, ANYCAST = 0x40, 0x80000000, 0x100000  # IFA_F_TENTATIVE, RTF_*


def of_kernel(address):
    """What the kernel makes of each device by itself, in IPv6: link-local and multicast, addresses and routes."""
    return re.match("fe8|ff", address) is not None


def seen(ns):
    """Devices, addresses and routes of a namespace, without the numbers that another device of the same name has."""
    found = set()
    for name in FILES:
        for words in map(str.split, read_inside(ns, f"/proc/thread-self/net/{name}").splitlines()):
            if name == "dev":
                words = words[:1]
            elif name == "route":
                words = words if words[0] != "Iface" else []
            elif name == "fib_trie":
                words = words[1:] if words[0] == "|--" else []
            elif name == "if_inet6":
                assert not int(words[4], 16) & TENTATIVE, f"{words[0]} of {words[5]} in {ns} is tentative"
                words = [] if of_kernel(words[0]) else [words[0], words[2], words[5]]
            elif name == "ipv6_route":
                words = [] if of_kernel(words[0]) or int(words[8], 16) & (LOCAL | ANYCAST) else [*words[:6], words[9]]
            if words:
                found.add(" ".join([ns or "host", name, *words]))
    return found


def everything(t):
    return set().union(*(seen(ns) for ns in (None, *t.namespaces())))


def slaves(t, applied):
    """Those in named namespaces, and in the host."""
    return [r for r in t.rows("Slave") if r["state"] == "ready" and "/" not in r["netns"]
            and f"{r['netns'] or 'host'} dev {r['name']}:" in applied]


def check(t, name, process):
    before = wait_until(lambda: everything(t), "duplicate address detection is over")
    path = examples.file(t, name, process)
    t.apply(path)
    examples.wait_ready(t)
    applied = wait_until(lambda: everything(t), "duplicate address detection is over")
    assert applied != before, f"{name} does something"
    ours = slaves(t, applied)
    for row in ours:
        t.ip(f"link del dev {row['name']}", row["netns"] or None)
    for row in ours:
        if row["drift"] != "repair" and not row["transient"]:
            t.ctl("repair", examples.label(row))
    if any(row["transient"] for row in ours):
        wait_until(lambda: not any(row["transient"] for row in t.rows("Slave")), "a transient row goes with its device")
        t.apply(path)

    def is_like(right, what):
        time.sleep(0.3)  # a look at everything costs more than the daemon's work
        now = everything(t)
        assert now == right, f"{name}, {what}: lost {right - now}, added {now - right}"
        return True

    examples.wait_ready(t)
    wait_until(lambda: is_like(applied, "repaired"), "what was deleted is back")
    t.ctl("forget", path)
    wait_until(lambda: is_like(before, "removed"), f"{name} leaves no trace")
    for device in ("eno1", "eno2"):  # an MTU of a master that ipvl did not make stays
        t.ip(f"link set {device} mtu 1500")


def test_each(t):
    process = examples.host(t)
    t.ipvld()
    for name in examples.names():
        check(t, name, process)
