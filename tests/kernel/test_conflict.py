"""Nothing foreign is ever touched: neither its device, its route, nor its namespace."""

import os

from ipvltest import stays

CONFIG = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - {name: ipvl0, netns: ns0, addresses: [10.138.36.2/23]}
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
"""


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
