#!/usr/bin/python3
"""The static build for small machines: test_musl.py [unittest's arguments]

Suite `musl`; it needs what `scripts/install-deps musl` prepares. It builds the programs with musl, runs the unit tests of
that build, and prints the size of the programs and the memory of a daemon.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests"))
from patience import PATIENCE_S  # noqa: E402

BUILD = f"{SOURCE}/build-musl/ipvl"
IPVLD, CTL, OVSDB_LITE = f"{BUILD}/reconciler/ipvld", f"{BUILD}/ctl/ipvl-ctl", f"{BUILD}/ovsdb-lite/ovsdb-lite"
PROGRAMS = (IPVLD, CTL, OVSDB_LITE)
SCHEMA = f"{SOURCE}/schemas/ipvl.ovsschema"
# 100 slaves on a device that the simulator makes.
SLAVES = 100


def run(*words, check=True):
    p = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if check and p.returncode != 0:
        raise AssertionError("\n".join([f"{' '.join(words)}: exit status {p.returncode}", *p.stdout.splitlines()[-60:]]))
    return p.stdout


def setUpModule():
    if subprocess.run([f"{SOURCE}/scripts/musl-build", "--prepared"], check=False).returncode != 0:
        raise unittest.SkipTest("the libraries are not built (scripts/install-deps musl)")
    run(f"{SOURCE}/scripts/musl-build")


class Musl(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ipvl-musl-")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_static(self):
        """The programs need no file but themselves."""
        for program in PROGRAMS:
            headers = run("readelf", "-lW", program)
            self.assertNotIn("INTERP", headers, program)
            small = f"{self.folder}/stripped"
            run("strip", "-o", small, program)
            print(f"{os.path.basename(program)}: {os.path.getsize(small) / 1024:.0f} KiB stripped")

    def test_unit(self):
        """Suite `unit` of this build."""
        out = run("meson", "test", "-C", BUILD, "--suite", "unit", "--timeout-multiplier", "10", "--print-errorlogs", check=False)
        log = f"{BUILD}/meson-logs/testlog.json"
        with open(log, encoding="utf-8") as f:
            results = [json.loads(line) for line in f]
        bad = [r["name"] for r in results if r["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")]
        print(f"{len(results)} programs of suite unit")
        self.assertEqual(bad, [], out)
        self.assertGreater(len(results), 40)

    def start(self, *options):
        log = open(f"{self.folder}/log", "wb")
        self.addCleanup(log.close)
        os.makedirs(f"{self.folder}/yaml", exist_ok=True)
        p = subprocess.Popen([IPVLD, "--datapath=sim", f"--schema={SCHEMA}", f"--db={self.folder}/conf.db",
                              f"--remote=punix:{self.folder}/db.sock", f"--config-dir={self.folder}/yaml", *options],
                             stderr=log, stdin=subprocess.DEVNULL)
        self.addCleanup(p.wait, PATIENCE_S)
        self.addCleanup(p.terminate)
        end = time.monotonic() + PATIENCE_S
        while "event=ready" not in self.log():
            self.assertIsNone(p.poll(), self.log())
            self.assertLess(time.monotonic(), end, self.log())
            time.sleep(0.05)
        return p

    def log(self):
        with open(f"{self.folder}/log", encoding="utf-8") as f:
            return f.read()

    def ctl(self, *words, check=True):
        return run(CTL, f"--db=unix:{self.folder}/db.sock", *words, check=check)

    def test_daemon(self):
        """It runs, has its link types in it, and says what it does not have."""
        p = self.start()
        before = self.rss_kib(p.pid)
        slaves = "\n".join(f"      - {{name: s{n}, netns: n{n}, addresses: [10.0.0.{n + 2}/24]}}" for n in range(SLAVES))
        with open(f"{self.folder}/lab.yaml", "w", encoding="utf-8") as f:
            f.write(f"version: 1\nmasters:\n  - name: d0\n    kind: dummy\n    slaves:\n{slaves}\n")
        self.ctl("apply", "-f", f"{self.folder}/lab.yaml")
        self.assertIn(f"{SLAVES} slaves: {SLAVES} ready", self.ctl("status"))
        print(f"ipvld's memory: {before} KiB, with {SLAVES} slaves {self.rss_kib(p.pid)} KiB")
        types = self.ctl("list-datapaths")
        self.assertRegex(types, r"macvlan .*built in")
        self.assertRegex(types, r"ipvtap .*built in")
        files = ("--private-key=k", "--certificate=c", "--ca-cert=a")
        said = run(CTL, "--db=ssl:127.0.0.1:1", "show", check=False)
        self.assertIn("this build has no TLS", said)
        said = run(IPVLD, "--datapath=sim", f"--schema={SCHEMA}", f"--db={self.folder}/other.db", "--remote=pssl:0:127.0.0.1",
                   *files, check=False)
        self.assertIn("this build has no TLS", said)
        run(OVSDB_LITE, "backup", f"{self.folder}/conf.db", f"{self.folder}/copy.db")
        self.assertIn("10.0.0.2/24", run(OVSDB_LITE, "dump", f"{self.folder}/copy.db"))

    def rss_kib(self, pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


if __name__ == "__main__":
    program = unittest.main(exit=False)
    if program.result.skipped and not program.result.testsRun:
        print(program.result.skipped[0][1])  # the last line is the reason
        sys.exit(77)
    sys.exit(not program.result.wasSuccessful())
