"""What the kernel refuses: said with cause and cure, and tried again only where that can help."""

import os
import signal
import sqlite3

from ipvltest import DB, process_in, stays, wait_until

CONFIG = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - {name: ipvl0, netns: ns0, addresses: [10.138.36.2/23]}
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
    """
IPV6_OFF = "; its sysctl ipv6.disable_ipv6 is 1: set it to 0 there or in the row of the slave"


def failures(d):
    return d.log().count("event=object_failed")


def stays_in_error(t, d, label, text):
    """In error for 'text', with no word of a next try, and not tried again."""
    row = t.wait_state(label, "error")
    assert text in row["message"] and "next try" not in row["message"], row["message"]
    n = failures(d)
    assert n == 1, d.log()
    # The first retries of before came after 250, 500 and 1000 ms.
    stays(lambda: t.row(label)["message"] == row["message"] and failures(d) == n, "it is left alone", 2.5)
    assert d.log().count("event=state_changed object=" + label + " from=ready to=error") == 1, d.log()


def test_ipv6_off(t):
    """IPv6 is off on the slave (K11): the cause and the cure are named; it is tried again with the next event."""
    t.lan("eth0")
    d = t.events_only()
    t.apply(CONFIG)
    t.wait_ready()
    t.sysctl("net.ipv6.conf.ipvl0.disable_ipv6", 1, "ns0")
    t.ctl("set-slave", "ns0/ipvl0", "addresses=10.138.36.2/23,2001:db8::2/64", status=1)
    stays_in_error(t, d, "ns0/ipvl0", IPV6_OFF)
    t.wait_state("ns1/ipvl1", "ready")
    t.sysctl("net.ipv6.conf.ipvl0.disable_ipv6", 0, "ns0")
    t.wait_state("ns0/ipvl0", "ready")
    assert t.addresses("ipvl0", "ns0") == ["10.138.36.2/23", "2001:db8::2/64"]
    t.wait_ready()


def test_ipv6_off_in_the_row(t):
    """The cure that the message names: the sysctl in the row, which is set before addresses are added."""
    t.lan("eth0")
    t.ip("netns add ns0")
    t.sysctl("net.ipv6.conf.default.disable_ipv6", 1, "ns0")
    t.events_only()
    t.apply(CONFIG.replace("10.138.36.2/23]", "2001:db8::2/64]"), status=1)
    assert IPV6_OFF in t.wait_state("ns0/ipvl0", "error")["message"]
    t.ctl("set-slave", "ns0/ipvl0", "sysctl:ipv6.disable_ipv6=0")
    t.wait_state("ns0/ipvl0", "ready")


def test_no_such_sysctl(t):
    """A sysctl that no interface has: named, with the right one, and not tried for ever."""
    t.lan("eth0")
    d = t.events_only()
    t.apply(CONFIG)
    t.wait_ready()
    p = t.ctl_try("set-slave", "ns0/ipvl0", "sysctl:ipv4.ip_forward=1")
    assert p.returncode == 1 and "did you mean ipv4.forwarding?" in p.stderr, p
    t.ctl("set-slave", "ns0/ipvl0", "sysctl:ipv4.no_such_sysctl=1", status=1)
    stays_in_error(t, d, "ns0/ipvl0", "an interface has no sysctl ipv4.no_such_sysctl")
    t.ctl("set-slave", "ns0/ipvl0", "sysctl={ipv4.forwarding=1}")
    t.wait_state("ns0/ipvl0", "ready")
    assert t.sysctl("net.ipv4.conf.ipvl0.forwarding", ns="ns0") == "1"


def test_device_that_can_carry_none(t):
    """A master that can carry no ipvlan (EINVAL): told once; its slave moved to another one, it is made."""
    d = t.events_only()
    t.lan("eth0")
    t.ip("link add nl0 type nlmon")
    t.apply(CONFIG.replace("eth0", "nl0"), status=1)
    row = t.wait_state("ns0/ipvl0", "error")
    assert "needs an Ethernet device" in row["message"] and "next try" not in row["message"], row["message"]
    n = failures(d)
    stays(lambda: failures(d) == n, "it is left alone", 2.5)
    t.apply(CONFIG)
    t.wait_ready()


def test_retried(t):
    """What may pass is tried again: an address that a stranger's slave of the same master holds, in a namespace
    without a name, where nobody sees it."""
    t.lan("eth0")
    t.ip("netns add hidden")
    pid = int(process_in("hidden").split("/")[2])
    t.ip("link add link eth0 name tmp0 netns hidden type ipvlan mode l2")
    t.ip("addr add 10.138.36.2/23 dev tmp0", "hidden")
    t.ip("netns del hidden")
    t.events_only()
    t.apply(CONFIG, status=1)
    assert "next try in" in t.wait_state("ns0/ipvl0", "error")["message"]
    os.kill(pid, signal.SIGKILL)
    t.wait_state("ns0/ipvl0", "ready")
    wait_until(lambda: t.addresses("ipvl0", "ns0") == ["10.138.36.2/23"], "it has its address")


def test_nameservers_without_a_file(t):
    """A row from elsewhere, which the validator would refuse: nameservers of a slave whose namespace has no name
    (O2). It is ready with a warning."""
    t.lan("eth0")
    d = t.ipvld()
    t.apply(CONFIG.replace(", netns: ns0", ""))
    t.wait_ready()
    d.stop()
    with sqlite3.connect(DB) as db:
        db.execute("update Slave set nameservers = '10.138.36.1' where name = 'ipvl0'")
    d.start()
    t.wait_ready()
    assert "its nameservers have no effect" in str(t.row("/ipvl0")["warnings"])
    assert not t.row("ns1/ipvl1")["warnings"]
    assert "warning: its nameservers have no effect" in t.ctl("show")


def test_remote_before_its_address(t):
    """An address to listen on that the host gets later: all else works meanwhile."""
    t.lan("eth0")
    d = t.ipvld("--remote=punix:/run/ipvl/db.sock", "--remote=ptcp:6640:192.0.2.77")
    t.apply(t.example("howto.yaml"))
    t.ping("ns0", "10.138.36.3")
    assert "event=listen_failed remote=ptcp:6640:192.0.2.77" in d.log(), d.log()
    assert t.refused("--db=tcp:192.0.2.77:6640", "show")
    t.ip("addr add 192.0.2.77/32 dev lo")
    t.ip("link set lo up")
    wait_until(lambda: "event=listening remote=ptcp:6640:192.0.2.77" in d.log(), "it listens there")
    assert "ipvl1" in t.ctl("--db=tcp:192.0.2.77:6640", "show")
