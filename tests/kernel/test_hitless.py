"""What a change costs the traffic that flows: a ping every 10 ms through each kind of change. Steps that
`diff` calls hitless lose none; those that it calls disruptive lose some."""
import itertools
import re
import signal
import subprocess

from ipvltest import wait_until

LAN = {"master": "eno2", "address": "10.138.36.58/23"}
SLAVES = """\
      - {name: a, netns: ns1, addresses: [10.138.36.2/23, "2001:db8::2/64"],
         routes: [{to: default, via: 10.138.36.1}]}
      - {name: b, netns: ns2, addresses: [10.138.36.3/23]}
"""
LAB = f"version: 1\nmasters:\n  - name: eno2\n    mode: l2\n    slaves:\n{SLAVES}"
# A step for each of so many makes the time between its deletion and its addition long enough for a ping.
MANY = 200
# A ping meets that time in one of so many tries.
MOMENTS = 20


class Stream:
    """Pings from a namespace, one every 10 ms."""

    def __init__(self, ns, address):
        self.name = f"{ns} to {address}"
        self.path = f"/run/stream-{ns}-{address.replace(':', '_')}"
        with open(self.path, "wb") as out:
            self.p = subprocess.Popen(["ip", "netns", "exec", ns, "ping", "-n", "-O", "-i", "0.01", address],
                                      stdout=out, stderr=subprocess.STDOUT)

    def seen(self):
        """The numbers of pings with a reply, and of those without one when the next was sent."""
        with open(self.path, encoding="utf-8") as f:
            text = f.read()
        return tuple({int(n) for n in re.findall(what, text)}
                     for what in (r"bytes from \S+ icmp_seq=(\d+) ", r"no answer yet for icmp_seq=(\d+)"))

    def last(self):
        return max(max(s, default=0) for s in self.seen())

    def flows(self):
        """Waits for replies; returns the number of the last ping."""
        replies = len(self.seen()[0])
        wait_until(lambda: len(self.seen()[0]) > replies + 5, self.name)
        return self.last()

    def lost(self, since):
        """How many pings have no reply of those since then, and of some more. Those under way are not counted."""
        until = self.last() + 30
        wait_until(lambda: self.last() >= until + 30, self.name)
        replies, missing = self.seen()
        return len([n for n in missing - replies if since < n <= until])

    def end(self):
        self.p.send_signal(signal.SIGINT)
        self.p.wait()


def lan(t):
    t.lan(**LAN, outside=("10.138.36.1/23", "2001:db8::1/64"))
    t.ipvld()
    t.apply(LAB)


IPV4 = (("ns1", "10.138.36.1"), ("ns2", "10.138.36.2"), ("outside", "10.138.36.2"))
ALL = (*IPV4, ("outside", "2001:db8::2"))


def through(t, streams, words, then=lambda: None):
    """The pings that each stream loses through a change, and what --dry-run calls its steps."""
    steps = t.ctl("--dry-run", *words).split("steps, in this order:\n")[1]
    since = [s.flows() for s in streams]
    t.ctl(*words)
    then()
    lost = {s.name: s.lost(n) for s, n in zip(streams, since)}
    print(f"# {' '.join(words)[:70]}: {lost}")
    return lost, steps


def are_hitless(t, streams, *changes):
    running = [Stream(*s) for s in streams]
    for words in changes:
        lost, steps = through(t, running, words)
        assert "disruptive" not in steps, f"{words}: {steps}"
        assert not any(lost.values()), f"{words}: {lost}"
    for s in running:
        s.end()


def is_disruptive(t, reason, *words, stream=("outside", "10.138.36.2"), **how):
    s = Stream(*stream)
    lost, steps = through(t, [s], words, **how)
    s.end()
    assert re.search(f"disruptive: {reason}", steps), f"{words}: {steps}"
    assert any(lost.values()), f"{words}: nothing lost, and called\n{steps}"


def test_hitless(t):
    """MTU, sysctls, resolv.conf, addresses, routes and siblings that come: not a packet lost."""
    lan(t)
    are_hitless(t, ALL,
                ("set-slave", "ns1/a", "mtu=1400"),
                ("set-master", "eno2", "mtu=1450"),
                ("set-master", "eno2", "mtu=1500"),
                ("set-slave", "ns1/a", "sysctl=ipv4.arp_notify=1,ipv6.forwarding=1,ipv4.rp_filter=1"),
                ("set-slave", "ns1/a", "nameservers=10.3.3.3"),
                ("add", "Slave", "ns1/a", "addresses", "10.138.36.4/23"),
                ("add", "Slave", "ns1/a", "routes", "10.8.0.0/16 via 10.138.36.1"),
                ("add-slave", "eno2", "ns3/c", "addresses=10.138.36.5/23"))
    assert t.rows("Drift") == [], "our own changes are no drift"


