"""`ipvl-cni` with real namespaces: containers reach each other, the LAN, the host; nothing is left."""

import contextlib
import json
import os
import subprocess

import containers
from ipvltest import BUILD, process_in, run, skip, wait_until

POOL = {"type": "ipvl", "pool": "lan"}
PLUGINS = "/usr/lib/cni"  # of Debian's containernetworking-plugins


def call(command, container, netns, ifname="eth0", **config):
    """As a container engine. Returns the result, None for nothing; an error is an AssertionError."""
    env = dict(os.environ, CNI_COMMAND=command, CNI_CONTAINERID=container, CNI_NETNS=netns, CNI_IFNAME=ifname,
               CNI_PATH=PLUGINS)
    text = json.dumps({"cniVersion": "1.0.0", "name": "net", "type": "ipvl-cni", "master": "eth0", **config})
    p = subprocess.run([f"{BUILD}/engines/ipvl-cni"], input=text, env=env, capture_output=True, text=True, check=False)
    assert p.returncode == 0, p.stdout + p.stderr
    return json.loads(p.stdout) if p.stdout else None


def start(t):
    t.lan("eth0")
    t.ipvld()
    t.ctl("create", "Pool", "name=lan", "subnets=10.138.36.0/23", "ranges=10.138.36.100-10.138.36.199", "gateway=10.138.36.1")
    containers.make(t, "c1", "c2")


def test_two_containers(t):
    """They reach each other and the LAN's router; DEL leaves nothing."""
    start(t)
    first = call("ADD", "a", "/var/run/netns/c1", ipam=POOL)
    second = call("ADD", "b", "/run/netns/c2", ipam=POOL)
    assert first["ips"] == [{"address": "10.138.36.100/23", "gateway": "10.138.36.1", "interface": 0}], first
    assert first["interfaces"][0]["mac"] == t.link("eth0", "c1")["address"], first
    assert t.addresses("eth0", "c2") == ["10.138.36.101/23"]
    assert t.mode("eth0", "c1") == ("l2", "bridge")
    t.ping("c1", "10.138.36.101")
    t.ping("c2", "10.138.36.1")
    t.ping("c1", "110.242.68.66")
    call("CHECK", "a", "/run/netns/c1", ipam=POOL, prevResult=first)
    call("DEL", "a", "/run/netns/c1", ipam=POOL, prevResult=first)
    assert t.link("eth0", "c1") is None, "it is gone when DEL returns"
    t.ping("c2", "10.138.36.1")
    call("DEL", "b", "", ipam=POOL, prevResult=second)
    containers.assert_nothing_left(t)


def test_host_access(t):
    """By one key the host reaches its containers."""
    start(t)
    call("ADD", "a", "/run/netns/c1", ipam=POOL, hostAccess=True)
    there = t.addresses("eth0", "c1")[0].split("/")[0]
    t.wait_ready()
    t.ping(None, there)
    t.ping("c1", t.addresses("shim-eth0")[0].split("/")[0])
    call("DEL", "a", "/run/netns/c1", ipam=POOL, hostAccess=True)
    containers.assert_nothing_left(t)


def test_of_a_process(t):
    """A namespace by the path of a process, as engines without names give it."""
    start(t)
    path = process_in("c1")
    call("ADD", "a", path, ipam=POOL, mode="l3s")
    assert t.mode("eth0", "c1") == ("l3s", "bridge")
    call("DEL", "a", path, ipam=POOL)
    containers.assert_nothing_left(t)


def test_link_in_container(t):
    """The master is a device of the container's namespace."""
    start(t)
    t.ip("link add up0 netns c1 type veth peer name up1 netns c2")
    t.ip("link set up0 up", "c1")
    t.ip("link set up1 up", "c2")
    call("ADD", "a", "/run/netns/c1", ipam=POOL, master="up0", linkInContainer=True)
    assert t.link("eth0", "c1")["link"] == "up0"
    call("DEL", "a", "/run/netns/c1", ipam=POOL, master="up0", linkInContainer=True)
    containers.assert_nothing_left(t)


def test_vlan(t):
    """A VLAN that is made for its network, and goes with its last container."""
    start(t)
    r = call("ADD", "a", "/run/netns/c1", ipam=POOL, vlan=7)
    assert r["interfaces"][0]["mac"] == t.link("eth0", "c1")["address"], r
    assert t.link("eth0.7")["linkinfo"]["info_data"]["id"] == 7
    call("DEL", "a", "/run/netns/c1", ipam=POOL, vlan=7)
    wait_until(lambda: t.link("eth0.7") is None, "the VLAN is gone")
    containers.assert_nothing_left(t)


