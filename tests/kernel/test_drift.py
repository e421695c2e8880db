"""What others do to our devices is repaired by the kernel's events, and `ipvl-ctl drift` names it."""

import os
import re
import signal
import subprocess
import time

from ipvltest import SOCKET, linux, run, skip, stays, wait_until

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


def start(t, has_timers=False):
    t.lan("eth0")
    if has_timers:
        t.ipvld()
    else:
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


def test_slave_deleted(t):
    """A slave deleted: made again, with all that belonged to it."""
    start(t)
    t.ip("link del ipvl0", "ns0")
    repaired(t, "ns0/ipvl0  deleted by `ip` (pid " if linux() < (6, 12) else "ns0/ipvl0  deleted")


def test_address_removed(t):
    """An address removed."""
    start(t)
    t.ip("addr del 10.138.36.2/23 dev ipvl0", "ns0")
    repaired(t, "10.138.36.2/23")
    # On several processors `ip` may have ended before anybody could read what it is.
    t.drift(" removed by `ip` (pid " if os.environ["IPVL_VM"] == "uml" else " removed by ")
    t.ip("addr del 2001:db8::2/64 dev ipvl0", "ns0")
    repaired(t, "2001:db8::2/64")


def test_other_pid_namespace(t):
    """The port of a socket is a PID in its own pid namespace: the process here may be innocent."""
    start(t)
    run("unshare", "--pid", "--fork", "ip", "-n", "ns0", "addr", "del", "10.138.36.2/23", "dev", "ipvl0")
    repaired(t, "by perhaps `")


def test_route_removed(t):
    """A route removed."""
    start(t)
    t.ip("route del default", "ns0")
    repaired(t, "default")


def test_link_down(t):
    """Link down: up again; the default route and the IPv6 address, which it lost, return with it."""
    start(t)
    t.ip("link set ipvl0 down", "ns0")
    repaired(t, "ns0/ipvl0")
    t.ping("ns0", "110.242.68.66")


def test_mtu(t):
    """The MTU changed by hand, and by a change of the master's, which overwrites every slave's."""
    start(t)
    t.ip("link set ipvl1 mtu 1300", "ns1")
    repaired(t, "ns1/ipvl1")
    t.ip("link set eth0 mtu 1500")
    t.ip("link set eth0 mtu 1450")
    wait_until(lambda: t.link("ipvl1", "ns1")["mtu"] == 1400, "its own MTU is back")
    assert t.link("ipvl0", "ns0")["mtu"] == 1450, "without one of its own it follows the master"


def test_renamed(t):
    """A slave renamed."""
    start(t)
    t.ip("link set ipvl0 down", "ns0")
    t.ip("link set ipvl0 name foo", "ns0", check=False)
    repaired(t, "ns0/ipvl0")
    assert t.link("foo", "ns0") is None


def test_renamed_while_up(t):
    """Since Linux 6.2 that is possible (kernel.md 24), and the name is put back without a loss."""
    start(t)
    index = t.ifindex("ipvl0", "ns0")
    if run("ip", "-n", "ns0", "link", "set", "ipvl0", "name", "foo", check=False).returncode != 0:
        skip("this kernel renames no device that is up")
    repaired(t, "ns0/ipvl0")
    assert t.link("foo", "ns0") is None
    assert t.ifindex("ipvl0", "ns0") == index, "the slave was made anew"


def test_mode_by_hand(t):
    """The mode changed by hand, from inside a slave's namespace."""
    start(t)
    index = t.ifindex("ipvl0", "ns0")
    t.ip("link set ipvl0 type ipvlan mode l3", "ns0")
    repaired(t, "l2")
    assert t.ifindex("ipvl0", "ns0") == index


def test_mode_by_stranger(t):
    """A stranger's new slave, which names no mode, turns the port to l3: turned back; it stays."""
    start(t)
    t.ip("link add link eth0 name tmp0 type ipvlan")
    index = t.ifindex("tmp0")
    repaired(t, "l3")
    t.drift("by the ipvlan tmp0, which is not ours")
    assert t.ifindex("tmp0") == index and t.mode("tmp0") == ("l2", "bridge")


def test_silent_change(t):
    """What the kernel tells nobody (the flag alone; l3 to l3s) is found by the port watch."""
    start(t, has_timers=True)
    t.ip("link set ipvl0 type ipvlan mode l2 private", "ns0")
    wait_until(lambda: t.mode("ipvl0", "ns0") == ("l2", "bridge"), "the flag is put right")
    t.drift("private")
    t.ctl("set-master", "eth0", "mode=l3")
    t.ip("link set ipvl0 type ipvlan mode l3s", "ns0")
    wait_until(lambda: t.mode("ipvl0", "ns0") == ("l3", "bridge"), "the mode is put right")
    t.drift("l3s")


