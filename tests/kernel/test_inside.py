"""What is inside a slave's namespace: `ready` means that addresses and routes are as declared, whatever
somebody did to them by hand, and what the kernel itself made for them."""

from ipvltest import wait_until

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
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
"""
IPV4, IPV6 = "10.138.36.2/23", "2001:db8::2/64"
SUBNETS = {"10.138.36.0/23", "2001:db8::/64"}


def start(t, config=CONFIG):
    t.lan("eth0", outside=("10.138.36.1/23", "2001:db8::1/64"))
    t.events_only()
    t.apply(config)
    t.wait_ready()
    wait_until(lambda: as_wanted(t), "as declared")


def address(t, local, name="ipvl0", ns="ns0"):
    """The address as `ip -d -j addr` shows it, None if it is not there."""
    found = [a for d in t.ipj(f"addr show dev {name}", ns) for a in d.get("addr_info", [])
             if a.get("local") == local.split("/")[0]]
    return found[0] if found else None


def is_plain(t, text, name="ipvl0", ns="ns0"):
    """It is there as ipvl adds it: global, for ever, without a peer."""
    a = address(t, text, name, ns)
    assert a and a["prefixlen"] == int(text.split("/")[1]), f"{text} is missing: {a}"
    # In IPv6 256 is the kernel's own.
    odd = {k: v for k, v in a.items() if k in ("address", "dynamic", "deprecated", "metric",
                                               "dadfailed", "tentative") and v != 256}
    assert not odd and a["scope"] == "global", f"{text} is not plain: {a}"
    assert a["valid_life_time"] == a["preferred_life_time"] == 2 ** 32 - 1, a
    return True


def subnets(t, name="ipvl0", ns="ns0"):
    """The kernel's own routes to subnets, but for the link-local one."""
    return {r["dst"] for family in (4, 6) for r in t.ipj(f"-{family} route show dev {name}", ns)
            if r.get("protocol") == "kernel" and r["dst"] != "fe80::/64"}


def local(t, name="ipvl0", ns="ns0"):
    """What the kernel takes as its own on the device."""
    return {r["dst"] for family in (4, 6)
            for r in t.ipj(f"-{family} route show table local dev {name}", ns)
            if r.get("type") == "local" and not r["dst"].startswith("fe80:")}


def as_wanted(t):
    assert is_plain(t, IPV4) and is_plain(t, IPV6)
    assert subnets(t) == SUBNETS, subnets(t)
    assert local(t) == {"10.138.36.2", "2001:db8::2"}, local(t)
    assert [r["gateway"] for r in t.routes("ipvl0", "ns0")] == ["10.138.36.1"]
    assert [r["dst"] for r in t.routes("ipvl0", "ns0", 6)] == ["2001:db8:f::/48"]
    return True


def repaired(t, named):
    wait_until(lambda: as_wanted(t), "everything is repaired")
    t.drift(named)
    t.wait_ready()
    # The second look after the repair is over: what it would find is no drift.
    t.events_are_handled("ns1", "10.138.36.3/23", "ipvl1")
    t.ping("ns0", "110.242.68.66")
    t.ping("ns0", "2001:db8::1")


def test_subnet_route(t):
    """The kernel's own route to the subnet removed (K1): made again as the kernel makes it, without an interruption."""
    start(t)
    made = t.ip("-d route show 10.138.36.0/23", "ns0"), t.ip("-d -6 route show 2001:db8::/64", "ns0")
    t.ip("route del 10.138.36.0/23 dev ipvl0", "ns0")
    repaired(t, "address 10.138.36.2/23 has lost")
    t.ip("-6 route del 2001:db8::/64 dev ipvl0", "ns0")
    repaired(t, "address 2001:db8::2/64 has lost")
    assert made == (t.ip("-d route show 10.138.36.0/23", "ns0"),
                    t.ip("-d -6 route show 2001:db8::/64", "ns0"))
    # It goes with the address, as the kernel's own does.
    t.ctl("set-slave", "ns0/ipvl0", "addresses=2001:db8:1::2/64", "routes=[]")
    wait_until(lambda: subnets(t) == {"2001:db8:1::/64"}, "the old subnets are gone")


