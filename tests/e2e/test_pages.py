#!/usr/bin/python3
"""The command lines of docs/installing.md, backup.md, monitoring.md, runbook.md and security.md are run:
test_pages.py IPVL-CTL IPVLD-LAB SCHEMA OVSDB-LITE [unittest's arguments]

Paths of the host are those of the test's folder. What would install, or is systemd's, is a stand-in; `systemctl stop
ipvld` and `start` stop and start the daemon of the test.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import unittest

OVSDB_LITE = os.path.abspath(sys.argv.pop(4))
from test_ctl import CERTIFICATES, CTL, DAEMON, SCHEMA, Case  # noqa: E402
from patience import PATIENCE_S  # noqa: E402

DOCS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "docs")
ROWS = "add-master eth0 mode=l2 -- add-slave eth0 ns1/ipvl1 addresses=192.0.2.10/24"
STUBS = {"sudo": 'exec "$@"', "adduser": "exit 0", "apt": "exit 0", "dpkg-buildpackage": "exit 0", "meson": "exit 0",
         "ninja": "exit 0", "scripts/install-deps": "exit 0", "scripts/musl-build": "exit 0", "systemctl": "exit 0", "journalctl": "exit 0",
         "systemd-sysusers": "exit 0", "systemd-tmpfiles": "exit 0", "udevadm": "exit 0"}
# Exit status 2 is an answer of these, 1 of trace as well.
ANSWERS = {"doctor": (0, 2), "trace": (0, 1, 2)}


def lines(page):
    """All lines of the page's blocks, in their order, by section."""
    with open(os.path.join(DOCS, page), encoding="utf-8") as f:
        text = f.read()
    for section in re.split(r"(?m)^## ", text):
        for block in re.findall(r"(?ms)^```\n(.*?)^```$", section):
            for line in block.splitlines():
                yield section.split("\n")[0], line


class Pages(Case):
    def setUp(self):
        super().setUp()
        self.tools = self.host.path("tools")
        for name, script in STUBS.items():
            self.tool(name, script)
        for name, path in (("ipvl-ctl", CTL), ("ovsdb-lite", OVSDB_LITE)):
            os.symlink(path, os.path.join(self.tools, name))
        os.symlink(os.path.join(self.tools, "scripts"), self.host.path("scripts"))
        for name in "var", "backups":
            os.mkdir(self.host.path(name))
        # Nothing of this machine: what the line does not name is not the default.
        self.tool("ipvld", f"""case "$*" in *--remote*) ;; *) set -- --remote punix:{self.host.path('own.sock')} "$@" ;; esac
rm -f own.log
{DAEMON} --datapath=sim --schema {SCHEMA} --db {self.host.path('own.db')} \\
    --config-dir {self.host.path('yaml')} "$@" 2>own.log & pid=$!
until grep -qs event=ready own.log; do kill -0 $pid || {{ cat own.log; exit 1; }}; sleep 0.05; done
kill $pid; wait $pid""")
        self.host.start()
        self.ctl(*shlex.split(ROWS))

    def tool(self, name, script):
        path = os.path.join(self.tools, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, 0o755)

    def shell(self, command):
        environment = dict(os.environ, IPVL_DB="unix:" + self.host.socket, PATH=self.tools + ":" + os.environ["PATH"])
        for path, here in (("/var/lib/ipvl", "."), ("/var/backups", "backups"), ("/etc/ipvl", "yaml"), ("/run/ipvl", "var")):
            command = command.replace(path, self.host.path(here))
        command = re.sub(r"(tcp:[\d.]+):9633", r"\1:0", command)  # whichever port is free
        return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.host.dir, env=environment, check=False,
                              capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)

    def run_line(self, line):
        """As typed; returns what it prints."""
        if line == "sudo systemctl stop ipvld":
            self.host.stop()
        elif line in ("sudo systemctl start ipvld", "sudo systemctl restart ipvld"):
            self.host.stop()
            self.host.start()
        p = self.shell(line)
        right = next((status for word, status in ANSWERS.items() if f" {word}" in line), (0,))
        self.assertIn(p.returncode, right, f"$ {line}\n{p.stdout}{p.stderr}")
        return p.stdout

    def run_page(self, page, at_least):
        ran = 0
        for _, line in lines(page):
            if os.path.exists(self.host.path("yaml")):
                self.host.write("yaml/lab.yaml", "version: 1\nmasters: []\n")
            self.run_line(line)
            ran += 1
        self.assertGreaterEqual(ran, at_least)

    def test_installing(self):
        self.run_page("installing.md", 12)

    def test_monitoring(self):
        """One of its addresses is not this host's: it starts all the same."""
        self.run_page("monitoring.md", 3)

    def test_runbook(self):
        self.run_page("runbook.md", 14)

    def test_security(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        subprocess.run([CERTIFICATES, self.host.dir], check=True)
        for name in "key", "pem":
            os.rename(self.host.path(f"server.{name}"), self.host.path(f"host1.{name}"))
        self.run_page("security.md", 3)

    @unittest.skipUnless(shutil.which("sqlite3"), "sqlite3 is not installed")
    def test_backup(self):
        """The copies are made while the daemon runs, they are alike, and a restored one has the rows of its time."""
        for section, line in lines("backup.md"):
            if section == "Restore" and line.endswith("stop ipvld"):
                self.ctl("add-slave", "eth0", "ns2/late")
            if section == "A lost database" and line.endswith("status"):
                self.lose()
            with self.subTest(line):
                self.run_line(line)
            if section == "Restore" and line.endswith("status"):
                self.assertIn("ns1/ipvl1", self.ctl("list-slaves"))
                self.assertNotIn("ns2/late", self.ctl("list-slaves"))
        one, other = (self.shell(f"ipvl-ctl --db=backups/{name} export").stdout for name in ("ipvl.db", "ipvl-2.db"))
        self.assertIn("192.0.2.10/24", one)
        self.assertEqual(one, other)

    def lose(self):
        self.host.stop()
        for name in "conf.db", "conf.db-wal", "conf.db-shm":
            if os.path.exists(self.host.path(name)):
                os.unlink(self.host.path(name))
        self.host.start()
        self.ctl(*shlex.split(ROWS))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
