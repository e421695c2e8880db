"""What rules of policy routing do with packets, which no scenario has."""

from ipvltest import wait_until

LAB = """
version: 1
masters:
  - name: eth0
    mode: l2
    slaves:
      - {{name: a, netns: ns1, addresses: [10.138.36.2/23], routes: [{{to: default, via: 10.138.36.1}}]}}
  - name: eth1
    mode: l2
    slaves:
      - name: b
        netns: ns1
        addresses: [198.51.100.10/24]
        routes: [{{to: default, via: 198.51.100.1, metric: 200}}]
        source-routing: {source_routing}
"""


def test_replies_leave_by_it(t):
    """A slave on a second network answers by its own gateway, if it has `source-routing`."""
    t.lan("eth0")
    t.ip("netns add beyond")
    t.ip("link add eth1 up type veth peer name lan1 netns beyond")
    for words in ("link set lo up", "link set lan1 up", "addr add 198.51.100.1/24 dev lan1",
                  "addr add 203.0.113.9/32 dev lo"):
        t.ip(words, "beyond")
    t.ipvld()

    def is_answered():
        return t.pings("beyond", "198.51.100.10", 1, 1, "-I", "203.0.113.9")

    t.apply(LAB.format(source_routing="false"))
    t.wait_ready()
    t.ping("beyond", "198.51.100.10")
    assert not is_answered(), "the reply leaves by the other slave, whose router does not know the way"
    t.apply(LAB.format(source_routing="true"))
    t.wait_ready()
    wait_until(is_answered, "the reply leaves by the slave that got the request")
    t.ip("rule del from 198.51.100.10", "ns1")
    t.drift("rule from 198.51.100.10 table 7635077 priority 31000 removed")
    wait_until(is_answered, "the rule is back")
    t.apply("version: 1\nmasters: []\n")
    wait_until(lambda: "ns1" not in t.namespaces(), "nothing is left")


def test_vrf(t):
    """docs/examples/vrf.yaml: packets of a member of a VRF, whose table has its routes."""
    t.lan("eno2")
    t.ip("netns add ns1")
    t.ip("link set lo up", "ns1")
    t.ip("addr add 203.0.113.9/32 dev lo", "outside")
    t.ipvld()
    text = t.example("vrf.yaml")
    t.apply(text)
    wait_until(lambda: t.rows("Slave", name="ipvl1")[0]["state"] == "waiting", "it waits for the VRF")
    t.ip("link add red up type vrf table 10", "ns1")
    t.wait_ready()

    def is_answered():
        """From an address that only the default route of the VRF leads to."""
        return t.pings("outside", "10.138.36.2", 1, 1, "-I", "203.0.113.9")

    assert "default via 10.138.36.1" in t.ip("route show table 10", "ns1")
    assert "default" not in t.ip("route show", "ns1")
    wait_until(is_answered, "the answer leaves by the route of the VRF")
    assert t.pings("ns1", "203.0.113.9", 1, 1, "-I", "red"), "so does what is bound to it"
    t.ip("link set ipvl1 nomaster", "ns1")
    t.drift("taken out of the VRF red")
    wait_until(is_answered, "it is back")
    t.ip("link del red", "ns1")
    wait_until(lambda: t.rows("Slave", name="ipvl1")[0]["state"] == "waiting", "it waits")
    t.ip("link add red up type vrf table 12", "ns1")
    t.wait_ready()
    wait_until(is_answered, "another table serves as well")
    t.ip("link set red down", "ns1")
    wait_until(lambda: "the VRF red is down" in t.ctl("show"), "it is said")
    assert not is_answered()


VRF_MODE = """
version: 1
masters:
  - name: eth0
    mode: {mode}
    slaves:
      - {{name: a, netns: ns1, vrf: red, addresses: [10.140.0.2/24], routes: [{{to: default}}]}}
      - {{name: b, netns: ns2, addresses: [10.140.0.3/24], routes: [{{to: default}}]}}
"""


def test_vrf_l3(t):
    """In l3 all is as without a VRF; in l3s what is bound to the VRF receives nothing from outside, and has a
    warning (kernel.md 32)."""
    t.lan("eth0")
    t.ip("netns add ns1")
    t.ip("link set lo up", "ns1")
    t.ip("link add red up type vrf table 10", "ns1")
    t.ip("route add 10.140.0.0/24 via 10.138.36.58", "outside")
    t.ipvld()
    for mode in "l3", "l3s":
        t.apply(VRF_MODE.format(mode=mode))
        t.wait_ready()
        wait_until(lambda: t.pings("outside", "10.140.0.2", 1, 1), f"{mode}: the kernel answers")
        wait_until(lambda: t.pings("ns2", "10.140.0.2", 1, 1), f"{mode}: a sibling is answered")
        bound = t.pings("ns1", "10.138.36.1", 1, 1, "-I", "red")
        assert bound == (mode == "l3"), f"{mode}: bound to the VRF"
        wait_until(lambda: ("bound to the VRF red" in t.ctl("show")) == (mode == "l3s"), f"{mode}: its warning")