def test_routes_flushed(t):
    """`ip route flush dev` takes the subnets' routes along (K1): the default route can be made again."""
    start(t)
    t.ip("route flush dev ipvl0", "ns0")
    t.ip("-6 route flush dev ipvl0", "ns0")
    repaired(t, "10.138.36.2/23")


def test_flushed_before_start(t):
    """The same while no daemon runs (K1)."""
    start(t)
    t.daemons[0].stop()
    t.ip("route flush dev ipvl0", "ns0")
    t.ip("-6 route flush dev ipvl0", "ns0")
    t.daemons[0].start()
    wait_until(lambda: as_wanted(t), "everything is repaired")
    t.wait_ready()


def test_secondary(t):
    """Of two addresses in one subnet the first has the route; it alone is made again."""
    start(t)
    t.ctl("set-slave", "ns1/ipvl1", "addresses=10.138.36.3/23 10.138.36.4/23 10.9.9.9/32")
    wait_until(lambda: t.addresses("ipvl1", "ns1") == ["10.138.36.3/23", "10.138.36.4/23",
                                                       "10.9.9.9/32"], "three addresses")
    t.wait_ready()
    before = t.ip("-d route show dev ipvl1", "ns1")
    t.ip("route flush dev ipvl1", "ns1")
    wait_until(lambda: t.ip("-d route show dev ipvl1", "ns1") == before, "the one route")
    t.ping("ns1", "10.138.36.1")


def test_local_table(t):
    """Entries of the local table removed, so that no packet is taken: made again."""
    start(t)
    t.ip("route del local 10.138.36.2 dev ipvl0 table local", "ns0")
    repaired(t, "10.138.36.2")
    t.ip("-6 route del local 2001:db8::2 dev ipvl0 table local", "ns0")
    repaired(t, "2001:db8::2")


def test_peer(t):
    """A stranger's address with a peer is removed, and is gone when it is said to be (K3)."""
    start(t)
    t.ip("addr add 10.7.7.1 peer 10.8.8.8/32 dev ipvl0", "ns0")
    t.drift("10.7.7.1")
    wait_until(lambda: not address(t, "10.7.7.1"), "10.7.7.1 is gone")
    t.ip("addr add 2001:db8:7::1 peer 2001:db8:8::8/128 dev ipvl0", "ns0")
    wait_until(lambda: not address(t, "2001:db8:7::1"), "2001:db8:7::1 is gone")
    repaired(t, "2001:db8:7::1")


def test_peer_in_our_place(t):
    """Our address with a peer, and so another subnet, is not ours (K3)."""
    start(t)
    t.daemons[0].stop()
    t.ip("addr del 10.138.36.2/23 dev ipvl0", "ns0")
    t.ip("addr add 10.138.36.2 peer 10.66.0.9/23 dev ipvl0", "ns0")
    t.ip("addr del 2001:db8::2/64 dev ipvl0", "ns0")
    t.ip("addr add 2001:db8::2 peer 2001:db8:66::9/64 dev ipvl0", "ns0")
    t.daemons[0].start()
    wait_until(lambda: as_wanted(t), "the addresses are ours")
    t.wait_ready()
    t.ping("ns0", "110.242.68.66")


def test_scope(t):
    """Our address with another scope, so that it is not used as a source: made anew."""
    start(t)
    t.daemons[0].stop()
    t.ip("addr del 10.138.36.2/23 dev ipvl0", "ns0")
    t.ip("addr add 10.138.36.2/23 dev ipvl0 scope link", "ns0")
    t.daemons[0].start()
    wait_until(lambda: as_wanted(t), "the address is ours")
    t.wait_ready()


