#!/usr/bin/python3
"""Completion: what `ipvl-ctl __complete` offers, and what Tab does in real shells.

Usage: test_completion.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]
"""
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
import unittest

from test_ctl import CTL, LAB, Case
from patience import PATIENCE_S

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "completion")


class Base(Case):
    def setUp(self):
        super().setUp()
        self.host.start()
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB), "--", "add-pool", "lan", "subnets=10.0.0.0/24")

    def env(self):
        return dict(os.environ, IPVL_DB="unix:" + self.host.socket, HOME=self.host.dir,
                    PATH=os.path.dirname(CTL) + ":" + os.environ["PATH"])


class Candidates(Base):
    def offered(self, *words, status=0, db=None):
        env = self.env()
        if db:
            env["IPVL_DB"] = db
        p = subprocess.run([CTL, "__complete", *words], env=env, capture_output=True, text=True, check=False)
        self.assertEqual((p.returncode, p.stderr), (status, ""))
        return p.stdout.splitlines()

    def test_commands_and_options(self):
        self.assertIn("show", self.offered(""))
        self.assertIn("help", self.offered(""))
        self.assertEqual(self.offered("set-s"), ["set-slave"])
        self.assertEqual(self.offered("show", "--", "set-m"), ["set-master"])
        self.assertEqual(self.offered("help", "set-m"), ["set-master"])
        self.assertEqual(self.offered("--no-w"), ["--no-wait"])
        self.assertEqual(self.offered("--if"), [])
        self.assertEqual(self.offered("del-slave", "--if"), ["--if-exists"])
        self.assertEqual(self.offered("--format=j"), ["--format=json"])
        self.assertEqual(self.offered("-f", "y"), ["yaml"])
        self.assertEqual(self.offered("no-such-command", ""), self.offered(""))

    def test_rows(self):
        for words, right in ((["set-slave", ""], ["ns1/ipvl1", "ns2/ipvl2"]), (["set-slave", "ns1"], ["ns1/ipvl1"]),
                             (["del-master", ""], ["eno2"]), (["add-slave", "e"], ["eno2"]),
                             (["del-pool", ""], ["lan"]), (["set-pool", "lan", "sub"], ["subnets="]), (["get", "Pool", ""], ["lan"]),
                             (["add-slave", "eno2", "x", "pool="], ["pool=lan"]), (["list-slaves", ""], ["eno2"]), (["drift", "e"], ["eno2"]),
                             (["trace", ""], ["host", "ns1/ipvl1", "ns2/ipvl2"]),
                             (["trace", "host", "10."], ["10.138.36.2/23", "10.138.36.3/23"]),
                             (["show", ""], ["eno2", "ns1/ipvl1", "ns1/", "ns2/ipvl2", "ns2/"]),
                             (["get", "Sl"], ["Slave"]), (["get", "Slave", "ns2"], ["ns2/ipvl2"]),
                             (["get", "Slave", "ns2/ipvl2", "link_s"], ["link_state"]),
                             (["get", "Slave", "ns2/ipvl2", "name", "link_s"], ["link_state"]),
                             (["get", "Host", ""], ["."]), (["forget", "/"], [self.host.path("lab.yaml")])):
            self.assertEqual(self.offered(*words), [os.path.realpath(r) if r.endswith(".yaml") else r for r in right],
                             words)

    def test_columns_and_values(self):
        for words, right in ((["set-slave", "ns1/ipvl1", "mt"], ["mtu="]), (["set-slave", "ns1/ipvl1", "link"], []),
                             (["set-master", "eno2", "mode=l3"], ["mode=l3", "mode=l3s"]),
                             (["set-slave", "ns1/ipvl1", "mtu=1400", "enabled="], ["enabled=false", "enabled=true"]),
                             (["add-slave", "eno2", "x", "netns="], ["netns=ns1", "netns=ns2"]),
                             (["set", "Master", "eno2", "flag=v"], ["flag=vepa"]),
                             (["find", "Slave", "link_s"], ["link_state="]),
                             (["find", "Slave", "state=wa"], ["state=waiting"]),
                             (["list-slaves", "--columns=name,link_s"], ["--columns=name,link_state"]),
                             (["--columns", "message", "list", "Slave", ""], ["ns1/ipvl1", "ns2/ipvl2"])):
            self.assertEqual(self.offered(*words), right, words)

    def test_words_of_explain(self):
        self.assertEqual(self.offered("explain", "vla"), ["vlan"])
        self.assertEqual(self.offered("explain", "route.me"), ["route.metric"])
        self.assertIn("l3s", self.offered("explain", ""))

    def test_files(self):
        for words in ["apply", "-f", ""], ["validate", ""], ["apply", ""], ["--db", ""], ["--schema=/x"]:
            self.assertEqual(self.offered(*words, status=3), [], words)

    def test_no_daemon(self):
        """Silent, and what needs no database is there."""
        for db in "unix:/nonexistent/sock", "/nonexistent/file.db", "tpc:nonsense":
            self.assertEqual(self.offered("set-slave", "", db=db), [])
            self.assertEqual(self.offered("set-s", db=db), ["set-slave"])

    def test_database_of_the_line(self):
        self.ctl("add-master", "other7", db=self.host.path("image.db"))
        self.assertEqual(self.offered("--db=" + self.host.path("image.db"), "del-master", ""), ["other7"])
        self.assertEqual(self.offered("--db", self.host.path("image.db"), "del-master", ""), ["other7"])


