"""`ipvl-ctl trace` beside packets, as test_trace.py: macvlans, in each of their modes; and ipvtaps."""

from ipvltest import Rpc, run, skip, wait_until
from test_trace_links import echoes
from trace_networks import ALL, USED, WAYS, compare, hairpin, route_back, start, traced

# In passthru the host gets no answer.
HOST_OUT = ("host", "out")


def test_gateways(t):
    """Bridge, private, vepa and passthru: in a plain network, with routes by the master, and with a hairpin port."""
    start(t, gateways=True, kind="macvlan")
    compare(t, ways=(*WAYS, HOST_OUT))
    route_back("add")
    compare(t, "route-back")
    route_back("del")
    hairpin("on")
    compare(t, "hairpin", ways=(*WAYS, HOST_OUT))


def test_host_access(t):
    """The host and its slaves, where it has a macvlan of its own."""
    start(t, gateways=True, kind="macvlan", flags=("bridge",), host_access=True)
    compare(t, ways=(("host", "a"), ("host", "c"), ("a", "m"), ("c", "m"), ("a", "c")))


def test_broadcast(t):
    """Broadcast and multicast: whether another slave receives them."""
    start(t, gateways=True, kind="macvlan")
    rpc, bridge = Rpc(), USED[0]
    for family, target in ((4, "10.{i}.0.255"), (4, "224.0.0.1"), (6, "ff02::1")):
        before = [echoes(f"b{i}", family) for i in USED[:3]]
        for i in USED:
            to = target.format(i=i)
            verdict, text = traced(rpc, f"a{i}", to, [])
            assert verdict == ("arrives" if i == bridge else "does not arrive"), f"{ALL[i]}\n{text}"
            out = echoes(f"out{i}", family)
            run("ip", "netns", "exec", f"a{i}", "ping", "-n", "-q", "-c", "1", "-W", "0.1", "-I", "s",
                *(["-b"] if family == 4 else []), to, check=False)
            wait_until(lambda: echoes(f"out{i}", family) > out, "it is on the wire")
        wait_until(lambda: echoes(f"b{bridge}", family) > before[0], f"b{bridge} receives {target}")
        assert [echoes(f"b{i}", family) for i in USED[1:3]] == before[1:]


def test_tap(t):
    """An ipvtap is as an ipvlan until a program reads it, which then gets what comes in."""
    t.lan("eth0", address="10.138.36.58/23", outside=("10.138.36.1/23",))
    t.ip("link add probe link eth0 type ipvtap", check=False)
    if not t.link("probe"):
        skip("this kernel has no ipvtap")
    t.ip("link del probe")
    t.ipvld()
    t.apply("""
        version: 1
        masters:
          - name: eth0
            datapath: ipvtap
            mode: l2
            slaves:
              - {name: a, netns: ns0, addresses: [10.138.36.2/23]}
              - {name: b, netns: ns1, addresses: [10.138.36.3/23]}
        """)
    t.wait_ready()
    for to in ("10.138.36.3", "10.138.36.1"):
        out = t.ctl("trace", "ns0/a", to, "--verify")
        assert "\nverified: 3 of 3" in out, out
    assert "b is of kind ipvtap: a program that has /dev/tap" in t.ctl("trace", "ns0/a", "10.138.36.3")
    assert "none of 3 came back" in t.ctl("trace", "ns0/a", "10.138.36.58", "--verify", status=2)
    with open(f"/dev/tap{t.ifindex('b', 'ns1')}", "rb", buffering=0):
        out = t.ctl("trace", "ns0/a", "10.138.36.3", "--verify", status=1)
        assert "0 of 3 echoes came back" in out, out
