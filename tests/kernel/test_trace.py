"""`ipvl-ctl trace` beside packets: for each mode and flag what it says of a way, and whether a ping comes back,
are the same. Slaves have gateways."""

import itertools

from ipvltest import Rpc
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
    rpc = Rpc()
    for i, source, target in itertools.product((0, 3, 6), ("host", "a", "c"), ("a", "c", "m")):
        if source == target or {source, target} == {"host", "m"}:
            continue
        to = addresses(i)[4][target]
        verdict, text = traced(rpc, place(source, i), to, ["plain"])
        # In l3 a host with several masters may choose the address of another one as the source.
        assert verdict == "arrives" or (i > 0 and source == "host"), text
        (t.ping if verdict == "arrives" else t.no_ping)(place(source, i), to)
