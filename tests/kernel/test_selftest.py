"""The test library itself, and what the kernel does without ipvl: if these fail, look no further."""

import os

from ipvltest import SOURCE, WORK, run, write_file


def test_alone(t):
    """A test has its own network, /run and /var/lib/ipvl, and cannot write to this machine."""
    assert [d["ifname"] for d in t.ipj("link")] == ["lo"]
    assert t.namespaces() == []
    assert os.listdir("/run") == [os.path.basename(WORK)]
    write_file("/var/lib/ipvl/x", "x")
    write_file("/etc/netns/x/resolv.conf", "x")
    if os.environ["IPVL_VM"] == "uml":  # qemu has a tmpfs above them, and host protects nothing else
        assert run("touch", f"{SOURCE}/meson.build", check=False).returncode != 0


def test_lan(t):
    """The master, the router at its other end and the address beyond it answer."""
    t.lan("eno2")
    t.ip("route add default via 10.138.36.1")
    t.ping(None, "10.138.36.1")
    t.ping(None, "110.242.68.66")
    t.no_ping(None, "10.138.36.77")


def test_ipvlan(t):
    """The kernel has ipvlan, and `ip` tells its mode and flag as we read them."""
    t.lan("eno2")
    t.ip("netns add ns1")
    for mode in ("l2", "l3", "l3s"):
        for flag in ("bridge", "private", "vepa"):
            t.ip(f"link add link eno2 name i type ipvlan mode {mode} {flag}")
            t.ip("link set i netns ns1")
            assert t.mode("i", "ns1") == (mode, flag)
            t.ip("link del i", "ns1")
