"""What `run` starts in its guest: each measure once for each N, as a line of JSON. Times are those of whole
commands, their start included, unless they say otherwise."""
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PROGRAMS = "/tmp/bench"  # in memory: what is read from the host counts as time
MASTER = "m0"
GATEWAY = "10.138.255.1"
CNI = "/usr/lib/cni"


def run(*words, stdin=None, env=None):
    done = subprocess.run([str(w) for w in words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, env=env)
    if done.returncode:
        raise RuntimeError(f"{words[:6]}: {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-500:]}")
    return done.stdout


def timed(*words, **how):
    begin = time.monotonic()
    run(*words, **how)
    return time.monotonic() - begin


def address(i):
    return f"10.138.{i // 250}.{i % 250 + 2}/16"


def floor(*words):
    return float(run(f"{PROGRAMS}/floor", *words))


class Gone:
    """From now on until N slaves of the master are gone."""

    def __init__(self, n):
        self.begin = time.monotonic()
        self.process = subprocess.Popen([f"{PROGRAMS}/floor", "gone", MASTER, str(n)], stdout=subprocess.PIPE,
                                        text=True)
        self.process.stdout.readline()

    def wait(self):
        """When it was, by the monotonic clock."""
        return float(self.process.communicate()[0])


def check_gone():
    """No ipvlan is left on the master: another kind of device can be made on it."""
    run("ip", "link", "add", "check", "link", MASTER, "type", "macvlan")
    run("ip", "link", "del", "check")


def drop_names(n, prefix):
    gone = Gone(n)
    for i in range(n):
        run("umount", "-l", f"/run/netns/{prefix}{i}")
        os.unlink(f"/run/netns/{prefix}{i}")
    gone.wait()


# -- the floor ---------------------------------------------------------------------------------------------------

def measure_floor(n):
    found = {"make": floor("make", MASTER, n), "dump": floor("dump", n),
             "repair": floor("repair", MASTER, n // 2),
             "set": timed("ip", "-n", f"fl{n // 2}", "link", "set", "eth0", "mtu", 1400),
             "nothing": timed("true")}
    found["drop"] = floor("drop", MASTER, n)
    check_gone()
    return found


# -- what people use ---------------------------------------------------------------------------------------------

def measure_script(n):
    lines = "".join(f"""ip netns add sh{i}
ip link add link {MASTER} name eth0 netns sh{i} type ipvlan mode l2
ip -n sh{i} link set lo up
ip -n sh{i} link set eth0 up
ip -n sh{i} addr add {address(i)} dev eth0
ip -n sh{i} route add default via {GATEWAY}
""" for i in range(n))
    found = {"make": timed("sh", "-e", stdin=lines)}
    drop_names(n, "sh")
    return found


def measure_ip_batch(n):
    begin = time.monotonic()
    run("ip", "-batch", "-", stdin="".join(f"netns add ba{i}\n" for i in range(n)) + "".join(
        f"link add link {MASTER} name eth0 netns ba{i} type ipvlan mode l2\n" for i in range(n)))
    for i in range(n):
        run("ip", "-n", f"ba{i}", "-batch", "-", stdin=f"link set lo up\nlink set eth0 up\naddr add {address(i)} "
            f"dev eth0\nroute add default via {GATEWAY}\n")
    found = {"make": time.monotonic() - begin}
    drop_names(n, "ba")
    return found


def measure_cni(n):
    def add(i):
        config = {"cniVersion": "0.4.0", "name": "bench", "type": "ipvlan", "master": MASTER, "mode": "l2",
                  "ipam": {"type": "static", "addresses": [{"address": address(i), "gateway": GATEWAY}],
                           "routes": [{"dst": "0.0.0.0/0"}]}}
        run("ip", "netns", "add", f"cn{i}")
        run(f"{CNI}/ipvlan", stdin=json.dumps(config),
            env={"CNI_COMMAND": "ADD", "CNI_CONTAINERID": f"c{i}", "CNI_NETNS": f"/run/netns/cn{i}",
                 "CNI_IFNAME": "eth0", "CNI_PATH": CNI, "PATH": os.environ["PATH"]})

    begin = time.monotonic()
    for i in range(n):
        add(i)
    found = {"make": time.monotonic() - begin}
    drop_names(n, "cn")
    return found


PYROUTE2 = """import sys
from pyroute2 import IPRoute, NetNS
ip = IPRoute()
master = ip.link_lookup(ifname=sys.argv[2])[0]
for i in range(int(sys.argv[1])):
    with NetNS(f"py{i}") as ns:
        ip.link("add", ifname=f"py{i}", kind="ipvlan", link=master, ipvlan_mode=0, net_ns_fd=f"py{i}")
        index = ns.link_lookup(ifname=f"py{i}")[0]
        ns.link("set", index=ns.link_lookup(ifname="lo")[0], state="up")
        ns.link("set", index=index, ifname="eth0", state="up")
        ns.addr("add", index=index, address=f"10.138.{i // 250}.{i % 250 + 2}", prefixlen=16)
        ns.route("add", dst="0.0.0.0/0", gateway="10.138.255.1")
"""


def measure_pyroute2(n):
    found = {"make": timed("/usr/bin/python3", "-c", PYROUTE2, n, MASTER)}
    drop_names(n, "py")
    return found


# -- ours --------------------------------------------------------------------------------------------------------

class Daemon:
    def __init__(self):
        self.dir = "/run/bench"
        os.makedirs(f"{self.dir}/config")
        self.process = None

    def start(self):
        """Returns the seconds until READY."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            path = f"{self.dir}/notify"
            if os.path.exists(path):
                os.unlink(path)
            s.bind(path)
            begin = time.monotonic()
            with open(f"{self.dir}/log", "a", encoding="utf-8") as log:
                self.process = subprocess.Popen(
                    [f"{PROGRAMS}/ipvld", f"--schema={PROGRAMS}/ipvl.ovsschema", f"--db={self.dir}/conf.db",
                     f"--remote=punix:{self.dir}/db.sock", f"--config-dir={self.dir}/config"],
                    env={**os.environ, "NOTIFY_SOCKET": path}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            while b"READY=1" not in s.recv(4096):
                pass
            return time.monotonic() - begin

    def stop(self):
        self.process.kill()
        self.process.wait()

    def rss_mb(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(rf"{what}:\s+(\d+)", f.read())[1]) / 1024

    def ctl(self, *words):
        return run(f"{PROGRAMS}/ipvl-ctl", f"--db=unix:{self.dir}/db.sock", "--timeout=1000", *words)

    def timed(self, *words):
        begin = time.monotonic()
        self.ctl(*words)
        return time.monotonic() - begin


def config(n):
    lines = ["version: 1", "masters:", f"  - name: {MASTER}", "    mode: l2", "    slaves:"]
    for i in range(n):
        lines.append(f"      - {{name: eth0, netns: ou{i}, addresses: [{address(i)}], "
                     f"routes: [{{to: default, via: {GATEWAY}}}]}}")
    path = f"/tmp/bench-{n}.yaml"
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    return path


def measure_edits(d, n, found):
    found["again"] = d.timed("apply", "-f", config(n))
    found["diff"] = d.timed("diff", "-f", config(n))
    found["get"] = d.timed("get", "Slave", f"ou{n // 2}/eth0", "state")
    found["show"] = d.timed("show")
    found["set"] = d.timed("set-slave", f"ou{n // 2}/eth0", "mtu=1400")
    found["add"] = d.timed("add-slave", MASTER, "eth0", "netns=extra", "addresses=10.138.250.9/16",
                           f"routes=default via {GATEWAY}")
    found["del"] = d.timed("del-slave", "extra/eth0")
    time.sleep(2)
    found["repair"] = floor("await", f"ou{n - 1}")
    time.sleep(2)


def wait_until_ready(d, n):
    while f"{n} of {n} slaves ready" not in d.ctl("show"):
        time.sleep(0.1)


def drop(d, n):
    gone = Gone(n)
    begin = time.monotonic()
    found = {"del-master": d.timed("del-master", MASTER)}
    found["drop"] = gone.wait() - begin
    check_gone()
    return found


def make_and_drop(d, n):
    found = {"make": d.timed("apply", "-f", config(n))}
    return {**found, **drop(d, n)}


def measure_ours(n):
    d = Daemon()
    d.start()
    # Announcements go on for seconds.
    d.ctl("set", "Host", ".", "other_config:announce=off")
    found = {"rss empty": d.rss_mb()}
    # A file of the host that is read meanwhile adds any time (vm_qemu.py): the smaller of two.
    first = make_and_drop(d, n)
    found["make"] = min(first["make"], d.timed("apply", "-f", config(n)))
    wait_until_ready(d, n)
    found["rss"] = d.rss_mb()
    measure_edits(d, n, found)
    wait_until_ready(d, n)
    d.stop()
    found["restart"] = d.start()
    second = drop(d, n)
    for name in second:
        found[name] = min(first[name], second[name])
    found["rss peak"] = d.rss_mb("VmHWM")
    d.stop()
    shutil.rmtree(d.dir)
    return found


def libraries(program):
    """None of a static program, for which ldd(1) fails."""
    done = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", done.stdout)


def into_memory(*programs):
    """Programs, and the libraries that they need: to open a file of the host takes any time (vm_qemu.py)."""
    os.makedirs(f"{PROGRAMS}/lib")
    paths = {os.path.realpath(p if os.path.isabs(p) else shutil.which(p)) for p in programs}
    paths |= {os.path.realpath(f) for p in paths for f in libraries(p)}
    for path in paths:
        copy = shutil.copy(path, f"{PROGRAMS}/lib")
        if not path.startswith(PROGRAMS):
            run("mount", "--bind", copy, path)


def folders_into_memory(*folders):
    """Each open of a file of the host is a wait for it, also if its content is in memory."""
    for number, folder in enumerate(f for f in folders if os.path.isdir(f)):
        copy = f"{PROGRAMS}/folder{number}"
        run("cp", "-a", folder, copy)
        run("mount", "--bind", copy, folder)


def prepare(build, source, names):
    os.makedirs(PROGRAMS)
    for path in (f"{build}/tests/bench/peers/floor", f"{build}/reconciler/ipvld", f"{build}/ctl/ipvl-ctl",
                 f"{source}/schemas/ipvl.ovsschema"):
        shutil.copy(path, PROGRAMS)
    peers = [f"{CNI}/ipvlan", f"{CNI}/static"] if "CNI" in names else []
    # For the name of a group, which ipvld looks up (nsswitch.conf(5)).
    modules = glob.glob("/lib/*/libnss_*.so.2")
    into_memory(f"{PROGRAMS}/ipvld", f"{PROGRAMS}/ipvl-ctl", f"{PROGRAMS}/floor", "ip", "sh", "true", "umount",
                *modules, *peers)
    python = [os.path.dirname(os.__file__), "/usr/lib/python3/dist-packages"] if "pyroute2" in names else []
    folders_into_memory("/usr/share/iproute2", "/etc/iproute2", *python)
    run("ip", "link", "add", MASTER, "type", "veth", "peer", "name", "p0")
    run("ip", "link", "set", "p0", "up")
    run("ip", "link", "set", MASTER, "up")


MEASURES = {"floor": measure_floor, "ours": measure_ours, "ip -batch": measure_ip_batch,
            "script": measure_script, "CNI": measure_cni, "pyroute2": measure_pyroute2}


def main():
    build, source, job = json.loads(sys.argv[1])
    prepare(build, source, {name for _, names in job for name in names})
    for n, names in job:
        found = {}
        for name in names:
            MEASURES[name](2)  # so that its files are in memory
            found[name] = MEASURES[name](n)
        print(json.dumps(found), flush=True)


main()
