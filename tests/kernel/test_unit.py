"""ipvld as systemd would run it: with the capabilities of data/systemd/ipvld.service.in and no others."""

import re

from ipvltest import read_file, unit_capabilities, unit_settings


def test_capabilities(t):
    """The capabilities of the unit are enough for everything, from making to taking away."""
    bounding = unit_capabilities()
    t.lan("eth0")
    d = t.ipvld(start=False)
    d.start(prefix=["setpriv", "--no-new-privs", f"--bounding-set={bounding}", f"--inh-caps={bounding}"])
    effective = re.search(r"CapEff:\s+(\w+)", read_file(f"/proc/{d.pid()}/status"))[1]
    assert bin(int(effective, 16)).count("1") == bounding.count("+"), effective
    t.apply(t.example("howto.yaml"))
    t.ctl("set-slave", "ns0/ipvl0", "mtu=1400", "sysctl={ipv6.accept_ra=0}",
          "nameservers=10.3.3.3")
    t.wait_ready()
    t.ping("ns0", "10.138.36.3")
    t.ip("link del ipvl0", "ns0")
    t.drift("ns0/ipvl0")
    t.wait_ready()
    t.ctl("del-master", "eth0")
    assert t.namespaces() == ["outside"], t.namespaces()
    d.stop()


def test_mount_namespace(t):
    """What makes a mount namespace of its own is there only together with the name of the host's: else the host
    would see dead files. test_netns.mount_namespace_of_its_own has what that does, tests/boot the whole unit."""
    assert unit_settings("Environment") == ["IPVL_MOUNT_NS=/proc/1/ns/mnt"]
    assert "mnt" in unit_settings("RestrictNamespaces")
    assert "CAP_SYS_CHROOT" in unit_settings("CapabilityBoundingSet")
    assert not unit_settings("MountFlags"), "the host's mounts are to appear in its own"
    assert {"/etc/netns", "/run"} <= set(unit_settings("ReadWritePaths"))
