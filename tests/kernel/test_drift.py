"""Drift as a user finds it: who did it, what is contested, what is left as it is. What is repaired, and how, is in
tests/scenarios/drift-*.txt."""

import os
import re
import subprocess
import time

from ipvltest import SOCKET, linux, run, stays, wait_until

CONFIG = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - name: ipvl0
            netns: ns0
            addresses: [10.138.36.2/23, "2001:db8::2/64"]
            routes:
              - {to: default, via: 10.138.36.1}
              - {to: "2001:db8:f::/48", via: "2001:db8::1"}
          - name: ipvl1
            netns: ns1
            addresses: [10.138.36.3/23]
            routes:
              - {to: default, via: 10.138.36.1}
            mtu: 1400
"""


def start(t):
    t.lan("eth0")
    t.events_only()
    t.apply(CONFIG)
    t.wait_ready()
    assert as_wanted(t)


def as_wanted(t):
    """Everything that CONFIG says holds in the kernel."""
    for ns, name, addresses, mtu in (("ns0", "ipvl0", ["10.138.36.2/23", "2001:db8::2/64"], 1500),
                                     ("ns1", "ipvl1", ["10.138.36.3/23"], 1400)):
        device = t.link(name, ns)
        assert device, f"{name} is missing"
        assert "UP" in device["flags"], f"{name} is down"
        assert device["mtu"] == mtu, device["mtu"]
        assert t.mode(name, ns) == ("l2", "bridge"), t.mode(name, ns)
        assert t.addresses(name, ns) == addresses, t.addresses(name, ns)
        assert [r["gateway"] for r in t.routes(name, ns)] == ["10.138.36.1"], t.routes(name, ns)
    assert "2001:db8:f::/48" in [r["dst"] for r in t.routes("ipvl0", "ns0", 6)]
    return True


def repaired(t, named):
    """Everything is right again, and drift names 'named'."""
    wait_until(lambda: as_wanted(t), "everything is repaired")
    t.drift(named)
    print(f"repaired in {[r['took_ms'] for r in t.rows('Drift')]} ms")
    t.wait_ready()
    t.ping("ns0", "10.138.36.3")


def test_by_whom(t):
    """Which process removed an address, or deleted a slave."""
    start(t)
    t.ip("addr del 10.138.36.2/23 dev ipvl0", "ns0")
    repaired(t, "10.138.36.2/23")
    # On several processors `ip` may have ended before anybody could read what it is.
    t.drift(" removed by `ip` (pid " if os.environ["IPVL_VM"] == "uml" else " removed by ")
    # 6.12 reports no pid (kernel.md 14).
    t.ip("link del ipvl0", "ns0")
    repaired(t, "ns0/ipvl0  deleted by `ip` (pid " if linux() < (6, 12) else "ns0/ipvl0  deleted")


def test_other_pid_namespace(t):
    """The port of a socket is a PID in its own pid namespace: the process here may be innocent."""
    start(t)
    run("unshare", "--pid", "--fork", "ip", "-n", "ns0", "addr", "del", "10.138.36.2/23", "dev", "ipvl0")
    repaired(t, "by perhaps `")


def test_mode_by_stranger(t):
    """A stranger's new slave, which names no mode, turns the port to l3: turned back; it stays."""
    start(t)
    t.ip("link add link eth0 name tmp0 type ipvlan")
    index = t.ifindex("tmp0")
    repaired(t, "l3")
    t.drift("by the ipvlan tmp0, which is not ours")
    assert t.ifindex("tmp0") == index and t.mode("tmp0") == ("l2", "bridge")


def test_moved_out_of_sight(t):
    """One moved to a namespace that has no name here: which, nobody can tell."""
    start(t)
    p = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
    here = os.readlink("/proc/self/ns/net")
    wait_until(lambda: os.readlink(f"/proc/{p.pid}/ns/net") != here, "it is in a namespace of its own")
    t.ip(f"link set ipvl0 netns {p.pid}", "ns0")
    repaired(t, "ns0/ipvl0  moved to another namespace")
    p.kill()


