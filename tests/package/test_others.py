#!/usr/bin/python3
"""Packages of other distributions and scripts of other service managers: test_others.py FOLDER IPVLD IPVL-CTL SCHEMA
[unittest's arguments]

Suite `package`. FOLDER is for what is built. What is not installed is unpacked from Debian's archive into it.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

FOLDER, IPVLD, CTL, SCHEMA = map(os.path.abspath, sys.argv[1:5])
del sys.argv[1:5]
from package import SOURCE, build_environment, copy_tree, run, unpacked  # noqa: E402

sys.path.insert(0, os.path.join(SOURCE, "tests"))
from patience import PATIENCE_S  # noqa: E402

PACKAGING = f"{SOURCE}/packaging"
SPEC = f"{PACKAGING}/rpm/ipvl.spec"
# What Fedora defines, and Debian's rpm does not.
MACROS = {
    "_unitdir": "/usr/lib/systemd/system", "_sysusersdir": "/usr/lib/sysusers.d",
    "_tmpfilesdir": "/usr/lib/tmpfiles.d", "_udevrulesdir": "/usr/lib/udev/rules.d",
    "_libdir": "/usr/lib",
    "meson": "meson setup _build --prefix=/usr --libdir=lib --sysconfdir=/etc --buildtype=plain -Dtests=false",
    "meson_build": "meson compile -C _build",
    "meson_install": "DESTDIR=%{buildroot} meson install --no-rebuild -C _build",
    "meson_test": "true",
    "systemd_post": "%{nil}", "systemd_preun": "%{nil}", "systemd_postun_with_restart": "%{nil}",
}


def need(*programs):
    missing = [p for p in programs if not shutil.which(p)]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)} (scripts/install-deps package)")


def version():
    with open(f"{SOURCE}/meson.build", encoding="utf-8") as f:
        return re.search(r"version: '([^']+)'", f.read())[1]


class Rpm(unittest.TestCase):
    @need("rpmspec", "rpmlint")
    def test_spec(self):
        """It can be read, and rpmlint has nothing to say but that Debian's mind on old tags differs from Fedora's."""
        run("rpmspec", "-P", SPEC)
        said = re.findall(r"(?m)^ipvl\.spec: ([EW]: \S+)", run("rpmlint", SPEC, check=False))
        self.assertEqual(set(said) - {"W: no-buildroot-tag", "W: invalid-url"}, set())

    @need("rpmbuild", "rpm")
    def test_build(self):
        """The package is built: each file that is installed is in %files, and each of %files is installed."""
        top = f"{FOLDER}/rpm"
        shutil.rmtree(top, ignore_errors=True)
        self.addCleanup(shutil.rmtree, top)
        name = f"ipvl-{version()}"
        copy_tree(f"{top}/{name}")
        os.makedirs(f"{top}/SOURCES")
        run("tar", "-C", top, "-czf", f"{top}/SOURCES/{name}.tar.gz", name)
        defines = [w for key, value in MACROS.items() for w in ("--define", f"{key} {value}")]
        out = run("rpmbuild", "-bb", "--nodeps", "--nocheck", "--define", f"_topdir {top}", "--define", "dist %{nil}",
                  *defines, SPEC, env=build_environment(top))
        self.assertNotIn("File listed twice", out)
        package = next(os.path.join(f, n) for f, _, names in os.walk(f"{top}/RPMS") for n in names if n.startswith(name))
        files = run("rpm", "-qlp", package).splitlines()
        for path in "/usr/sbin/ipvld", "/usr/bin/ipvl-ctl", "/usr/lib/systemd/system/ipvld.service", "/etc/ipvl":
            self.assertIn(path, files)


class Alpine(unittest.TestCase):
    @need("shellcheck")
    def test_shellcheck(self):
        """The APKBUILD is read by abuild, which uses its variables."""
        run("shellcheck", "-s", "sh", "-e", "SC2034,SC2154", f"{PACKAGING}/alpine/APKBUILD")
        run("shellcheck", f"{PACKAGING}/alpine/ipvl.pre-install")

    def test_variables(self):
        """abuild's own demands: all variables, all functions, and each script that is named exists."""
        said = run("sh", "-ec", f". {PACKAGING}/alpine/APKBUILD; for f in build check package; do command -v $f; done; "
                   'echo "$pkgname $pkgver $pkgrel $arch $license $url $source"; echo "$pkgdesc"; echo $install')
        functions, (one, description, install) = said.split("\n")[:3], said.strip().split("\n")[3:]
        self.assertEqual(functions, ["build", "check", "package"])
        self.assertEqual(one.split()[:5], ["ipvl", version(), "0", "all", "Apache-2.0"])
        self.assertLess(len(description), 128)  # abuild's limit
        for script in install.split():
            self.assertTrue(os.access(f"{PACKAGING}/alpine/{script}", os.X_OK), script)


