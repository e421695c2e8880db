"""Random acts of others on our devices, and kill -9: afterwards all is as declared, and what is foreign is
as they left it.

Two minutes here. The campaigns: IPVL_SEED=N tests/kernel/run test_adversary.seed for each of twenty seeds,
and IPVL_SECONDS=3600 tests/kernel/run --valgrind --timeout 7200 test_adversary.seed."""

import json
import os
import re
import time

import adversary
from ipvltest import by_name_only, read_file, wait_until

FOREVER = 0xffffffff  # INFINITY_LIFE_TIME (Linux include/net/addrconf.h)
CONVERGED_S = 10  # of the campaign: between the last act and all being as declared


def rss_kib(d):
    return int(re.search(r"VmRSS:\s+(\d+)", read_file(f"/proc/{d.pid()}/status"))[1])


def descriptors(d):
    return len(os.listdir(f"/proc/{d.pid()}/fd"))


def inside(t, s):
    """What the kernel has of the slave."""
    device = t.link(s.name, s.netns)
    assert device, f"{s.label} is missing"
    return device


def address_text(a):
    """ADDRESS/LENGTH, and how it differs from a plain one that lasts."""
    text = f"{a['local']}/{a['prefixlen']}"
    if "address" in a:
        text += f" peer {a['address']}"
    if a.get("valid_life_time", FOREVER) != FOREVER:
        text += f" for {a['valid_life_time']} s"
    return text


def as_declared(t):
    """Every slave, in the kernel."""
    for s in adversary.slaves():
        assert s.netns in t.namespaces(), f"namespace {s.netns} is missing"
        device = inside(t, s)
        assert "UP" in device["flags"], f"{s.label} is down"
        assert t.mode(s.name, s.netns) == (adversary.MASTERS[s.master], "bridge"), s.label
        assert device["mtu"] == (s.mtu or 1500), f"{s.label} has mtu {device['mtu']}"
        assert device["link_index"] == t.ifindex(s.master), f"{s.label} is on another master"
        have = sorted(address_text(a) for d in t.ipj(f"addr show dev {s.name}", s.netns)
                      for a in d.get("addr_info", []) if a["scope"] == "global")
        assert have == sorted(s.addresses), f"{s.label} has {have}"
        for family, addresses in ((4, s.addresses[:1]), (6, s.addresses[1:])):
            routes = {r["dst"]: r for r in t.ipj(f"-{family} route show dev {s.name}", s.netns)}
            for a in addresses:
                net = a.rsplit(".", 1)[0] + ".0/24" if family == 4 else a.split("::")[0] + "::/64"
                assert net in routes, f"{s.label} has no route to {net}: {sorted(routes)}"
            if family == 4:
                assert routes.get(s.route, {}).get("gateway") == s.via and s.route in routes, f"{s.label}: {routes}"
        if s.accept_ra is not None:
            value = t.sysctl(f"net.ipv6.conf.{s.name}.accept_ra", ns=s.netns)
            assert value == str(s.accept_ra), f"{s.label} has accept_ra {value}"
    return True


def ours(t, mark):
    """(namespace, name) of all that bears our mark."""
    found = []
    for ns in [None] + t.namespaces():
        found += [(ns, d["ifname"]) for d in t.ipj("link", ns) if d.get("group") == mark]
    return sorted(found, key=str)


def print_unexpected(t):
    """Every ipvlan that no row declares, where it is and with which addresses."""
    wanted = {(s.netns, s.name) for s in adversary.slaves()}
    for ns in [None] + t.namespaces():
        for d in t.ipj("addr", ns):
            if d.get("linkinfo", {}).get("info_kind") == "ipvlan" and (ns, d["ifname"]) not in wanted:
                print(f"{ns}/{d['ifname']} group {d['group']}: {[a['local'] for a in d['addr_info']]}")


