#!/usr/bin/python3
"""300 ADDs and DELs of `ipvl-cni` beside Debian's CNI `ipvlan` with `host-local`: one after another, and at the same time.

cni.py [--vm qemu] [--kernel 12] [N]     seconds, and the ratio; nothing may be left of either.

Needs scripts/install-deps bench."""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
PLUGINS = "/usr/lib/cni"
AT_ONCE = 16
PEERS = {
    "ipvlan and host-local": (f"{PLUGINS}/ipvlan", {"type": "host-local", "dataDir": "/run/leases", "routes": [{"dst": "0.0.0.0/0"}],
                                                    "ranges": [[{"subnet": "10.138.0.0/16", "gateway": "10.138.0.1"}]]}),
    "ipvl-cni and host-local": ("engines/ipvl-cni", {"type": "host-local", "dataDir": "/run/leases2", "routes": [{"dst": "0.0.0.0/0"}],
                                                     "ranges": [[{"subnet": "10.138.0.0/16", "gateway": "10.138.0.1"}]]}),
    "ipvl-cni and a pool": ("engines/ipvl-cni", {"type": "ipvl", "pool": "lan"}),
}


def call(program, command, i, ipam):
    config = {"cniVersion": "0.4.0", "name": "bench", "type": os.path.basename(program), "master": "m0", "mode": "l2", "ipam": ipam}
    env = {"CNI_COMMAND": command, "CNI_CONTAINERID": f"c{i}", "CNI_NETNS": f"/run/netns/c{i}", "CNI_IFNAME": "eth0", "CNI_PATH": PLUGINS}
    p = subprocess.run([program], input=json.dumps(config), env=env, capture_output=True, text=True, check=False)
    if p.returncode:
        raise RuntimeError(f"{program} {command} c{i}: {p.stdout}{p.stderr}")


def timed(program, command, n, ipam, at_once):
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda i: call(program, command, i, ipam), range(n)))
    return time.monotonic() - begin


def inside(n, build):
    """In the guest."""
    sys.path.insert(0, os.path.join(SOURCE, "tests", "kernel"))
    from ipvltest import DB, PRIVATE, SOCKET, mount  # pylint: disable=import-outside-toplevel
    for folder in PRIVATE:
        os.makedirs(folder, exist_ok=True)
        mount("tmpfs", folder, "tmpfs")
    os.makedirs(os.path.dirname(SOCKET), exist_ok=True)
    subprocess.run(["ip", "link", "add", "m0", "up", "type", "dummy"], check=True)
    subprocess.run(["ip", "-batch", "-"], input="".join(f"netns add c{i}\n" for i in range(n)), text=True, check=True)
    with open("/run/log", "wb") as log:
        daemon = subprocess.Popen([f"{build}/reconciler/ipvld", "--schema", f"{SOURCE}/schemas/ipvl.ovsschema", "--db", DB], stderr=log)
    while not os.path.exists(SOCKET):
        assert daemon.poll() is None
        time.sleep(0.05)
    subprocess.run([f"{build}/ctl/ipvl-ctl", "create", "Pool", "name=lan", "subnets=10.138.0.0/16", "gateway=10.138.0.1"], check=True)
    for peer, (program, ipam) in PEERS.items():
        program = os.path.join(build, program)
        figures = [timed(program, command, n, ipam, at_once) for at_once in (1, AT_ONCE) for command in ("ADD", "DEL")]
        left = subprocess.run(["sh", "-c", "for n in /run/netns/*; do ip -n ${n##*/} -o link show type ipvlan; done"],
                              capture_output=True, text=True, check=True).stdout
        assert not left, left
        print(json.dumps([peer, figures]), flush=True)
    rows = subprocess.run([f"{build}/ctl/ipvl-ctl", "--bare", "list", "Slave"], capture_output=True, text=True, check=True).stdout
    assert not rows.strip(), rows
    daemon.terminate()


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("n", metavar="N", type=int, nargs="?", default=300)
    p.add_argument("--vm", default="qemu")
    p.add_argument("--kernel", default="12")
    p.add_argument("--build", default=os.path.join(SOURCE, "build"))
    p.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.inside:
        inside(a.n, a.build)
        return
    out = subprocess.run([os.path.join(SOURCE, "tests", "kernel", "run"), f"--vm={a.vm}", "--kernel", a.kernel, "--build", a.build,
                          "--timeout", "7200", "--", "/usr/bin/python3", os.path.realpath(__file__), "--inside", "--build", a.build, str(a.n)],
                         stdout=subprocess.PIPE, text=True, check=False).stdout
    results = [json.loads(line) for line in out.splitlines() if line.startswith('["')]
    print(f"| {a.n} containers, seconds | ADD | DEL | ADD, {AT_ONCE} at once | DEL, {AT_ONCE} at once |\n|---|---|---|---|---|")
    for peer, figures in results:
        print(f"| {peer} | " + " | ".join(f"{f:.1f}" + (f" (1/{b / f:.1f})" if peer != results[0][0] else "")
                                         for f, b in zip(figures, results[0][1])) + " |")
    if len(results) != len(PEERS):
        sys.exit(out)


if __name__ == "__main__":
    main()
