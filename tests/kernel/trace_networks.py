"""Nine networks side by side, one for each mode and flag; and traces of a way beside packets on it, in all of
them at once. For test_trace*.py. Which test has which way, for each mode and flag, in IPv4 and IPv6:

  same subnet, the master's own address           test_trace.gateways, test_trace_links.on_link
  another subnet, reflected by a router           a to c in test_trace.gateways
  another subnet, without a gateway               a to c in test_trace_links.on_link
  outside, with and without a route back          out and far in both
  through a router, default by a gateway          far in test_trace.gateways
  through a router, default on-link               far in test_trace_links.on_link
  reflected by a hairpin port                     test_trace.gateways
  through a slave of the host's own (the shim)    test_trace.host_access
  broadcast (IPv4 has it), multicast              test_trace_links.broadcast
"""

import itertools

from ipvltest import Rpc, run, wait_until
from packets import Pinger, answered, forget_neighbours

MODES = list(itertools.product(("l2", "l3", "l3s"), ("bridge", "private", "vepa")))
# Of macvlans: networks 9 to 12.
MACVLAN = [("l2", "bridge"), ("l2", "private"), ("l2", "vepa"), ("passthru", "bridge")]
ALL = [("ipvlan", *m) for m in MODES] + [("macvlan", *m) for m in MACVLAN]
USED = list(range(len(MODES)))  # the networks of a test

# Slaves of a network: two in one subnet, one in another.
YAML = """
  - name: m{i}
    datapath: {kind}
    mode: {mode}
    flag: {flag}
    slaves:
      - {{name: s, netns: a{i}, addresses: [10.{i}.0.2/24, "fd00:{i}::2/64"], ipv6: static,
         routes: [{{to: 0.0.0.0/0{a4}}}, {{to: "::/0"{a6}}}]}}
      - {{name: s, netns: b{i}, addresses: [10.{i}.0.3/24, "fd00:{i}::3/64"], ipv6: static,
         routes: [{{to: 0.0.0.0/0{a4}}}, {{to: "::/0"{a6}}}]}}
      - {{name: s, netns: c{i}, addresses: [10.{i}.1.2/24, "fd00:{i}:0:1::2/64"], ipv6: static,
         routes: [{{to: 0.0.0.0/0{c4}}}, {{to: "::/0"{c6}}}]}}
"""


def addresses(i):
    """By family and place: slaves a, b and c, the master itself, a host and one behind the router."""
    return {4: {"a": f"10.{i}.0.2", "b": f"10.{i}.0.3", "c": f"10.{i}.1.2", "m": f"10.{i}.0.10",
                "out": f"10.{i}.0.100", "far": f"172.16.{i}.9"},
            6: {"a": f"fd00:{i}::2", "b": f"fd00:{i}::3", "c": f"fd00:{i}:0:1::2",
                "m": f"fd00:{i}::10", "out": f"fd00:{i}::100", "far": f"fd99:{i}::9"}}


def network(t, i):
    """A switch, and on it the master m{i}, a router with a subnet behind it, and a host."""
    switch, router, host = f"sw{i}", f"rt{i}", f"out{i}"
    own = addresses(i)
    lines = {ns: ["link set lo up"] for ns in (None, switch, router, host)}
    for ns in (switch, router, host):
        t.ip(f"netns add {ns}")
    lines[switch] += ["link add name sw type bridge forward_delay 0 mcast_snooping 0", "link set sw up"]
    for ns, device in ((None, f"m{i}"), (router, "lan"), (host, "lan")):
        port = f"to-{device}-{ns or 'host'}"
        t.ip(f"link add {device} type veth peer name {port} netns {switch}", ns)
        lines[switch].append(f"link set {port} master sw up")
        lines[ns].append(f"link set {device} up")
    for ns, device, *list_ in (
            (None, f"m{i}", own[4]["m"] + "/24", own[6]["m"] + "/64"),
            (host, "lan", own[4]["out"] + "/24", own[6]["out"] + "/64"),
            (router, "lan", f"10.{i}.0.1/24", f"10.{i}.1.1/24", f"fd00:{i}::1/64", f"fd00:{i}:0:1::1/64"),
            (router, "lo", own[4]["far"] + "/32", own[6]["far"] + "/128")):
        lines[ns] += [f"addr add {a} dev {device}" + (" nodad" if ":" in a else "") for a in list_]
    lines[host] += [f"route add default via 10.{i}.0.1", f"route add default via fd00:{i}::1"]
    lines[None] += [f"route add 172.16.{i}.0/24 via 10.{i}.0.1", f"route add fd99:{i}::/64 via fd00:{i}::1"]
    for ns, words in lines.items():
        batch(ns, words)
    # One redirect, and the next packets take another way.
    for name, value in (("ipv4.ip_forward", 1), ("ipv6.conf.all.forwarding", 1), ("ipv4.conf.all.arp_ignore", 1),
                        ("ipv4.conf.all.send_redirects", 0), ("ipv4.conf.lan.send_redirects", 0)):
        t.sysctl(f"net.{name}", value, router)


def batch(ns, lines):
    run("ip", *(["-n", ns] if ns else []), "-batch", "-", stdin="\n".join(lines))