def test_foreign_address(t):
    """A foreign permanent address added to a slave: removed. One with a lifetime: left alone."""
    start(t)
    t.ip("addr add 10.138.36.77/23 dev ipvl0", "ns0")
    repaired(t, "10.138.36.77/23")
    # O5: what is added again because it may go along with a removal never left.
    assert [r["found"] for r in t.rows("Drift")] == ["address 10.138.36.77/23 added"], t.ctl("drift")
    t.ip("addr add 10.138.36.78/23 dev ipvl0 valid_lft 600 preferred_lft 600", "ns0")
    t.events_are_handled("ns1", "10.138.36.3/23", "ipvl1")
    assert "10.138.36.78/23" in t.addresses("ipvl0", "ns0"), "a DHCP client's address was removed"


def test_external_addressing(t):
    """Without `addresses` in the file nobody's addresses are touched."""
    t.lan("eth0")
    t.ipvld()
    t.apply("""
        version: 1
        masters:
          - name: eth0
            mode: l2
            slaves:
              - {name: ipvl0, netns: ns0}
              - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
        """)
    t.ip("addr add 10.138.36.77/23 dev ipvl0", "ns0")
    t.ip("link set ipvl0 down", "ns0")
    wait_until(lambda: "UP" in t.link("ipvl0", "ns0")["flags"], "it is up again")
    t.events_are_handled("ns1", "10.138.36.3/23", "ipvl1")
    assert t.addresses("ipvl0", "ns0") == ["10.138.36.77/23"]


def test_namespace_deleted(t):
    """A namespace deleted with its slave: both made again, although the address is freed later."""
    start(t)
    t.ip("netns del ns0")
    wait_until(lambda: "ns0" in t.namespaces() and t.link("ipvl0", "ns0"), "ns0/ipvl0 is back")
    wait_until(lambda: as_wanted(t), "everything is put right")
    t.drift("namespace ns0 removed")  # O21
    t.wait_ready()


def test_namespace_replaced(t):
    """A namespace deleted and made again while ipvld is held up: told as that, not as a deleted slave."""
    start(t)
    d = t.daemons[0]
    os.kill(d.pid(), signal.SIGSTOP)
    t.ip("netns del ns0")
    t.ip("netns add ns0")
    os.kill(d.pid(), signal.SIGCONT)
    wait_until(lambda: as_wanted(t), "everything is put right")
    t.drift("namespace ns0 removed and made again")


def test_moved(t):
    """A slave moved to another namespace comes back."""
    start(t)
    t.ip("netns add elsewhere")
    t.ip("link set ipvl0 netns elsewhere", "ns0")
    repaired(t, "ns0/ipvl0  moved to namespace elsewhere")  # O21
    assert t.link("ipvl0", "elsewhere") is None, "the one of ours that nobody wants there stays"


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
    """A master deleted: a line of drift and of the log; its slaves come back with it (O19)."""
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
    t.ip("link add m0 type dummy")
    t.wait_ready()
    assert [r["object"] for r in t.rows("Drift")] == ["m0"], t.ctl("drift")


def test_master_renamed(t):
    """A master renamed is found by its ifindex; both cures in the message work (O19)."""
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
    # The one cure, and away again.
    t.ip("link set wan0 name m0 up")
    t.wait_ready()
    t.ip("link set m0 down")
    t.ip("link set m0 name wan1")
    wait_until(lambda: "m0 is called wan1 " in t.row("m0")["message"], "the second new name is told")
    t.ip("link set wan1 up")
    # The other cure.
    t.ctl("set-master", "m0", "name=wan1")
    t.wait_state("wan1", "ready")
    t.wait_ready()
    assert t.ifindex("e0", "ns0") == slave, "the slave was made anew"


def test_unseen(t):
    """A device with our mark that ipvld has not seen is found where it appears: it is a leftover."""
    start(t)
    mark = t.link("ipvl0", "ns0")["group"]
    t.ip(f"link add link eth0 name stray0 netns ns1 group {mark} type ipvlan mode l2")
    wait_until(lambda: t.link("stray0", "ns1") is None, "it is removed")
    assert as_wanted(t)


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
    time.sleep(10)
    after = [repairs(t, "eth0"), repairs(t, "eth0", there)]
    print(f"repairs in 10 s: {[b - a for a, b in zip(before, after)]}")
    assert all(b - a <= 8 for a, b in zip(before, after)), (before, after)
    other.stop()
    t.wait_ready()
    assert t.mode("ipvl0", "ns0") == ("l2", "bridge")


