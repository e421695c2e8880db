"""The experiments with every mode and flag, each from its file in docs/examples."""

from ipvltest import stays, wait_until

LAN = {"master": "eno2", "address": "10.138.36.58/23"}
OUTSIDE = ("10.138.36.1/23", "10.138.36.55/23", "10.138.36.66/23")


def start(t, example, **lan):
    t.lan(**LAN, outside=OUTSIDE, **lan)
    t.ipvld()
    t.apply(t.example(example))


def route_back(t):
    """What has to be told to the outside in l3: where the slaves' subnet is."""
    t.ip("route add 192.168.9.0/24 via 10.138.36.58", "outside")


def test_l2_bridge(t):
    """Slaves ping each other and the LAN; what is beyond it, with a gateway only."""
    start(t, "l2-bridge.yaml")
    t.ping("ns2", "10.138.36.2")
    for ns in ("ns1", "ns2"):
        t.ping(ns, "10.138.36.55")
        assert "NOARP" not in t.link("ipvl" + ns[-1], ns)["flags"]
    t.ping("ns2", "110.242.68.66")
    t.no_ping("ns1", "110.242.68.66")
    assert [r.get("gateway") for r in t.routes("ipvl1", "ns1")] == [None]
    # Host and slaves on the same master do not reach each other in l2.
    t.no_ping("ns1", "10.138.36.58")


def test_l2_private(t):
    """Slaves reach the LAN and the outside, not each other."""
    start(t, "l2-private.yaml")
    for ns in ("ns1", "ns2"):
        t.ping(ns, "10.138.36.1")
        t.ping(ns, "110.242.68.66")
    t.no_ping("ns1", "10.138.36.3")
    t.no_ping("ns2", "10.138.36.2")
    assert t.mode("ipvl1", "ns1") == ("l2", "private")


def test_l2_vepa(t):
    """Slaves do not reach each other where nothing outside reflects."""
    start(t, "l2-vepa.yaml")
    assert t.mode("ipvl1", "ns1") == ("l2", "vepa")
    t.no_ping("ns2", "192.168.9.2")


def test_l2_vepa_reflected(t):
    """They do with a switch that sends frames back to their port."""
    start(t, "l2-vepa.yaml", reflector=True)
    assert t.mode("ipvl1", "ns1") == ("l2", "vepa")
    t.ping("ns2", "192.168.9.2")


def test_l3_bridge(t):
    """Slaves reach each other without ARP; the outside reaches them once it has a route back."""
    start(t, "l3-bridge.yaml")
    for n in "12":
        assert "NOARP" in t.link("ipvl" + n, "ns" + n)["flags"]
        assert t.mode("ipvl" + n, "ns" + n) == ("l3", "bridge")
    t.ping("ns2", "192.168.9.2")
    t.no_ping("outside", "192.168.9.2")
    route_back(t)
    t.ping("outside", "192.168.9.2")
    t.ping("ns1", "10.138.36.66")


def test_l3_private(t):
    """Traffic to siblings is dropped, that to the outside is not."""
    t.lan(**LAN, outside=OUTSIDE)
    route_back(t)
    t.ipvld()
    t.apply(t.example("l3-bridge.yaml"))
    t.ctl("set-master", "eno2", "flag=private")
    assert t.mode("ipvl1", "ns1") == ("l3", "private")
    t.ping("ns1", "10.138.36.66")
    t.no_ping("ns2", "192.168.9.2")


def test_l3_vepa(t):
    """Slaves reach each other through an outside router: the master's routes lead there."""
    start(t, "l3-vepa.yaml")
    assert t.mode("ipvl1", "ns1") == ("l3", "vepa")
    assert [r["gateway"] for r in t.routes("eno2")] == ["10.138.36.66"]
    t.no_ping("ns2", "192.168.9.2")
    route_back(t)
    for side in ("all", "lan0"):
        t.sysctl(f"net.ipv4.conf.{side}.send_redirects", 0, "outside")
    t.ping("ns2", "192.168.9.2")
    before = int(t.ipj("-s link show lan0", "outside")[0]["stats64"]["rx"]["packets"])
    assert t.pings("ns2", "192.168.9.2", 3)
    after = int(t.ipj("-s link show lan0", "outside")[0]["stats64"]["rx"]["packets"])
    assert after - before >= 6, "the pings did not pass the router"


