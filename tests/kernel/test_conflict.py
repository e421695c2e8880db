"""Nothing foreign is ever touched: neither its device, its route, nor its namespace."""

import os

from ipvltest import run, skip, stays, wait_until, write_file

CONFIG = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - {name: ipvl0, netns: ns0, addresses: [10.138.36.2/23]}
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
"""


def test_name_taken(t):
    """A veth with the wanted name: `conflict` names it, the others come up; it goes, ours comes."""
    t.lan("eth0")
    t.ip("netns add ns0")
    t.ip("link add ipvl0 netns ns0 type veth peer name other")
    index = t.ifindex("ipvl0", "ns0")
    t.ipvld()
    t.apply(CONFIG, status=1)
    row = t.wait_state("ns0/ipvl0", "conflict")
    assert "veth" in row["message"] and "ipvl0" in row["message"], row["message"]
    t.wait_state("ns1/ipvl1", "ready")
    assert t.ifindex("ipvl0", "ns0") == index
    assert t.addresses("ipvl0", "ns0") == []
    assert "conflict" in t.ctl("show")
    t.ip("link del ipvl0", "ns0")
    t.wait_state("ns0/ipvl0", "ready")
    t.ping("ns0", "10.138.36.3")


def test_row_removed(t):
    """A row in conflict is removed: the foreign device stays."""
    t.lan("eth0")
    t.ip("netns add ns0")
    t.ip("link add ipvl0 netns ns0 type dummy")
    t.ipvld()
    t.apply(CONFIG, status=1)
    t.ctl("del-slave", "ns0/ipvl0")
    assert t.link("ipvl0", "ns0") and "ns0" in t.namespaces()


def test_foreign_ipvlan_same_mode(t):
    """A foreign ipvlan on the same master is never deleted, moved or re-addressed."""
    t.lan("eth0")
    t.ip("link add link eth0 name tmp0 type ipvlan mode l2")
    t.ip("addr add 10.138.36.50/23 dev tmp0")
    t.ip("link set tmp0 up")
    index = t.ifindex("tmp0")
    d = t.ipvld()
    t.apply(CONFIG)
    t.wait_ready()
    t.ctl("del-master", "eth0")
    d.stop()
    assert t.ifindex("tmp0") == index and t.addresses("tmp0") == ["10.138.36.50/23"]


def test_foreign_ipvlan_with_wanted_name(t):
    """Also one with the very name and namespace that a row wants is not ours."""
    t.lan("eth0")
    t.ip("netns add ns0")
    t.ip("link add link eth0 name ipvl0 netns ns0 type ipvlan mode l2")
    index = t.ifindex("ipvl0", "ns0")
    t.ipvld()
    t.apply(CONFIG, status=1)
    t.wait_state("ns0/ipvl0", "conflict")
    assert t.ifindex("ipvl0", "ns0") == index and t.addresses("ipvl0", "ns0") == []


def test_foreign_ipvlan_other_mode(t):
    """One with another mode found before our first slave: the master is `conflict`, nothing made."""
    t.lan("eth0")
    t.ip("link add link eth0 name tmp0 type ipvlan mode l3")
    t.ipvld()
    t.apply(CONFIG, status=1)
    row = t.wait_state("eth0", "conflict")
    assert "tmp0" in row["message"] and "l3" in row["message"], row["message"]
    assert t.mode("tmp0") == ("l3", "bridge")
    assert not t.link("ipvl0", "ns0") if "ns0" in t.namespaces() else True
    t.ip("link del tmp0")
    t.wait_ready()


def test_master_is_busy(t):
    """A master that is a bridge's port: it is said who holds it; freed, the slaves come."""
    t.lan("eth0", address=None)
    t.ip("link add br0 type bridge")
    t.ip("link set eth0 master br0")
    t.ipvld()
    t.apply(CONFIG, status=1)
    said = " ".join(r["message"] for r in t.rows("Master") + t.rows("Slave"))
    assert "br0" in said or "bridge" in said, said
    t.ip("link set eth0 nomaster")
    t.wait_ready()


def test_foreign_route(t):
    """A foreign route with the same key is a `conflict`; it is neither replaced nor removed."""
    t.lan("eth0")
    t.ipvld()
    t.apply(CONFIG)
    t.ip("route add default via 10.138.36.1", "ns0")
    t.ctl("set-slave", "ns0/ipvl0", "routes=default via 10.138.36.66", status=1)
    t.wait_state("ns0/ipvl0", "conflict")
    assert [r["gateway"] for r in t.routes("ipvl0", "ns0")] == ["10.138.36.1"]
    t.ip("route del default", "ns0")
    t.wait_state("ns0/ipvl0", "ready")
    assert [r["gateway"] for r in t.routes("ipvl0", "ns0")] == ["10.138.36.66"]


def test_foreign_resolv_conf(t):
    """A resolv.conf that somebody else wrote stays as it is."""
    t.lan("eth0")
    write_file("/etc/netns/ns0/resolv.conf", "nameserver 192.0.2.1\n")
    t.ipvld()
    t.apply(CONFIG.replace("name: ipvl0,", "name: ipvl0, nameservers: {addresses: [10.3.3.3]},"),
            status=1)
    t.wait_state("ns0/ipvl0", "conflict")
    with open("/etc/netns/ns0/resolv.conf", encoding="utf-8") as f:
        assert f.read() == "nameserver 192.0.2.1\n"


