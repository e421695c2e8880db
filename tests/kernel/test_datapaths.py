"""Slaves that are no ipvlans, with packets: `datapath:` of a master."""

import json
import os
import subprocess
import tempfile

from ipvltest import skip, wait_until

LAN = {"master": "eth0", "address": "10.138.36.58/23"}
OUTSIDE = ("10.138.36.1/23",)


def mac(t, name, ns):
    return t.link(name, ns)["address"]


def kind(t, name, ns):
    return t.link(name, ns)["linkinfo"]["info_kind"]


def macvlan_mode(t, name, ns):
    return t.link(name, ns)["linkinfo"]["info_data"]["mode"]


def test_one_word(t):
    """docs/examples/macvlan.yaml: slaves reach each other and the outside, each by its own MAC address."""
    t.lan(**LAN, outside=OUTSIDE)
    t.ipvld()
    t.apply(t.example("macvlan.yaml"))
    assert macvlan_mode(t, "mv0", "blue") == "bridge"
    assert len({mac(t, "mv0", "blue"), mac(t, "mv1", "green"), mac(t, "eth0", None)}) == 3
    t.ping("blue", "10.138.36.3")
    t.ping("blue", "10.138.36.1")
    assert "macvlan l2 bridge" in t.ctl("show")
    # The flag is its mode, changed while packets flow.
    t.ctl("set-master", "eth0", "flag=private")
    wait_until(lambda: macvlan_mode(t, "mv0", "blue") == "private", "the mode is private")
    t.no_ping("blue", "10.138.36.3")
    t.ping("blue", "10.138.36.1")
    t.refused("set-master", "eth0", "mode=l3")


def test_same_mac_again(t):
    """A macvlan that is made again has the MAC address that it had."""
    t.lan(**LAN, outside=OUTSIDE)
    t.ipvld()
    t.apply(t.example("macvlan.yaml"))
    before = mac(t, "mv0", "blue")
    t.ip("link del mv0", ns="blue")
    wait_until(lambda: t.link("mv0", "blue") and t.addresses("mv0", "blue"), "it is back")
    assert mac(t, "mv0", "blue") == before
    t.ctl("del-master", "eth0")
    t.apply(t.example("macvlan.yaml"))
    assert mac(t, "mv0", "blue") == before


def test_from_ipvlan_and_back(t):
    """One word makes the slaves again, and nothing else has to change."""
    t.lan(**LAN, outside=OUTSIDE)
    t.ipvld()
    text = open(os.path.join(os.path.dirname(__file__), "../../docs/examples/macvlan.yaml"), encoding="utf-8").read()
    t.apply(text.replace("    datapath: macvlan\n", ""))
    assert kind(t, "mv0", "blue") == "ipvlan"
    t.apply(text)
    assert kind(t, "mv0", "blue") == kind(t, "mv1", "green") == "macvlan"
    t.ping("blue", "10.138.36.1")
    t.apply(text.replace("    datapath: macvlan\n", ""))
    assert kind(t, "mv0", "blue") == "ipvlan"
    t.ping("blue", "10.138.36.3")


def test_host_access(t):
    """The host reaches macvlans by the same shim."""
    t.lan(**LAN, outside=OUTSIDE)
    t.ipvld()
    text = open(os.path.join(os.path.dirname(__file__), "../../docs/examples/macvlan.yaml"), encoding="utf-8").read()
    t.no_ping(None, "10.138.36.2")
    t.apply(text.replace("    slaves:", "    host-access: 10.138.36.250\n    slaves:"))
    t.ping(None, "10.138.36.2")
    t.ping("blue", "10.138.36.250")


def test_restart(t):
    """A daemon that starts anew takes its macvlans for its own, and removes those that no row wants any more."""
    t.lan(**LAN, outside=OUTSIDE)
    d = t.ipvld()
    t.apply(t.example("macvlan.yaml"))
    before = t.ifindex("mv0", "blue")
    d.kill()
    d.start()
    t.wait_ready()
    assert t.ifindex("mv0", "blue") == before
    t.ctl("del-master", "eth0")
    assert t.namespaces() == ["outside"], t.namespaces()


def test_ipvtap(t):
    """An ipvtap has a character device, and is found in its namespace though the kernel hides its master's."""
    t.lan(**LAN, outside=OUTSIDE)
    t.ip("link add probe link eth0 type ipvtap", check=False)
    if not t.link("probe"):
        skip("this kernel has no ipvtap")
    t.ip("link del probe")
    d = t.ipvld()
    t.apply("""
        version: 1
        masters:
          - name: eth0
            datapath: ipvtap
            mode: l2
            slaves: [{name: tap0, netns: blue, addresses: [10.138.36.2/23]}]
        """)
    before = t.ifindex("tap0", "blue")
    assert kind(t, "tap0", "blue") == "ipvtap"
    assert os.path.exists(f"/dev/tap{before}")
    t.ip("addr del 10.138.36.2/23 dev tap0", ns="blue")
    wait_until(lambda: t.addresses("tap0", "blue") == ["10.138.36.2/23"], "it is back")
    d.kill()
    d.start()
    t.wait_ready()
    assert t.ifindex("tap0", "blue") == before


def test_list(t):
    """list-datapaths names the plug-ins of the daemon."""
    t.ipvld()
    rows = {r["name"]: r for r in json.loads(t.ctl("--format=json", "list-datapaths"))}
    assert rows["kernel"]["what"] == "provider" and rows["kernel"]["file"] == "built in"
    assert rows["ipvlan"]["what"] == "link type"
    for name in ("macvlan", "ipvtap"):
        assert rows[name]["what"] == "link type" and rows[name]["file"].endswith(f"/{name}.so"), rows
        assert not rows[name]["error"]


def test_own_link_type(t):
    """The template of ipvl-datapath(7), built outside of the tree: previewed, made, changed, and repaired by Linux."""
    t.lan(**LAN, outside=OUTSIDE)
    t.ip("link add probe link eth0 type macvtap", check=False)
    if not t.link("probe"):
        skip("this kernel has no macvtap")
    t.ip("link del probe")
    source = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cc", "-std=gnu17", "-fPIC", "-shared", "-fvisibility=hidden", "-I", source, "-o", "macvtap.so",
                        os.path.join(source, "tests/unit/template/macvtap.c")], cwd=folder, check=True)
        os.environ["IPVL_PLUGIN_DIR"] = folder
        t.ipvld()
        text = """
            version: 1
            masters:
              - name: eth0
                datapath: macvtap
                slaves: [{name: mt0, netns: blue, addresses: [10.138.36.2/23]}]
            """
        t.apply(text)
        assert kind(t, "mt0", "blue") == "macvtap"
        t.ping("blue", "10.138.36.1")
        t.ctl("set-master", "eth0", "flag=private")
        wait_until(lambda: macvlan_mode(t, "mt0", "blue") == "private", "the mode is private")
        t.ip("link del mt0", ns="blue")
        wait_until(lambda: t.link("mt0", "blue") and t.addresses("mt0", "blue"), "it is back")
        t.refused("set-master", "eth0", "datapath=macvlan")
