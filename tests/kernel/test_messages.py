"""What a repair asks the kernel does not grow with the host: messages are counted, no time is."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

from ipvltest import read_file, skip, wait_until

N = 100
NUMBERS = {"link": 0x12, "addr": 0x16, "route": 0x1a}  # RTM_GET*, rtnetlink(7)


class Counts:
    """Sends to netlink sockets, dumps by kind, sockets opened, namespaces entered."""

    def __init__(self, lines):
        sends = [line for line in lines if re.search(r"\bsend(to|msg)\(", line) and "nlmsg_len" in line]
        self.sends = len(sends)
        self.setns = sum("setns(" in line for line in lines)
        self.sockets = sum("socket(AF_NETLINK" in line for line in lines)
        self.dumps = {kind: sum(self.is_dump(line, kind) for line in sends) for kind in NUMBERS}

    @staticmethod
    def is_dump(line, kind):
        """Of a socket made in another namespace strace shows the bare number of a type and of flags."""
        is_kind = f"RTM_GET{kind.upper()}" in line or f"nlmsg_type={NUMBERS[kind]:#x}" in line
        return is_kind and bool(re.search(r"NLM_F_DUMP|nlmsg_flags=\S*0x3[0-9a-f]{2}\b", line))

    def __str__(self):
        return f"{self.sends} sends, dumps {self.dumps}, {self.setns} setns, {self.sockets} sockets"


@contextlib.contextmanager
def counted(d):
    """Yields a list that holds the Counts at the end."""
    if not shutil.which("strace"):
        skip("strace is not installed")
    path, result = "/run/test/strace", []
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    tracer = subprocess.Popen(["strace", "-f", "-s", "64", "-o", path, "-e",
                               "trace=sendto,sendmsg,setns,socket", "-p", str(d.pid())],
                              stderr=subprocess.PIPE, text=True)
    assert "attached" in tracer.stderr.readline()
    yield result
    time.sleep(0.5)
    tracer.send_signal(signal.SIGINT)
    tracer.communicate()
    result.append(Counts(read_file(path).splitlines()))


def hundred(t):
    t.ip("link add m0 type dummy")
    t.ip("link set m0 up")
    d = t.events_only()
    # Announcements of addresses have a cost of their own (docs/announcements.md).
    t.ctl("set", "Host", ".", "other_config:announce=off")
    t.apply("version: 1\nmasters:\n  - name: m0\n    mode: l2\n    slaves:\n" + "".join(
        f"      - {{name: e0, netns: n{i}, addresses: [10.0.{i // 250}.{i % 250 + 1}/16]}}\n"
        for i in range(N)))
    t.wait_ready()
    return d


def lost(t, d, ns):
    """The Counts of a slave's deletion and repair."""
    before = sum(r["count"] for r in t.rows("Drift"))
    with counted(d) as c:
        t.ip("link del e0", ns)
        wait_until(lambda: sum(r["count"] for r in t.rows("Drift")) > before, f"{ns}/e0 is made again")
        assert t.link("e0", ns)
    print(f"{ns}/e0 lost: {c[0]}")
    return c[0]


def test_lost_slave(t):
    """A lost slave costs a few messages, again and again, also after it was moved once (K7)."""
    t.ip("netns add away")
    d = hundred(t)
    counts = [lost(t, d, ns) for ns in ("n1", "n1", "n2", "n2")]
    index = t.ifindex("e0", "n1")
    t.ip("link set e0 netns away", "n1")
    wait_until(lambda: t.ifindex("e0", "n1") not in (None, index), "n1/e0 is made again")
    wait_until(lambda: t.link("e0", "away") is None, "the one that was moved is gone")
    t.drift("moved to namespace away")
    counts += [lost(t, d, ns) for ns in ("n1", "n1", "n2", "n2")]
    for c in counts:
        assert c.dumps["link"] == 0 and c.sends < 50, "; ".join(str(c) for c in counts)


def test_mode_by_hand(t):
    """A flip of the mode, through a slave of ours or by a stranger's, is read through one slave (K8)."""
    d = hundred(t)
    for n, how in enumerate(("link set e0 type ipvlan mode l3", "link set e0 type ipvlan mode l3s")):
        with counted(d) as c:
            t.ip(how, f"n{n + 3}")
            wait_until(lambda: t.mode("e0", "n5") == ("l2", "bridge"), "the mode is put right")
            t.drift(how[-2:].strip())
        print(f"{how}: {c[0]}")
        assert c[0].dumps["link"] == 0 and c[0].sends < 60 and c[0].setns < 20, str(c[0])
    with counted(d) as c:
        t.ip("link add tap0 link m0 type ipvtap")
        wait_until(lambda: t.mode("e0", "n5") == ("l2", "bridge"), "the mode is put right")
        t.drift("the ipvtap tap0, which is not ours")  # K12
    print(f"a stranger's: {c[0]}")
    assert c[0].dumps["link"] == 0 and c[0].sends < 60, str(c[0])


def test_new_master(t):
    """A new master's first slave does not read every namespace (K9); strangers on it are still seen."""
    d = hundred(t)
    for m in ("m1", "m2"):
        t.ip(f"link add {m} type dummy")
    with counted(d) as c:
        t.ctl("add-master", "m1", "--", "add-slave", "m1", "x0", "netns=xx")
        t.wait_state("xx/x0", "ready")
    print(f"a new master with one slave: {c[0]}")
    assert c[0].dumps["link"] < 5 and c[0].sends < 60, str(c[0])
    # One in a namespace that has no row, made since; and one in our slave's.
    t.ip("netns add far")
    t.ip("link add s0 link m2 netns far type ipvlan mode l3s")
    t.ctl("add-master", "m2", "mode=l2", "--", "add-slave", "m2", "n7/x0", status=1)
    row = t.wait_state("m2", "conflict")
    assert "far/s0" in row["message"] and "l3s" in row["message"], row["message"]
    t.ip("link del s0", "far")
    t.wait_state("n7/x0", "ready")


def test_removal(t):
    """No socket is opened in namespaces that go: it would keep each for a moment, and its slave would be
    deleted one by one (kernel.md 16)."""
    d = hundred(t)
    with counted(d) as c:
        t.ctl("del-master", "m0")
        wait_until(lambda: not t.namespaces(), "all are gone")
    print(f"a hundred namespaces removed: {c[0]}")
    assert c[0].sockets < 10 and c[0].dumps["route"] < 10, str(c[0])