def test_master_deleted(t):
    """A master deleted: a line of drift, which has the process, and of the log (O19)."""
    t.ip("link add m0 type dummy")
    t.events_only()
    t.apply("""
        version: 1
        masters:
          - {name: m0, slaves: [{name: e0, netns: ns0, addresses: [10.138.36.2/23]}]}
        """)
    t.wait_ready()
    t.ip("link del m0")
    t.wait_state("m0", "waiting")
    # `ip` by its name, or by its pid alone where it has gone since. 6.12 reports no pid (kernel.md 14).
    t.drift("m0  deleted by `ip` (pid " if linux() < (6, 12) else "m0  deleted  left as it is")
    assert "event=drift_found object=m0 found=\"deleted\"" in t.daemons[0].log()


def test_master_renamed(t):
    """A master renamed twice: the message has its ifindex, the time and the new name, and `set-master`
    keeps its slaves (O19)."""
    t.ip("link add m0 type dummy")
    t.events_only()
    t.apply("""
        version: 1
        masters:
          - {name: m0, slaves: [{name: e0, netns: ns0, addresses: [10.138.36.2/23]}]}
        """)
    t.wait_ready()
    t.ip("link set m0 down")
    t.ip("link set m0 name wan0")
    t.wait_state("m0", "waiting")
    index = t.ifindex("wan0")
    t.drift(f"m0  is now called wan0 (ifindex {index})")
    message = t.row("m0")["message"]
    assert re.fullmatch(r"m0 is called wan0 since \d{4}-\d\d-\d\d \d\d:\d\d: rename it back, or "
                        r"`ipvl-ctl set-master m0 name=wan0`", message), message
    wait_until(lambda: t.row("ns0/e0")["message"] == message, "its slave says the same")
    slave = t.ifindex("e0", "ns0")
    t.ip("link set wan0 name wan1")
    wait_until(lambda: "m0 is called wan1 " in t.row("m0")["message"], "the second new name is there")
    t.ip("link set wan1 up")
    t.ctl("set-master", "m0", "name=wan1")
    t.wait_state("wan1", "ready")
    t.wait_ready()
    assert t.ifindex("e0", "ns0") == slave, "the slave was made anew"


def repairs(t, label, remote=SOCKET):
    return sum(r["count"] for r in t.rows("Drift", remote, object=label))


def test_contested(t):
    """Who keeps undoing it is not fought for ever: `contested`, with its name, until it stops."""
    start(t)
    other = subprocess.Popen(
        ["sh", "-c", "while echo addr del 10.138.36.2/23 dev ipvl0; do sleep 0.02; done"
                     " | ip -n ns0 -force -batch -"], stderr=subprocess.DEVNULL)
    t.wait_state("ns0/ipvl0", "contested")
    t.ctl("status", "--check", status=2)
    assert re.search(r"undone \d+ times since [\d:]{8} by `ip` \(pid \d+, uid 0\): address 10.138.36.2/23 "
                     r"removed.*; next repair at [\d:]{8}", t.row("ns0/ipvl0")["message"]), t.ctl("show")
    before = repairs(t, "ns0/ipvl0")
    # It never looks well: right after a repair it is as declared, and contested all the same.
    stays(lambda: t.state("ns0/ipvl0") == "contested", "it stays contested", 10)
    assert 1 <= repairs(t, "ns0/ipvl0") - before <= 8, "1, 2, 4, 8 s apart"
    assert len(t.rows("Drift")) < 10, t.ctl("drift")
    run("pkill", "-P", other.pid)
    t.wait_ready()
    assert as_wanted(t)
    log = t.daemons[0].log()
    assert log.count("object=ns0/ipvl0 from=ready to=contested") == 1
    assert log.count("object=ns0/ipvl0 from=contested to=ready") == 1