# A slave of the host's own, in modes and flags that host access is refused with, too.
SHIM = """
      - {{name: h{i}, addresses: [10.{i}.0.50/32, "fd00:{i}::50/128"], ipv6: static, routes: [{{to: 10.{i}.0.2/32}},
         {{to: 10.{i}.1.2/32}}, {{to: "fd00:{i}::2/128"}}, {{to: "fd00:{i}:0:1::2/128"}}]}}
"""


def is_alone(i):
    """It has slave a alone."""
    return ALL[i][1] == "passthru"


def alone(i, text):
    """Without slaves b and c, if there is a alone."""
    return text[:text.index("      - {{name: s, netns: b")] if is_alone(i) else text


def make_vrf(t, ns):
    t.ip(f"netns add {ns}")
    batch(ns, ["link add red up type vrf table 10"])


def declare(t, gateways, host_access=False, vrf=""):
    """'vrf': the names of the slaves that are in one. 'host_access': the host has a slave of its own."""
    text = "version: 1\nmasters:\n"
    for i in USED:
        kind, mode, flag = ALL[i]
        via = dict.fromkeys(("a4", "a6", "c4", "c6"), "")
        if gateways:
            via = {"a4": f", via: 10.{i}.0.1", "a6": f', via: "fd00:{i}::1"',
                   "c4": f", via: 10.{i}.1.1", "c6": f', via: "fd00:{i}:0:1::1"'}
        text += alone(i, YAML).format(i=i, kind=kind, mode=mode, flag=flag, **via)
        for name in vrf:
            make_vrf(t, f"{name}{i}")
            text = text.replace(f"netns: {name}{i},", f"netns: {name}{i}, vrf: red,")
        if host_access and flag == "bridge":
            addrs = f'[10.{i}.0.50, "fd00:{i}::50"]'
            text += f"    host-access: {addrs if mode == 'l2' else 'true'}\n"
        elif host_access:
            text = text.rstrip() + SHIM.format(i=i)
    t.apply(text)
    t.wait_ready()
    # Until then nobody may answer to an address, and a trace says so.
    for i, ns in itertools.product(USED, "abc"):
        if is_alone(i) and ns != "a":
            continue
        wait_until(lambda: "tentative" not in t.ip("-6 addr", f"{ns}{i}"), "duplicate address detection is over")


def route_back(verb):
    for i in USED:
        own = addresses(i)
        lines = [f"route {verb} {own[family][name]} via {own[family]['m']}" for family in own for name in "abc"]
        for ns in (f"rt{i}", f"out{i}"):
            batch(ns, lines)


def hairpin(state):
    for i in USED:
        run("ip", "netns", "exec", f"sw{i}", "bridge", "link", "set", "dev", f"to-m{i}-host",
            "hairpin", state)


def traced(rpc, ns, target, outside):
    """The verdict, and the trace as text."""
    question = {"netns": ns or "", "name": "s" if ns else "", "to": target, "outside": outside}
    result = rpc.call("ipvl_trace", "ipvl", question)
    text = f"{ns or 'host'} -> {target}: {result['verdict']} if {outside}\n" + "\n".join(
        f"  {'<' if hop['reply'] else ' '} {hop['place']}: {hop['text']}" for hop in result["hops"])
    return result["verdict"], text


def facts(target, outside, gateways):
    """What is true of these networks, besides 'outside'."""
    return [*outside, "plain", *([] if gateways or target != "out" else ["on-link"])]


WAYS = (("a", "b"), ("a", "c"), ("a", "m"), ("a", "out"), ("a", "far"), ("c", "out"), ("c", "far"),
        ("c", "m"), ("host", "a"), ("host", "c"))


def place(name, i):
    """The namespace."""
    return None if name in ("host", "m") else f"{name}{i}"


def exists(name, i):
    return not is_alone(i) or name not in ("b", "c")


def compare(t, *outside, gateways=True, vrf="", ways=WAYS):
    """Each way in all networks at once. Returns how many there were."""
    rpc, wrong, n = Rpc(), [], 0
    namespaces = [None, *t.namespaces()]
    pingers = {(source, family, i): Pinger(place(source, i), family, "red" if source in vrf else "")
               for source in {w[0] for w in ways} for family in (4, 6) for i in USED if exists(source, i)}
    for (source, target), family in itertools.product(ways, (4, 6)):
        networks = [i for i in USED if exists(source, i) and exists(target, i)]
        targets = [addresses(i)[family][target] for i in networks]
        told = [traced(rpc, place(source, i), to, facts(target, outside, gateways))
                for i, to in zip(networks, targets)]
        for ns in namespaces:
            forget_neighbours(ns)
        found = answered([pingers[source, family, i] for i in networks], targets,
                         [verdict == "arrives" for verdict, _ in told], 20)
        n += len(found)
        wrong += [f"{' '.join(ALL[i])}: a ping {'is' if arrives else 'is not'} answered\n{text}"
                  for i, arrives, (verdict, text) in zip(networks, found, told)
                  if verdict != ("arrives" if arrives else "does not arrive")]
    for p in pingers.values():
        p.close()
    rpc.close()
    assert not wrong, "\n".join(wrong)
    return n


def start(t, flags=("bridge", "private", "vepa"), kind="ipvlan", **how):
    USED[:] = [i for i, m in enumerate(ALL) if m[0] == kind and m[2] in flags and (len(flags) > 1 or not is_alone(i))]
    for i in USED:
        network(t, i)
    t.ipvld()
    declare(t, **how)
