"""An upgrade by dpkg of a running ipvld: nothing is made again, no packet is lost.

Suite `package` runs it (tests/package/test_package.py), with packages of two versions and a Debian to install them on:
IPVL_OLDER, IPVL_NEWER, IPVL_BASE.
"""

import os
import re
import shutil
import subprocess
import threading

from ipvltest import PATIENCE_S, Ipvld, mount, read_file, run, skip, wait_until, write_file
from test_crash import as_wanted, config

MS_BIND = 0x1000
SLAVES = 100
PINGS = 10  # of so many slaves, each 20 ms
ROOT = "/run/debian"
# In place of systemd's client: asks this test, and returns when it is done.
SYSTEMCTL = """#!/bin/sh
case "$*" in
*is-enabled*) echo enabled ;;
*is-active*) exit 0 ;;
esac
echo "$*" >/asked
read done </answered
"""


class Installed(Ipvld):
    """The daemon of the package, which is installed below ROOT."""

    def command(self):
        return [f"{ROOT}/usr/sbin/ipvld", "--schema", f"{ROOT}/usr/share/ipvl/ipvl.ovsschema"]


def make_root(base):
    """A Debian on which packages can be installed: what is written to it is in memory."""
    os.makedirs("/run/overlay")
    mount("tmpfs", "/run/overlay", "tmpfs", 0, "size=60%")
    for path in ("/run/overlay/upper", "/run/overlay/work", ROOT):
        os.makedirs(path)
    mount("overlay", ROOT, "overlay", 0, f"lowerdir={base},upperdir=/run/overlay/upper,workdir=/run/overlay/work")
    mount("proc", f"{ROOT}/proc", "proc")
    mount("/dev", f"{ROOT}/dev", None, MS_BIND)
    os.makedirs(f"{ROOT}/run/systemd/system")
    os.unlink(f"{ROOT}/bin/systemctl")
    write_file(f"{ROOT}/bin/systemctl", SYSTEMCTL)
    os.chmod(f"{ROOT}/bin/systemctl", 0o755)
    for name in "asked", "answered":
        os.mkfifo(f"{ROOT}/{name}")


def dpkg(package, on_asked):
    """Installs it; each command to systemd is passed to 'on_asked', and waited for, as systemd does."""
    shutil.copy(package, f"{ROOT}/tmp/ipvl.deb")
    p = subprocess.Popen(["chroot", ROOT, "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "dpkg", "-i", "/tmp/ipvl.deb"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    asked, failed = [], []

    def serve():
        try:
            while p.poll() is None:
                words = read_file(f"{ROOT}/asked").split()
                if words:
                    asked.append(words)
                    on_asked(words)
                    write_file(f"{ROOT}/answered", "done\n")
        except BaseException as e:  # pylint: disable=broad-except
            failed.append(e)
            p.kill()
    server = threading.Thread(target=serve, daemon=True)
    server.start()
    out = p.communicate(timeout=PATIENCE_S)[0]
    write_file(f"{ROOT}/asked", "")  # ends the thread's read
    server.join(PATIENCE_S)
    assert not failed, failed
    assert p.returncode == 0, out
    return asked


def test_hundred_slaves(t):
    """dpkg -i of the newer package, while ten of a hundred slaves send a packet each 20 ms."""
    older, newer, base = (os.environ.get(name) for name in ("IPVL_OLDER", "IPVL_NEWER", "IPVL_BASE"))
    if not (older and newer and base):
        skip("./run-tests --suite package gives it the packages")
    make_root(base)
    t.lan("eth0", address="10.138.255.58/16", outside=("10.138.255.1/16",))
    d = Installed("ipvld", "/var/lib/ipvl/conf.db", "/run/ipvl/db.sock", [])
    t.daemons.append(d)
    started = [w for words in dpkg(older, lambda words: d.start() if "start" in words and "ipvld.service" in words else None) for w in words]
    assert "start" in started and d.is_running(), started
    t.apply(config(SLAVES))
    t.all_ready()
    as_wanted(t, SLAVES)
    before = {n: t.ifindex("eth0", f"lab{n}") for n in range(SLAVES)}
    pid = d.pid()

    pings = [subprocess.Popen(["ip", "netns", "exec", f"lab{n * SLAVES // PINGS}", "ping", "-n", "-q", "-i", "0.02", "10.138.255.1"],
                              stdout=subprocess.PIPE, text=True) for n in range(PINGS)]
    wait_until(lambda: all(p.poll() is None for p in pings), "they run")

    def restart(words):
        if "restart" in words and "ipvld.service" in words:
            d.stop()
            d.start()
    asked = dpkg(newer, restart)
    t.all_ready()
    lost = []
    for p in pings:
        p.send_signal(2)
        out = p.communicate(timeout=PATIENCE_S)[0]
        sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out).groups())
        assert sent > 20, out
        # The last one may be on its way when ping is ended.
        lost.append(max(sent - received - 1, 0))
        print(f"{sent} packets sent, {received} received")
    assert not any(lost), lost
    assert len([w for w in asked if "restart" in w and "ipvld.service" in w]) == 1, asked
    assert d.pid() != pid
    assert "0.0.9" not in run("chroot", ROOT, "dpkg-query", "-W", "ipvl").stdout
    assert {n: t.ifindex("eth0", f"lab{n}") for n in range(SLAVES)} == before
    assert t.rows("Drift") == [], "a restart is no drift"