class OpenRc(unittest.TestCase):
    @need("shellcheck")
    def test_shellcheck(self):
        """openrc-run sets RC_SVCNAME and reads the other variables."""
        run("shellcheck", "-s", "sh", "-e", "SC2034,SC2154", f"{PACKAGING}/openrc/ipvld.initd", f"{PACKAGING}/openrc/ipvld.confd")

    def test_functions(self):
        """The functions of openrc that it calls are functions of openrc; those that it has are called by it."""
        try:
            there = unpacked("openrc", FOLDER)
        except AssertionError as e:
            self.skipTest(f"openrc cannot be fetched: {e}")
        openrc = run("sh", "-c", f"cat {there}/lib/rc/sh/*.sh")
        with open(f"{PACKAGING}/openrc/ipvld.initd", encoding="utf-8") as f:
            script = f.read()
        for word in "checkpath", "ebegin", "eend":
            self.assertIn(word, script)
            self.assertTrue(re.search(rf"\b{word}\b", openrc) or any(word in names for _, _, names in os.walk(there)), word)
        for variable in re.findall(r"(?m)^(\w+)=", script):
            self.assertTrue(variable in ("name", "extra_started_commands") or variable.startswith("description")
                            or re.search(rf"\b{variable}\b", openrc), f"openrc has no variable {variable}")


class Runit(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ipvl-runit-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.service = f"{self.folder}/ipvld"
        shutil.copytree(f"{PACKAGING}/runit", self.service)
        shutil.rmtree(f"{self.service}/log")  # it writes to this machine's log

    @need("shellcheck")
    def test_shellcheck(self):
        for script in "run", "log/run":
            run("shellcheck", "-e", "SC1091", f"{PACKAGING}/runit/{script}")

    def sv(self, *words):
        return run(f"{self.runit}/usr/bin/sv", *words, self.service)

    def log(self):
        with open(f"{self.folder}/log", encoding="utf-8") as f:
            return f.read()

    def wait(self, condition, what):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited in vain: {what}\n{self.log()}")
            time.sleep(0.05)

    def test_under_runsv(self):
        """It is started, started again after a kill -9, reads its files at `sv hup`, and ends at `sv down`."""
        try:
            self.runit = unpacked("runit", FOLDER)
        except AssertionError as e:
            self.skipTest(f"runit cannot be fetched: {e}")
        if os.geteuid() != 0:
            self.skipTest("the service makes /run/ipvl: root only")
        os.mkdir(f"{self.folder}/yaml")
        with open(f"{self.service}/conf", "w", encoding="utf-8") as f:
            f.write(f"IPVLD={IPVLD}\nIPVLD_OPTIONS='--datapath=sim --schema={SCHEMA} --db={self.folder}/conf.db "
                    f"--remote=punix:{self.folder}/db.sock --config-dir={self.folder}/yaml'\n")
        # /run and /var/lib are its own.
        environment = dict(os.environ, PATH=f"{self.runit}/usr/bin:{os.environ['PATH']}")
        with open(f"{self.folder}/log", "wb") as log:
            runsv = subprocess.Popen(["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && mkdir -p /var/lib && '
                                      'mount -t tmpfs tmpfs /var/lib && exec runsv "$0"', self.service],
                                     stdout=log, stderr=log, env=environment)
        self.addCleanup(runsv.wait, PATIENCE_S)
        self.addCleanup(runsv.terminate)
        self.wait(lambda: self.log().count("event=ready") == 1, "the first start")
        pid = int(re.search(r"\(pid (\d+)\)", self.sv("status"))[1])
        os.kill(pid, signal.SIGKILL)
        self.wait(lambda: self.log().count("event=ready") == 2, "a start after kill -9")
        self.sv("hup")
        self.wait(lambda: "event=reloaded" in self.log(), "a reload")
        self.sv("down")
        self.wait(lambda: "event=stopping" in self.log(), "the end")
        self.assertIn("down", self.sv("status"))


if __name__ == "__main__":
    unittest.main()
