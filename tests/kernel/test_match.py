"""Masters found by `match`: by the default route, and followed through a rename with packets under way."""
import os

from ipvltest import stays, wait_until
from test_hitless import Stream

MAC = "0e:aa:bb:cc:dd:01"
BY_MAC = f"""
    version: 1
    masters:
      - name: uplink
        match: {{macaddress: "{MAC}"}}
        mode: l2
        routes: [{{to: 10.9.0.0/16, via: 10.138.36.1}}]
        slaves:
          - {{name: a, netns: ns1, addresses: [10.138.36.2/23], routes: [{{to: default, via: 10.138.36.1}}]}}
          - {{name: b, netns: ns2, addresses: [10.138.36.3/23]}}
    """
BY_ROUTE = """
    version: 1
    masters:
      - {name: auto, match: {default-route: true}, mode: l2, slaves: [{name: a, netns: ns1, addresses: [10.138.36.2/23]}]}
    """


def device_of(t, label):
    return t.row(label)["device"]


def renames_up():
    major, minor = os.uname().release.split(".")[:2]
    return (int(major), int(minor)) >= (6, 2)


def test_match_example(t):
    """docs/examples/match.yaml: one file, whatever the card is called."""
    t.lan("enp7s0", "192.0.2.5/24", ("192.0.2.1/24",))
    t.ipvld()
    t.apply(t.example("match.yaml"))
    assert t.row("uplink")["state"] == "waiting", t.row("uplink")
    t.ip("route add default via 192.0.2.1")
    wait_until(lambda: t.row("uplink")["state"] == "ready", "the default route is noticed")
    t.ping("ns1", "192.0.2.1")
    assert t.ctl("show").startswith("uplink (enp7s0) "), t.ctl("show")
    assert "enp7s0" in t.ctl("list-masters", "--columns=device")
    assert t.ctl("diff", "-f", t.example("match.yaml")) == "", "a second apply changes nothing"


def rename(t, old, new):
    if renames_up():
        t.ip(f"link set {old} name {new}")
        return
    t.ip(f"link set {old} down")
    t.ip(f"link set {old} name {new}")
    t.ip(f"link set {new} up")


def test_rename(t):
    """The card is renamed twice: its slaves are the same devices, and where the kernel renames what is up, no
    packet is lost."""
    t.lan("eth0")
    t.ip(f"link set eth0 address {MAC}")
    t.events_only()
    t.apply(BY_MAC)
    t.wait_ready()
    before = {ns: t.link(name, ns)["ifindex"] for name, ns in (("a", "ns1"), ("b", "ns2"))}
    running = [Stream("ns1", "10.138.36.1"), Stream("ns2", "10.138.36.2"), Stream("outside", "10.138.36.2")]
    since = [s.flows() for s in running]
    for old, new in (("eth0", "lan0"), ("lan0", "enp7s0")):
        rename(t, old, new)
        wait_until(lambda new=new: device_of(t, "uplink") == new, f"{new} is noticed")
    if renames_up():
        lost = {s.name: s.lost(n) for s, n in zip(running, since)}
        assert not any(lost.values()), lost
    for s in running:
        s.flows()
        s.end()
    assert before == {ns: t.link(name, ns)["ifindex"] for name, ns in (("a", "ns1"), ("b", "ns2"))}
    t.wait_ready()
    # What a step does, it does by the new name.
    t.ip("addr del 10.138.36.3/23 dev b", ns="ns2")
    t.ctl("add-slave", "uplink", "ns3/c", "addresses=10.138.36.4/23")
    t.ping("ns3", "10.138.36.3")
    t.ping("ns3", "10.138.36.1")
    assert "10.9.0.0/16" in t.ip("route show dev enp7s0 proto 76")
    # With the row go its routes, though no device has the name of the row.
    t.ctl("del-master", "uplink")
    wait_until(lambda: "10.9.0.0/16" not in t.ip("route show dev enp7s0"), "the route is gone")
    assert t.namespaces() == ["outside"], t.namespaces()