def test_namespaces(t):
    """Ours go with their last slave; a stranger's stays, and so does ours with a stranger's device."""
    t.lan("eth0")
    t.ip("netns add ns0")
    t.ipvld()
    t.apply(CONFIG)
    t.wait_ready()
    t.ip("netns add watcher")
    t.ctl("add-slave", "eth0", "ipvl2", "netns=ns2", "addresses=10.138.36.4/23")
    t.ip("link add keep netns ns2 type dummy")
    t.ctl("del-master", "eth0")
    wait_until(lambda: t.namespaces() == ["ns0", "ns2", "outside", "watcher"],
               "of ns0, ns1, ns2 only the clean one of ours is gone")
    for ns, name in (("ns0", "ipvl0"), ("ns2", "ipvl2")):
        assert t.link(name, ns) is None
    assert t.link("keep", "ns2")


def test_two_daemons(t):
    """Two daemons with two databases on one host leave each other's slaves alone."""
    t.lan("eth0")
    t.ipvld(name="one")
    two = t.ipvld(name="two", db="/var/lib/ipvl/two.db", remote="/run/ipvl/two.sock")
    t.apply(CONFIG)
    other = t.yaml(CONFIG.replace("ns0", "nsA").replace("ns1", "nsB").replace("36.2", "36.4")
                   .replace("36.3", "36.5"), "two.yaml")
    t.ctl("--db=unix:/run/ipvl/two.sock", "apply", "-f", other)
    t.wait_ready()
    t.wait_ready(remote="/run/ipvl/two.sock")
    before = t.ifindex("ipvl0", "ns0"), t.ifindex("ipvl0", "nsA")
    stays(lambda: (t.ifindex("ipvl0", "ns0"), t.ifindex("ipvl0", "nsA")) == before, "both's slaves")
    t.ping("ns0", "10.138.36.5")
    t.ctl("--db=unix:/run/ipvl/two.sock", "del-master", "eth0")
    two.stop()
    assert os.path.exists("/run/netns/ns0") and not os.path.exists("/run/netns/nsA")
    assert t.ifindex("ipvl0", "ns0") == before[0]
    assert t.rows("Drift") == [], "the other's doings are no drift of ours"


OF_MASTER = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - {name: ipvl0, netns: ns0, addresses: [10.138.36.58/23, 10.9.0.2/24]}
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
    """


def test_address_of_the_master(t):
    """A slave is given the address that its master has (O22): named by diff and apply, `conflict`, and the host
    keeps it; the rest of the slave is made; taken off the master, by hand or at its lifetime's end, the slave
    gets it."""
    held = "eth0 already has 10.138.36.58"
    t.lan("eth0")
    t.events_only()
    path = t.yaml(OF_MASTER)
    assert held in t.ctl("diff", "-f", path, status=2)
    assert held in t.refused("apply", "-f", path)
    t.wait_state("ns0/ipvl0", "conflict")
    t.wait_state("ns1/ipvl1", "ready")
    assert t.addresses("ipvl0", "ns0") == ["10.9.0.2/24"]
    assert t.row("ns0/ipvl0")["ifindex"] == t.ifindex("ipvl0", "ns0")
    t.ping(None, "10.138.36.1")
    t.ip("addr del 10.138.36.58/23 dev eth0")
    t.wait_state("ns0/ipvl0", "ready")
    assert t.addresses("ipvl0", "ns0") == ["10.138.36.58/23", "10.9.0.2/24"]
    t.ping("ns0", "10.138.36.1")
    # As of DHCP.
    t.ctl("del-slave", "ns0/ipvl0")
    t.ip("addr add 10.138.36.58/23 dev eth0 valid_lft 3600 preferred_lft 3600")
    t.apply(OF_MASTER, status=1)
    t.wait_state("ns0/ipvl0", "conflict")
    t.ip("addr change 10.138.36.58/23 dev eth0 valid_lft 1 preferred_lft 1")
    t.wait_state("ns0/ipvl0", "ready")


def test_address_given_to_the_master(t):
    """The slave had it first: it keeps it, with a warning as long as both have it."""
    t.lan("eth0", address=None)
    t.events_only()
    t.apply(OF_MASTER)
    t.wait_ready()
    if run("ip", "addr", "add", "10.138.36.58/23", "dev", "eth0", check=False).returncode != 0:
        skip("this kernel refuses the address (kernel.md 9)")

    def warnings():
        return t.row("ns0/ipvl0")["warnings"]

    wait_until(lambda: "10.138.36.58 is on eth0 too" in str(warnings()), "the warning is there")
    assert t.state("ns0/ipvl0") == "ready" and not t.row("ns1/ipvl1")["warnings"]
    t.ctl("status", "--check", status=2)
    t.ip("addr del 10.138.36.58/23 dev eth0")
    wait_until(lambda: not warnings(), "the warning is gone")
    t.all_ready()


def test_route_goes_in_silence(t):
    """A foreign route in the way goes without an event of its own (R44, kernel.md 8): with the last address of its
    device, and with its device being set down."""
    t.lan("eth0")
    t.ip("netns add ns0")
    t.ip("link add d0 type dummy", "ns0")
    t.events_only()
    for loss in ("addr del 10.77.0.1/24 dev d0", "link set d0 down", "link del d0"):
        t.ip("link set d0 up", "ns0")
        t.ip("addr replace 10.77.0.1/24 dev d0", "ns0")
        t.ip("route add default via 10.77.0.254", "ns0")
        t.apply(CONFIG.replace("10.138.36.2/23]", "10.138.36.2/23], routes: [{to: default, via: 10.138.36.1}]"),
                status=1)
        t.wait_state("ns0/ipvl0", "conflict")
        t.ip(loss, "ns0")
        t.wait_state("ns0/ipvl0", "ready")
        assert [r["gateway"] for r in t.routes("ipvl0", "ns0")] == ["10.138.36.1"], loss
        t.ctl("del-slave", "ns0/ipvl0")
        wait_until(lambda: t.link("ipvl0", "ns0") is None, "the slave is gone")
