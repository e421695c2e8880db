"""`ipvl-ctl trace` beside packets, as test_trace.py: routes without a gateway; broadcast and multicast."""

import re

from ipvltest import Rpc, read_inside, run, wait_until
from trace_networks import MODES, compare, route_back, start, traced


def test_on_link(t):
    """The same with a default route that has no gateway."""
    start(t, gateways=False)
    compare(t, gateways=False)
    route_back("add")
    compare(t, "route-back", gateways=False)


def echoes(ns, family):
    """How many echo requests the namespace has received."""
    if family == 6:
        found = re.search(r"^Icmp6InEchos\s+(\d+)", read_inside(ns, "/proc/thread-self/net/snmp6"), re.M)
        return int(found[1])
    names, values = [line.split() for line in read_inside(ns, "/proc/thread-self/net/snmp").splitlines()
                     if line.startswith("Icmp:")]
    return int(dict(zip(names, values))["InEchos"])


def test_broadcast(t):
    """Broadcast and multicast: whether another slave receives them. Nobody has to answer."""
    start(t, gateways=True)
    rpc = Rpc()
    for family, target in ((4, "10.{i}.0.255"), (4, "224.0.0.1"), (6, "ff02::1")):
        before = [echoes(f"b{i}", family) for i in range(len(MODES))]
        for i, mode in enumerate(MODES):
            to = target.format(i=i)
            verdict, text = traced(rpc, f"a{i}", to, [])
            assert verdict == ("arrives" if mode[0] == "l2" else "does not arrive"), f"{mode}\n{text}"
            run("ip", "netns", "exec", f"a{i}", "ping", "-n", "-q", "-c", "1", "-W", "0.1", "-I", "s",
                *(["-b"] if family == 4 else []), to, check=False)
        for i, mode in enumerate(MODES):
            if mode[0] == "l2":
                wait_until(lambda: echoes(f"b{i}", family) > before[i], f"b{i} receives {target}")
        # Those of l2 were sent first, and have arrived.
        assert [echoes(f"b{i}", family) for i in range(3, len(MODES))] == before[3:]
