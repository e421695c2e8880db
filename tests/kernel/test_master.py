"""What a master does to its slaves, and what is said of it: down, without carrier, below a VLAN, its MTU."""

from ipvltest import stays, wait_until

CONFIG = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - {name: ipvl0, netns: ns0, addresses: [10.138.36.2/23], routes: [{to: default, via: 10.138.36.1}]}
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}
    """
DOWN = "eth0 is down, so no packet passes through its slaves: `ip link set eth0 up`"
NO_CARRIER = "eth0 has no carrier, so no packet passes through its slaves"


def warned(t, text, *labels):
    """Each of the rows is ready, with one warning, which has 'text'."""
    for label in labels:
        row = t.row(label)
        assert row["state"] == "ready", f"{label} is {row['state']}: {row['message']}"
        found = row["warnings"] if isinstance(row["warnings"], list) else [row["warnings"]]
        assert len(found) == 1 and text in found[0], f"{label}: {row['warnings']}"
    return True


def well(t, *labels):
    for label in labels:
        row = t.row(label)
        assert row["state"] == "ready" and not row["warnings"], f"{label}: {row}"
    return True


def test_set_down(t):
    """A master set down by hand (O3): it stays down; it and each slave are ready with a warning that names the
    cure, though no event is about the slaves; `status --check` and the log tell; up again, all is well."""
    t.lan("eth0")
    d = t.events_only()
    t.apply(CONFIG)
    t.wait_ready()
    t.ctl("status", "--check")
    all_rows = ("eth0", "ns0/ipvl0", "ns1/ipvl1")
    t.ip("link set eth0 down")
    wait_until(lambda: warned(t, DOWN, *all_rows), "the warnings are there")
    t.no_ping("ns0", "10.138.36.1")
    assert "2 slaves: 2 ready; 2 with warnings" in t.ctl("status", "--check", status=2)
    show = t.ctl("show")
    assert show.count(f"     warning: {DOWN}\n") == 1, show
    assert f'event=warning_raised object=ns0/ipvl0 warning="{DOWN}"' in d.log(), d.log()
    t.drift("eth0 is down, so no packet passes through its slaves  left as it is")
    assert t.ctl("drift").count("\n") == 1 and "drift:" not in show, t.ctl("drift")
    stays(lambda: "UP" not in t.link("eth0")["flags"], "eth0 is left down")
    # Neither another slave nor the repair of one sets it up.
    t.ctl("add-slave", "eth0", "ns2/ipvl2", "addresses=10.138.36.4/23")
    t.ip("link del ipvl1", "ns1")
    wait_until(lambda: warned(t, DOWN, *all_rows, "ns2/ipvl2"), "all are made, and warned of")
    wait_until(lambda: t.link("ipvl1", "ns1"), "ipvl1 is back")
    assert "UP" not in t.link("eth0")["flags"]
    t.ip("link set eth0 up")
    wait_until(lambda: well(t, *all_rows, "ns2/ipvl2"), "the warnings are gone")
    t.ping("ns0", "10.138.36.1")
    t.ctl("status", "--check")
    assert f'event=warning_cleared object=ns0/ipvl0 warning="{DOWN}"' in d.log(), d.log()


def test_no_carrier(t):
    """The cable pulled, and plugged in again."""
    t.lan("eth0")
    t.events_only()
    t.apply(CONFIG)
    t.wait_ready()
    t.ip("link set lan0 down", "outside")
    wait_until(lambda: warned(t, NO_CARRIER, "eth0", "ns0/ipvl0", "ns1/ipvl1"), "the warnings are there")
    assert "no carrier" in t.ctl("show")
    t.ctl("status", "--check", status=2)
    t.ip("link set lan0 up", "outside")
    wait_until(lambda: well(t, "eth0", "ns0/ipvl0", "ns1/ipvl1"), "the warnings are gone")
    t.ctl("status", "--check")


def test_down_at_the_start(t):
    """ipvld started beside slaves whose master is down."""
    t.lan("eth0")
    d = t.ipvld()
    t.apply(CONFIG)
    t.wait_ready()
    d.stop()
    t.ip("link set eth0 down")
    d.start()
    wait_until(lambda: warned(t, DOWN, "eth0", "ns0/ipvl0", "ns1/ipvl1"), "the warnings are there")
    stays(lambda: "UP" not in t.link("eth0")["flags"], "eth0 is left down")


def test_routes_of_its_own(t):
    """A master with routes of its own is set down: it stays down, though its routes went with it."""
    t.lan("eth0")
    t.events_only()
    t.apply(CONFIG.replace("mode: l2", "mode: l2\n        routes: [{to: 10.9.0.0/16, via: 10.138.36.1}]"))
    t.wait_ready()
    t.ip("link set eth0 down")
    row = t.wait_state("eth0", "waiting")
    assert row["message"] == "waiting for eth0 to be set up: its routes need it", row
    stays(lambda: "UP" not in t.link("eth0")["flags"], "eth0 is left down")
    t.ip("link set eth0 up")
    wait_until(lambda: well(t, "eth0", "ns0/ipvl0", "ns1/ipvl1"), "all is well again")
    assert [r["dst"] for r in t.routes("eth0")] == ["10.9.0.0/16"]


def test_missing_namespace(t):
    """A master in a namespace that is not there: the namespace is named, then the device."""
    t.events_only()

    def says(words):
        return lambda: t.row("eth/d0")["message"] == words

    t.ctl("add-master", "eth/d0")
    wait_until(says("waiting for the namespace eth to appear"), "the namespace is named")
    t.ip("netns add eth")
    wait_until(says("waiting for eth/d0 to appear"), "the device is named")
    t.ip("link add d0 type dummy", "eth")
    t.wait_state("eth/d0", "ready")


def test_card_below_a_vlan(t):
    """A VLAN that ipvl makes, on a card that is down (R15): the card is set up too, once."""
    t.lan("eth0", address=None)
    t.ip("link add link lan0 name lan0.11 type vlan id 11", "outside")
    t.ip("link set lan0.11 up", "outside")
    t.ip("addr add 192.0.2.1/24 dev lan0.11", "outside")
    t.ip("link set eth0 down")
    t.events_only()
    text = """
        version: 1
        masters:
          - name: eth0.11
            vlan: {link: eth0, id: 11}
            mode: l2
            slaves: [{name: ipvl0, netns: ns0, addresses: [192.0.2.10/24]}]
        """
    t.apply(text)
    wait_until(lambda: well(t, "eth0.11", "ns0/ipvl0"), "all is well")
    t.ping("ns0", "192.0.2.1")
    t.ip("link set eth0 down")
    cause = "eth0 is down, so no packet passes through the slaves of eth0.11: `ip link set eth0 up`"
    wait_until(lambda: warned(t, cause, "eth0.11", "ns0/ipvl0"), "the warnings are there")
    stays(lambda: "UP" not in t.link("eth0")["flags"], "eth0 is left down")
    t.ip("link set eth0 up")
    wait_until(lambda: well(t, "eth0.11", "ns0/ipvl0"), "the warnings are gone")
    t.ping("ns0", "192.0.2.1")


def test_mtu_of_a_slave(t):
    """A slave's MTU above its master's (O6): told before and after, refused under --strict; the master's MTU
    raised by hand ends the warning, but for the slave's own MTU, which that overwrites."""
    text = "mtu 9000 is above the 1500 of eth0"
    config = CONFIG.replace("name: ipvl0,", "name: ipvl0, mtu: 9000,")
    t.lan("eth0")
    t.events_only()
    path = t.yaml(config)
    assert f"warning: {text}" in t.ctl("diff", "-f", path, status=2)
    assert f"ns0/ipvl0: {text}" in t.refused("apply", "--strict", "-f", path)
    assert t.rows("Slave") == []
    assert f"warning: ns0/ipvl0: {text}" in t.ctl_try("apply", "-f", path).stderr
    t.wait_ready()
    warned(t, text, "ns0/ipvl0")
    well(t, "eth0", "ns1/ipvl1")
    assert f"     warning: {text}" in t.ctl("show")
    t.ip("link set eth0 mtu 9000")
    wait_until(lambda: well(t, "eth0", "ns0/ipvl0", "ns1/ipvl1"), "the warning is gone")
    wait_until(lambda: t.link("ipvl0", "ns0")["mtu"] == 9000, "the slave has its MTU")
