#!/usr/bin/python3
"""The Debian package: built, checked, installed, upgraded, removed and purged. test_package.py FOLDER [unittest's arguments]

Suite `package`; it needs what `scripts/install-deps package` installs, and root. FOLDER is for what is built: the same
each time, so that ccache helps.
"""

import os
import shutil
import sys
import unittest

import booted
from package import OLDER, SOURCE, Host, as_version, base_system, build, deb, need_programs, run, unpacked

sys.path.insert(0, os.path.join(SOURCE, "tests"))
from patience import PATIENCE_S  # noqa: E402

ROWS = "add-master lab0 kind=dummy -- add-slave lab0 blue/ipvl0 addresses=192.0.2.10/24"
FILES = ("/usr/sbin/ipvld", "/usr/bin/ipvl-ctl", "/usr/share/ipvl/ipvl.ovsschema", "/etc/ipvl",
         "/usr/lib/sysusers.d/ipvl.conf", "/usr/lib/tmpfiles.d/ipvl.conf", "/usr/lib/udev/rules.d/60-ipvl.rules",
         "/usr/lib/systemd/network/05-ipvl.network", "/etc/iproute2/rt_protos.d/ipvl.conf", "/usr/share/bash-completion/completions/ipvl-ctl",
         "/usr/share/zsh/vendor-completions/_ipvl-ctl", "/usr/share/fish/vendor_completions.d/ipvl-ctl.fish",
         "/usr/share/man/man8/ipvld.8.gz", "/usr/share/man/man8/ipvl-ctl.8.gz", "/usr/share/man/man8/ovsdb-lite.8.gz", "/usr/share/man/man5/ipvl.yaml.5.gz",
         "/usr/share/man/man5/ipvl.db.5.gz", "/usr/share/man/man7/ipvl-datapath.7.gz")
ENABLED = "/etc/systemd/system/multi-user.target.wants/ipvld.service"
# The log of a daemon before is emptied first: the shell that opens it for this one may be late.
WITH_DAEMON = """: >/tmp/log
ipvld --datapath=sim 2>/tmp/log & pid=$!
until grep -q event=ready /tmp/log; do kill -0 $pid || { cat /tmp/log; exit 1; }; sleep 0.05; done
"""
# The folders in /run are those that OpenRC makes when it boots.
UNDER_OPENRC = """mkdir -p /run/openrc/exclusive /run/openrc/daemons
for state in starting started stopping; do mkdir /run/openrc/$state; done
touch /run/openrc/softlevel /tmp/log
service() { rc-service --nodeps ipvld "$@"; }
until_it_has() { until [ "$(grep -c "$1" /tmp/log)" -eq "$2" ]; do
	[ $((n += 1)) -lt N_LOOKS ] || { cat /tmp/log; exit 1; }; sleep 0.05; done; }
n=0
service start
until_it_has event=ready 1
ipvl-ctl ROWS
service status
kill -9 "$(pidof ipvld)"
until_it_has event=ready 2
ipvl-ctl show
service reload
until_it_has event=reloaded 1
service stop
until_it_has event=stopping 1
! service status
! pidof ipvld
""".replace("ROWS", ROWS).replace("N_LOOKS", str(int(PATIENCE_S / 0.05)))


def setUpModule():
    need_programs()
    shutil.rmtree(Package.folder, ignore_errors=True)
    os.makedirs(Package.folder)
    unittest.addModuleCleanup(shutil.rmtree, Package.folder)
    Package.changes = build(Package.folder)
    Package.new = deb(Package.folder)
    Package.older = as_version(Package.new, OLDER, Package.folder)
    Package.base = base_system(Package.new)