def nothing_left_over(t, mark):
    wanted = sorted(((s.netns, s.name) for s in adversary.slaves()), key=str)
    have = ours(t, mark)
    assert have == wanted, f"left over: {sorted(set(have) - set(wanted), key=str)}"
    extra = set(t.namespaces()) - set(adversary.OWN_NETNS + adversary.STRANGE_NETNS + ["elsewhere"])
    assert not extra, f"namespaces left over: {extra}"
    return True


def foreign_untouched(t, a):
    for (netns, name), index in a.strange.items():
        assert t.ifindex(name, netns) == index, f"{netns or 'the host'}/{name}, which is not ours, is gone"
        if name[0] in "di":
            assert t.addresses(name, netns), f"{netns or 'the host'}/{name}, which is not ours, lost its address"
    for netns in adversary.STRANGE_NETNS:
        assert netns in t.namespaces(), f"{netns} is not ours, and gone"


def show_equals_kernel(t):
    """`ipvl-ctl show` reports what the kernel has."""
    shown = {s["name"] if "/" in s["name"] else f"{s['netns']}/{s['name']}": s
             for m in json.loads(t.ctl("--format=json", "show")) for s in m["slaves"]}
    for s in adversary.slaves():
        row, device = t.row(s.label), inside(t, s)
        assert s.label in shown and shown[s.label]["state"] == "ready", shown.get(s.label)
        assert row["ifindex"] == device["ifindex"] and row["link_mtu"] == device["mtu"], s.label
        assert row["mac"] == device["address"], s.label


def converge(t, mark):
    """Returns the seconds until all is as declared: until the look that finds it so begins."""
    begin, looks = time.monotonic(), []

    def is_so():
        looks.append(time.monotonic())
        return t.all_ready() and as_declared(t) and nothing_left_over(t, mark)
    try:
        wait_until(is_so, "all is as declared")
    finally:
        print_unexpected(t)
    return looks[-1] - begin


def trial(t, seed, seconds, converge_s=None):
    for master in adversary.MASTERS:
        t.ip(f"link add {master} type dummy")
        t.ip(f"link set {master} up")
    for netns in adversary.STRANGE_NETNS + ["elsewhere"]:
        t.ip(f"netns add {netns}")
    d = t.ipvld()
    t.apply(adversary.config())
    t.wait_ready()
    as_declared(t)
    mark = t.link("e0", "a0")["group"]
    a = adversary.Adversary(t, d, seed)
    try:
        a.rage(seconds)
    finally:
        print(f"seed {seed}: {sum(a.n_acts.values())} acts: {a.n_acts}")
    try:
        took = converge(t, mark)
    except AssertionError:
        print("\n".join(a.acts))
        raise
    print(f"converged within {took:.1f} s")
    assert converge_s is None or took <= converge_s, f"converged after {took:.1f} s"
    t.wait_ready()
    foreign_untouched(t, a)
    show_equals_kernel(t)
    t.ctl("status", "--check")
    asleep(d)
    bounded(t, d)


def asleep(d):
    """No loop is left from all that: the port watch wakes it, and an audit at most."""
    took, wake_ups, ticks = d.rest(5)
    assert wake_ups <= 4 * took and ticks <= 40 * took, f"{wake_ups} wake-ups, {ticks} ticks in {took:.1f} s"


def bounded(t, d):
    """No more memory and descriptors than a daemon that has just started with all in place, but for some
    MiB that the allocator keeps."""
    before = rss_kib(d), descriptors(d)
    d.stop()
    d.start()
    t.wait_ready()
    after = rss_kib(d), descriptors(d)
    print(f"memory {before[0]} KiB, after a restart {after[0]} KiB; descriptors {before[1]}, {after[1]}")
    assert before[0] <= after[0] + 6144 and before[1] <= after[1] + 4
    as_declared(t)


def test_two_minutes(t):
    """One seed."""
    trial(t, int(os.environ.get("IPVL_SEED", "1")), 120)


@by_name_only
def test_seed(t):
    """IPVL_SEED for IPVL_SECONDS (60): converged within ten seconds of the last act."""
    trial(t, int(os.environ.get("IPVL_SEED", "1")), float(os.environ.get("IPVL_SECONDS", "60")), CONVERGED_S)
