"""Stopping and starting the daemon, or the machine, costs nothing and loses nothing."""

import os
import re
import subprocess

from ipvltest import DB, PATIENCE_S, wait_until


def start(t):
    t.lan("eth0")
    d = t.ipvld()
    t.apply(t.example("howto.yaml"))
    t.wait_ready()
    t.ping("ns0", "10.138.36.3")
    return d


def test_no_packet_lost(t):
    """Stopped, killed and started with everything in place: nothing made again, no packet lost."""
    d = start(t)
    before = t.ifindex("ipvl0", "ns0"), t.ifindex("ipvl1", "ns1")
    ping = subprocess.Popen(["ip", "netns", "exec", "ns0", "ping", "-n", "-q", "-i", "0.02", "-c",
                             "250", "10.138.36.3"], stdout=subprocess.PIPE, text=True)
    d.stop()
    d.start()
    t.wait_ready()
    d.kill()
    d.start()
    t.wait_ready()
    out = ping.communicate(timeout=PATIENCE_S)[0]
    assert re.search(r"250 packets transmitted, 250 received", out), out
    assert (t.ifindex("ipvl0", "ns0"), t.ifindex("ipvl1", "ns1")) == before
    assert t.rows("Drift") == [], "a restart is no drift"


def test_lost_database(t):
    """Devices of a lost database stay until `cleanup`; those that a row declares again are used as
    they are."""
    d = start(t)
    before = t.ifindex("ipvl0", "ns0")
    d.stop()
    for name in os.listdir(os.path.dirname(DB)):
        if name.startswith(os.path.basename(DB)) and not name.endswith(".id"):
            os.unlink(os.path.join(os.path.dirname(DB), name))
    d.start()
    assert "leftover_kept" in d.log()
    assert t.link("ipvl0", "ns0") and t.link("ipvl1", "ns1")
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "ns0/ipvl0", "addresses=10.138.36.2/23")
    t.wait_ready()
    assert t.ifindex("ipvl0", "ns0") == before
    assert t.link("ipvl1", "ns1"), "no row declares it, and it stays"
    t.ctl("cleanup")
    wait_until(lambda: not t.link("ipvl1", "ns1"), "it is removed")
    assert t.ifindex("ipvl0", "ns0") == before


def test_stop_leaves_the_kernel(t):
    """SIGTERM leaves everything as it is."""
    d = start(t)
    d.stop()
    t.ping("ns0", "10.138.36.3")
    assert t.refused("show")


def test_changed_meanwhile(t):
    """What was changed while it was stopped is put right at the start."""
    d = start(t)
    d.stop()
    t.ip("link del ipvl0", "ns0")
    t.ip("route del default", "ns1")
    d.start()
    t.wait_ready()
    t.ping("ns0", "10.138.36.3")
    t.ping("ns1", "110.242.68.66")


def test_fresh_kernel(t):
    """Yesterday's database on a machine that has just booted: all is back without the YAML."""
    d = start(t)
    t.ctl("set-slave", "ns1/ipvl1", "mtu=1400")
    d.stop()
    for ns in ("ns0", "ns1", "outside"):
        t.ip(f"netns del {ns}")
    wait_until(lambda: t.link("eth0") is None, "the network of yesterday is gone")
    t.lan("eth0")
    d.start()
    t.wait_ready()
    t.ping("ns0", "10.138.36.3")
    t.ping("ns1", "110.242.68.66")
    assert t.link("ipvl1", "ns1")["mtu"] == 1400


def test_removed_while_down(t):
    """A row removed from the file offline: its slave goes at the start, its namespace too."""
    d = start(t)
    d.stop()
    t.ctl("--db=/var/lib/ipvl/conf.db", "del-slave", "ns1/ipvl1")
    assert t.link("ipvl1", "ns1"), "offline, the kernel is left as it is"
    d.start()
    wait_until(lambda: t.namespaces() == ["ns0", "outside"], "ns1 is gone")


def test_lost_database(t):
    """A new database beside marked devices: they are reported, not removed."""
    d = start(t)
    d.stop()
    for name in os.listdir("/var/lib/ipvl"):
        if name.startswith("conf.db"):
            os.unlink(f"/var/lib/ipvl/{name}")
    d.start()
    t.ping("ns0", "10.138.36.3")
    assert t.link("ipvl0", "ns0") and t.link("ipvl1", "ns1")
