"""`ipvl-ctl trace` beside packets, as test_trace.py: slaves in a VRF of their namespace. The sender is bound to it."""

from ipvltest import wait_until
from trace_networks import compare, route_back, start


def test_ways(t):
    """Two of three slaves of each network are in a VRF: in a plain network, and with routes back. The flag counts
    behind the VRF; all nine networks have agreed once."""
    start(t, gateways=True, vrf="ab", flags=("bridge",))
    compare(t, vrf="ab")
    route_back("add")
    compare(t, "route-back", vrf="ab")


def test_verify(t):
    """--verify sends from the VRF: through its routes, and what these do not lead to."""
    t.lan("eth0", outside=("10.138.36.1/23",))
    t.ip("netns add ns0")
    t.ip("link add red type vrf table 10", "ns0")
    t.ip("link set red up", "ns0")
    t.ipvld()
    t.apply("""
        version: 1
        masters:
          - name: eth0
            mode: l2
            slaves:
              - {name: a, netns: ns0, vrf: red, addresses: [10.138.36.2/23, "fd00::2/64"], ipv6: static}
              - {name: b, netns: ns1, addresses: [10.138.36.3/23, "fd00::3/64"], ipv6: static}
        """)
    t.wait_ready()
    for ns in ("ns0", "ns1"):
        wait_until(lambda ns=ns: "tentative" not in t.ip("-6 addr", ns), f"the addresses of {ns} are used")
    for to in ("10.138.36.3", "fd00::3", "10.138.36.1"):
        out = t.ctl("trace", "ns0/a", to, "--verify")
        assert "by the routes of the VRF red" in out and "\nverified: 3 of 3 echoes came back" in out, out
    t.ip("route add unreachable 203.0.113.0/24 table 10", "ns0")
    out = t.ctl("trace", "ns0/a", "203.0.113.9", "--verify", status=2)
    assert "makes 203.0.113.9 unreachable" in out, out
    # The other direction: the kernel answers.
    assert "verified: 3 of 3" in t.ctl("trace", "ns1/b", "10.138.36.2", "--verify")
    t.ip("link set red down", "ns0")
    out = t.ctl("trace", "ns1/b", "10.138.36.2", "--verify", status=2)
    assert "none of 3 came back" in out, out
