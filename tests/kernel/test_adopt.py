"""`ipvl-ctl adopt` and `release`: devices of a script change hands, in place, and no packet is lost."""

import json
import re

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


FAMILIES = ("", "-6 ")
# Two masters, one of them a VLAN of the script in l3s; IPv6, tables, rules, several namespaces and devices in one,
# names, an MTU, a route without a device, a device in the host's own namespace.
WHOLE = SCRIPT + """
-n ns1 -6 rule add from 2001:db8::2 table 78 priority 501
-n ns1 -6 route add default via 2001:db8::1 table 78
-n ns1 link set s1 alias "of the script"
-n ns1 link property add dev s1 altname lan-of-ns1
link add host0 link eno2 type ipvlan mode l2 bridge
link set host0 up
addr add 10.138.36.7/23 dev host0
link add eno2.7 link eno2 type vlan id 7
link set eno2.7 up
netns add ns3
link add v1 netns ns1 link eno2.7 type ipvlan mode l3s bridge
-n ns1 link set v1 up mtu 1400
-n ns1 addr add 192.168.7.1/24 dev v1
link add v3 netns ns3 link eno2.7 type ipvlan mode l3s bridge
-n ns3 link set v3 up
-n ns3 addr add 192.168.7.3/24 dev v3
-n ns3 addr add 2001:db8:7::3/64 dev v3 nodad
-n ns3 route add default dev v3
-n ns3 route add unreachable 10.99.0.0/16
-n ns3 route add 10.98.0.0/16 dev v3 table 79
-n ns3 rule add to 10.98.0.0/16 table 79 priority 600
"""
WHOLE_STREAMS = (*STREAMS, ("ns1", "192.168.7.3"), ("ns3", "192.168.7.1"))
PLACES = ("eno2.7", None), ("host0", None), ("s1", "ns1"), ("v1", "ns1"), ("s2", "ns2"), ("v3", "ns3")


def without(found, *keys):
    return [{k: v for k, v in f.items() if k not in keys} for f in found]


def lasting(found):
    """Without what the kernel does by itself meanwhile: link-local addresses, of which the routes follow."""
    return [f for f in found if not (f.get("protocol") == "kernel" and f.get("dst", "").startswith(("fe80:", "ff00:")))]


def picture(t, with_marks=True):
    """All that ipvl could change, of all namespaces; without the marks, if whose it is does not count."""
    marks = () if with_marks else ("protocol", "group")
    return [(ns, family, sorted(without(lasting(t.ipj(f"{family}{what}", ns)), *marks), key=str))
            for what in ("route show table all", "rule show")
            for ns in (None, "ns1", "ns2", "ns3") for family in FAMILIES] + [
        (p, t.addresses(*p), without([t.link(*p)], *marks)) for p in PLACES]


def is_unchanged(t, before, **how):
    after = picture(t, **how)
    changed = [f"{a}\nbecame\n{b}" for a, b in zip(before, after) if a != b]
    assert not changed, "\n".join(changed)


def test_import_then_apply(t):
    """Of a host of a script: `import`, then `apply`, changes nothing. `apply --adopt` takes all over, and loses nothing."""
    t.lan(**LAN, outside=("10.138.36.1/23", "2001:db8::1/64"))
    make(t, WHOLE)
    t.ipvld()
    file = write_file(f"{WORK}/host.yaml", t.ctl("import"))
    streams = [Stream(*s) for s in WHOLE_STREAMS]
    before, since = picture(t), [s.flows() for s in streams]
    for _ in range(2):
        said = t.refused("apply", file)
        for device in "eno2.7", "ns1/s1", "ns1/v1", "ns2/s2", "ns3/v3", "host0":
            assert f"`ipvl-ctl adopt {device}`" in said, said
    is_unchanged(t, before)
    assert [s.lost(n) for s, n in zip(streams, since)] == [0] * len(streams)

    unmarked = picture(t, with_marks=False)
    lost, steps = through(t, streams, ("apply", "--adopt", file))
    assert "disruptive" not in steps and not any(lost.values()), f"{lost}\n{steps}"
    t.wait_ready()
    is_unchanged(t, unmarked, with_marks=False)
    assert all(is_ours(t, ns, device) for device, ns in PLACES)
    assert t.ctl("diff", file) == "" and t.ctl("diff", "--adopt", file) == ""
    for ns in "ns1", "ns2", "ns3":
        left = [r for f in FAMILIES for r in t.ipj(f"{f}route show table all", ns)
                if r.get("protocol") in ("boot", "static")]
        assert not left, left
    assert t.rows("Drift") == []

    lost, steps = through(t, streams, ("release", "eno2", "eno2.7"))
    assert "disruptive" not in steps and not any(lost.values()), f"{lost}\n{steps}"
    is_unchanged(t, unmarked, with_marks=False)
    assert not any(is_ours(t, ns, device) for device, ns in PLACES)
    assert not t.rows("Master") and not t.rows("Slave")
    for s in streams:
        s.end()


def test_example(t):
    """docs/examples/adopt.yaml: its script, what `import` writes of it, and the file applied."""
    path = t.example("adopt.yaml")
    with open(path, encoding="utf-8") as f:
        script, declared = f.read().split("version: 1\n")
    t.lan("eno2")
    make(t, "\n".join(re.findall(r"(?m)^#   ip (.*)$", script)))
    t.ipvld()
    assert t.ctl("import").split("version: 1\n")[1] == declared
    stream = Stream("web", "110.242.68.66")
    lost, steps = through(t, [stream], ("apply", "--adopt", path))
    stream.end()
    assert "disruptive" not in steps and not any(lost.values()), f"{lost}\n{steps}"
    t.wait_ready()
    assert is_ours(t, "web", "web0") and is_ours(t, "db", "db0")
    assert t.ctl("diff", path) == ""


def test_undo(t):
    """What was taken over is not deleted by an undo, of that or of what made its row."""
    t.lan("eno2")
    make(t, SCRIPT)
    t.ipvld()
    file = write_file(f"{WORK}/host.yaml", t.ctl("import"))
    before = t.ifindex("s1", "ns1")
    t.refused("apply", file)
    t.ctl("apply", "--adopt", file)
    made, adopted = [h["serial"] for h in reversed(json.loads(t.ctl("-f", "json", "history")))
                     if "ipvl-ctl" in h["command"]][-2:]
    for serial, words in (adopted, f"transaction {adopted} took"), (made, f"transaction {adopted} took"):
        assert words in t.refused("undo", str(serial))
        assert is_ours(t, "ns1", "s1") and t.ifindex("s1", "ns1") == before
    t.ctl("release", "ns1/s1")
    assert "in conflict" in t.ctl_try("undo").stderr
    assert not is_ours(t, "ns1", "s1") and t.ifindex("s1", "ns1") == before
    t.ctl("adopt", "ns1/s1")
    assert is_ours(t, "ns1", "s1") and t.ifindex("s1", "ns1") == before


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
                      ("ns1/tap", "ns1/tap cannot be taken over: a master has one datapath"),
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
