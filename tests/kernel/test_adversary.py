"""Random acts of others on our devices, and kill -9: afterwards all is as declared, and what is foreign is
as they left it.

Two minutes here. The campaigns: IPVL_SEED=N tests/kernel/run test_adversary.seed for each of twenty seeds,
and IPVL_SECONDS=3600 tests/kernel/run --valgrind --timeout 7200 test_adversary.seed."""

import json
import os
import re
import time

import adversary
from ipvltest import by_name_only, port_mode, read_file, under_valgrind, wait_until

FOREVER = 0xffffffff  # INFINITY_LIFE_TIME (Linux include/net/addrconf.h)
CONVERGED_S = 10  # of the campaign: between the last act and all being as declared


def rss_kib(d):
    return int(re.search(r"VmRSS:\s+(\d+)", read_file(f"/proc/{d.pid()}/status"))[1])


def descriptors(d):
    return len(os.listdir(f"/proc/{d.pid()}/fd"))


class Seen:
    """What the kernel has at one moment, read once a namespace: a look is quick beside what it judges."""

    def __init__(self, t):
        self.t = t
        self.devices, self.routes, self.rules = {}, {}, {}
        for ns in [None] + t.namespaces():
            self.devices[ns] = {d["ifname"]: d for d in t.ipj("addr", ns)}
            self.routes[ns] = [{"family": f, **r} for f in (4, 6) for r in t.ipj(f"-{f} route show table all", ns)]
            self.rules[ns] = t.ipj("rule", ns)

    def slave(self, s):
        assert s.netns in self.devices, f"namespace {s.netns} is missing"
        device = self.devices[s.netns].get(s.name)
        assert device, f"{s.label} is missing"
        return device

    def routes_of(self, s, family):
        """{destination: route} in the main table, or in that of the VRF."""
        table = str(adversary.VRF_TABLE) if s.vrf else "main"
        return {r["dst"]: r for r in self.routes[s.netns] if r.get("dev") == s.name and r["family"] == family
                and str(r.get("table", "main")) in (table, s.vrf)}

    def ours(self, mark):
        """(namespace, name) of all that bears our mark."""
        return sorted(((ns, name) for ns, devices in self.devices.items() for name, d in devices.items()
                       if d.get("group") == mark), key=str)

    def print_unexpected(self):
        """Every ipvlan and macvlan that no row declares, where it is and with which addresses."""
        wanted = {(s.netns, s.name) for s in adversary.slaves()}
        for ns, devices in self.devices.items():
            for name, d in devices.items():
                kind = d.get("linkinfo", {}).get("info_kind")
                if kind in ("ipvlan", "macvlan") and (ns, name) not in wanted:
                    print(f"{ns}/{name} group {d['group']}: {[a['local'] for a in d['addr_info']]}")


def address_text(a):
    """ADDRESS/LENGTH, and how it differs from a plain one that lasts."""
    text = f"{a['local']}/{a['prefixlen']}"
    if "address" in a:
        text += f" peer {a['address']}"
    if a.get("valid_life_time", FOREVER) != FOREVER:
        text += f" for {a['valid_life_time']} s"
    return text


def shape(device, master):
    """The kind of the slave, and its mode and flag, as both kinds of device have them."""
    info = device["linkinfo"]
    if info["info_kind"] == "macvlan":
        return "macvlan", master.mode, info["info_data"]["mode"]
    return (info["info_kind"], *port_mode(device))


def subnet(address):
    """Of the test's own, or None."""
    if address.endswith("/32"):
        return None
    return address.split("::")[0] + "::/64" if ":" in address else address.rsplit(".", 1)[0] + ".0/24"


def routes_as_declared(seen, s):
    have = {**seen.routes_of(s, 4), **seen.routes_of(s, 6)}
    missing = {subnet(a) for a in s.addresses} - {None} - set(have)
    assert not missing, f"{s.label} has no route to {missing}: {sorted(have)}"
    if s.route:
        assert s.route in have and have[s.route].get("gateway") == s.via, f"{s.label}: {have}"
    if s.netns is None:
        missing = {a.split("/")[0] for o in adversary.slaves() if o.master == s.master and o.netns
                   for a in o.addresses if ":" not in a} - set(have)
        assert not missing, f"{s.label} does not reach {missing}"
    rules = [str(r["table"]) for r in seen.rules[s.netns] if r["priority"] == adversary.RULE_PRIORITY]
    assert not s.rule or rules == [str(adversary.RULE_TABLE)], f"{s.label} has rules for {rules}"


