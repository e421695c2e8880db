"""`ipvl-ctl trace` beside packets: for each mode and flag what it says of a way, and whether a ping comes back,
are the same. Slaves have gateways."""

import json

from ipvltest import Rpc, wait_until
from trace_networks import addresses, compare, hairpin, place, route_back, start, traced


def test_gateways(t):
    """Through gateways: in a plain network, with routes back, and with a hairpin port."""
    start(t, gateways=True)
    compare(t)
    route_back("add")
    compare(t, "route-back")
    route_back("del")
    hairpin("on")
    compare(t, "hairpin")


def test_host_access(t):
    """The host and its slaves, where it has a slave of its own."""
    start(t, gateways=True, host_access=True)
    compare(t, ways=(("host", "a"), ("host", "c"), ("a", "m"), ("c", "m"), ("a", "c")))
    # By the shim they reach each other: in l3 a host with several masters may choose the address of another one. What c
    # sends to the master comes by the router, so that the shim asks for c, from an address that it has not.
    rpc = Rpc()
    for source, target in (("host", "a"), ("host", "c"), ("a", "m")):
        verdict, text = traced(rpc, place(source, 0), addresses(0)[4][target], ["plain"])
        assert verdict == "arrives", text


VERIFY = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - {name: a, netns: ns0, addresses: [10.138.36.2/23, "fd00::2/64"], ipv6: static}
          - {name: b, netns: ns1, addresses: [10.138.36.3/23, "fd00::3/64"], ipv6: static}
    """


def test_verify(t):
    """--verify sends echoes: they agree with the trace, or the exit status says that they do not."""
    t.lan("eth0")
    t.ipvld()
    t.apply(VERIFY)
    t.wait_ready()
    for ns in ("ns0", "ns1"):       # duplicate address detection
        wait_until(lambda ns=ns: "tentative" not in t.ip("-6 addr", ns), f"the addresses of {ns} are used")
    for to in ("10.138.36.3", "fd00::3"):
        assert "\nverified: 3 of 3 echoes came back" in t.ctl("trace", "ns0/a", to, "--verify")
    assert "3 of 3" not in t.ctl("trace", "ns0/a", "10.138.36.3")
    # The host's own address on the card, and one that there is no route to.
    for to in ("10.138.36.58", "203.0.113.9"):
        out = t.ctl("trace", "ns0/a", to, "--verify", status=2)
        assert "none of 3 came back" in out or "no address to send from" in out, out
    # What no trace can know.
    t.sysctl("net.ipv4.icmp_echo_ignore_all", 1, "ns1")
    out = t.ctl("trace", "ns0/a", "10.138.36.3", "--verify", status=1)
    assert "disagrees: the trace says it arrives, and 0 of 3 echoes came back" in out, out
    result = json.loads(t.ctl("-f", "json", "trace", "ns0/a", "10.138.36.3", "--verify", status=1))
    assert result["echoes"] == {"done": True, "sent": 3, "back": 0, "error": "", "agrees": False}, result
    # So many at a time; they last for seconds.
    rpc = Rpc()
    ping = {"netns": "ns0", "device": "", "from": "10.138.36.2", "to": "10.138.36.3"}

    def is_full():
        try:
            rpc.call("ipvl_verify", "ipvl", ping)
        except AssertionError as e:
            t.said.append(str(e))
            return "echoes are under way" in str(e)
        return False

    wait_until(is_full, "no more echoes are begun")
    rpc.close()
    # The socket that was inside does not keep the namespace.
    t.ctl("del-slave", "ns0/a")
    assert "ns0" not in t.namespaces()
