"""kill -9 at random points of an apply, and start again: all there, nothing left over."""

import os
import random
import re
import subprocess
import time

from ipvltest import BUILD, PATIENCE_S, read_inside, wait_until

SLAVES = int(os.environ.get("IPVL_CRASH_SLAVES", "100"))
ROUNDS = int(os.environ.get("IPVL_CRASH_ROUNDS", "5"))


def config(n, begin=0):
    lines = ["version: 1", "masters:", "  - name: eth0", "    mode: l2", "    slaves:"]
    for i in range(begin, begin + n):
        lines.append(f"      - {{name: eth0, netns: lab{i}, addresses: [10.138.{i // 250}."
                     f"{i % 250 + 2}/16], routes: [{{to: default, via: 10.138.255.1}}]}}")
    return "\n".join(lines) + "\n"


def as_wanted(t, n, begin=0):
    names = {f"lab{i}" for i in range(begin, begin + n)}
    here = set(t.namespaces()) - {"outside"}
    assert here == names, f"missing {sorted(names - here)[:5]}, left over {sorted(here - names)[:5]}"
    for ns in sorted(names):
        devices = re.findall(r"^ *(\S+):", read_inside(ns, "/proc/thread-self/net/dev"), re.M)
        assert sorted(devices) == ["eth0", "lo"], f"in {ns}: {devices}"
        # route(8)'s table: the default route's gateway is 10.138.255.1 in the host's byte order.
        routes = read_inside(ns, "/proc/thread-self/net/route")
        assert re.search(r"^eth0\t00000000\t01FF8A0A\t", routes, re.M), f"in {ns}:\n{routes}"
    ipvlans = [d["ifname"] for d in t.ipj("link show type ipvlan")]
    assert ipvlans == [], f"left over in the host: {ipvlans}"


def test_kill_during_apply(t):
    """100 slaves, all called eth0, each in its namespace; killed anywhere; all ready after a start."""
    t.lan("eth0", address="10.138.255.58/16", outside=("10.138.255.1/16",))
    d = t.ipvld()
    seed = int(os.environ.get("IPVL_SEED", time.time_ns() % 100000))
    print(f"IPVL_SEED={seed}")
    rng = random.Random(seed)
    for round_number in range(ROUNDS):
        begin = (round_number % 2) * (SLAVES // 2)  # half of the slaves go, half come
        path = t.yaml(config(SLAVES, begin))
        delay = rng.uniform(0, 1.5)
        apply = subprocess.Popen([f"{BUILD}/ctl/ipvl-ctl", "apply", "-f", path],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        d.kill()
        apply.wait(PATIENCE_S)
        d.start()
        # An apply that was not acknowledged may be lost; one that is lost is lost whole.
        rows = {r["netns"] for r in t.rows("Slave")}
        now = {f"lab{i}" for i in range(begin, begin + SLAVES)}
        before = {f"lab{i}" for i in range(SLAVES // 2 - begin, SLAVES // 2 - begin + SLAVES)}
        assert rows in (now, before, set()), f"half of a transaction: {len(rows)} rows"
        if rows != now:
            t.ctl("apply", "-f", path)
        t.wait_ready()
        as_wanted(t, SLAVES, begin)
        print(f"killed after {delay:.2f} s: well")
    t.ctl("del-master", "eth0")
    wait_until(lambda: t.namespaces() == ["outside"], "all is gone")


def test_acknowledged_survives(t):
    """What was acknowledged is there after kill -9 at once."""
    t.lan("eth0")
    d = t.ipvld()
    t.ctl("add-master", "eth0", "mode=l2")
    for n in range(5):
        t.ctl("--no-wait", "add-slave", "eth0", f"s{n}", f"netns=ns{n}",
              f"addresses=10.138.36.{n + 2}/23")
        d.kill()
        d.start()
        assert len(t.rows("Slave")) == n + 1
    t.wait_ready()
    t.ping("ns0", "10.138.36.6")
