"""`ipvl-cni` as Podman calls it, with real namespaces."""

import json
import subprocess

import containers
from ipvltest import BUILD, wait_until

SUBNET = {"subnet": "10.138.36.0/23", "gateway": "10.138.36.1"}


def call(what, container, address=None, netns=None, options=(), **network):
    """As netavark. Returns the answer, None for nothing; an error is an AssertionError."""
    network = {"name": "net", "id": "1", "driver": "ipvl", "network_interface": "eth0", "options": dict(options),
               "subnets": [SUBNET] if address else None, **network}
    text = json.dumps({"container_id": container, "container_name": container, "network": network,
                       "network_options": {"interface_name": "eth0", "static_ips": [address] if address else None}})
    p = subprocess.run([f"{BUILD}/engines/ipvl-cni", what, netns or f"/run/netns/{container}"], input=text, capture_output=True,
                       text=True, check=False)
    assert p.returncode == 0, p.stdout + p.stderr
    return json.loads(p.stdout) if p.stdout else None


def start(t):
    t.lan("eth0")
    t.ipvld()
    containers.make(t, "c1", "c2")


def test_two_containers(t):
    """They reach each other, the LAN's router, and the host; teardown leaves nothing."""
    start(t)
    access = {"host-access": "10.138.37.250"}
    first = call("setup", "c1", "10.138.36.100", options=access)
    call("setup", "c2", "10.138.36.101", options=access)
    assert first["interfaces"]["eth0"]["mac_address"] == t.link("eth0", "c1")["address"], first
    assert first["interfaces"]["eth0"]["subnets"] == [{"ipnet": "10.138.36.100/23", "gateway": "10.138.36.1"}], first
    t.wait_ready()
    t.ping("c1", "10.138.36.101")
    t.ping("c2", "110.242.68.66")
    t.ping(None, "10.138.36.101")
    t.ping("c1", "10.138.37.250")
    call("teardown", "c1", "10.138.36.100", options=access)
    assert t.link("eth0", "c1") is None, "it is gone when teardown returns"
    call("teardown", "c2", "10.138.36.101", options=access)
    containers.assert_nothing_left(t)


def test_on_link(t):
    """In mode l3 the host is the router, and there is no gateway."""
    start(t)
    call("setup", "c1", "10.138.36.100", options={"mode": "l3"}, subnets=[{"subnet": "10.138.36.0/23"}])
    assert t.mode("eth0", "c1") == ("l3", "bridge")
    assert [r.get("gateway") for r in t.routes("eth0", "c1") if r["dst"] == "default"] == [None]
    call("teardown", "c1", "10.138.36.100")
    containers.assert_nothing_left(t)


def test_lost(t):
    """A teardown that never came: the row goes with the next call, and its address is free."""
    start(t)
    call("setup", "c1", "10.138.36.100")
    t.ip("netns del c1")
    wait_until(lambda: t.rows("Slave")[0]["state"] == "waiting", "the row waits for its namespace")
    call("setup", "c2", "10.138.36.100")
    assert [r["external_ids"]["podman-container"] for r in t.rows("Slave")] == ["c2"]
    t.ping("c2", "10.138.36.1")
    call("teardown", "c2", "10.138.36.100")
    containers.assert_nothing_left(t, ("c2",))


def test_restarted(t):
    """The same container in another namespace, without a teardown before."""
    start(t)
    call("setup", "c1", "10.138.36.100")
    call("setup", "c1", "10.138.36.100", netns="/run/netns/c2")
    assert t.addresses("eth0", "c2") == ["10.138.36.100/23"]
    assert t.link("eth0", "c1") is None
    call("teardown", "c1", "10.138.36.100")
    containers.assert_nothing_left(t)