def test_own_changes_are_no_drift(t):
    """What ipvl-ctl asked for is nobody's drift."""
    start(t)
    t.ctl("set-slave", "ns0/ipvl0", "addresses=10.138.36.4/23 2001:db8::2/64")
    t.ctl("del-slave", "ns1/ipvl1")
    t.events_are_handled("ns0", "10.138.36.4/23", "ipvl0")
    assert len(t.rows("Drift")) == 1, "the barrier's own alone"


def test_changed_in_conflict(t):
    """What is put right of a slave in conflict is told; what a foreign route keeps out is not."""
    start(t)
    t.ip("route replace default via 10.138.36.1 proto static", "ns0")
    t.wait_state("ns0/ipvl0", "conflict")
    t.ip("link set ipvl0 mtu 1300", "ns0")
    t.drift("ns0/ipvl0  mtu 1500 -> 1300")
    assert t.state("ns0/ipvl0") == "conflict" and t.link("ipvl0", "ns0")["mtu"] == 1500
    assert [r["found"] for r in t.rows("Drift")] == ["mtu 1500 -> 1300"], t.ctl("drift")
    # What the foreign route kept out is not told as removed.
    t.ip("route del default", "ns0")
    t.wait_ready()
    assert len(t.rows("Drift")) == 1, t.ctl("drift")


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
    """`drift: report`: recorded and left, also by an audit and a new ipvld; `repair` ends it."""
    start_reported(t)
    t.ip("addr del 10.138.36.2/23 dev ipvl0", "ns0")
    t.wait_state("ns0/ipvl0", "drifted")
    t.drift("ns0/ipvl0  address 10.138.36.2/23 removed")
    t.drift("left as it is")
    assert "left as it is" in t.row("ns0/ipvl0")["message"]
    t.ctl("status", "--check", status=2)
    t.ip("addr del 10.138.36.3/23 dev ipvl1", "ns1")
    wait_until(lambda: t.addresses("ipvl1", "ns1") == ["10.138.36.3/23"], "its sibling is repaired")
    t.daemons[0].stop()
    t.daemons[0].start()
    t.wait_state("ns0/ipvl0", "drifted")
    t.events_are_handled("ns1", "10.138.36.3/23", "ipvl1")
    assert t.addresses("ipvl0", "ns0") == []
    t.ctl("repair", "ns0/ipvl0")
    t.wait_ready()
    assert t.addresses("ipvl0", "ns0") == ["10.138.36.2/23"]
    t.ctl("status", "--check")


def test_reported_gone(t):
    """A device that is gone is not made again: before an apply of its file, or a new namespace."""
    start_reported(t)
    t.ip("link del ipvl0", "ns0")
    t.wait_state("ns0/ipvl0", "drifted")
    t.daemons[0].kill()
    t.daemons[0].start()
    t.wait_state("ns0/ipvl0", "drifted")
    t.events_are_handled("ns1", "10.138.36.3/23", "ipvl1")
    assert t.link("ipvl0", "ns0") is None
    t.apply(REPORTED)
    t.wait_ready()
    t.ip("netns del ns0")
    t.wait_state("ns0/ipvl0", "drifted")
    t.drift("namespace ns0 removed")
    t.events_are_handled("ns1", "10.138.36.3/23", "ipvl1")
    assert "ns0" not in t.namespaces()
    t.ip("netns add ns0")
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


def test_reported_mode(t):
    """A stranger's mode is left; its slaves warn of it; one that is added does not change it."""
    start_reported(t)
    t.ip("link add link eth0 name tmp0 type ipvlan")
    t.wait_state("eth0", "drifted")
    t.drift("mode l2 -> l3 by the ipvlan tmp0, which is not ours")
    wait_until(lambda: t.row("ns1/ipvl1")["warnings"], "its slaves warn of it")
    t.ctl("add-slave", "eth0", "ns3/ipvl3", "addresses=10.138.36.5/23")
    t.wait_state("ns3/ipvl3", "ready")
    assert t.mode("tmp0") == ("l3", "bridge")
    t.ctl("repair", "eth0")
    t.wait_ready()
    assert t.mode("tmp0") == ("l2", "bridge")


def test_ignored(t):
    """`drift: ignore`: left and not recorded; `status --check` does not mind."""
    start_reported(t)
    t.ip("link set ipvl2 mtu 1300", "ns2")
    t.wait_state("ns2/ipvl2", "drifted")
    t.ctl("status", "--check")
    assert t.rows("Drift") == [], t.ctl("drift")
    t.ctl("set-slave", "ns2/ipvl2", "drift=repair")
    t.wait_ready()
    assert t.link("ipvl2", "ns2")["mtu"] == 1500
