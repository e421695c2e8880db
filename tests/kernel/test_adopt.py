"""`ipvl-ctl adopt` and `release`: devices of a script change hands, in place, and no packet is lost."""

from ipvltest import WORK, wait_until, write_file
from test_hitless import LAN, Stream, through
from test_import import HOST, make

SCRIPT = """
netns add ns1
netns add ns2
link add s1 netns ns1 link eno2 type ipvlan mode l2 bridge
-n ns1 link set s1 up
-n ns1 addr add 10.138.36.2/23 dev s1
-n ns1 addr add 2001:db8::2/64 dev s1 nodad
-n ns1 route add default via 10.138.36.1
-n ns1 route add default via 2001:db8::1
-n ns1 route add 10.8.0.0/16 nexthop via 10.138.36.1 nexthop via 10.138.36.9
-n ns1 route add 2001:db8:8::/64 nexthop via 2001:db8::1 nexthop via 2001:db8::9
-n ns1 route add blackhole 10.66.0.0/16
-n ns1 route add default via 10.138.36.1 table 77
-n ns1 rule add from 10.138.36.2 table 77 priority 500
link add s2 netns ns2 link eno2 type ipvlan mode l2 bridge
-n ns2 link set s2 up
-n ns2 addr add 10.138.36.3/23 dev s2
-n ns2 route add default dev s2
"""

# By the default route, by the rule's table, to a sibling, from outside, IPv6 both ways.
STREAMS = (("ns1", "110.242.68.66"), ("ns1", "10.138.36.3"), ("outside", "10.138.36.2"), ("ns2", "10.138.36.1"),
           ("ns1", "2001:db8::1"), ("outside", "2001:db8::2"))


def protocols(t, ns, device):
    return {r["protocol"] for family in (4, 6) for r in t.ipj(f"-{family} route show table all", ns)
            if r.get("dev") == device and r["protocol"] not in ("kernel", "ra")}


def of_rules(t, ns):
    return [r.get("protocol", "boot") for r in t.ipj("rule show", ns) if r.get("table") == "77"]


def is_ours(t, ns, device):
    return t.link(device, ns)["group"] != "default"


def test_no_packet_lost(t):
    """A ping every 10 ms through adopt, release, and adopt again: none lost, the same ifindex."""
    t.lan(**LAN, outside=("10.138.36.1/23", "2001:db8::1/64"))
    make(t, SCRIPT)
    t.ipvld()
    before = t.ifindex("s1", "ns1"), t.ifindex("s2", "ns2")
    streams = [Stream(*s) for s in STREAMS]
    for words, ours in ((("adopt", "ns1/s1", "ns2/s2"), True), (("release", "ns1/s1", "ns2/s2"), False),
                        (("adopt", "eno2"), True), (("release", "eno2"), False)):
        lost, steps = through(t, streams, words)
        assert "disruptive" not in steps, f"{words}: {steps}"
        assert not any(lost.values()), f"{words}: {lost}"
        assert (t.ifindex("s1", "ns1"), t.ifindex("s2", "ns2")) == before
        assert is_ours(t, "ns1", "s1") == is_ours(t, "ns2", "s2") == ours
        number = {"76" if ours else "static"}
        assert {str(p) for p in protocols(t, "ns1", "s1")} <= number | ({"ipvl"} if ours else set()), protocols(t, "ns1", "s1")
        assert len(of_rules(t, "ns1")) == 1, of_rules(t, "ns1")
        assert len(t.rows("Slave")) == (2 if ours else 0)
    for s in streams:
        s.end()
    assert t.rows("Drift") == [], "our own changes are no drift"
    assert t.namespaces() == ["ns1", "ns2", "outside"]


def without_marks(t):
    places = ("eth0", None), ("eth1.100", None), ("v0", "lab1"), ("v1", "lab2")
    return [(t.addresses(*p), [{k: v for k, v in r.items() if k != "protocol"} for f in (4, 6)
                               for r in t.routes(*p, family=f)], t.ifindex(*p), t.link(*p)["mtu"],
             t.link(*p)["flags"]) for p in places], t.namespaces()


def test_host_of_a_script(t):
    """`import`, then `apply --adopt`: nothing changes but whose it is, and then `diff` is empty."""
    make(t, HOST + "-n lab1 rule add to 10.9.0.0/16 table 100 priority 700\n")
    t.ipvld()
    before = without_marks(t)
    file = write_file(f"{WORK}/host.yaml", t.ctl("import"))
    said = t.refused("apply", file)
    assert "`ipvl-ctl adopt lab1/v0`" in said or "`ipvl-ctl adopt eth1.100`" in said, said
    steps = t.ctl("diff", "--adopt", file, status=2)
    assert "disruptive" not in steps, steps
    t.ctl("apply", "--adopt", file)
    t.wait_ready()
    assert t.ctl("diff", file) == ""
    assert without_marks(t) == before
    assert {p for p, _ in (("lab1", "v0"), ("lab2", "v1")) if is_ours(t, p, _)} == {"lab1", "lab2"}
    assert is_ours(t, None, "eth1.100") and not is_ours(t, None, "eth1")
    # It is ipvl's now: repaired, and deleted with its row.
    t.ip("link set v1 down", "lab2")
    wait_until(lambda: "UP" in t.link("v1", "lab2")["flags"], "v1 is up again")
    t.ctl("del-master", "eth1.100")
    wait_until(lambda: not t.link("eth1.100") and not t.link("v1", "lab2"), "the VLAN goes with its row")
    t.ctl("release", "eth0")
    assert not t.rows("Slave")
    assert t.addresses("v0", "lab1") == ["10.0.0.2/24", "2001:db8::2/64"]
    assert t.namespaces() == ["lab1", "lab2", "lab3"]


def test_refused(t):
    """Each refusal is one sentence, and changes nothing."""
    t.lan("eth0")
    make(t, """
        netns add ns1
        link add v netns ns1 type veth peer name vp
        link add tap netns ns1 link eth0 type ipvtap mode l2 bridge
        link add g netns ns1 link eth0 type ipvlan mode l2 bridge
        -n ns1 link set g group 5
        """)
    t.ipvld()
    for name, why in (("ns1/v", "there is no ipvlan ns1/v that ipvl did not make"),
                      ("ns1/tap", "ns1/tap cannot be taken over: it is an ipvtap"),
                      ("ns1/g", "ns1/g cannot be taken over: it has the link group 5"),
                      ("ns9/x", "there is no ipvlan ns9/x")):
        said = t.refused("adopt", name)
        assert why in said, said
        assert not t.rows("Slave") and not t.rows("Master"), said
    t.ctl("add-master", "eth0", "mode=l2")
    t.ctl_try("add-slave", "eth0", "ns1/v")
    said = t.refused("adopt", "ns1/v")
    assert "ns1/v cannot be taken over: it is a veth, not an ipvlan" in said, said
    t.ctl("del-slave", "ns1/v")
    t.ip("link set g group 0", "ns1")
    t.ctl("adopt", "ns1/g")
    assert is_ours(t, "ns1", "g")
    assert "ns1/g is ipvl's already" in t.ctl_try("adopt", "ns1/g").stderr
