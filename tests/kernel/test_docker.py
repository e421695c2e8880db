"""`ipvl-docker` with real namespaces, and Docker's moves of a device."""

import http.client
import json
import socket
import subprocess

from ipvltest import BUILD, wait_until

SOCKET = "/run/ipvl-docker.sock"
NET = "554a45e9c1d2" + 52 * "0"


def call(method, **request):
    """As dockerd. An error is an AssertionError."""
    c = http.client.HTTPConnection("")
    c.sock = socket.socket(socket.AF_UNIX)
    c.sock.connect(SOCKET)
    c.request("POST", "/" + (method if "." in method else "NetworkDriver." + method), json.dumps({"NetworkID": NET, **request}))
    answer = json.loads(c.getresponse().read())
    c.close()
    assert "Err" not in answer, answer
    return answer


def accepts():
    with socket.socket(socket.AF_UNIX) as s:
        return s.connect_ex(SOCKET) == 0


def begin(t):
    t.lan("eth0")
    daemon = t.ipvld()
    t.ip("netns add c1")
    t.ip("link set lo up", "c1")
    driver = subprocess.Popen([f"{BUILD}/engines/ipvl-docker", f"--socket={SOCKET}"])
    wait_until(accepts, "ipvl-docker listens")
    call("CreateNetwork", Options={"com.docker.network.generic": {"parent": "eth0"}}, IPv4Data=[{"Gateway": "10.138.36.1/23"}])
    return driver, daemon


def start(t, number, ns="c1"):
    endpoint = f"{number:012}" + 52 * "e"
    call("CreateEndpoint", EndpointID=endpoint, Interface={"Address": "10.138.36.9/23"})
    joined = call("Join", EndpointID=endpoint)
    name = joined["InterfaceName"]["SrcName"]
    if ns:
        t.ip(f"link set {name} netns {ns} name eth0")
        t.ip("addr add 10.138.36.9/23 dev eth0", ns)
        t.ip("link set eth0 up", ns)
        t.ip(f"route add default via {joined['Gateway']} dev eth0", ns)
    return endpoint, name


def test_moves(t):
    """Docker takes the device, and brings it back; ipvld restarts between."""
    driver, daemon = begin(t)
    endpoint, name = start(t, 1)
    t.ping("c1", "10.138.36.1")
    daemon.stop()
    t.ipvld()
    t.ping("c1", "10.138.36.1")
    assert t.addresses("eth0", "c1") == ["10.138.36.9/23"]
    call("Leave", EndpointID=endpoint)
    t.ip("link set eth0 down", "c1")
    t.ip(f"link set eth0 netns 1 name {name}", "c1")
    call("DeleteEndpoint", EndpointID=endpoint)
    assert t.link(name) is None, "it is gone when DeleteEndpoint returns"
    call("DeleteNetwork")
    assert t.rows("Slave") == [] and t.rows("Master") == []
    driver.terminate()


def test_ends(t):
    """A container that dies takes its row along; a device that stays in the host goes when dockerd starts."""
    driver, _ = begin(t)
    start(t, 1)
    t.ip("netns del c1")
    wait_until(lambda: t.rows("Slave") == [], "the row goes with the device")
    _, name = start(t, 2, ns=None)
    assert t.link(name)
    call("Plugin.Activate")
    wait_until(lambda: t.link(name) is None, "the device goes")
    start(t, 3, ns=None)
    _, name = start(t, 4, ns=None)  # the same address
    assert [r["name"] for r in t.rows("Slave")] == [name]
    driver.terminate()
