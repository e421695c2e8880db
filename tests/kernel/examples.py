"""A host on which each file of docs/examples can be applied. For test_examples.py and test_idempotent.py."""

import os
import subprocess

from ipvltest import EXAMPLES, SOCKET, read_file, run, wait_until

# What cannot be ready on it: there is no bus with cards.
NOT_READY = {"by-path": "waiting", "ns3/eth0": "waiting"}


def names():
    return sorted(n for n in os.listdir(EXAMPLES) if n.endswith(".yaml"))


def host(t):
    """The masters eth0, eno1 and eno2, each with a cable to `outside`, and what other programs make."""
    t.lan("eth0", outside=("10.138.36.1/23", "10.138.36.66/23"))
    for number, name in enumerate(("eno2", "eno1"), 1):
        t.ip(f"link add {name} address 02:00:00:00:36:{number:02} type veth peer name far{number} netns outside")
        t.ip(f"link set far{number} up", "outside")
        t.ip(f"link set {name} up")
    t.ip("addr add 10.138.36.57/23 dev eno2")
    t.ip("route add default dev eth0")  # match.yaml finds its master by it
    t.ip("netns add ns1")
    t.ip("link add red up type vrf table 10", ns="ns1")  # vrf.yaml
    t.ip("netns add dmz")
    process = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
    path = f"/proc/{process.pid}/ns/net"
    wait_until(lambda: os.stat(path).st_ino != os.stat("/proc/self/ns/net").st_ino, "a namespace of its own")
    # namespaces.yaml: a process, and what a container engine mounts.
    os.makedirs("/run/docker/netns")
    run("ip", "netns", "add", "engine")
    run("touch", "/run/docker/netns/4f9c1a")
    run("mount", "--bind", "/run/netns/engine", "/run/docker/netns/4f9c1a")
    return process


def file(t, name, process):
    """The path of the example, in which 'process' stands for the one that it names."""
    text = read_file(os.path.join(EXAMPLES, name))
    return t.yaml(text.replace("pid:4242", f"pid:{process.pid}"), name)


def label(row):
    return f"{row['netns']}/{row['name']}" if row["netns"] else row["name"]


def check_ready(t, remote=SOCKET):
    rows = [r for table in ("Master", "Slave") for r in t.rows(table, remote)]
    bad = [f"{label(r)}: {r['state']} {r['message']}" for r in rows
           if r["state"] != NOT_READY.get(label(r), "ready" if r.get("enabled", True) else "disabled")]
    assert not bad, "; ".join(bad)
    return True


def wait_ready(t):
    wait_until(lambda: check_ready(t), "what can be ready is")
