#!/usr/bin/python3
"""Every example of the man pages is run: test_man.py IPVL-CTL IPVLD-LAB SCHEMA OVSDB-LITE [unittest's arguments]

Of ipvl-ctl(8) the lines that begin with two blanks in docs/man/ipvl-ctl.txt, the blocks of the page, and each line of
OTHER TOOLS; of ipvld(8) and ovsdb-lite(8) the blocks, of ipvl.yaml(5) its files, of ipvl.db(5) each "Example:" that can
be typed, of ipvl-datapath(7) the building and use of a link type (test_explain.py has those of ipvl.keys.txt). Where a page names /etc/ipvl and the like, it is the folder of the
test; what goes on until Ctrl-C gets a --timeout.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import unittest

OVSDB_LITE = os.path.abspath(sys.argv.pop(4))
from test_ctl import CTL, DAEMON, SCHEMA, Case  # noqa: E402
from patience import PATIENCE_S  # noqa: E402

MAN = os.path.join(os.path.dirname(SCHEMA), "..", "docs", "man")
# What the examples speak of.
ROWS = ("add-master eth0 mode=l2 -- add-slave eth0 ns1/a addresses=10.0.0.2/24 nameservers=10.3.3.3 -- "
        "add-slave eth0 ns1/ipvl1 addresses=10.0.0.3/24")
FILES = {"lab.yaml": "version: 1\nmasters: [{name: eth0, mode: l2, slaves: [{name: a, netns: ns1, addresses: [10.0.0.2/24]}]}]\n",
         "vpn.yaml": "version: 1\nmasters: [{name: eth2, slaves: [{name: vpn, netns: ns9}]}]\n",
         "new.ovsschema": None}
# Commands of other programs: not on every machine, or not to be run.
STUBS = {"logger": "cat >/dev/null", "nano": "exit 0", "vi": "exit 0", "systemctl": "exit 0", "journalctl": "exit 0",
         "dot": "cat >/dev/null", "ovsdb-client": "exit 0"}
GOES_ON = re.compile(r"\bipvl-ctl (?=(watch|top|drift --follow)\b)")
# Exit status 2 is an answer of these, 1 of trace as well.
ANSWERS = re.compile(r"\bipvl-ctl [^;|]*\b(diff|doctor|--dry-run|status --check|trace)\b[^;]*\Z")


def read(name):
    with open(os.path.join(MAN, name), encoding="utf-8") as f:
        return f.read()


def blocks(text):
    return re.findall(r"(?ms)^```\n(.*?)^```$", text)


POOL = ("add-pool", "lan", "subnets=10.0.0.0/24")


class Man(Case):
    def setUp(self):
        super().setUp()
        self.tools = self.host.path("tools")
        os.mkdir(self.tools)
        for name, script in STUBS.items():
            self.tool(name, script)
        for name, path in (("ipvl-ctl", CTL), ("ovsdb-lite", OVSDB_LITE)):
            os.symlink(path, os.path.join(self.tools, name))

    def tool(self, name, script):
        path = os.path.join(self.tools, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, 0o755)

    def begin(self, rows=True):
        """A host as the examples have it, new for each."""
        self.host.stop()
        for name in "conf.db", "conf.db-wal", "conf.db-shm", "conf.db.id", "conf.db.reserve", "yaml/lab.yaml":
            if os.path.exists(self.host.path(name)):
                os.unlink(self.host.path(name))
        self.host.start(lab="eth2 eno2")
        for name, text in FILES.items():
            if text:
                self.host.write(name, text)
        self.host.write("yaml/lab.yaml", FILES["lab.yaml"])
        if rows:
            self.ctl(*shlex.split(ROWS))

    def shell(self, command, **more):
        environment = dict(os.environ, IPVL_DB="unix:" + self.host.socket, EDITOR="true", PATH=self.tools + ":" + os.environ["PATH"])
        environment.pop("VISUAL", None)
        command = GOES_ON.sub("ipvl-ctl --timeout=1 ", command).replace("/etc/ipvl", self.host.path("yaml"))
        return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.host.dir, env=environment,
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False, stdin=subprocess.DEVNULL, **more)

    def run_line(self, command):
        p = self.shell(command)
        right = (0, 1, 2) if "trace" in command else (0, 2) if ANSWERS.search(command) else (0,)
        said = [line for line in p.stderr.splitlines() if not re.match("ipvl-ctl: (warning: |watching |no drift so far)", line)]
        self.assertIn(p.returncode, right, f"$ {command}\n{p.stdout}{p.stderr}")
        if "\n" not in command:
            self.assertEqual([line for line in said if line.startswith("ipvl-ctl: ")], [], command)

    def run_lines(self, commands, at_least):
        self.assertGreaterEqual(len(commands), at_least)
        for command in commands:
            with self.subTest(command):
                self.begin(rows="add-master eth0" not in command)
                if "try -- set-master eth0 mode=l2" in command:
                    self.ctl("set-master", "eth0", "mode=l3")
                if "adopt lab7/eth0" in command:  # what ipvl gave up is nobody's
                    self.ctl("add-slave", "eth0", "lab7/eth0", "addresses=10.0.0.7/24")
                    self.ctl("release", "lab7/eth0")
                self.run_line(command)

    def test_commands(self):
        """`ipvl-ctl help COMMAND`, and COMMANDS of ipvl-ctl(8)."""
        text = read("ipvl-ctl.txt")
        commands = re.findall(r"(?m)^  ((?:EDITOR=\S+ )?ipvl-ctl .*)$", text)
        commands += [c.replace("\\", "") for c in re.findall(r"(?s)(?<![\w\\])_(ipvl-ctl [^_]*(?:\\_[^_]*)*)_", text)]
        self.run_lines([" ".join(c.split()) for c in commands], 15)

    def test_page_of_ipvl_ctl(self):
        page = read("ipvl-ctl.8.scd").split("\n# OTHER TOOLS\n")
        lines = [line for text in (page[0], page[1].split("\n# ENVIRONMENT\n")[1]) for block in blocks(text)
                 for line in block.splitlines() if line.startswith("ipvl-ctl ")]
        self.run_lines(lines, 10)

    def test_other_tools(self):
        section = read("ipvl-ctl.8.scd").split("\n# OTHER TOOLS\n")[1].split("\n# ENVIRONMENT\n")[0]
        lines = [line for block in blocks(section) for line in block.splitlines()]
        for line in lines:
            self.assertRegex(line, r"\A\S.{28} \S", line)
            self.assertLessEqual(len(line), 69, line)
        self.run_lines([re.sub(r"(^|; )", r"\1ipvl-ctl ", line[30:]) for line in lines], 50)

    def test_columns_of_ipvl_ctl(self):
        """COLUMNS: each assignment, alone."""
        section = read("ipvl-ctl.8.scd").split("\n# COLUMNS\n")[1].split("\n# FORMATS\n")[0].replace("\\", "")
        n = 0
        for kind, text in (("set-master eth0", section.split("\nOf a master:\n")[1].split("\nOf a slave:\n")[0]),
                           ("set-slave ns1/a", section.split("\nOf a slave:\n")[1].split("\nOf a pool:\n")[0]),
                           ("set-pool lan", section.split("\nOf a pool:\n")[1])):
            for example in re.findall(r"(?s)\*([a-z_]+(?::[a-z0-9_.]+)?=[^*]+?)\*(?=[,.\n]|\Z)", text):
                with self.subTest(f"{kind} {example}"):
                    self.assign(kind, " ".join(example.split()))
                n += 1
        self.assertGreater(n, 30)

    def assign(self, command, example):
        self.begin()
        if example == "name=ipvl1":
            self.ctl("del-slave", "ns1/ipvl1")
        if example == "pool=lan" or "pool" in command:
            self.ctl(*POOL)
        # Rows that these are at odds with have none of it.
        if "host_access" in example or "handed_over" in example:
            command = "add-slave eth0 shim"
        elif "vlan_link" in example or re.search(r"\b(kind|netns|match)\b", example) and "master" in command:
            command = "add-master eth9"
        elif "addressing=external" not in example and "routes=" in example and "slave" in command:
            example += " addresses=10.0.0.2/24"
        self.run_line(f"ipvl-ctl --no-wait {command} {example}")

    def test_page_of_ipvl_db(self):
        table, n = None, 0
        for line in read("ipvl.db.txt").splitlines():
            table = line[2:] if re.match(r"# \w+$", line) else table
            example = line.removeprefix("Example: ")
            if example == line:
                continue
            if example.startswith("ipvl-ctl "):
                with self.subTest(example):
                    self.begin()
                    self.run_line(example)
                    n += 1
            elif table in ("Master", "Slave", "Pool") and re.match(r"[a-z_]+(:[\w.]+)?=", example):
                with self.subTest(table + " " + example):
                    self.assign({"Master": "set-master eth0", "Slave": "set-slave ns1/a", "Pool": "set-pool lan"}[table], example)
                    n += 1
        self.assertGreater(n, 30)

    def test_page_of_ipvl_yaml(self):
        files = [block for block in blocks(read("ipvl.yaml.5.scd")) if block.startswith("version:")]
        self.assertGreaterEqual(len(files), 2)
        for text in files:
            self.begin(rows=False)
            self.ctl("apply", "-f", self.host.write("lab.yaml", text))
            self.assertEqual(set(self.states().values()), {"ready"})

    def programs(self, page):
        return [line for block in blocks(read(page)) for line in block.splitlines()]

    def test_page_of_ovsdb_lite(self):
        """Its lines are one session, in a folder of its own."""
        lines = self.programs("ovsdb-lite.8.scd")
        self.assertGreaterEqual(len(lines), 6)
        with open(SCHEMA, encoding="utf-8") as f:
            schema = f.read()
        self.host.write("lab.ovsschema", schema)
        self.host.write("new.ovsschema", schema)
        self.begin(rows=False)
        server = ""
        for line in lines:
            if line.startswith("ovsdb-lite server"):
                server = line  # until SIGTERM; the lines before it have made its file
                continue
            p = self.shell(line)
            self.assertEqual((p.returncode, p.stderr), (0, ""), line)
        p = self.shell(f"timeout -s TERM 1 {server.replace('/run/lab.sock', self.host.path('lab.sock'))}; test $? = 124 -o $? = 0")
        self.assertEqual((p.returncode, p.stdout), (0, ""), p.stderr)

    def test_page_of_ipvld(self):
        """Its command lines are taken: ipvld says that it is ready, and is ended."""
        lines = [line for line in self.programs("ipvld.8.scd")]
        self.assertGreaterEqual(len(lines), 3)
        # Nothing of this machine: what is not said is not the default.
        self.tool("ipvld", f"""case "$*" in *--remote*) ;; *) set -- --remote punix:{self.host.path('own.sock')} "$@" ;; esac
