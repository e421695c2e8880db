"""What is declared of an address beside it (docs/examples/addresses.yaml), and link-local ones, on a real kernel."""

import ipaddress
import json

from ipvltest import wait_until


def source_of(t, ns, to):
    """The address that a program gets which chooses none."""
    return json.loads(t.ip(f"-j route get {to}", ns))[0]["prefsrc"]


def test_options(t):
    t.lan("eno2", outside=("10.138.36.1/23", "2001:db8::1/64", "2001:db8:1::1/128"))
    t.ip("route add 2001:db8:1::2/128 dev lan0", "outside")
    t.ipvld()
    t.apply(t.example("addresses.yaml"))
    t.wait_ready()
    labelled = t.ip("-o address show label ipvl1:*", "ns1")
    assert "10.138.36.12/23" in labelled and "10.138.36.2/23" not in labelled, labelled
    wait_until(lambda: "tentative" not in t.ip("-6 address show dev ipvl1", "ns1"), "the addresses can be used")
    assert source_of(t, "ns1", "2001:db8::1") in ("2001:db8::2", "2001:db8::22"), "a deprecated address is not chosen"
    t.ping("outside", "2001:db8::12")
    wait_until(lambda: t.pings("ns2", "2001:db8:1::1", 1, 1), "the peer is reached, with IPv6")
    # What another program changes is put back, whether that can be done in place or not.
    t.ip("address change 2001:db8::12/64 dev ipvl1 preferred_lft forever", "ns1")
    t.drift("address 2001:db8::12/64 is not deprecated")
    t.ip("address del 10.138.36.12/23 dev ipvl1", "ns1")
    t.drift("address 10.138.36.12/23 removed")
    wait_until(lambda: "ipvl1:web" in t.ip("address show dev ipvl1", "ns1"), "the label is back")
    # The row declares no lifetime of this one.
    t.ip("address change 10.138.36.2/23 dev ipvl1 valid_lft 1000 preferred_lft 900", "ns1")
    t.ip("address add 10.138.36.99/23 dev ipvl1", "ns1")
    t.drift("address 10.138.36.99/23 added")
    assert "valid_lft forever" not in t.ip("-o address show dev ipvl1 to 10.138.36.2", "ns1"), "it is left alone"
    t.ctl("repair", "ns1/ipvl1")
    assert "valid_lft forever" not in t.ip("-o address show dev ipvl1 to 10.138.36.2", "ns1"), "still"


def test_ipv4_peer(t):
    """Why a peer of IPv4 is refused on an ipvlan, and not on a macvlan (kernel.md 36)."""
    text = ("version: 1\nmasters:\n  - name: eth0\n    datapath: {}\n    mode: l2\n    slaves:\n"
            "      - {{name: a, netns: ns1, addresses: [10.138.36.2/32: {{peer: 10.138.36.1}}]}}\n")
    t.lan("eth0")
    t.ipvld()
    p = t.ctl_try("apply", "-f", t.yaml(text.format("ipvlan"), "lab.yaml"))
    assert p.returncode == 1 and "an ipvlan receives what is for the IPv4 peer" in p.stderr, p.stderr
    t.ip("netns add raw")
    t.ip("link add link eth0 name b netns raw type ipvlan mode l2")
    t.ip("link set dev b up", "raw")
    t.ip("address add 10.138.36.3/32 peer 10.138.36.1 dev b", "raw")
    assert not t.pings("raw", "10.138.36.1", 1, 1), "the kernel has changed: kernel.md 36"
    t.ip("link del dev b", "raw")
    t.apply(text.format("macvlan"))
    t.wait_ready()
    wait_until(lambda: t.pings("ns1", "10.138.36.1", 1, 1), "on a macvlan the peer answers")


LINK_LOCAL = """
version: 1
masters:
  - name: eth0
    mode: l2
    slaves:
      - {{name: a, netns: ns1, addresses: ["2001:db8::2/64"], ipv6-address-generation: {a}}}
      - {{name: b, netns: ns2, addresses: [], ipv6-address-generation: {b}}}
"""


def test_link_local(t):
    """`ipv6-address-generation`: what the kernel makes of it, also of a device that is there (kernel.md 37)."""
    t.lan("eth0", outside=("10.138.36.1/23", "2001:db8::1/64"))
    t.ipvld("--audit", "1")

    def link_local(ns, device):
        shown = t.ipj(f"-6 address show dev {device} scope link", ns)
        return [a["local"] for d in shown for a in d.get("addr_info", []) if a]

    t.apply(LINK_LOCAL.format(a="eui64", b="random"))
    t.wait_ready()
    wait_until(lambda: link_local("ns1", "a") and link_local("ns2", "b"), "the kernel adds them")

    def end_of(ns, device):
        return ipaddress.ip_address(link_local(ns, device)[0]).packed[-3:].hex(":")

    mac = t.link("a", "ns1")["address"]
    assert end_of("ns1", "a") == mac[-8:] != end_of("ns2", "b"), "EUI-64, and not"
    t.apply(LINK_LOCAL.format(a="none", b="random"))
    t.wait_ready()
    wait_until(lambda: not link_local("ns1", "a"), "it is removed")
    t.ping("outside", "2001:db8::2")
    # The kernel reports a change by netlink, and not one of the sysctl.
    t.ip("link set dev a addrgenmode eui64", "ns1")
    t.drift("sysctl ipv6.addr_gen_mode changed")
    t.sysctl("net.ipv6.conf.a.addr_gen_mode", 0, "ns1")
    wait_until(lambda: t.sysctl("net.ipv6.conf.a.addr_gen_mode", ns="ns1") == "1", "the audit sees it")
    wait_until(lambda: not link_local("ns1", "a"), "what came with it goes")
    t.ip("link del dev a", "ns1")
    t.drift("deleted")
    wait_until(lambda: t.link("a", "ns1") is not None, "it is made again")
    t.wait_ready()
    assert link_local("ns1", "a") == [], "without one from the start"
    # Without the keys nothing is changed; made again, it is as the kernel has it.
    t.apply(LINK_LOCAL.format(a="none", b="random").replace(", ipv6-address-generation: none", ""))
    t.wait_ready()
    t.ip("link del dev a", "ns1")
    wait_until(lambda: t.link("a", "ns1") and link_local("ns1", "a"), "the kernel's default")