class Shell(Base):
    """A shell on a terminal. What Tab made of the line is printed by it: `echo` is put before it."""

    def start(self, *words, setup=()):
        if not shutil.which(words[0]):
            self.skipTest(f"{words[0]} is not installed")
        pid, self.terminal = pty.fork()
        if not pid:
            os.chdir(self.host.dir)
            os.execvpe(words[0], words, dict(self.env(), TERM="dumb", PS1="ready> ", HISTFILE=""))
        self.addCleanup(self.end, pid)
        self.text = ""
        for line in setup:
            self.type(line + "\n")
        self.type("echo set''up\n")
        self.wait_for("setup\r")

    def end(self, pid):
        os.close(self.terminal)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, text):
        end = time.monotonic() + PATIENCE_S
        while text not in self.text:
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            self.assertTrue(ready, f"never {text!r}:\n{self.text}")
            self.text += os.read(self.terminal, 65536).decode(errors="replace")

    def check(self):
        for typed, tail, line in (("ipvl-ctl set-sl", "ave", "ipvl-ctl set-slave"),
                                  ("ipvl-ctl set-slave ns2/", "ipvl2", "ipvl-ctl set-slave ns2/ipvl2"),
                                  ("ipvl-ctl set-slave ns1/ipvl1 enabled=f", "alse",
                                   "ipvl-ctl set-slave ns1/ipvl1 enabled=false"),
                                  ("ipvl-ctl del-p", "ool", "ipvl-ctl del-pool"), ("ipvl-ctl del-pool l", "an", "ipvl-ctl del-pool lan"),
                                  ("ipvl-ctl --no-w", "ait", "ipvl-ctl --no-wait"),
                                  ("ipvl-ctl apply -f lab.y", "aml", "ipvl-ctl apply -f lab.yaml")):
            self.text = ""
            self.type(typed + "\t")
            self.wait_for(tail)
            self.text = ""
            self.type("\x01echo :\x05:\n")
            self.wait_for(f":{line}")


class Bash(Shell):
    def test_tab(self):
        self.start("bash", "--norc", "--noprofile", "-i", setup=["bind 'set enable-bracketed-paste off'",
                                                                 f"source {SCRIPTS}/ipvl-ctl.bash"])
        self.check()


class Zsh(Shell):
    def test_tab(self):
        self.start("zsh", "-f", "-i", setup=[f"fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D; bindkey -e"])
        self.check()


class Fish(Shell):
    def test_tab(self):
        self.start("fish", "--no-config", "-i", setup=[f"source {SCRIPTS}/ipvl-ctl.fish"])
        self.check()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
