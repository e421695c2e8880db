"""Container engines of Debian 12 and 13, with networks of ipvl (suite `engines`)."""

import contextlib
import json
import os
import shutil
import signal
import sys

from ipvltest import run, wait_until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "engines"))
from engine_tree import Tree  # noqa: E402

ROUTER, HOST = "10.138.36.1", "10.138.37.250"
ADDRESSES = {"a": "10.138.36.9", "b": "10.138.36.10"}
SUBNET = ("--subnet=10.138.36.0/23", "--gateway=" + ROUTER)


def start(t, release, backend):
    t.lan("eth0")
    t.ipvld()
    tree = Tree(release, backend)
    tree.make_image()
    return tree


def podman(tree, *words, **how):
    return tree.run("podman", *words, **how)


def pings(tree, name, address):
    return podman(tree, "exec", name, "ping", "-c1", "-W5", address)


def start_containers(tree):
    podman(tree, "import", "/tmp/image.tar", "box")
    for name, address in ADDRESSES.items():
        podman(tree, "run", "-d", f"--name={name}", "--restart=always", "--network=lan", f"--ip={address}", "box", "sleep", "1000")


def assert_reach(t, tree):
    """Each other, the LAN's router, and the host; and the host them."""
    t.wait_ready()
    pings(tree, "a", ADDRESSES["b"])
    pings(tree, "b", ADDRESSES["a"])
    for name in ADDRESSES:
        pings(tree, name, ROUTER)
        pings(tree, name, HOST)
        t.ping(None, ADDRESSES[name])


def containers(t):
    return {r["addresses"].split("/")[0]: r["state"] for r in t.rows("Slave") if r["netns"]}


def assert_nothing_left(t):
    for table in ("Slave", "Lease", "Master"):
        assert t.rows(table) == [], table
    assert not [d for d in t.ipj("link show") if d.get("linkinfo", {}).get("info_kind") == "ipvlan"]


def crash(t, tree):
    """What a host that loses power leaves: its disk. The processes of the containers, what was below /run, the
    devices and the namespaces are gone, and there is another boot."""
    t.daemons[0].kill()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, FileNotFoundError):
            if os.readlink(f"/proc/{pid}/root") != "/" and int(pid) != os.getpid():
                os.kill(int(pid), signal.SIGKILL)
    for name in os.listdir("/run/netns"):
        if name != "outside":
            run("umount", "-l", f"/run/netns/{name}", check=False)
            os.unlink(f"/run/netns/{name}")
    for name in ("containers", "crun", "libpod", "leases"):
        run("umount", "-R", f"/run/{name}", check=False)
        shutil.rmtree(f"/run/{name}", ignore_errors=True)
    for name in os.listdir("/dev/shm"):
        os.unlink(f"/dev/shm/{name}")
    for d in t.ipj("link show"):
        if d.get("linkinfo", {}).get("info_kind") == "ipvlan":
            t.ip(f"link del {d['ifname']}")
    with open("/var/lib/engines/boot_id", "w", encoding="utf-8") as f:
        f.write("11111111-2222-3333-4444-555555555555\n")
    run("mount", "--bind", "/var/lib/engines/boot_id", "/proc/sys/kernel/random/boot_id")
    run("mount", "--bind", "/var/lib/engines/boot_id", f"{tree.root}/proc/sys/kernel/random/boot_id")


def live(t, tree):
    """Two containers with a network `lan`, from the beginning to the end."""
    start_containers(tree)
    assert_reach(t, tree)
    assert containers(t) == dict.fromkeys(ADDRESSES.values(), "ready"), containers(t)
    podman(tree, "restart", "-t0", "a")
    assert_reach(t, tree)
    daemon = t.daemons[0]
    daemon.kill()
    pings(tree, "a", ROUTER)
    daemon.start()
    assert_reach(t, tree)
    crash(t, tree)
    daemon.start()
    assert_nothing_left(t)
    podman(tree, "start", "--all")
    assert_reach(t, tree)
    assert containers(t) == dict.fromkeys(ADDRESSES.values(), "ready"), containers(t)
    podman(tree, "rm", "-f", "-t0", *ADDRESSES)
    assert_nothing_left(t)


def test_podman_netavark(t):
    """Podman 5.4 of Debian 13, by netavark 1.14."""
    tree = start(t, "13", "netavark")
    podman(tree, "network", "create", "--driver=ipvl", "--interface-name=eth0", *SUBNET, "-o", f"host-access={HOST}", "lan")
    live(t, tree)


def test_podman_pool(t):
    """Addresses of ipvl's own pool, and what Podman shows of an error."""
    tree = start(t, "13", "netavark")
    t.ctl("create", "Pool", "name=lan", "subnets=10.138.36.0/23", "ranges=10.138.36.100-10.138.36.199", f"gateway={ROUTER}")
    podman(tree, "network", "create", "--driver=ipvl", "--interface-name=eth0", "--ipam-driver=none", "-o", "pool=lan", "lan")
    podman(tree, "import", "/tmp/image.tar", "box")
    podman(tree, "run", "-d", "--name=a", "--network=lan", "box", "sleep", "1000")
    pings(tree, "a", ROUTER)
    assert list(containers(t)) == ["10.138.36.100"], containers(t)
    for words, sentence in (
            (("run", "--rm", "-p", "80:80", "--network=lan", "box", "sleep", "1"), "an ipvlan has no port mappings"),
            (("network", "create", "--driver=ipvl", "--interface-name=eth0", "-o", "mode=l3", "other"), "declared by network lan"),
            (("network", "create", "--driver=ipvl", "-o", "colour=red", "other"), "unknown option `colour`")):
        p = tree.run("podman", *words, check=False, whole=True)
        assert p.returncode and sentence in p.stderr, p.stderr
    podman(tree, "rm", "-f", "-t0", "a")
    assert_nothing_left(t)


def conflist(tree, folder, ipam, name="lan"):
    os.makedirs(f"{tree.root}{folder}", exist_ok=True)
    with open(f"{tree.root}{folder}/{name}.conflist", "w", encoding="utf-8") as f:
        json.dump({"cniVersion": "0.4.0", "name": name, "plugins": [
            {"type": "ipvl-cni", "master": "eth0", "hostAccess": HOST, "capabilities": {"ips": True}, "ipam": ipam}]}, f)


def test_podman_cni(t):
    """Podman 4.3 of Debian 12, by CNI, with addresses of `host-local`. Its leases outlive a crash unless they are below
    /run: docs/containers.md."""
    tree = start(t, "12", "cni")
    conflist(tree, "/var/lib/networks", {"type": "host-local", "dataDir": "/run/leases", "ranges": [[{"subnet": "10.138.36.0/23", "gateway": ROUTER}]],
                                         "routes": [{"dst": "0.0.0.0/0"}]})
    live(t, tree)