exec timeout -s TERM 1 {DAEMON} --datapath=sim --schema {SCHEMA} --db {self.host.path('own.db')} \\
    --config-dir {self.host.path('yaml')} "$@" """)
        for line in lines:
            with self.subTest(line):
                self.begin()
                if line.startswith("ipvld"):
                    self.host.stop()
                    line = line.replace("/run/ipvl", self.host.dir)
                    p = self.shell(line + "; test $? = 124 -o $? = 0")
                    self.assertEqual(p.returncode, 0, p.stderr)
                    self.assertIn("event=ready", p.stderr)
                else:
                    self.run_line(line)

    def test_page_of_ipvl_datapath(self):
        """A link type of one's own, from its source to a master of that kind, as one script."""
        lines = self.programs("ipvl-datapath.7.scd")
        self.assertGreaterEqual(len(lines), 4)
        self.begin(rows=False)
        self.host.stop()
        sources = os.path.realpath(os.path.join(MAN, "..", ".."))
        shutil.copy(os.path.join(sources, "tests", "unit", "template", "macvtap.c"), self.host.dir)
        self.tool("ipvld", f"""{DAEMON} --datapath=sim --schema={SCHEMA} "$@" >/dev/null 2>log & echo $! >pid
until grep -q event=ready log; do kill -0 $(cat pid) || exit 1; sleep 0.02; done""")
        script = "\n".join(["set -e", "trap 'kill $(cat pid); while test -e test.db-shm || test -e test.db.reserve; do sleep 0.02; done' EXIT", *lines]).replace("--config-dir=/tmp/none &", "--config-dir=/tmp/none")
        # The checkout may be below /tmp.
        script = script.replace("NAME", "macvtap").replace("/tmp/", self.host.dir + "/")
        p = self.shell(script.replace("/path/to/ipvl", sources))
        self.assertEqual(p.returncode, 0, p.stdout + p.stderr)
        self.assertRegex(p.stdout, r"(?m)^macvtap +link type")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