class Package(unittest.TestCase):
    maxDiff = None
    folder = os.path.abspath(sys.argv.pop(1))
    changes = new = older = base = None

    def setUp(self):
        self.host = Host(self.base)
        self.addCleanup(self.host.remove)

    def units(self, asked, word):
        """The units of ours that a command of systemctl named."""
        return [w for line in asked if word in line.split() for w in line.split() if w.startswith("ipvl")]

    def rows(self):
        return self.host.run("ovsdb-lite dump --format=json /var/lib/ipvl/conf.db")

    def test_lintian(self):
        """No error, no warning."""
        run("lintian", "--allow-root", "--fail-on", "error,warning", self.changes)

    def test_install(self):
        """Everything is in its place, the service is enabled and started, and the programs run."""
        before = self.host.files()
        asked = self.host.install(self.new)
        self.assertEqual([f for f in FILES if f not in self.host.files() - before], [])
        self.assertTrue(os.path.islink(self.host.path(ENABLED)))
        self.assertIn("ipvld.service", self.units(asked, "start"))
        self.host.run("dpkg --verify ipvl; ipvl-ctl validate /usr/share/doc/ipvl/examples/first.yaml")
        shown = self.host.run(f"{WITH_DAEMON} ipvl-ctl {ROWS}; ipvl-ctl show; kill $pid; wait $pid")
        self.assertIn("192.0.2.10/24", shown)

    def test_autopkgtest(self):
        """What autopkgtest(1) runs of the installed package."""
        self.host.install(self.new)
        with open(f"{SOURCE}/debian/tests/control", encoding="utf-8") as f:
            names = [line.removeprefix("Tests: ").strip() for line in f if line.startswith("Tests: ")]
        self.assertEqual(names, ["lab"])
        for name in names:
            with open(f"{SOURCE}/debian/tests/{name}", encoding="utf-8") as f:
                self.host.write(f"/tmp/{name}", f.read(), 0o755)
            print(self.host.run(f"/tmp/{name}"))

    def test_upgrade(self):
        """Rows are kept. The daemon is restarted once and never stopped: what it made stays in the kernel."""
        self.host.install(self.older)
        self.host.run(f"{WITH_DAEMON} ipvl-ctl {ROWS}; kill $pid; wait $pid")
        rows = self.rows()
        self.assertIn("192.0.2.10/24", rows)
        asked = self.host.install(self.new)
        self.assertEqual(self.rows(), rows)
        self.assertEqual(self.units(asked, "restart").count("ipvld.service"), 1, asked)
        self.assertEqual(self.units(asked, "stop"), [], asked)
        shown = self.host.run(f"{WITH_DAEMON} ipvl-ctl show; kill $pid; wait $pid")
        self.assertIn("192.0.2.10/24", shown)

    def test_disabled_stays_disabled(self):
        """An upgrade does not enable what the administrator disabled."""
        self.host.install(self.older)
        self.host.run("SYSTEMD_OFFLINE=1 systemctl.real disable ipvld")
        self.host.install(self.new)
        self.assertFalse(os.path.lexists(self.host.path(ENABLED)))

    def test_remove_and_purge(self):
        """`remove` stops the daemon and keeps the database; after `purge` only the administrator's files are left."""
        before = self.host.files()
        self.host.install(self.new)
        self.host.run(f"{WITH_DAEMON} ipvl-ctl {ROWS}; kill $pid; wait $pid")
        self.host.write("/etc/ipvl/lab.yaml", "version: 1\nmasters: []\n")
        asked = self.host.dpkg("-r ipvl")
        self.assertIn("ipvld.service", self.units(asked, "stop"))
        self.assertIn("/var/lib/ipvl/conf.db", self.host.files())
        self.host.install(self.new)
        self.assertIn("192.0.2.10/24", self.rows())
        self.host.dpkg("-P ipvl")
        self.assertEqual(self.host.files() - before, {"/etc/ipvl", "/etc/ipvl/lab.yaml"})
        self.assertEqual(before - self.host.files(), set())

    def test_under_openrc(self):
        """The script of packaging/ with a real OpenRC: it starts the daemon, starts it again after a kill -9, has it read its
        files at `reload`, and stops it."""
        try:
            trees = [unpacked(name, self.folder) for name in ("openrc", "librc1", "libeinfo1", "insserv")]
        except AssertionError as e:
            self.skipTest(f"openrc cannot be fetched: {e}")
        self.host.install(self.new)
        for tree in trees:
            run("cp", "-a", f"{tree}/.", self.host.path("/tmp/openrc/"))
        self.host.run("for folder in lib sbin etc; do cp -a /tmp/openrc/$folder/. /$folder/; done")
        with open(f"{SOURCE}/packaging/openrc/ipvld.initd", encoding="utf-8") as f:
            self.host.write("/etc/init.d/ipvld", f.read(), 0o755)
        self.host.write("/etc/conf.d/ipvld", 'ipvld_options="--datapath=sim"\nipvld_logger="tee -a /tmp/log"\nipvld_log=/tmp/log\n')
        self.assertIn("192.0.2.10/24", self.host.run(UNDER_OPENRC))

    def test_upgrade_on_a_kernel(self):
        """With a hundred slaves and a ping each 20 ms, on a kernel with ipvlan: nothing is made again or lost."""
        out = run(sys.executable, f"{SOURCE}/tests/kernel/run", "test_upgrade", check=False,
                  env=dict(os.environ, IPVL_OLDER=self.older, IPVL_NEWER=self.new, IPVL_BASE=self.base))
        print(out)
        if "# SKIP" in out:
            self.skipTest(out)
        self.assertRegex(out, r"(?m)^ok 1\b", out)

    def test_upgrade_under_systemd(self):
        """The same on a machine with a real systemd."""
        why = booted.missing()
        if why:
            self.skipTest(why)
        pings = booted.upgrade(self.older, self.new, f"{self.folder}/booted")
        print(pings)
        self.assertEqual(len(pings), booted.PINGS)
        for sent, received in pings:
            self.assertGreater(sent, 100)
            self.assertLessEqual(sent - received, 1)  # the last one may be on its way


if __name__ == "__main__":
    program = unittest.main(exit=False)
    if program.result.skipped and not program.result.testsRun:
        print(program.result.skipped[0][1])  # the last line is the reason
        sys.exit(77)
    sys.exit(not program.result.wasSuccessful())