def test_hitless_port(t):
    """Modes from l3 on, where the outside has a route, and flags that allow more."""
    lan(t)
    t.ip("route add 10.138.36.2/32 via 10.138.36.58", "outside")
    t.ctl("set-master", "eno2", "mode=l3", "flag=private")
    are_hitless(t, (IPV4[0], IPV4[2]),
                ("set-master", "eno2", "flag=vepa"),
                ("set-master", "eno2", "flag=bridge"))
    are_hitless(t, IPV4, *(("set-master", "eno2", f"mode={mode}") for mode in ("l3s", "l3", "l2")))


def test_disruptive_port(t):
    """From l2 to l3 the outside needs a route, once its ARP entries have expired; siblings are kept apart."""
    lan(t)
    is_disruptive(t, "ARP and broadcast stop", "set-master", "eno2", "mode=l3",
                  then=lambda: t.ip("neigh flush dev lan0", "outside"))
    t.ctl("set-master", "eno2", "mode=l2")
    for flag in ("private", "vepa"):
        is_disruptive(t, "its slaves ", "set-master", "eno2", f"flag={flag}", stream=("ns2", "10.138.36.2"))
        t.ctl("set-master", "eno2", "flag=bridge")


def test_disruptive_slave(t):
    """What goes away: addresses, routes, IPv6, the device; another master."""
    lan(t)
    t.ip("link add eno3 up type dummy")
    is_disruptive(t, "its IPv6 stops", "set-slave", "ns1/a", "mtu=1200", "addresses=10.138.36.2/23",
                  stream=("outside", "2001:db8::2"))
    t.apply(LAB)
    is_disruptive(t, "2001:db8::2 goes away for a moment", "set-slave", "ns1/a",
                  "addresses=10.138.36.2/23,2001:db8::2/48", stream=("outside", "2001:db8::2"))
    t.apply(LAB)
    is_disruptive(t, "10.138.36.2 goes away", "set-slave", "ns1/a", "addresses=2001:db8::2/64", "routes=[]")
    t.apply(LAB)
    is_disruptive(t, "its default route goes away", "set-slave", "ns1/a", "routes=[]", stream=("ns1", "110.242.68.66"))
    t.apply(LAB)
    both = "10.138.36.2, 2001:db8::2 go away"
    is_disruptive(t, both, "set-slave", "ns1/a", "enabled=false")
    t.apply(LAB)
    a, b = SLAVES.split("      - {name: b")
    path = t.yaml(f"version: 1\nmasters:\n  - name: eno3\n    slaves:\n{a}"
                  f"  - name: eno2\n    slaves:\n      - {{name: b{b}")
    is_disruptive(t, f"{both} for a moment", "apply", "-f", path)


def many(t, length, metric):
    """So many addresses with this length of their prefix, and routes of this metric."""
    addresses = ", ".join(f"10.9.{n}.1/{length}" for n in range(MANY))
    routes = ", ".join(f"{{to: 10.10.{n}.0/24, via: 10.138.36.1, metric: {metric}}}" for n in range(MANY))
    return (LAB.replace('"2001:db8::2/64"', addresses).replace("10.138.36.2/23", f"10.138.36.2/{length}")
            .replace("{to: default, via: 10.138.36.1}", f"{{to: default, via: 10.138.36.1}}, {routes}"))


def test_disruptive_moment(t):
    """What is deleted and added again with another prefix is away in between: a few milliseconds, so that
    it takes some tries until a ping meets one."""
    lan(t)
    t.apply(many(t, 23, 5))
    files = itertools.cycle([many(t, 22, 6), many(t, 23, 5)])
    stream = Stream("outside", "10.138.36.2")
    for file in itertools.islice(files, MOMENTS):
        lost, steps = through(t, [stream], ("apply", "-f", t.yaml(file)))
        assert "disruptive: 10.138.36.2 goes away for a moment" in steps, steps
        if any(lost.values()):
            break
    else:
        raise AssertionError(f"nothing lost in {MOMENTS} tries")
    stream.end()


def test_no_disrupt(t):
    """`--no-disrupt` changes neither rows nor the kernel where it refuses, and `--strict` what would be in
    conflict; else both go through."""
    lan(t)
    before = t.rows("Slave"), t.ifindex("a", "ns1"), t.addresses("a", "ns1")
    s = Stream("outside", "10.138.36.2")
    since = s.flows()
    said = t.refused("--no-disrupt", "set-slave", "ns1/a", "addresses=10.138.36.9/23", "routes=[]")
    assert "10.138.36.2 goes away" in said and said.endswith("nothing was changed\n"), said
    t.refused("--no-disrupt", "set-master", "eno2", "mode=l3")
    t.ip("link add x netns ns2 type dummy")
    said = t.refused("--strict", "add-slave", "eno2", "ns2/x")
    assert "ns2/x would be in conflict: ns2 already has a dummy called x" in said, said
    assert not s.lost(since)
    s.end()
    assert (t.rows("Slave"), t.ifindex("a", "ns1"), t.addresses("a", "ns1")) == before
    t.ctl("--no-disrupt", "--strict", "set-slave", "ns1/a", "mtu=1400")