def as_declared(t, seen):
    """Every slave, in the kernel."""
    below = {label: t.ifindex(adversary.device(t, label)) for label in adversary.MASTERS}
    for s in adversary.slaves():
        device, master = seen.slave(s), adversary.MASTERS[s.master]
        assert "UP" in device["flags"], f"{s.label} is down"
        assert shape(device, master) == (master.kind, master.mode, "bridge"), s.label
        assert device["mtu"] == (s.mtu or 1500), f"{s.label} has mtu {device['mtu']}"
        on = device["link_index"] if s.netns else seen.devices[None][device["link"]]["ifindex"]
        assert on == below[s.master], f"{s.label} is on another master"
        assert device.get("master") == s.vrf, f"{s.label} is a member of {device.get('master')}"
        have = sorted(address_text(a) for a in device["addr_info"] if a["scope"] == "global")
        assert have == sorted(s.addresses), f"{s.label} has {have}"
        routes_as_declared(seen, s)
        if s.accept_ra is not None:
            value = t.sysctl(f"net.ipv6.conf.{s.name}.accept_ra", ns=s.netns)
            assert value == str(s.accept_ra), f"{s.label} has accept_ra {value}"
    return True


def nothing_left_over(t, seen, mark):
    wanted = sorted(((s.netns, s.name) for s in adversary.slaves()), key=str)
    have = seen.ours(mark)
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
    shown = {f"{s['netns']}/{s['name']}" if s.get("netns") and "/" not in s["name"] else s["name"]: s
             for m in json.loads(t.ctl("--format=json", "show")) for s in m["slaves"]}
    seen = Seen(t)
    for s in adversary.slaves():
        row, device = t.row(s.label), seen.slave(s)
        assert s.label in shown and shown[s.label]["state"] == "ready", shown.get(s.label)
        assert row["ifindex"] == device["ifindex"] and row["link_mtu"] == device["mtu"], s.label
        assert row["mac"] == device["address"], s.label


def converge(t, mark):
    """Returns the seconds until all is as declared: until the look that finds it so begins."""
    begin, looks = time.monotonic(), []

    def is_so():
        looks.append(time.monotonic())
        try:
            seen = Seen(t)
            return t.all_ready() and as_declared(t, seen) and nothing_left_over(t, seen, mark)
        except AssertionError as e:
            print(f"after {looks[-1] - begin:.1f} to {time.monotonic() - begin:.1f} s: {e}")
            raise
    try:
        wait_until(is_so, "all is as declared")
    finally:
        Seen(t).print_unexpected()
    return looks[-1] - begin


def trial(t, seed, seconds, converge_s=None):
    adversary.set_up(t)
    d = t.ipvld()
    t.apply(adversary.config())
    t.wait_ready()
    as_declared(t, Seen(t))
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
    """No more memory and descriptors than a daemon that has just started with all in place, but for some MiB that
    the allocator keeps. valgrind keeps what was freed, and says itself what was lost."""
    before = rss_kib(d), descriptors(d)
    d.stop()
    d.start()
    t.wait_ready()
    after = rss_kib(d), descriptors(d)
    print(f"memory {before[0]} KiB, after a restart {after[0]} KiB; descriptors {before[1]}, {after[1]}")
    assert under_valgrind() or before[0] <= after[0] + 6144
    assert before[1] <= after[1] + 4
    as_declared(t, Seen(t))


def test_two_minutes(t):
    """One seed."""
    trial(t, int(os.environ.get("IPVL_SEED", "1")), 120)


@by_name_only
def test_seed(t):
    """IPVL_SEED for IPVL_SECONDS (60): converged within ten seconds of the last act."""
    trial(t, int(os.environ.get("IPVL_SEED", "1")), float(os.environ.get("IPVL_SECONDS", "60")), CONVERGED_S)