def test_l3_vepa_without_master_routes(t):
    """Without the master's routes they do not; the routes go with their line in the file."""
    start(t, "l3-vepa.yaml")
    route_back(t)
    t.ctl("set-master", "eno2", "routes=")
    assert t.routes("eno2") == []
    t.no_ping("ns2", "192.168.9.2")


def test_l3s(t):
    """As l3 bridge, in mode l3s."""
    start(t, "l3s.yaml")
    assert t.mode("ipvl1", "ns1") == ("l3s", "bridge")
    t.ping("ns2", "192.168.9.2")
    route_back(t)
    t.ping("outside", "192.168.9.2")
    t.ping("ns1", "10.138.36.66")


def test_live_change(t):
    """Every mode and flag in turn, live: no slave is made again, and traffic is as the new one's."""
    start(t, "l2-bridge.yaml")
    before = t.ifindex("ipvl1", "ns1"), t.ifindex("ipvl2", "ns2")
    for mode in ("l3", "l3s", "l2"):
        for flag in ("private", "vepa", "bridge"):
            t.ctl("set-master", "eno2", f"mode={mode}", f"flag={flag}")
            assert t.mode("ipvl1", "ns1") == (mode, flag)
            assert t.mode("ipvl2", "ns2") == (mode, flag)
            assert (t.ifindex("ipvl1", "ns1"), t.ifindex("ipvl2", "ns2")) == before
            assert t.addresses("ipvl2", "ns2") == ["10.138.36.3/23"]
            assert [r["gateway"] for r in t.routes("ipvl2", "ns2")] == ["10.138.36.1"]
        t.ping("ns2", "10.138.36.2")
    t.ping("ns2", "110.242.68.66")
    assert t.rows("Drift") == [], "our own changes are no drift"


def test_diff_foretells(t):
    """`diff` of a change of mode: exit status 2, says so, changes nothing."""
    start(t, "l2-bridge.yaml")
    with open(t.example("l2-bridge.yaml"), encoding="utf-8") as f:
        changed = t.yaml(f.read().replace("mode: l2", "mode: l3"))
    # The same masters declared by another file would be two sources that differ.
    out = t.ctl("diff", "-f", changed, "--source", t.example("l2-bridge.yaml"), status=2)
    assert "l2 -> l3" in out, out
    assert t.mode("ipvl1", "ns1") == ("l2", "bridge")
    t.ctl("diff", "-f", t.example("l2-bridge.yaml"), status=0)


# An advertisement of the prefix 2001:db8:7::/64, and of a default router (RFC 4861).
ADVERTISE = """
import socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack("!BBBBIII16s", 3, 4, 64, 0xc0, 3600, 3600, 0, socket.inet_pton(socket.AF_INET6, "2001:db8:7::"))
s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + prefix,
         ("ff02::1", 0, 0, socket.if_nametoindex("lan0")))
"""


def test_router_advertisement(t):
    """Slaves take addresses and a default route from a router in l2, and in l3 nothing (kernel.md 11)."""
    start(t, "l2-bridge.yaml")

    def advertised():
        t.exec("outside", "python3", "-c", ADVERTISE)
        return [a for a in t.addresses("ipvl1", "ns1") if a.startswith("2001:db8:7:")]

    wait_until(advertised, "an address by advertisement")
    assert t.ipj("-6 route show default dev ipvl1", "ns1")[0]["protocol"] == "ra"
    t.ctl("set-master", "eno2", "mode=l3")
    for words in ("link set ipvl1 down", "link set ipvl1 up"):
        t.ip(words, "ns1")
    wait_until(lambda: "UP" in t.link("ipvl1", "ns1")["flags"], "it is up again")
    stays(lambda: not advertised(), "no address by advertisement", 5)