def test_default_route(t):
    """Of a router's advertisement, of an address that goes without a message about its routes, and of a card
    that is pulled out: all by events alone."""
    t.lan("eth0")
    t.ip("link add eth1 type veth peer name far1")
    t.ip("link set far1 up")
    t.ip("link set eth1 up")
    t.ip("addr add 198.51.100.5/24 dev eth1")
    t.events_only()
    t.apply(BY_ROUTE)
    t.ip("-6 route add default via fe80::1 dev eth0 proto ra")
    wait_until(lambda: device_of(t, "auto") == "eth0", "a route by advertisement is noticed")
    t.ping("ns1", "10.138.36.1")
    index = t.link("a", "ns1")["ifindex"]
    t.ip("-6 route del default via fe80::1 dev eth0 proto ra")
    t.ip("route add default via 198.51.100.1")
    wait_until(lambda: "the default route is by eth1" in str(t.row("auto")["warnings"]), "the warning")
    stays(lambda: t.link("a", "ns1")["ifindex"] == index, "the slave stays")
    t.ip("addr del 198.51.100.5/24 dev eth1")
    wait_until(lambda: not t.row("auto")["warnings"], "the route went with the address")
    t.ip("addr add 198.51.100.5/24 dev eth1")
    t.ip("route add default via 198.51.100.1")
    t.ip("link set lan0 down", "outside")
    wait_until(lambda: device_of(t, "auto") == "eth1", "eth0 carries nothing any more")
    wait_until(lambda: t.row("ns1/a")["state"] == "ready", "the slave is on eth1")
    assert t.link("a", "ns1")["link_index"] == t.link("eth1")["ifindex"]


def test_sysctl_of_a_device_that_is_left(t):
    """The device that the master leaves gets its settings back, also if that is seen by the next daemon."""
    def setting(device):
        return t.sysctl(f"net.ipv4.conf.{device}.proxy_arp")

    t.lan("eth0")
    t.ip("link add eth1 up type veth peer name far1")
    t.ip("link set far1 up")
    d = t.ipvld()
    named = "version: 1\nmasters: [{name: uplink, mode: l2, match: {name: %s}, sysctl: {ipv4.proxy_arp: 1}}]\n"
    t.apply(named % "eth0")
    wait_until(lambda: setting("eth0") == "1", "eth0 is set")
    t.apply(named % "eth1")
    wait_until(lambda: (setting("eth0"), setting("eth1")) == ("0", "1"), "eth1 is, and eth0 is as before")
    d.stop()
    rename(t, "eth1", "lan1")
    t.ctl("--db=/var/lib/ipvl/conf.db", "del-master", "uplink")
    d.start()
    wait_until(lambda: setting("lan1") == "0" and not t.rows("Saved"), "lan1 is as before")


def test_sysctl(t):
    """Settings of the device that fits: under another name they stay, are repaired, and put back at the end."""
    def setting(device):
        return t.sysctl(f"net.ipv4.conf.{device}.proxy_arp")

    t.lan("eth0")
    t.ip(f"link set eth0 address {MAC}")
    t.ipvld()
    t.apply(BY_MAC.replace("mode: l2\n", "mode: l2\n        sysctl: {ipv4.proxy_arp: 1}\n"))
    t.wait_ready()
    assert setting("eth0") == "1"
    rename(t, "eth0", "lan0")
    wait_until(lambda: device_of(t, "uplink") == "lan0", "lan0 is noticed")
    t.sysctl("net.ipv4.conf.lan0.proxy_arp", 0)
    t.ctl("repair", "uplink")
    wait_until(lambda: setting("lan0") == "1", "it is repaired")
    t.ctl("del-master", "uplink")
    assert setting("lan0") == "0"
    assert not t.rows("Saved")