def test_namespace_that_goes(t):
    """Without a DEL: ipvl makes no namespace for a container, and DEL finds its row."""
    start(t)
    call("ADD", "a", "/run/netns/c1", ipam=POOL)
    t.ip("netns del c1")
    wait_until(lambda: t.rows("Slave")[0]["state"] == "waiting", "the row waits for its namespace")
    assert "c1" not in t.namespaces()
    daemon = t.daemons[0]
    daemon.kill()
    daemon.start()
    wait_until(lambda: t.rows("Slave")[0]["state"] == "waiting", "and after a crash")
    assert "c1" not in t.namespaces()
    call("DEL", "a", "", ipam=POOL)
    containers.assert_nothing_left(t, ("c2",))


def test_repair(t):
    """It is a row as any other: what another program breaks comes back."""
    start(t)
    call("ADD", "a", "/run/netns/c1", ipam=POOL)
    t.ip("link del eth0", "c1")
    wait_until(lambda: t.link("eth0", "c1") and t.addresses("eth0", "c1") == ["10.138.36.100/23"], "the device is back")
    t.ping("c1", "10.138.36.1")


def test_host_local(t):
    """Addresses from Debian's IPAM plug-in; its files are as before at the end."""
    if not os.path.exists(f"{PLUGINS}/host-local"):
        skip("containernetworking-plugins is not installed")
    start(t)
    leases = "/run/leases"
    ipam = {"type": "host-local", "dataDir": leases,
            "ranges": [[{"subnet": "10.138.36.0/23", "rangeStart": "10.138.36.30", "gateway": "10.138.36.1"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}
    r = call("ADD", "a", "/run/netns/c1", ipam=ipam)
    assert [ip["address"] for ip in r["ips"]] == ["10.138.36.30/23"], r
    t.ping("c1", "110.242.68.66")
    with contextlib.suppress(AssertionError):
        call("ADD", "b", "/run/netns/c2", ipam=ipam, master="none0")
    names = sorted(n for n in os.listdir(f"{leases}/net") if n[0].isdigit())
    assert names == ["10.138.36.30"], names
    call("DEL", "a", "/run/netns/c1", ipam=ipam)
    names = sorted(n for n in os.listdir(f"{leases}/net") if n[0].isdigit())
    assert names == [], names
    containers.assert_nothing_left(t)


def test_drop_in(t):
    """The file of Debian's plug-in `ipvlan`, with the type changed, has the same effect."""
    if not os.path.exists(f"{PLUGINS}/ipvlan"):
        skip("containernetworking-plugins is not installed")
    start(t)
    config = {"cniVersion": "0.4.0", "name": "net", "type": "ipvlan", "master": "eth0", "mode": "l3", "mtu": 1400,
              "ipam": {"type": "static", "addresses": [{"address": "10.138.36.40/23", "gateway": "10.138.36.1"}],
                       "routes": [{"dst": "0.0.0.0/0"}]}}

    def look(program):
        env = dict(os.environ, CNI_COMMAND="ADD", CNI_CONTAINERID="a", CNI_NETNS="/run/netns/c1", CNI_IFNAME="eth0", CNI_PATH=PLUGINS)
        result = json.loads(run("env", *(f"{k}={v}" for k, v in env.items() if k.startswith("CNI_")), program, stdin=json.dumps(config)).stdout)
        device = t.link("eth0", "c1")
        seen = (result["ips"], [r["dst"] for r in result["routes"]], [i["name"] for i in result["interfaces"]], device["mtu"],
                t.mode("eth0", "c1"), t.addresses("eth0", "c1"), [(r["dst"], r.get("gateway")) for r in t.routes("eth0", "c1") if r["dst"] == "default"])
        run("env", *(f"{k}={v}" for k, v in dict(env, CNI_COMMAND="DEL").items() if k.startswith("CNI_")), program, stdin=json.dumps(config))
        assert t.link("eth0", "c1") is None
        return seen

    theirs = look(f"{PLUGINS}/ipvlan")
    ours = look(f"{BUILD}/engines/ipvl-cni")
    assert ours == theirs, f"{ours}\n{theirs}"
    containers.assert_nothing_left(t)
