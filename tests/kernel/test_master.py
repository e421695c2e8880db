"""What a master does to its slaves, and what is said of it: down, and its MTU."""

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


SYSCTL = """
    version: 1
    masters:
      - name: eth0
        mode: l3s
        sysctl: {ipv4.proxy_arp: 1, ipv4.forwarding: 1}
        slaves: [{name: a, netns: ns1, addresses: [10.138.37.10/32], routes: [{to: default}]}]
"""


def test_sysctl(t):
    """The host answers ARP for a slave in the LAN's own subnet, to which it has a route by another device; once the
    keys are gone, all is as before."""
    def setting(name):
        return t.sysctl(f"net.ipv4.conf.eth0.{name}")

    t.lan("eth0")
    d = t.ipvld()
    t.apply(SYSCTL)
    t.wait_ready()
    assert setting("proxy_arp") == "1" and setting("forwarding") == "1"
    assert t.sysctl("net.ipv4.conf.all.forwarding") == "0"
    t.ping("outside", "10.138.37.10")
    t.sysctl("net.ipv4.conf.eth0.proxy_arp", 0)
    t.ip("link set eth0 mtu 1400")              # a sysctl makes no event
    wait_until(lambda: setting("proxy_arp") == "1", "it is repaired")
    # Nobody is there when the row changes.
    d.kill()
    t.ctl("--db=/var/lib/ipvl/conf.db", "remove", "Master", "eth0", "sysctl", "ipv4.proxy_arp")
    assert setting("proxy_arp") == "1"
    d.start()
    wait_until(lambda: setting("proxy_arp") == "0", "it is back")
    assert setting("forwarding") == "1"
    t.ctl("del-master", "eth0")
    assert setting("forwarding") == "0"
    assert not t.rows("Saved")


def test_proxy_arp_by_hand(t):
    """By commands the settings alone are made: a warning says what is missing, and goes when it is there."""
    t.lan("eth0")
    t.ipvld()
    t.apply(SYSCTL.replace("        sysctl: {ipv4.proxy_arp: 1, ipv4.forwarding: 1}\n", ""))
    assert not t.row("ns1/a")["warnings"]
    t.ctl("set-master", "eth0", "sysctl:ipv4.proxy_arp=1", "sysctl:ipv4.forwarding=1")
    wait_until(lambda: "only while the host reaches it by another device" in str(t.row("ns1/a")["warnings"]),
               "the warning")
    t.no_ping("outside", "10.138.37.10")
    t.ctl("add-slave", "eth0", "shim", "host_access=true")
    wait_until(lambda: not t.row("ns1/a")["warnings"], "the warning is gone")
    t.ping("outside", "10.138.37.10")
    t.ctl("del-slave", "shim")
    wait_until(lambda: t.row("ns1/a")["warnings"], "the warning is back")


def test_proxy_ndp(t):
    """IPv6: what docs/yaml.md says of an entry by hand, in l3 and l3s."""
    t.lan("eth0", outside=("10.138.36.1/23", "fd00::1/64"))
    t.ip("addr add fd00::58/64 dev eth0 nodad")
    t.ipvld()
    for mode in ("l3", "l3s"):
        t.apply(f"""
            version: 1
            masters:
              - name: eth0
                mode: {mode}
                sysctl: {{ipv6.proxy_ndp: 1, ipv6.forwarding: 1}}
                slaves: [{{name: a, netns: ns1, addresses: ["fd00::{mode[1]}{len(mode)}/128"], ipv6: static,
                           routes: [{{to: "::/0"}}]}}]
            """)
        t.wait_ready()
        address = f"fd00::{mode[1]}{len(mode)}"
        t.no_ping("outside", address)
        t.ip(f"-6 neigh add proxy {address} dev eth0")
        t.ping("outside", address)