def test_two_daemons(t):
    """Two ipvld that want two modes of one master: both back off, and the last one has its way."""
    t.lan("eth0")
    there = "/run/ipvl/other.sock"
    t.ipvld()
    other = t.ipvld(name="other", db="/var/lib/ipvl/other.db", remote=there)
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "ns0/ipvl0")
    t.ctl(f"--db=unix:{there}", "add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "ns1/ipvl1")
    t.wait_ready()
    t.wait_ready(there)
    t.ctl(f"--db=unix:{there}", "set-master", "eth0", "mode=l3")
    t.wait_state("eth0", "contested")
    t.wait_state("eth0", "contested", there)
    before = [repairs(t, "eth0"), repairs(t, "eth0", there)]
    begin = time.monotonic()
    time.sleep(10)
    after = [repairs(t, "eth0"), repairs(t, "eth0", there)]
    took = time.monotonic() - begin
    print(f"repairs in {took:.1f} s: {[b - a for a, b in zip(before, after)]}")
    assert all(b - a <= 0.8 * took for a, b in zip(before, after)), (before, after, took)
    other.stop()
    t.wait_ready()
    assert t.mode("ipvl0", "ns0") == ("l2", "bridge")


REPORTED = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        drift: report
        slaves:
          - {name: ipvl0, netns: ns0, drift: report, addresses: [10.138.36.2/23], mtu: 1400}
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
          - {name: ipvl2, netns: ns2, drift: ignore, addresses: [10.138.36.4/23]}
    """


def start_reported(t):
    t.lan("eth0")
    t.events_only()
    t.apply(REPORTED)
    t.wait_ready()
    # A row is settled once a pass finds nothing to do; then it is in the table.
    wait_until(lambda: len(t.rows("Settled")) == 3, "all of them are settled")


def test_reported(t):
    """`drift: report`: `status --check` minds it, that of `ignore` it does not; `repair` and another
    `apply` of the file end it."""
    start_reported(t)
    t.ip("link set ipvl2 mtu 1300", "ns2")
    t.wait_state("ns2/ipvl2", "drifted")
    t.ctl("status", "--check")
    t.ip("addr del 10.138.36.2/23 dev ipvl0", "ns0")
    t.wait_state("ns0/ipvl0", "drifted")
    t.drift("left as it is")
    t.ctl("status", "--check", status=2)
    t.ctl("repair", "ns0/ipvl0")
    t.wait_state("ns0/ipvl0", "ready")
    assert t.addresses("ipvl0", "ns0") == ["10.138.36.2/23"]
    t.ip("link del ipvl0", "ns0")
    t.wait_state("ns0/ipvl0", "drifted")
    t.apply(REPORTED)
    t.wait_state("ns0/ipvl0", "ready")
    assert t.row("ns2/ipvl2")["state"] == "drifted", "an apply does not end what is ignored"
    t.ip("link set ipvl0 type ipvlan mode l3", "ns0")
    t.wait_state("eth0", "drifted")
    t.ctl("repair", "eth0")
    t.wait_state("eth0", "ready")
    assert t.mode("ipvl0", "ns0") == ("l2", "bridge")
    t.ctl("repair")
    t.wait_ready()


def test_reported_elsewhere(t):
    """A device that was renamed or moved stays where it is."""
    start_reported(t)
    index = t.ifindex("ipvl0", "ns0")
    t.ip("netns add elsewhere")
    t.ip("link set ipvl0 netns elsewhere", "ns0")
    t.wait_state("ns0/ipvl0", "drifted")
    t.daemons[0].stop()
    t.daemons[0].start()
    t.wait_state("ns0/ipvl0", "drifted")
    assert t.ifindex("ipvl0", "elsewhere") == index
    t.ctl("repair")
    t.wait_ready()
    assert t.link("ipvl0", "ns0")
    wait_until(lambda: t.link("ipvl0", "elsewhere") is None, "the old one, a leftover now, is removed")
