"""What is not there yet is waited for without polling, and boot does not hang on it."""

import time

from ipvltest import run, wait_until

CONFIG = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - {name: ipvl0, netns: ns0, addresses: [10.138.36.2/23]}
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
"""


def test_master_comes_goes_comes(t):
    """A master that comes later, goes, and comes again."""
    d = t.ipvld()
    p = t.ctl_try("apply", "-f", t.yaml(CONFIG))
    assert p.returncode == 0, p.stderr
    assert "waiting" in p.stderr + p.stdout and "eth0" in p.stderr, "`waiting` is a warning"
    t.wait_state("eth0", "waiting")
    t.wait_state("ns0/ipvl0", "waiting")
    for _ in range(2):
        t.lan("eth0")
        t.wait_ready()
        t.ping("ns0", "10.138.36.3")
        t.ip("link del eth0")
        t.wait_state("ns0/ipvl0", "waiting")
        t.wait_state("eth0", "waiting")
        t.ip("netns del outside")
    d.stop()
    d.start()
    t.wait_state("eth0", "waiting")


def test_master_renamed(t):
    """A device that gets the master's name becomes the master."""
    t.lan("wan7")
    t.ip("link set wan7 down")
    t.ipvld()
    t.apply(CONFIG)
    t.wait_state("eth0", "waiting")
    t.ip("link set wan7 name eth0")
    t.wait_ready()
    t.ping("ns0", "10.138.36.3")


def test_namespace_by_path(t):
    """A namespace given by a path is waited for, never made or removed."""
    t.lan("eth0")
    t.ipvld()
    t.apply(CONFIG.replace("netns: ns0", "netns: /run/late"))
    row = [r for r in t.rows("Slave") if r["netns"] == "/run/late"][0]
    assert row["state"] == "waiting" and "late" in row["message"], row
    t.ip("netns add late")
    run("touch", "/run/late")
    run("mount", "--bind", "/run/netns/late", "/run/late")
    t.wait_ready()
    assert t.addresses("ipvl0", "late") == ["10.138.36.2/23"]
    t.ctl("del-master", "eth0")
    wait_until(lambda: t.namespaces() == ["late", "outside"], "the path's namespace stays")


def test_no_polling(t):
    """While it waits it sleeps: hardly a wake-up, and no loop."""
    d = t.ipvld()
    t.apply(CONFIG)
    t.wait_state("ns0/ipvl0", "waiting")

    begin = d.wake_ups(), d.ticks()
    time.sleep(5)
    # A busy machine adds to the ticks of a process that sleeps; a loop takes some hundred.
    assert d.wake_ups() - begin[0] <= 10, f"{d.wake_ups() - begin[0]} wake-ups in 5 s of waiting"
    assert d.ticks() - begin[1] <= 100, f"{d.ticks() - begin[1]} ticks in 5 s of waiting"


def test_vlan(t):
    """A master that is a VLAN of ipvl's own: made when its link comes, removed with its row."""
    t.ipvld()
    t.apply("""
        version: 1
        masters:
          - name: eth0.100
            vlan: {link: eth0, id: 100}
            mode: l2
            slaves:
              - {name: ipvl0, netns: ns0, addresses: [10.9.0.2/24]}
        """)
    t.wait_state("eth0.100", "waiting")
    t.lan("eth0")
    t.ip("link add link lan0 name lan0.100 type vlan id 100", "outside")
    t.ip("link set lan0.100 up", "outside")
    t.ip("addr add 10.9.0.1/24 dev lan0.100", "outside")
    t.wait_ready()
    t.ping("ns0", "10.9.0.1")
    t.ctl("del-master", "eth0.100")
    assert t.link("eth0.100") is None and t.link("eth0")
