"""An upgrade of the package on a machine with a real systemd (tests/boot/machine.py)."""

import os
import re
import shutil
import sys

from package import SOURCE

sys.path.insert(0, os.path.join(SOURCE, "tests", "boot"))
import root_image  # noqa: E402
from machine import BOOT_S, Installed, Machine, wait_until  # noqa: E402

SLAVES = 100
PINGS = 10  # of so many slaves, each 20 ms

LAB = "version: 1\nmasters:\n  - name: eth0\n    mode: l2\n    slaves:\n" + "".join(
    f"      - {{name: eth0, netns: lab{n}, addresses: [192.0.2.{n + 10}/24]}}\n" for n in range(SLAVES))
# Each writes its last lines at the end: how many were sent, and received.
PING = f"for n in $(seq 0 {PINGS - 1}); do ip netns exec lab$((n * 10)) ping -n -q -i 0.02 192.0.2.1 >/run/ping$n & done; wait"
INDEXES = f"for n in $(seq 0 {SLAVES - 1}); do ip -n lab$n -o link show eth0 | cut -d: -f1; done"


class Bare(Installed):
    """Nothing of ipvl: the packages bring it."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        os.makedirs(folder)
        self.unit("ipvl-agent.service", "sysinit.target")


def missing():
    """Why no machine can be booted here, or None."""
    try:
        root_image.find()
    except root_image.Missing as e:
        return str(e)
    return None if shutil.which("linux.uml") else "user-mode-linux is not installed: scripts/install-deps uml"


def all_ready(m):
    wait_until(lambda: f"{SLAVES} slaves: {SLAVES} ready" in m.run("ipvl-ctl status", check=False)[1], "all are ready", BOOT_S)


def story(m):
    return m.run("systemctl --no-pager status ipvld; journalctl --no-pager -b -n 60 -u ipvld", check=False)[1]


def upgrade(older, newer, folder):
    """Returns [(sent, received), …] of the pings; what else must hold is asserted."""
    os.makedirs(f"{folder}/machine")
    m = Machine(Bare(os.path.join(SOURCE, "build"), f"{folder}/bare"), f"{folder}/machine")
    for name, path in ("older.deb", older), ("newer.deb", newer):
        shutil.copy(path, f"{folder}/machine/{name}")
    m.put("lab.yaml", LAB)
    try:
        m.boot()
        m.run("dpkg -i /job/older.deb", limit=BOOT_S)
        assert m.property("ipvld", "ActiveState") == "active", story(m)
        assert m.run("systemctl is-enabled ipvld").strip() == "enabled"
        m.run("ipvl-ctl --timeout=600 apply -f /job/lab.yaml", limit=BOOT_S)
        all_ready(m)
        pid, indexes = m.property("ipvld", "MainPID"), m.run(INDEXES)
        script = m.begin(PING)
        wait_until(lambda: m.run("pgrep -c ping", check=False)[1].strip() == str(PINGS), "they run")
        m.run("sleep 1; dpkg -i /job/newer.deb", limit=BOOT_S)
        assert m.property("ipvld", "MainPID") != pid and m.property("ipvld", "ActiveState") == "active", story(m)
        all_ready(m)
        m.run("sleep 1; pkill -INT ping")
        m.finish(script, PING)
        assert m.run(INDEXES) == indexes, "a device was made again"
        assert m.property("ipvld", "NRestarts") == "0", story(m)
        assert m.run("ipvl-ctl drift").startswith("no drift"), m.run("ipvl-ctl drift")
        out = m.run("cat /run/ping*")
        m.run("dpkg -P ipvl", limit=BOOT_S)
        assert m.run(INDEXES) == indexes, "a purge takes no slave"
        return [(int(sent), int(received)) for sent, received in re.findall(r"(\d+) packets transmitted, (\d+) received", out)]
    finally:
        m.power_cut()
