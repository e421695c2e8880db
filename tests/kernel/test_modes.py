"""What a mode does with devices that no scenario has: a switch that reflects, a router that advertises."""

from ipvltest import stays, wait_until

LAN = {"master": "eno2", "address": "10.138.36.58/23"}
OUTSIDE = ("10.138.36.1/23", "10.138.36.55/23", "10.138.36.66/23")


def start(t, example, **lan):
    t.lan(**LAN, outside=OUTSIDE, **lan)
    t.ipvld()
    t.apply(t.example(example))


def test_l2_vepa_reflected(t):
    """Slaves in l2 vepa reach each other with a switch that sends frames back to their port."""
    start(t, "l2-vepa.yaml", reflector=True)
    assert t.mode("ipvl1", "ns1") == ("l2", "vepa")
    t.ping("ns2", "192.168.9.2")


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