def test_slave_that_nothing_was_heard_of(t):
    """A metric on an address of a slave that has just been made, without IPv6 and its events (l3): ipvld has
    what it declares without another look."""
    start_l3 = """
        version: 1
        masters:
          - name: eth0
            mode: l3
            slaves:
              - {name: ipvl0, netns: ns0, addresses: [10.138.36.2/23], routes: [{to: 10.9.0.0/16}]}
              - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23], routes: [{to: 10.9.0.0/16}]}
        """
    t.lan("eth0")
    t.events_only()
    t.apply(start_l3)
    t.ip("netns add elsewhere")
    for words in ("link del ipvl0", "link set ipvl0 netns elsewhere", "link set ipvl0 netns ns1"):
        t.ip(words, "ns0")
        wait_until(lambda: address(t, IPV4) and t.all_ready(), "it is made again")
        t.ip(f"addr change {IPV4} dev ipvl0 metric 500", "ns0")
        wait_until(lambda: (address(t, IPV4) or {"metric": 500}).get("metric") != 500, f"without a metric again after {words}")
    t.ip("link add other0 type dummy", "ns1")
    t.ip("link set other0 up", "ns1")
    t.ip("route replace 10.9.0.0/16 dev other0", "ns1")
    t.wait_state("ns1/ipvl1", "conflict")


def test_address_attributes(t):
    """A metric, or an address without the route to its subnet: put right."""
    start(t)
    for which in (IPV4, IPV6):
        t.ip(f"addr change {which} dev ipvl0 metric 500", "ns0")
        repaired(t, f"address {which}")
    t.ip("addr change 2001:db8::2/64 dev ipvl0 noprefixroute", "ns0")
    repaired(t, "address 2001:db8::2/64")
    t.daemons[0].stop()
    t.ip("addr del 10.138.36.2/23 dev ipvl0", "ns0")
    t.ip("addr add 10.138.36.2/23 dev ipvl0 noprefixroute", "ns0")
    t.daemons[0].start()
    wait_until(lambda: as_wanted(t), "it has its route")
    t.wait_ready()


def test_detour(t):
    """A stranger's route in place of that to the subnet: a conflict that names the cure, and ends with it."""
    start(t)
    t.ip("route replace 10.138.36.0/23 via 10.138.36.99 dev ipvl0 onlink", "ns0")
    said = t.wait_state("ns0/ipvl0", "conflict")["message"]
    assert "a route to 10.138.36.0/23 through a gateway" in said, said
    assert len(t.ipj("route show 10.138.36.0/23", "ns0")) == 1, "none is added behind it"
    t.ip("route del 10.138.36.0/23 via 10.138.36.99", "ns0")
    t.wait_ready()
    wait_until(lambda: as_wanted(t), "everything is repaired")
    t.ping("ns0", "110.242.68.66")


def test_ipv6_on_below_its_mtu(t):
    """IPv6 turned on where the master has made the MTU too small for it: written so, the kernel hangs (kernel.md 26)."""
    text = """
version: 1
masters:
  - name: eth0
    mode: l2
    slaves:
      - {name: ipvl0, netns: ns0, mtu: 1400, drift: %s, addresses: [10.138.36.2/23], sysctl: {ipv6.disable_ipv6: %d}}
"""
    t.lan("eth0")
    t.ipvld()
    t.apply(text % ("ignore", 1))
    wait_until(lambda: t.rows("Settled"), "its drift is left from now on")
    t.ip("link set eth0 mtu 1200")
    assert t.link("ipvl0", "ns0")["mtu"] == 1200
    # The MTU comes first.
    t.apply(text % ("repair", 0))
    t.wait_ready()
    assert t.link("ipvl0", "ns0")["mtu"] == 1400
    assert t.sysctl("net.ipv6.conf.ipvl0.disable_ipv6", ns="ns0") == "0"


def test_route_of_our_number(t):
    """A route of ours changed to one that drops, under our own protocol number: put back, and named."""
    start(t)
    t.ip("route change blackhole default proto 76", "ns0")
    repaired(t, "route blackhole default added")
