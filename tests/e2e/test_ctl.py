#!/usr/bin/python3
"""ipvl-ctl and ipvld together: test_ctl.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]"""
import concurrent.futures
import contextlib
import csv
import fcntl
import glob
import io
import json
import os
import pty
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unicodedata
import unittest
import unittest.mock
import xml.etree.ElementTree

try:
    import yaml  # python3-yaml
except ImportError:
    yaml = None

CTL, DAEMON, SCHEMA = map(os.path.abspath, sys.argv[1:4])
CERTIFICATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "certificates")
EXAMPLES = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", "docs", "examples"))
README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from patience import PATIENCE_S  # noqa: E402
from round_trip import NO_ROUND_TRIP  # noqa: E402

LAB = """\
version: 1
masters:
  - name: eno2
    mode: l2
    slaves:
      - name: ipvl1
        netns: ns1
        addresses: [10.138.36.2/23]
        routes: [{to: default}]
      - name: ipvl2
        netns: ns2
        addresses: [10.138.36.3/23]
"""


class Host:
    """A folder with a database in it, and a daemon on it once start() is called."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="ipvl-e2e-")
        self.socket = self.path("db.sock")
        self.process = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def start(self, lab="eno2 eno3 lab7/eth0", options=(), hangup=False):
        os.makedirs(self.path("yaml"), exist_ok=True)
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                [DAEMON, "--datapath=sim", "--db", self.path("conf.db"), "--schema", SCHEMA,
                 "--remote", "punix:" + self.socket, "--config-dir", self.path("yaml"), *options],
                stderr=log, env=dict(os.environ, IPVL_LAB=lab))
        end = time.monotonic() + PATIENCE_S
        while "event=ready" not in self.log():
            if hangup and os.path.exists(self.path("conf.db")):  # past its first instruction
                self.process.send_signal(signal.SIGHUP)
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("ipvld did not start:\n" + self.log())
            time.sleep(0.01)

    def log(self):
        with open(self.path("log"), encoding="utf-8") as f:
            return f.read()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        if self.process:
            os.unlink(self.path("log"))
        self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def run(self, *words, db=None, stdin=None):
        db = db or "unix:" + self.socket
        return subprocess.run([CTL, f"--db={db}", f"--schema={SCHEMA}", *map(str, words)], input=stdin,
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False, cwd=self.dir)


    def ports(self):
        """Those that were got for ptcp:0 and pssl:0, in the order of the options."""
        return re.findall(r"event=listening remote=p(?:tcp|ssl):(\d+)", self.log())


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.remove)

    def ctl(self, *words, status=0, **more):
        """Returns what it printed; the exit status must be 'status'."""
        p = self.host.run(*words, **more)
        self.assertEqual(p.returncode, status, f"{words}\n{p.stdout}{p.stderr}")
        self.said = p.stderr
        if not status:
            self.assertNotIn("rror", "".join(p.stderr.split("warning")))
        return p.stdout

    def refused(self, *words, **more):
        """Returns the complaint."""
        self.assertEqual(self.ctl(*words, status=1, **more), "")
        self.assertTrue(self.said.endswith("\n"))
        return self.said

    def rows(self, table):
        return json.loads(self.ctl("-f", "json", "list", table))

    def states(self):
        return {f"{r['netns']}/{r['name']}": r["state"] for r in self.rows("Slave")}

    def next_cfg(self):
        return int(self.ctl("get", "Host", ".", "next_cfg"))


class Online(Case):
    def setUp(self):
        super().setUp()
        self.host.start()

    def test_ready_when_it_returns(self):
        self.ctl("add-master", "eno2", "mode=l2", "--",
                 "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24", "routes=default")
        self.assertEqual(self.said, "")
        self.assertEqual(self.states(), {"ns1/a": "ready"})
        self.assertIn("1 of 1 slave ready", self.ctl("show"))
        self.ctl("status", "--check")
        self.ctl("set-master", "eno2", "mode=l3")
        self.assertEqual(self.ctl("get", "Host", ".", "cur_cfg").strip(), str(self.next_cfg()))
        self.ctl("del-slave", "a")
        self.assertEqual(self.ctl("get", "Host", ".", "cur_cfg").strip(), str(self.next_cfg()))
        self.ctl("del-master", "eno2")
        self.assertEqual(self.rows("Master"), [])

    def test_conflict(self):
        self.ctl("add-master", "eno2")
        out = self.ctl("--dry-run", "add-slave", "eno2", "lab7/eth0")
        self.assertIn("+ lab7/eth0", out)
        self.assertIn("will be in conflict: lab7 already has a veth called eth0", out)
        self.assertEqual(self.rows("Slave"), [])
        p = self.host.run("add-slave", "eno2", "lab7/eth0")
        self.assertEqual(p.returncode, 1)
        self.assertRegex(p.stderr, "^ipvl-ctl: lab7/eth0 is in conflict: lab7 already has a veth")
        self.assertNotIn("nothing was changed", p.stderr)
        self.ctl("status", "--check", status=2)
        self.assertIn("conflict", self.ctl("show"))

    def test_waiting(self):
        self.ctl("add-master", "eno9", "--", "add-slave", "eno9", "x")
        self.assertEqual(self.said, "ipvl-ctl: warning: eno9, x: waiting for eno9 to appear\n")
        show = self.ctl("show")
        self.assertIn("waiting, 0 of 1 slave ready", show)
        self.assertEqual(show.count("waiting for eno9"), 1, show)

    def test_apply(self):
        path = self.host.write("lab.yaml", LAB)
        out = self.ctl("diff", "-f", path, status=2)
        self.assertIn("+ ns1/ipvl1   10.138.36.2/23, default on-link\n", out)
        self.assertRegex(out, r"\nsteps, in this order:\n  \+ add namespace ns1 +hitless\n"
                              r"  \+ add namespace ns2 +hitless\n"
                              r"  ~ set eno2 up +hitless\n"
                              r"  \+ add slave ns1/ipvl1 on eno2 \(l2 bridge\) +hitless\n")
        self.assertEqual(self.rows("Slave"), [])
        self.assertEqual(self.ctl("apply", "-f", path), "eno2 added with 2 slaves\n")
        self.assertEqual(set(self.states().values()), {"ready"})
        before, written = self.next_cfg(), os.stat(self.host.path("conf.db-wal")).st_mtime_ns
        self.assertEqual(self.ctl("apply", "-f", path), "nothing to change\n")
        self.assertEqual(self.ctl("diff", "-f", path), "")
        self.assertEqual(self.next_cfg(), before)
        self.assertEqual(os.stat(self.host.path("conf.db-wal")).st_mtime_ns, written)

        self.host.write("lab.yaml", LAB.replace("mode: l2", "mode: l3").split("      - name: ipvl2")[0])
        out = self.ctl("diff", "-f", path, status=2)
        self.assertRegex(out, r"(?m)^~ eno2 +mode l2 -> l3 +disruptive: ARP and broadcast stop, so the "
                              r"outside needs a route to its slaves$")
        self.assertRegex(out, r"(?m)^- ns2/ipvl2 +disruptive: 10.138.36.3 goes away$")
        self.assertEqual(self.ctl("apply", "-f", path),
                         "eno2 changed: mode l2 -> l3; 1 slave removed\n")
        self.assertEqual(self.states(), {"ns1/ipvl1": "ready"})

    def test_status_of_diff(self):
        """0 no difference, 2 a difference, 1 diff itself failed: what state the rows are in changes none of them."""
        lab = LAB + "      - {name: eth0, netns: lab7, addresses: [10.138.36.9/23]}\n"
        path = self.host.write("lab.yaml", lab)
        self.assertIn("will be in conflict", self.ctl("diff", "-f", path, status=2))
        self.assertEqual(self.said, "")
        self.ctl("apply", "-f", path, status=1)
        self.assertIn("in conflict", self.said)
        self.assertEqual(self.ctl("diff", "-f", path), "")
        self.assertEqual(self.said, "")
        self.assertEqual(self.ctl("--dry-run", "apply", "-f", path), "nothing to change\n")
        self.assertEqual(self.said, "")
        self.host.write("lab.yaml", lab.replace("mode: l2", "mode: l3"))
        self.ctl("diff", "-f", path, status=2)
        self.assertEqual(self.said, "")
        self.ctl("--dry-run", "apply", "-f", path)
        self.host.write("lab.yaml", "version: 2\n")
        self.refused("diff", "-f", path)

    def test_apply_of_standard_input(self):
        self.assertIn("--source", self.refused("apply", "-f", "-", stdin=LAB))
        self.ctl("apply", "-f", "-", "--source=me", stdin=LAB)
        self.assertEqual(self.ctl("get", "Master", "eno2", "sources"), "[me]\n")
        self.ctl("apply", "-", "--source=me", stdin="version: 1\n")
        self.assertEqual(self.rows("Master"), [])

    def test_broken_file(self):
        path = self.host.write("lab.yaml", LAB.replace("mode: l2", "mod: l2"))
        said = self.refused("apply", "-f", path)
        self.assertIn("lab.yaml:4:5: ", said)
        self.assertIn("    mod: l2\n    ^\n", said)
        self.assertIn("did you mean `mode`?", said)
        self.assertTrue(said.endswith("nothing was changed\n"))
        self.assertNotIn("nothing was changed", self.refused("validate", path))
        self.assertIn("No such file", self.refused("apply", "-f", "nowhere.yaml"))
        self.assertEqual(self.refused("validate", "nowhere.yaml"),
                         "nowhere.yaml: cannot be read: No such file or directory\n")

    def test_two_sources(self):
        self.ctl("apply", "-f", self.host.write("a.yaml", LAB))
        self.host.write("b.yaml", LAB.replace("mode: l2", "mode: l3"))
        said = self.refused("apply", "-f", "b.yaml")
        self.assertRegex(said, r"b.yaml:3:\d+: .*a.yaml, line 3: mode is l2 there and l3 here")
        # What was edited by hand is no contradiction of the files.
        self.ctl("set-master", "eno2", "mode=l3")
        self.assertRegex(self.said, "a.yaml declares eno2: its values return at the next apply")
        self.ctl("apply", "-f", self.host.write("c.yaml", LAB.split("    slaves:")[0]))
        self.assertEqual(self.ctl("get", "master", "eno2", "mode"), "l2\n")

    def test_strict(self):
        path = self.host.write("lab.yaml", LAB.replace("eno2", "eno9"))
        said = self.refused("apply", "--strict", "-f", path)
        self.assertIn("would be waiting for eno9", said)
        self.assertTrue(said.endswith("nothing was changed\n"))
        self.assertEqual(self.rows("Master"), [])
        self.ctl("apply", "--strict", "-f", self.host.write("lab.yaml", LAB))

    def test_strict_names_every_row(self):
        self.ctl("--no-wait", "add-master", "eno9")
        words = ["add-slave", "eno9", "x", "--", "add-slave", "eno9", "y"]
        for dry in ([], ["--dry-run"]):
            said = self.refused("--strict", *dry, *words)
            self.assertEqual(said.splitlines(),
                             ["ipvl-ctl: 2 rows would not be ready, or ready with a warning:",
                              "x would be waiting for eno9 to appear",
                              "y would be waiting for eno9 to appear", "nothing was changed"])
        self.assertEqual(self.rows("Slave"), [])

    def test_strict_about_the_edit_alone(self):
        """A conflict and a warning that were there before are no reason to refuse another edit; an edit of that row is."""
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB.replace("netns: ns1\n", "netns: ns1\n        mtu: 9000\n")))
        self.ctl("add-slave", "eno2", "lab7/eth0", status=1)
        self.assertEqual(self.states()["lab7/eth0"], "conflict")
        self.ctl("--strict", "set-slave", "ipvl2", "mtu=1400")
        self.ctl("--strict", "add-slave", "eno2", "ns3/x")
        said = self.refused("--strict", "set-slave", "lab7/eth0", "mtu=1400")
        self.assertIn("1 row would not be ready, or ready with a warning:\nlab7/eth0 would be in conflict: ", said)
        self.assertIn("ns1/ipvl1: mtu 8000 is above", self.refused("--strict", "set-slave", "ipvl1", "mtu=8000"))
        self.ctl("--no-wait", "set-master", "eno2", "mtu=9000")
        said = self.refused("--strict", "set-master", "eno2", "name=eno9")
        self.assertIn("lab7/eth0 would be waiting for eno9", said)

    def test_no_disrupt(self):
        """Refused with the steps, nothing changed; what costs nothing goes through."""
        path = self.host.write("lab.yaml", LAB)
        self.ctl("--no-disrupt", "apply", "-f", path)
        before = self.rows("Slave"), self.rows("Host")
        self.host.write("lab.yaml", LAB.replace("10.138.36.3/23", "10.138.36.4/23"))
        said = self.refused("apply", "--no-disrupt", "-f", path)
        self.assertEqual(said, "ipvl-ctl: 1 of 2 steps is disruptive:\n"
                               "- delete address 10.138.36.3/23 from ns2/ipvl2: is not declared "
                               "(10.138.36.3 goes away)\nnothing was changed\n")
        self.assertEqual((self.rows("Slave"), self.rows("Host")), before)
        self.assertIn("disruptive", self.refused("--no-disrupt", "--strict", "del-slave", "ipvl1"))
        self.ctl("set-slave", "ipvl1", "mtu=1400", "--no-disrupt")
        self.ctl("apply", "-f", path)
        self.ctl("apply", "-f", path, "--no-disrupt")
        for word in "show", "diff", "reload":
            self.assertIn("option --no-disrupt is not valid for " + word, self.refused("--no-disrupt", word))

    def test_warning(self):
        """A slave that is ready and limited: told before and after, by status --check and in the log."""
        text = "mtu 9000 is above the 1500 of eno2"
        lab = LAB.replace("netns: ns1\n", "netns: ns1\n        mtu: 9000\n")
        path = self.host.write("lab.yaml", lab)
        self.assertIn(f"     warning: {text}", self.ctl("diff", "-f", path, status=2))
        said = self.refused("apply", "--strict", "-f", path)
        self.assertIn(f"ns1/ipvl1: {text}", said)
        self.assertTrue(said.endswith("nothing was changed\n"))
        self.ctl("apply", "-f", path)
        self.assertIn(f"ipvl-ctl: warning: ns1/ipvl1: {text}", self.said)
        self.assertEqual(self.states(), {"ns1/ipvl1": "ready", "ns2/ipvl2": "ready"})
        self.assertIn(f"     warning: {text}", self.ctl("show"))
        self.assertIn(text, self.ctl("--columns=name,warnings", "list-slaves"))
        self.assertIn("2 slaves: 2 ready; 1 with a warning", self.ctl("status", "--check", status=2))
        self.assertIn(f'event=warning_raised object=ns1/ipvl1 warning="{text}', self.host.log())
        self.ctl("set-slave", "ipvl1", "mtu=1400")
        self.ctl("status", "--check")
        self.assertIn(f'event=warning_cleared object=ns1/ipvl1 warning="{text}', self.host.log())
        self.assertIn("only ipvld writes it", self.refused("set", "Slave", "ipvl1", "warnings=[]"))

    def test_refusals(self):
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        before = self.rows("Slave"), self.rows("Host")
        for words, reason in (
                (["set-slave", "ipvl2", "routes=default via 10.9.9.9"],
                 "gateway 10.9.9.9 is outside every subnet"),
                (["set-slave", "ipvl2", "addresses=10.138.36.2/23"], "10.138.36.2"),
                (["add-slave", "eno2", "ns3/x", "--", "add-slave", "eno2", "ns3/s%d"], "s%d"),
                (["add-slave", "eno2", "ns3/x", "--", "add-slave", "eno8", "ns3/y"],
                 "no such master: eno8; did you mean eno2?"),
                (["set-slave", "ipvl2", "addressing=external"],
                 "Slave ns2/ipvl2, column addressing: addressing is external"),
                (["set-slave", "ipvl2", "state=ready"], "ipvld writes it"),
                (["create", "Netns", "name=x"], "ipvld only"),
                (["set-slave", "ipvl3", "mtu=1400"], "did you mean ns1/ipvl1?")):
            said = self.refused(*words)
            self.assertIn(reason, said)
            self.assertTrue(said.endswith("\nnothing was changed\n"), said)
            self.assertEqual(said.count("\n"), 2, said)
            self.assertNotRegex(said, "commit:|operation [0-9]")
            # A dry run is refused for the same reason.
            self.assertIn(reason, self.refused("--dry-run", *words))
        self.assertEqual((self.rows("Slave"), self.rows("Host")), before)

    def test_second_host(self):
        """The daemon ended when a client made one, and again at each start."""
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.assertIn("there is a row of Host already, and ipvld manages one host; write to that row", self.refused("create", "Host", "name=x"))
        self.assertIn("2 of 2 slaves ready", self.ctl("show"))
        self.assertIn("the row of Host cannot be removed", self.refused("destroy", "Host", "."))
        # A file that has two all the same is not guessed at.
        self.host.stop()
        db = self.host.path("conf.db")
        with contextlib.closing(sqlite3.connect(db)) as c, c:
            columns = [r[1] for r in c.execute("pragma table_info(Host)") if r[1] not in ("_uuid", "name")]
            c.execute(f"insert into Host (_uuid, name, {', '.join(columns)}) select "
                      f"'11111111-1111-4111-8111-111111111111', 'x', {', '.join(columns)} from Host")
            c.execute("update Host set masters = '[]' where name = 'x'")
        with self.assertRaisesRegex(AssertionError, "has 2 rows of Host, and ipvld manages one host; see `ipvl-ctl --db="):
            self.host.start()
        self.host.process = None
        self.ctl("destroy", "Host", "x", db=db)
        self.host.start()
        self.assertIn("2 of 2 slaves ready", self.ctl("show"))

    def test_parameters_of_methods(self):
        """Whatever a client sends: an error, and the daemon goes on."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(PATIENCE_S)
            s.connect(self.host.socket)
            for number, (method, params) in enumerate(
                    (m, p) for m in ("ipvl_plan", "ipvl_reload", "ipvl_cancel", "ipvl_announce", "ipvl_import", "ipvl_who", "ipvl_statistics", "get_history", "undo", "transact", "monitor", "convert")
                    for p in ([], [5], [None], ["x"], [[]], ["ipvl", 5], ["ipvl", [5]], ["ipvl", {"op": 1}], [{}, "ipvl"])):
                s.sendall(json.dumps({"id": number, "method": method, "params": params}).encode())
                text = b""
                while True:
                    text += s.recv(65536)
                    self.assertTrue(text, (method, params, self.host.log()))
                    try:
                        self.assertEqual(json.loads(text)["id"], number)
                        break
                    except ValueError:
                        pass
        self.ctl("show")

    def test_announce(self):
        """A slave, all slaves of a master; what cannot be announced is refused as a whole."""
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.ctl("set-master", "eno2", "mode=l2")
        self.assertEqual(self.ctl("announce", "ns1/ipvl1"), "")
        self.assertEqual(self.ctl("announce", "eno2", "ipvl2"), "")
        self.ctl("add-slave", "eno2", "ns3/bare")
        self.ctl("announce", "ns3/bare")
        self.assertIn("nothing to announce: ipvl manages no address of ns3/bare", self.said)
        self.assertIn("no such master or slave: ns1/ipvl9", self.refused("announce", "ns1/ipvl9"))
        self.assertIn("announce does not support --dry-run", self.refused("--dry-run", "announce", "eno2"))
        self.assertIn("cannot be combined with other commands", self.refused("comment", "x", "--", "announce", "eno2"))
        self.ctl("init", db=self.host.path("new.db"))
        self.assertIn("is a database file", self.refused("announce", "eno2", db=self.host.path("new.db")))
        self.ctl("set-master", "eno2", "mode=l3")
        self.assertIn("the addresses of ns1/ipvl1 cannot be announced: eno2 is in mode l3, which has no ARP",
                      self.refused("announce", "ns1/ipvl1"))

    def test_declared_rows(self):
        path = self.host.write("lab.yaml", LAB)
        self.ctl("apply", "-f", path)
        self.ctl("set-slave", "ns1/ipvl1", "mtu=1400")
        self.assertEqual(self.said, f"ipvl-ctl: warning: {path} declares ns1/ipvl1: "
                                    "its values return at the next apply\n")
        self.assertEqual(self.ctl("apply", "-f", path), "1 slave changed on eno2\n")

    def test_many_at_once(self):
        """No edit is lost, whoever is faster."""
        self.ctl("add-master", "eno2")
        before = self.next_cfg()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(self.host.run, "add-slave", "eno2", f"n{i}/a") for i in range(16)]
            jobs += [pool.submit(self.host.run, "--no-wait", "set-master", "eno2", f"mtu={1400 + i}")
                     for i in range(16)]
        for job in jobs:
            self.assertEqual(job.result().returncode, 0, job.result().stderr)
        self.assertEqual(len(self.rows("Slave")), 16)
        self.assertEqual(self.next_cfg(), before + 32)

    def test_statistics(self):
        """The counters of the devices that are there; lab.c makes them up."""
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.ctl("add-slave", "eno2", "ns3/off", "enabled=false")
        self.assertEqual(self.ctl("-f", "csv", "list-slaves", "--stats"),
                         "name,rx_bytes,rx_packets,rx_dropped,tx_bytes,tx_packets,tx_dropped\n"
                         "ns1/ipvl1,5000,1000,0,50,10,3\nns2/ipvl2,5000,1000,0,50,10,3\nns3/off,,,,,,\n")
        self.assertEqual(self.ctl("-f", "csv", "list-slaves", "eno2", "--stats", "--columns=name,state,rx_errors"),
                         "name,state,rx_errors\nns1/ipvl1,ready,0\nns2/ipvl2,ready,0\nns3/off,disabled,\n")
        self.assertIn("rx_errors", self.refused("list-slaves", "--columns=rx_errors"))
        self.assertIn("option --stats is not valid for list-masters", self.refused("list-masters", "--stats"))
        self.assertIn("no such master: eno7", self.refused("list-slaves", "eno7", "--stats"))
        self.ctl("init", db=self.host.path("new.db"))
        self.assertIn("is a database file", self.refused("list-slaves", "--stats", db=self.host.path("new.db")))

    def test_wait_until(self):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(self.host.run, "-t", int(PATIENCE_S), "wait-until", "Slave", "ns1/a", "state=ready",
                              "--", "get", "slave", "a", "name")
            time.sleep(0.1)
            self.assertFalse(job.done())
            self.ctl("add-master", "eno2")
            self.ctl("add-slave", "eno2", "ns1/a")
            self.assertEqual(job.result().stdout, "a\n", job.result().stderr)
        self.assertEqual(self.refused("-t", 1, "wait-until", "Slave", "b"),
                         "ipvl-ctl: after 1 s: Slave b does not exist\n")

    def test_wait_online(self):
        self.ctl("wait-online")
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a")
        self.ctl("wait-online")
        self.ctl("add-master", "eno9", "--", "add-slave", "eno9", "ns1/b", "--", "add-slave", "eno2", "off", "enabled=false")
        self.assertEqual(self.refused("-t", 1, "wait-online"),
                         "ipvl-ctl: after 1 s: 2 of 5 rows are not ready: eno9 is waiting, ns1/b is waiting\n")
        self.ctl("wait-online", "eno2")
        self.ctl("wait-online", "ns1/a", "off")
        self.assertEqual(self.refused("-t", 1, "wait-online", "ns1/"),
                         "ipvl-ctl: after 1 s: 1 of 2 rows is not ready: ns1/b is waiting\n")
        self.assertIn("no such", self.refused("wait-online", "zz"))
        self.ctl("set-slave", "ns1/b", "optional=true")
        self.assertEqual(self.refused("-t", 1, "wait-online"), "ipvl-ctl: after 1 s: 1 of 4 rows is not ready: eno9 is waiting\n")
        self.ctl("set-slave", "ns1/b", "optional=[]", "--", "set-master", "eno9", "optional=true")
        self.ctl("wait-online")
        self.assertEqual(self.refused("-t", 1, "wait-online", "eno9"),
                         "ipvl-ctl: after 1 s: 2 of 2 rows are not ready: eno9 is waiting, ns1/b is waiting\n")
        self.ctl("set-master", "eno9", "optional=false")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(self.host.run, "-t", int(PATIENCE_S), "wait-online")
            time.sleep(0.1)
            self.assertFalse(job.done())
            self.ctl("del-master", "eno9")
            self.assertEqual(job.result().returncode, 0, job.result().stderr)

    def test_daemon_ends(self):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(self.host.run, "-t", int(PATIENCE_S), "wait-until", "Slave", "b")
            time.sleep(0.1)
            self.host.stop()
            self.assertEqual(job.result().returncode, 1)
            self.assertIn("lost the connection to ipvld", job.result().stderr)

    def test_formats(self):
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        tree = json.loads(self.ctl("show", "-f", "json"))
        self.assertEqual([s["name"] for s in tree[0]["slaves"]], ["ipvl1", "ipvl2"])
        self.assertEqual(tree[0]["mode"], "l2")
        status = json.loads(self.ctl("status", "-f", "json"))
        self.assertEqual((status["slaves"]["ready"], status["problems"]), (2, []))
        table = list(csv.DictReader(io.StringIO(self.ctl("-f", "csv", "list-slaves"))))
        self.assertEqual([r["name"] for r in table], ["ns1/ipvl1", "ns2/ipvl2"])
        changes = json.loads(self.ctl("-f", "json", "--dry-run", "del-slave", "ipvl1"))
        self.assertEqual([(c["change"], c["object"], c["effect"], c["state"]) for c in changes],
                         [("-", "ns1/ipvl1", "disruptive: 10.138.36.2 goes away", "removed")])
        self.assertEqual(changes[0]["steps"], [{
            "step": 1, "text": "- delete namespace ns1 with its slaves: no longer needed",
            "effect": "disruptive: its slaves go away"}])
        self.assertEqual(json.loads(self.ctl("drift", "-f", "json")), [])

    def test_columns_and_relations(self):
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.assertEqual(self.ctl("--columns=name,state", "-f", "csv", "list", "Slave", "ipvl1"),
                         "name,state\nipvl1,ready\n")
        self.assertEqual(self.ctl("-f", "csv", "--columns=name", "find", "Slave", "addresses{>=}10.138.36.3/23"),
                         "name\nipvl2\n")
        self.ctl("wait-until", "Slave", "ipvl1", "state{in}ready,error")
        self.ctl("--all", "destroy", "Slave")
        self.assertEqual(self.rows("Slave"), [])

    def test_scale(self):
        slaves = "".join(f"      - {{name: eth0, netns: n{i}, addresses: [10.1.{i // 200}.{i % 200 + 1}/16]}}\n"
                         for i in range(1000))
        path = self.host.write("big.yaml", LAB.split("      - name")[0] + slaves)
        self.ctl("apply", "-f", path)
        self.assertIn("1000 of 1000 slaves ready", self.ctl("show"))
        self.assertIn("1000 slaves are named eth0: n0/eth0, ", self.refused("del-slave", "eth0"))

    def test_many_rows_of_which_some_are_not_ready(self):
        """What becomes of many rows is fetched at the end: those that are not ready, and no others."""
        slaves = "".join(f"      - {{name: eth0, netns: n{i}, addresses: [10.1.0.{i + 1}/16]}}\n" for i in range(30))
        slaves += "      - {name: eth0, netns: lab7}\n      - {name: big, netns: n5, mtu: 9000}\n"
        p = self.host.run("apply", "-f", self.host.write("big.yaml", LAB.split("      - name")[0] + slaves))
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertIn("ipvl-ctl: lab7/eth0 is in conflict: lab7 already has a veth called eth0", p.stderr)
        self.assertIn("ipvl-ctl: warning: n5/big: ", p.stderr)
        self.assertNotIn("n6/eth0", p.stderr)

    def test_broken_file_of_the_config_dir(self):
        self.host.stop()
        self.host.write("yaml/bad.yaml", "version: 1\nmastres: []\n")
        self.host.start()
        self.assertIn("bad.yaml:2:1", self.ctl("status"))
        self.assertIn("bad.yaml:2:1", self.ctl("show"))
        self.ctl("status", "--check", status=2)


class Refusals(Case):
    """What the database refuses, in the words of the line: each thing is named once."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))

    def test_words(self):
        for words, right in (
                (["set-slave", "ipvl2", "addresses=10.138.36.2/23"],
                 "address 10.138.36.2 of ns2/ipvl2 is also an address of ns1/ipvl1, and the kernel accepts each "
                 "address once on a master; give ns2/ipvl2 another address"),
                (["set-slave", "ipvl2", "name=lo"],
                 "name: \"lo\" cannot be a device's name: every namespace has a `lo` of its own"),
                (["add-master", "lo"], "\"lo\" cannot be a device's name: every namespace has a `lo` of its own"),
                (["add-slave", "eno2", "all"],
                 "\"all\" cannot be a device's name: the kernel keeps it for its sysctls"),
                (["set", "Host", ".", "other_config:portwatch=2"],
                 "Host's other_config: unknown key \"portwatch\"; did you mean port-watch?"),
                (["set", "Host", ".", "other_config:port-watch=soon"],
                 "Host's other_config: port-watch=soon is not a number of seconds; give 0 (off) to 86400"),
                (["add-slave", "eno2", "shim", "nameservers=10.0.0.53"],
                 "nameservers go to /etc/netns/NAME/resolv.conf, and shim has no `netns`; leave out "
                 "`nameservers`, or use a named namespace"),
                (["set-master", "eno2", "slaves=[]"],
                 "Master.slaves cannot be set directly; slaves are added by add-slave and removed by del-slave, or "
                 "with their master by del-master"),
                (["set-master", "eno2", "sources=foo"],
                 "Master.sources cannot be set directly; `apply` writes it for the files that it reads; `forget "
                 "SOURCE` removes one"),
        ):
            said = self.refused(*words).splitlines()
            self.assertEqual(said, ["ipvl-ctl: " + right, "nothing was changed"], words)


class Sources(Case):
    """Who declares rows: renamed and removed files."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.a, self.c = (os.path.realpath(self.host.dir) + "/" + name for name in ("a.yaml", "c.yaml"))
        self.host.write("a.yaml", LAB)
        self.ctl("apply", "-f", self.a)

    def sources(self):
        return [list(r.values()) for r in json.loads(self.ctl("-f", "json", "sources"))]

    def test_renamed(self):
        os.rename(self.a, self.c)
        self.assertEqual(self.sources(), [[self.a, 1, 2, "missing"]])
        said = self.refused("apply", "-f", "a.yaml")
        self.assertIn(f"cannot read a.yaml: No such file or directory; if the file was removed: "
                      f"`ipvl-ctl forget {self.a}` removes the rows that it declared", said)
        self.ctl("apply", "-f", self.c)
        self.assertEqual(self.said, f"ipvl-ctl: warning: {self.a} also declares some of these rows, but no longer "
                                    f"exists: run `ipvl-ctl forget {self.a}` if it was removed\n")
        self.assertEqual(self.sources(), [[self.a, 1, 2, "missing"], [self.c, 1, 2, "there"]])
        self.ctl("forget", "a.yaml")  # by its name in this folder
        self.assertEqual(self.sources(), [[self.c, 1, 2, "there"]])
        self.assertEqual(len(self.rows("Slave")), 2)
        self.ctl("apply", "-f", self.c)
        self.assertEqual(self.said, "")
        os.rename(self.c, self.a)
        self.host.write("a.yaml", LAB.replace("mode: l2", "mode: l3"))
        self.ctl("apply", "-f", self.a)  # what is gone contradicts nobody
        self.assertEqual([r["mode"] for r in self.rows("Master")], ["l3"])

    def test_forget(self):
        self.ctl("apply", "-f", "-", "--source=lab two", stdin=LAB.replace("eno2", "eno3").replace("netns: ns", "netns: m"))
        self.ctl("add-slave", "eno3", "by-hand")
        self.assertEqual(self.sources(), [[self.a, 1, 2, "there"], ["lab two", 1, 2, ""]])
        self.assertIn("source", self.ctl("sources"))
        self.assertIn("/tmp/none declares no rows; ", self.refused("forget", "/tmp/none"))
        self.assertIn("did you mean lab two?", self.refused("forget", "labtwo"))
        self.ctl("forget", "--if-exists", "/tmp/none")
        self.assertIn("- m1/ipvl1", self.ctl("--dry-run", "forget", "lab two"))
        self.assertIn("2 slaves removed", self.ctl("forget", "lab two"))
        self.assertEqual(sorted(r["name"] for r in self.rows("Slave")), ["by-hand", "ipvl1", "ipvl2"])
        self.assertEqual(sorted(r["name"] for r in self.rows("Master")), ["eno2", "eno3"])
        self.ctl("forget", self.a)
        self.assertIn(f"warning: {self.a} still exists: its rows return when it is applied", self.said)
        self.assertEqual(self.sources(), [])
        self.ctl("undo")
        self.assertEqual(self.sources(), [[self.a, 1, 2, "there"]])


class ConfigDir(Case):
    """The folder of YAML files: read at start, at SIGHUP, by `reload`; applied by `apply` without a file."""

    EMPTY = "version: 1\n"
    OTHER = LAB.replace("eno2", "eno3").replace("ns1", "ms1").replace("ns2", "ms2")

    def setUp(self):
        super().setUp()
        os.makedirs(self.host.path("yaml"))
        self.dir = os.path.realpath(self.host.path("yaml"))

    def write(self, name, text):
        return os.path.realpath(self.host.write("yaml/" + name, text))

    def masters(self):
        return sorted(r["name"] for r in self.rows("Master"))

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                self.fail(f"never: {what}\n{self.host.log()}")
            time.sleep(0.02)

    def hangup(self, has_come):
        """SIGHUP, and the end of what it brings. (The log has no line twice within a second.)"""
        self.host.process.send_signal(signal.SIGHUP)
        self.until(has_come, "a reload")

    def test_hangup(self):
        self.write("10.yaml", LAB)
        self.host.start()
        self.hangup(lambda: "event=reloaded" in self.host.log())
        self.assertEqual(self.masters(), ["eno2"])
        before = self.next_cfg()
        self.write("10.yaml", LAB.replace("mode: l2", "mode: l3"))  # changed
        self.write("20.yaml", self.OTHER)  # added
        self.hangup(lambda: [r["mode"] for r in self.rows("Master")] == ["l3", "l2"])
        self.assertEqual(self.next_cfg(), before + 1)
        os.unlink(self.dir + "/10.yaml")  # removed
        self.hangup(lambda: self.masters() == ["eno3"])
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
            self.host.process.send_signal(number)
        self.ctl("wait-until", "Slave", "ms1/ipvl1", "state=ready")
        self.assertIsNone(self.host.process.poll())
        self.assertRegex(self.host.log(), f"event=reloaded dir={self.dir} files=1 errors=0")

    def test_early_hangup(self):
        """One that comes while the daemon starts does not end it."""
        self.host.start(hangup=True)
        self.ctl("status")

    def test_reload(self):
        self.host.start()
        self.assertEqual(self.ctl("reload"), "")
        self.write("10.yaml", LAB)
        self.assertEqual(self.ctl("reload"), "")
        self.assertEqual(self.states(), {"ns1/ipvl1": "ready", "ns2/ipvl2": "ready"})
        self.write("10.yaml", LAB.replace("eno2", "eno9"))
        self.ctl("reload")
        self.assertIn("warning: eno9, ns1/ipvl1, ns2/ipvl2: waiting for eno9 to appear", self.said)
        os.unlink(self.dir + "/10.yaml")
        self.ctl("reload")
        self.assertEqual(self.masters(), [])
        self.assertIn("reload does not support --dry-run", self.refused("--dry-run", "reload"))
        self.assertIn("cannot be combined with other commands", self.refused("comment", "x", "--", "reload"))
        self.assertIn("is a database file", self.refused("reload", db=self.host.path("new.db")))

    def test_broken(self):
        """A broken file keeps its rows, the others are applied, and the complaint goes when it is mended."""
        bad = self.write("10.yaml", LAB)
        self.host.start()
        self.write("10.yaml", LAB.replace("mode: l2", "mode: l9"))
        self.write("20.yaml", self.OTHER)
        os.mkfifo(self.dir + "/30.yaml")  # opening it would wait for a writer
        self.ctl("reload", status=1)
        self.assertIn(f"ipvl-ctl: {bad}:4:11: unknown mode `l9`", self.said)
        self.assertIn("30.yaml: cannot be read: it is not a regular file", self.said)
        self.assertEqual(self.masters(), ["eno2", "eno3"])
        self.assertIn("10.yaml:4:11", self.ctl("status"))
        os.unlink(self.dir + "/30.yaml")
        self.write("10.yaml", LAB.replace("mode: l2", "mode: l3"))
        self.hangup(lambda: "yaml" not in self.ctl("status"))
        self.assertEqual([r["mode"] for r in self.rows("Master")], ["l3", "l2"])

    def test_remotes(self):
        """From elsewhere the config-dir is the daemon's; who may only read may not reload it."""
        self.host.start(options=["--remote", "ptcp:0:127.0.0.1", "--remote", "ptcp:0:127.0.0.1,role=read-only"])
        self.write("10.yaml", LAB)
        writer, reader = ("tcp:127.0.0.1:" + port for port in self.host.ports())
        self.assertIn("reload changes the database, and this client may only read it", self.refused("reload", db=reader))
        self.assertIn("the config-dir is on the host of tcp:127.0.0.1:", self.refused("apply", db=writer))
        self.assertEqual(self.masters(), [])
        self.ctl("reload", db=writer)
        self.assertEqual(self.masters(), ["eno2"])

    def test_mended_by_apply(self):
        bad = self.write("10.yaml", LAB.replace("mode: l2", "mode: l9"))
        self.host.start()
        self.assertIn(bad, self.ctl("status"))
        self.write("10.yaml", LAB)
        self.ctl("add-master", "eno3")
        self.ctl("comment", "what is mended and not applied yet is still to be seen")
        self.assertIn(bad, self.ctl("status"))
        self.ctl("apply", "-f", bad)
        self.until(lambda: bad not in self.ctl("status"), "a status without it")

    def test_renamed(self):
        """A file of another name, and changed too: its rows are the same ones, and nothing is interrupted."""
        self.write("10.yaml", LAB)
        self.host.start()
        before = {r["name"]: r["_uuid"] for r in self.rows("Slave")}
        os.rename(self.dir + "/10.yaml", self.dir + "/20.yaml")
        self.assertNotIn("disruptive", self.ctl("diff", status=2))
        self.ctl("reload")
        self.assertEqual({r["name"]: r["_uuid"] for r in self.rows("Slave")}, before)
        os.unlink(self.dir + "/20.yaml")
        self.write("30.yaml", LAB.replace("mode: l2", "mode: l3").split("      - name: ipvl2")[0])
        self.ctl("apply")
        self.assertEqual({r["name"]: r["_uuid"] for r in self.rows("Slave")}, {"ipvl1": before["ipvl1"]})
        self.assertEqual([(r["mode"], r["sources"]) for r in self.rows("Master")], [("l3", [self.dir + "/30.yaml"])])

    def test_contradiction(self):
        """Two files that contradict each other: the first stands."""
        self.write("10.yaml", LAB)
        self.host.start()
        other = self.write("20.yaml", self.OTHER.replace("eno3", "eno2").replace("mode: l2", "mode: l3"))
        self.ctl("reload", status=1)
        self.assertIn(f"{other}:3:11: master eno2 is declared differently in {self.dir}/10.yaml, line 3", self.said)
        self.assertEqual([r["mode"] for r in self.rows("Master")], ["l2"])

    def test_apply(self):
        self.host.start()
        self.write("10.yaml", LAB)
        self.write("20.yaml", self.OTHER)
        self.assertIn("+ eno3", self.ctl("diff", status=2))
        self.assertEqual(self.masters(), [])
        self.ctl("apply")
        self.assertEqual(self.states(), {f"{n}/{s}": "ready" for n, s in (
            ("ns1", "ipvl1"), ("ns2", "ipvl2"), ("ms1", "ipvl1"), ("ms2", "ipvl2"))})
        self.ctl("diff")
        before = self.next_cfg()
        self.assertIn("nothing to change", self.ctl("apply"))
        self.assertEqual(self.next_cfg(), before)
        os.unlink(self.dir + "/10.yaml")
        self.assertIn("- eno2", self.ctl("diff", status=2))
        bad = self.write("30.yaml", "version: 1\nmastres: []\n")
        self.assertIn(f"{bad}:2:1", self.refused("apply"))  # one transaction, or nothing
        self.assertEqual(self.masters(), ["eno2", "eno3"])
        os.unlink(bad)
        self.ctl("apply")
        self.assertEqual(self.masters(), ["eno3"])
        self.assertIn("is a folder", self.refused("apply", "--source=x"))

    def test_another_folder(self):
        """With and without a daemon."""
        lab = os.path.realpath(self.host.dir) + "/lab"
        os.mkdir(lab)
        self.host.write("lab/a.yaml", LAB)
        db = self.host.path("image.db")
        self.ctl("apply", "-f", lab, db=db)
        self.assertEqual(self.ctl("get", "Master", "eno2", "sources", db=db), f"[{lab}/a.yaml]\n")
        self.ctl("diff", "-f", lab, db=db)
        self.ctl("validate", lab, db=db)
        os.rename(lab + "/a.yaml", lab + "/b.yaml")
        self.ctl("apply", "-f", lab, db=db)
        self.assertEqual(self.ctl("get", "Master", "eno2", "sources", db=db), f"[{lab}/b.yaml]\n")
        self.assertIn("cannot read", self.refused("apply", "-f", lab + "/none", db=db))


class Import(Case):
    """What the kernel has, as a file."""

    EMPTY = "# The ipvlan devices of this host, by `ipvl-ctl import`.\nversion: 1\n"

    def setUp(self):
        super().setUp()
        self.host.start()

    # Those need more than this host has: tests/kernel/test_import.py.
    NO_ROUND_TRIP = (*NO_ROUND_TRIP, "l3-vepa.yaml", "vrf.yaml")

    def test_round_trip(self):
        """Of each example import makes the same rows again."""
        self.assertEqual(self.ctl("import"), self.EMPTY)
        for path in sorted(glob.glob(EXAMPLES + "/*.yaml")):
            if os.path.basename(path) in self.NO_ROUND_TRIP:
                continue
            self.ctl("apply", "-f", path)
            imported = self.host.write("imported.yaml", self.ctl("import"))
            self.assertEqual(self.said, "")
            self.ctl("validate", imported)
            self.assertEqual(self.ctl("diff", "-f", imported, "--source=" + path), "")
            self.assertEqual(self.ctl("import", "--foreign"), self.EMPTY)
            self.ctl("forget", path)

    def test_text(self):
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.assertEqual(self.ctl("import"), self.EMPTY + """\
masters:
  - name: eno2
    mode: l2
    flag: bridge
    slaves:
      # ipvl made it
      - name: ipvl1
        netns: ns1
        addresses: [10.138.36.2/23]
        routes:
          - {to: 0.0.0.0/0}
      # ipvl made it
      - name: ipvl2
        netns: ns2
        addresses: [10.138.36.3/23]
""")

    def test_refusals(self):
        self.assertEqual(self.refused("import", db=self.host.path("conf2.db")),
                         f"ipvl-ctl: no such database file: {self.host.path('conf2.db')}; "
                         f"`ipvl-ctl --db={self.host.path('conf2.db')} init` creates it\n")
        self.ctl("init", db=self.host.path("conf2.db"))
        self.assertIn("is a database file, and import needs a running daemon; start ipvld",
                      self.refused("import", db=self.host.path("conf2.db")))
        self.assertIn("import cannot be combined with other commands", self.refused("import", "--", "show"))
        self.assertIn("option --foreign is not valid for show", self.refused("show", "--foreign"))
        self.assertIn("import: too many arguments", self.refused("import", "x"))


class Trace(Case):
    """`trace` prints the way of a packet; its exit status is the answer."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.ctl("add-master", "eno2", "mode=l2", "--", "add-slave", "eno2", "ns1/ipvl1", "addresses=10.0.0.2/24",
                 "--", "add-slave", "eno2", "ns2/ipvl2", "addresses=10.0.0.3/24,2001:db8::3/64")

    def test_text(self):
        self.assertEqual(self.ctl("trace", "ns1/ipvl1", "ns2/ipvl2"), """\
10.0.0.2 (ns1/ipvl1) -> 10.0.0.3 (ns2/ipvl2): arrives
   1  ns1   10.0.0.3 is on the link of ipvl1, source 10.0.0.2
   2  eno2  ns2/ipvl2 answers for 10.0.0.3
   3  eno2  l2 bridge: switched to ns2/ipvl2
   4  ns2   10.0.0.3 is its own address
  <5  ns2   10.0.0.2 is on the link of ipvl2, source 10.0.0.3
  <6  eno2  ns1/ipvl1 answers for 10.0.0.2
  <7  eno2  l2 bridge: switched to ns1/ipvl1
  <8  ns1   10.0.0.2 is its own address
""")

    def test_lost(self):
        self.ctl("set-master", "eno2", "flag=private")
        text = self.ctl("trace", "ipvl1", "10.0.0.3", status=2)
        self.assertEqual(text.splitlines()[0], "10.0.0.2 (ipvl1) -> 10.0.0.3 (ns2/ipvl2): does not arrive")
        self.assertEqual(text.splitlines()[-1], "to make it arrive: `flag: bridge` on eno2")
        text = self.ctl("trace", "host", "10.9.0.1", status=2)
        self.assertEqual(text, "host -> 10.9.0.1: does not arrive\n   1  host  there is no route to 10.9.0.1\n")

    def test_not_known(self):
        self.ctl("set-slave", "ipvl1", "routes=default")
        text = self.ctl("trace", "ipvl1", "10.9.0.1", status=1)
        self.assertEqual(text.splitlines()[0], "10.0.0.2 (ipvl1) -> 10.9.0.1: not known")
        text = self.ctl("trace", "ipvl1", "10.9.0.1", "--outside=proxy-arp")
        self.assertEqual(text.splitlines()[0], "10.0.0.2 (ipvl1) -> 10.9.0.1: arrives")

    def test_json(self):
        result = json.loads(self.ctl("trace", "ipvl1", "ipvl2", "--format=json"))
        self.assertEqual((result["verdict"], result["source"], result["target"]), ("arrives", "10.0.0.2", "ns2/ipvl2"))
        self.assertEqual([h["place"] for h in result["hops"] if not h["reply"]], ["ns1", "eno2", "eno2", "ns2"])

    def test_refusals(self):
        self.ctl("add-slave", "eno2", "ns3/ipvl3")
        for words, sentence in (
                (("ipvl9", "10.0.0.3"), "no such slave: ipvl9"),
                (("ipvl1", "ipvl9"), "ipvl9 is neither an address nor a slave"),
                (("ipvl1", "ipvl3"), "ipvl3 declares no address; give the address instead"),
                (("ipvl1", "10.0.0.3", "--outside=rain"),
                 'outside: unknown word "rain"; it is route-back, hairpin, proxy-arp, on-link or plain'),
                (("ipvl1",), "trace: too few arguments")):
            self.assertIn(sentence, self.refused("trace", *words))


class Cleanup(Case):
    """`cleanup` ends the setting that keeps devices of a lost database."""

    def test_setting(self):
        self.host.start()
        self.assertEqual(self.ctl("cleanup"), "")
        self.assertEqual(self.said, "ipvl-ctl: nothing to clean up: ipvld keeps no devices of a lost database\n")
        self.ctl("set", "Host", ".", "other_config:leftovers=keep", "other_config:port-watch=7")
        self.assertIn("other_config", self.ctl("--dry-run", "cleanup"))
        self.ctl("cleanup")
        self.assertEqual(self.ctl("get", "Host", ".", "other_config").strip(), "{port-watch=7}")


class Why(Case):
    """State, last edit, files and drift of one object in a few lines, and what to type next."""

    EDIT = r"\d\d:\d\d:\d\d \([^)]+\) by \S+ with ipvl-ctl %s, transaction \d+"

    def lines(self, *words, **more):
        """The lines below the first one, by their first word."""
        first, *rest = self.ctl("why", *words, **more).splitlines()
        return {"": first, **dict(line.split(maxsplit=1) for line in rest)}

    def test_ready(self):
        self.host.start()
        path = self.host.write("lab.yaml", LAB)
        self.ctl("apply", "-f", path)
        self.ctl("set-slave", "ipvl1", "mtu=1400", "--", "comment", "for the tunnel")
        told = self.lines("ns1/ipvl1")
        self.assertRegex(told.pop("edited"), self.EDIT % "set-slave" + r" \(for the tunnel\): changed, mtu none -> 1400$")
        self.assertEqual(told, {"": "ns1/ipvl1 on eno2 (l2 bridge)", "state": "ready", "declared": "by " + path,
                                "drift": "none since ipvld started"})
        # Another object's edit is not its own.
        self.assertRegex(self.lines("ipvl2")["edited"], self.EDIT % "apply" + ": added, 10.138.36.3/23$")
        told = self.lines("eno2")
        self.assertRegex(told["edited"], self.EDIT % "apply" + ": added, l2, bridge$")
        self.assertEqual(told[""], "eno2 (l2 bridge)")
        tree = json.loads(self.ctl("-f", "json", "why", "ipvl1"))
        self.assertEqual((tree["object"], tree["state"], tree["next"], tree["drift"], tree["sources"]),
                         ("ns1/ipvl1", "ready", None, [], [path]))
        self.assertEqual((tree["edited"]["change"], tree["edited"]["what"], tree["edited"]["comment"]),
                         ("changed", "mtu none -> 1400", "for the tunnel"))

    def test_beyond_one_page(self):
        """The edit is found however many transactions came after it."""
        db = {"db": self.host.path("conf.db")}
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", "--", "add-slave", "eno2", "ns1/b", **db)
        for mtu in range(1400, 1455):
            self.ctl("set-slave", "b", f"mtu={mtu}", **db)
        told = self.lines("a", **db)
        self.assertRegex(told["edited"], self.EDIT % "add-master" + ": added$")
        self.assertEqual((told["state"], told["drift"], told["declared"]),
                         ("unknown", "unknown without a daemon", "by no file"))

    def test_trouble(self):
        self.host.start()
        self.ctl("add-master", "eno2", "--", "add-master", "eno9", "--", "add-slave", "eno9", "ns1/x")
        self.ctl("add-slave", "eno2", "lab7/eth0", status=1)
        told = self.lines("x")
        self.assertEqual((told["state"], told["next"]),
                         ("waiting for eno9 to appear", "`ip -br link` lists the devices that are there"))
        self.assertNotIn("master", told)
        told = self.lines("lab7/eth0")
        self.assertRegex(told["state"], "^conflict: lab7 already has a veth called eth0")
        self.assertEqual(told["next"], "`ipvl-ctl --dry-run adopt lab7/eth0` shows whether ipvl can take it over")

    def test_removed(self):
        self.host.start()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", "--", "add-slave", "eno2", "ns2/b")
        self.ctl("del-slave", "a")
        for word in "a", "ns1/a":
            said = self.refused("why", word)
            self.assertRegex(said, "^ipvl-ctl: ns1/a was removed at " + self.EDIT % "del-slave" +
                             r"; `ipvl-ctl undo \d+` brings it back\n$")
        self.ctl("undo", re.search(r"undo (\d+)", said).group(1))
        self.assertEqual(self.lines("a")["state"], "ready")

    def test_refusals(self):
        self.host.start()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/abc", "--", "add-slave", "eno2", "ns2/abc")
        self.assertEqual(self.refused("why", "ns1/abd"),
                         "ipvl-ctl: no such master or slave: ns1/abd; did you mean ns1/abc?\n")
        self.assertIn("2 slaves are named abc: ns1/abc, ns2/abc; give its namespace too", self.refused("why", "abc"))
        self.assertIn("why: too few arguments", self.refused("why"))
        self.assertIn("why: too many arguments", self.refused("why", "a", "b"))
        self.assertIn("must come first", self.refused("del-slave", "ns1/abc", "--", "why", "eno2"))


class Next(Case):
    """`status` ends with the command to type, for each kind of trouble."""

    def next(self, **more):
        told = self.ctl("status", **more).split("\nnext:\n")
        return [tuple(re.split("  +", line.strip())) for line in told[1].splitlines()] if len(told) > 1 else []

    def test_each_kind(self):
        self.assertEqual(self.next(db=self.file())[0], ("systemctl start ipvld", "applies what the file declares"))
        self.host.start(lab="eno2 lab7/eth0")
        self.assertEqual([command for command, _ in self.next()], ["ipvl-ctl add-master NAME", "ipvl-ctl apply -f FILE"])
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a")
        self.assertEqual(self.next(), [])
        self.assertEqual(json.loads(self.ctl("-f", "json", "status"))["next"], [])
        self.ctl("add-slave", "eno2", "lab7/eth0", status=1)
        self.ctl("add-master", "eno8", "--", "add-master", "eno9", "--", "add-slave", "eno9", "ns1/x")
        bad = self.host.write("yaml/bad.yaml", "version: 1\nmasters: 7\n")
        self.ctl("reload", status=1)
        self.assertEqual(self.next(), [(f"ipvl-ctl validate {bad}", "checks the file again"),
                                       ("ipvl-ctl reload", "reads the config-dir again"),
                                       ("ipvl-ctl --dry-run adopt lab7/eth0", "shows whether ipvl can take it over"),
                                       ("ip -br link", "lists the devices that are there")])
        # Each of ours runs as it stands.
        self.ctl("validate", bad, status=1)
        told = json.loads(self.ctl("-f", "json", "status"))["next"]
        self.assertEqual([a["command"] for a in told], [command for command, _ in self.next()])

    def file(self):
        self.ctl("init", db=self.host.path("conf.db"))
        return self.host.path("conf.db")
class Doctor(Case):
    """Findings with what to do; the simulator has no faults of a kernel."""

    def findings(self, status, **more):
        return [(f["topic"], f["level"]) for f in
                json.loads(self.ctl("-f", "json", "doctor", status=status, **more))["findings"]]

    def test_daemon(self):
        self.host.start()
        topics = "kernel module privileges mounts managers names masters sysctls database".split()
        self.assertEqual(self.findings(0), [(topic, "ok") for topic in topics])
        text = self.ctl("doctor")
        self.assertRegex(text, r"(?m)^kernel +ok  no known fault of ipvlan$")
        self.assertTrue(text.endswith("\nnothing to do\n"), text)
        self.assertIn("doctor is a tree", self.refused("-f", "csv", "doctor"))
        self.assertIn("cannot be combined", self.refused("doctor", "--", "show"))

    def test_no_daemon(self):
        """It never ran; it was killed; another one holds the file."""
        found = self.findings(2)
        self.assertEqual(found[0], ("daemon", "error"))
        text = self.ctl("doctor", status=2)
        self.assertIn("cannot connect to ipvld on unix:" + self.host.socket, text)
        self.assertIn("\n     -> start it with `systemctl start ipvld`", text)
        self.assertRegex(text, r"\n\d errors?, \d+ notes?\n\Z")
        self.host.start()
        self.host.process.kill()
        self.host.process.wait()
        self.assertIn("(Connection refused)", self.ctl("doctor", status=2))
        self.assertEqual(self.findings(0, db=self.host.path("conf.db")), [("daemon", "note"), ("database", "ok")])

    def test_file(self):
        db = self.host.path("conf.db")
        self.assertEqual(self.findings(0, db=db), [("daemon", "note"), ("database", "note")])
        self.host.start()
        text = self.ctl("doctor", db=db, status=2)
        self.assertRegex(text, rf"{db} is held by ipvld-lab \(pid {self.host.process.pid}\)")
        self.assertIn(f"-> ask it: `ipvl-ctl --db=unix:{self.host.socket} doctor`", text.replace("\n     ", " "))

    def test_wrong_address(self):
        self.refused("doctor", db="unix:")
        self.assertIn("argument", self.refused("doctor", "eth0"))


class Explain(Case):
    """`explain` needs no daemon."""

    def test_words(self):
        self.assertIn("l2 private  no             by a router", self.ctl("explain"))
        self.assertTrue(self.ctl("explain", "l3s", "vepa").startswith("l3s: as l3, and the host's packet filter"))
        self.assertEqual(self.refused("explain", "l4"), "ipvl-ctl: l4 is not a mode, a flag or a key; did you mean l2?\n")

    def test_every_mode_and_flag(self):
        for word in ("l2", "l3", "l3s", "bridge", "private", "vepa"):
            text = self.ctl("explain", word)
            self.assertTrue(text.startswith(f"{word}: "))
            self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertLessEqual(max(map(len, self.ctl("explain").splitlines())), 80)


class Formats(Case):
    """Every command in every format: its output is of that format, or it says that it has another one."""

    FORMATS = ("table", "list", "json", "yaml", "csv")
    # What each needs besides its name; {f} differs from format to format.
    WORDS = {
        "diff": "-f changed.yaml", "apply": "-f {f}.yaml", "validate": "lab.yaml", "add-master": "a-{f}",
        "set-master": "eno2 mtu=14{n}0", "del-master": "a-{f}", "add-slave": "eno2 ns9/{f}",
        "add-pool": "p-{f} subnets=10.{n}.0.0/24", "set-pool": "p-{f} excluded=10.{n}.0.9", "del-pool": "p-{f}",
        "set-slave": "ns9/{f} mtu=1300", "del-slave": "ns9/{f}", "list": "Slave", "find": "Slave netns=ns1",
        "get": "Slave ipvl1 _uuid name addresses mtu sysctl routes", "set": "Host . external_ids:{f}=1",
        "add": "Host . external_ids k{f}=1", "remove": "Host . external_ids k{f}", "clear": "Host . external_ids",
        "create": "Drift host=x", "destroy": "Slave ns9/{f} --if-exists", "wait-until": "Slave ipvl1 state=ready",
        "comment": "remark", "reload": "", "forget": "{f}.yaml", "repair": "eno2",
        "try": "-- set Host . external_ids:tried={f}", "adopt": "ipvl1", "release": "ns9/{f} --if-exists", "announce": "eno2", "trace": "ipvl1 ipvl2", "why": "ipvl1", "who": "10.138.36.2"}
    ONE_FORMAT = {"validate": {"table"}, "export": {"table"}, "edit": {"table"}, "import": {"table"}, "explain": {"table"}, "trace": {"table", "json", "yaml"}, "why": {"table", "json", "yaml"}, "doctor": {"table", "json", "yaml"},
                  "status": {"table", "json", "yaml"}}
    PRINT = {"show", "status", "history", "apply", "diff", "validate", "list-masters", "list-slaves",
             "list-datapaths", "list-pools", "list", "find", "get", "undo", "repair", "sources", "forget", "import", "trace", "explain", "why", "who", "export", "edit", "doctor"}

    def words(self, command, number, form):
        return [command] + self.WORDS.get(command, "").format(f=form, n=number).split()

    def check(self, form, text, what):
        if form == "json":
            json.loads(text)
        elif form == "yaml":
            self.assertNotRegex(text, r"^[\[{]\n", what)
            if yaml:
                self.assertIsInstance(yaml.safe_load(text), (list, dict), what)
        elif form == "csv":
            self.assertEqual(len({len(row) for row in csv.reader(io.StringIO(text))}), 1, what)
        elif form == "list":
            self.assertRegex(text, r"\A(\S+ +:( .*)?\n|\n)+\Z", what)
        else:
            self.assertNotRegex(text, r"(?m)^[\[{]$|^\S+ +: ", what)

    def setUp(self):
        super().setUp()
        self.host.start(lab="eno2 changed " + " ".join(f"a-{f} m-{f}" for f in self.FORMATS))
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.ctl("create", "Pool", "name=lan", "subnets=10.0.0.0/24")
        self.host.write("changed.yaml", LAB.replace("eno2", "changed").replace("ns1", "m1").replace("ns2", "m2"))
        for form in self.FORMATS:
            self.host.write(form + ".yaml", f"version: 1\nmasters: [{{name: m-{form}}}]\n")

    @unittest.mock.patch.dict(os.environ, EDITOR="true", VISUAL="")
    def test_every_command(self):
        told = self.ctl("--help").split("\nCommands:\n")[1].split("\n\n")[0]
        commands = [name for name in re.findall(r"^  ([a-z-]+)", told, re.M) if name not in ("watch", "top")]
        for number, form in enumerate(self.FORMATS):
            for command in commands:
                words = self.words(command, number, form)
                if command == "undo":
                    self.ctl("set", "Host", ".", "external_ids:undone=" + form)
                if command == "cancel":  # `confirm` has ended the one before
                    self.ctl("try", "--", "set", "Host", ".", f"external_ids:{command}={form}")
                p = self.host.run("-f", form, *words)
                what = f"-f {form} {' '.join(words)}\n{p.stdout}{p.stderr}"
                if form not in self.ONE_FORMAT.get(command, self.FORMATS):
                    self.assertEqual((p.returncode, p.stdout), (1, ""), what)
                    self.assertRegex(p.stderr, rf"^ipvl-ctl: {command} (has one format|is a tree), .*\n$", what)
                    continue
                if command not in ("create", "clear", "destroy"):
                    self.assertIn(p.returncode, (0, 2), what)
                self.assertEqual(p.stdout != "", command in self.PRINT or form not in ("table", "list") and
                                 command == "drift", what)
                if p.stdout:
                    self.check(form, p.stdout, what)
            for words in (["set-slave", "ipvl1", "mtu=1201"], ["set", "Host", ".", "external_ids:x=1"],
                          ["apply", "-f", "changed.yaml"]):
                text = self.ctl("--dry-run", "-f", form, *words)
                self.assertTrue(text)
                self.check(form, text, words)

    def test_get(self):
        right = {"addresses": ["10.138.36.2/23"], "name": "ipvl1", "mtu": None}
        words = ["get", "Slave", "ipvl1", *right]
        self.assertEqual(json.loads(self.ctl("-f", "json", *words)), right)
        self.assertEqual(self.ctl("-f", "yaml", *words), "addresses: [10.138.36.2/23]\nname: ipvl1\nmtu: null\n")
        self.assertEqual(self.ctl("-f", "csv", *words), "addresses,name,mtu\n10.138.36.2/23,ipvl1,\n")
        self.assertEqual(json.loads(self.ctl("-f", "json", "--if-exists", "get", "Slave", "none", "name")), {})
        self.ctl("set", "Host", ".", "external_ids:x=7")
        self.assertEqual(json.loads(self.ctl("-f", "json", "get", "Host", ".", "external_ids:x")),
                         {"external_ids:x": "7"})

    def test_records_of_show(self):
        records = list(csv.DictReader(io.StringIO(self.ctl("-f", "csv", "show"))))
        self.assertEqual([(r["type"], r["object"], r["master"], r["addresses"], r["state"]) for r in records],
                         [("master", "eno2", "eno2", "", "ready"),
                          ("slave", "ns1/ipvl1", "eno2", "10.138.36.2/23", "ready"),
                          ("slave", "ns2/ipvl2", "eno2", "10.138.36.3/23", "ready")])
        self.assertEqual(len(list(csv.reader(io.StringIO(self.ctl("-f", "csv", "show", "ns1/"))))), 3)
        self.assertEqual(len(list(csv.reader(io.StringIO(self.ctl("-f", "csv", "show", "--not-ready"))))), 1)

    def test_yaml_is_what_json_is(self):
        if not yaml:
            self.skipTest("python3-yaml is not installed")
        for words in (["show"], ["status"], ["list", "Slave"], ["history"]):
            self.assertEqual(yaml.safe_load(self.ctl("-f", "yaml", *words)),
                             json.loads(self.ctl("-f", "json", *words)), words)


class Pictures(Case):
    """`show` in SVG and dot: XML that a viewer takes, whatever the rows say, and a graph."""

    COLUMN = 8  # pixels of a column of text, in ctl/picture/picture_svg.c

    def check_svg(self, text):
        """Returns the texts."""
        root = xml.etree.ElementTree.fromstring(text)
        svg = "{http://www.w3.org/2000/svg}"
        self.assertEqual((root.tag, root.get("role")), (svg + "svg", "img"))
        self.assertEqual([e.tag for e in root][:3], [svg + "title", svg + "desc", svg + "style"])
        ids = {e.get("id"): e.text for e in root if e.get("id")}
        self.assertEqual(list(ids), root.get("aria-labelledby").split())
        self.assertTrue(all(ids.values()))
        known = {svg + name for name in "svg title desc style g rect line circle text".split()}
        self.assertLessEqual({e.tag for e in root.iter()}, known)
        self.assertNotRegex(text, "(?i)script|@import|@font-face|url\\(|href|https?://(?!www.w3.org/2000/svg)")
        style = root.find(svg + "style").text
        light, dark = style.split("@media (prefers-color-scheme:dark)")
        classes = {c for e in root.iter() for c in (e.get("class") or "").split()}
        for name in classes - {"right", "strong", "plain", "on-bar"}:
            self.assertRegex(light, rf"\.{name}\b")
        self.assertIn(".bg{fill:#0d1117}", dark)
        width, height = int(root.get("width")), int(root.get("height"))
        for e in root.iter(svg + "text"):
            columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in e.text)
            x, y = int(e.get("x")), int(e.get("y"))
            left = x - columns * self.COLUMN if "right" in e.get("class") else x
            self.assertTrue(0 < left and left + columns * self.COLUMN <= width and y < height, e.text)
        return [e.text for e in root.iter(svg + "text")]

    # The language of Graphviz, as far as we write it. A word or a text in quotes becomes W.
    DOT = (r'"(?:[^"\\]|\\.)*"|[A-Za-z]\w*', "W"), (r"\s+", ""), (r"\[(?:W=W,?)+\]", "A"), \
        (r"W=W;|WA;|W(?:--W)+A?;", "S"), (r"WW\{S*\}", "S")

    def check_dot_grammar(self, text):
        """Graphviz is not on every machine."""
        for pattern, symbol in self.DOT:
            text = re.sub(pattern, symbol, text)
        self.assertRegex(text, r"\AWW\{S+\}\Z|\AS\Z")

    def check_dot(self, text):
        self.check_dot_grammar(text)
        if not shutil.which("dot"):
            return
        p = subprocess.run(["dot", "-Tsvg"], input=text, capture_output=True, text=True, check=False)
        self.assertEqual((p.returncode, p.stderr), (0, ""), text)

    def test_host(self):
        self.host.start()
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.host.run("add-slave", "eno2", "lab7/eth0", "addresses=10.138.36.9/23")
        text = self.ctl("-f", "svg", "show")
        texts = self.check_svg(text)
        for word in ("eno2", "ns1", "ipvl1", "10.138.36.2/23", "ready", "lab7", "conflict", "2 of 3 slaves ready"):
            self.assertIn(word, texts)
        self.assertIn("1 master, 3 slaves. To look at: lab7/eth0 (conflict).", text)
        self.assertEqual(text.count('class="slave-bad"'), 1)
        self.assertEqual(text, self.ctl("-f", "svg", "show"))
        self.assertNotIn("ipvl1", self.check_svg(self.ctl("-f", "svg", "show", "--not-ready")))
        self.assertNotIn("lab7", self.check_svg(self.ctl("-f", "svg", "show", "ns1/")))
        dot = self.ctl("-f", "dot", "show")
        self.assertIn('"master eno2" -- "slave ns1/ipvl1"', dot)
        self.check_dot(dot)

    def test_odd_names(self):
        self.host.start(lab='e<&">')
        long = "/run/some/where/" + "a-namespace-of-a-cluster-" * 8
        self.ctl("add-master", 'e<&">', "mode=l2", "--", "add-slave", 'e<&">', "名前名前名", "netns=" + long,
                 "addresses=2001:db8:1234:5678:9abc:def0:1234:5678/128,10.0.0.2/24", "--",
                 "add-slave", 'e<&">', "n]]>/x\\y", "routes=2001:db8::/32 via 2001:db8:1234:5678:9abc:def0:1234:5677 metric 100",
                 "addresses=2001:db8:1234:5678:9abc:def0:1234:5670/64")
        texts = self.check_svg(self.ctl("-f", "svg", "show"))
        self.assertIn(long, "".join(texts))  # wrapped, not cut
        self.check_dot(self.ctl("-f", "dot", "show"))

    def test_of_the_documentation(self):
        with open(os.path.join(os.path.dirname(README), "docs", "images", "show.svg"), encoding="utf-8") as f:
            self.check_svg(f.read())

    def test_refused(self):
        self.host.start()
        self.assertEqual(self.refused("-f", "svg", "status"),
                         "ipvl-ctl: status cannot be drawn as svg; show can: `ipvl-ctl --format=svg show`\n")
        self.assertIn("dot or svg", self.refused("-f", "png", "show"))

    def test_offline(self):
        db = self.host.path("conf.db")
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", db=db)
        self.assertNotIn("ready", self.check_svg(self.ctl("-f", "svg", "show", db=db)))
        self.assertIn("show --not-ready needs a running daemon", self.refused("show", "--not-ready", db=db))


class Sentences(Case):
    """What a mistyped line is answered with; neither a daemon nor a database is there."""

    def said_of(self, *words, db=None, **more):
        said = self.refused(*words, db=db, **more)
        self.assertTrue(said.startswith("ipvl-ctl: "), said)
        return said[len("ipvl-ctl: "):].rstrip("\n").replace(self.host.dir + "/", "")

    def test_before_a_daemon_is_needed(self):
        for command in "apply", "diff":
            self.assertEqual(self.said_of(command, "-f", "none.yaml"),
                             "cannot read none.yaml: No such file or directory; if the file was "
                             "removed: `ipvl-ctl forget none.yaml` removes the rows that it declared")
            self.assertRegex(self.said_of(command, "-f", "-", stdin=""), "^standard input needs a name .*--source=NAME$")
            self.assertEqual(self.said_of(command, "-f", "-", "-f", "-", "--source=x"),
                             "standard input (-) is given twice")

    def test_databases(self):
        for db, said in (
                ("http://foo", "--db=http://foo: unknown address type http:; write unix:PATH, "
                               "tcp:IP:PORT, ssl:IP:PORT, or ./http://foo for a file of that name"),
                ("tpc:127.0.0.1:6640", "--db=tpc:127.0.0.1:6640: unknown address type tpc:; "
                                       "did you mean tcp:?"),
                ("none.db", "no such database file: none.db; `ipvl-ctl --db=none.db init` creates it")):
            self.assertEqual(self.said_of("show", db=db), said)
            self.assertEqual(os.listdir(self.host.dir), [])
        p = subprocess.run([CTL, "--db=", "show"], capture_output=True, text=True, check=False)
        self.assertEqual((p.returncode, p.stderr),
                         (1, "ipvl-ctl: --db= is empty; write an address, such as "
                             "unix:/run/ipvl/db.sock, or a file\n"))
        self.host.write("text", "no database, but longer than SQLite's header\n")
        self.assertRegex(self.said_of("show", db="text"), "^text is not a database file; ")
        self.assertEqual(os.listdir(self.host.dir), ["text"])
        # A file whose name looks like an address.
        self.ctl("init", db="./lab:1.db")
        self.ctl("show", db="lab:1.db")

    def test_words_of_others(self):
        for name, hint in (("add-br", "use `add-master NAME`"), ("add-port", "use `add-slave MASTER NAME netns=NS`"),
                           ("list-br", "use `list-masters`"), ("show-log", "use `history`"),
                           ("del-port", "use `del-slave NAME`")):
            self.assertEqual(self.said_of(name, "x"), f'unknown command "{name}"; {hint}')
        self.assertEqual(self.said_of("help", "show", "nonsense"),
                         'help takes one command: unexpected argument "nonsense"; write `ipvl-ctl help show`')

    def test_of_values(self):
        db = self.host.path("conf.db")
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "a", db=db)
        for words, said in (
                (["set-slave", "a", "mtu=99999999999999999999"],
                 "mtu: 99999999999999999999 is too large"),
                (["set-master", "eno2", "mode=bridge"],
                 'mode: "bridge" is not one of l2, l3, l3s or passthru; it is a flag: write flag=bridge'),
                (["create", "Slave", "name=foo"],
                 "create cannot add a row of Slave; a slave belongs to a master: use `ipvl-ctl add-slave MASTER NAME`"),
                (["set-slave", "a\nb", "mtu=1400"], "no such slave: a?b; `ipvl-ctl list-slaves` shows all of them"),
                (["set-slave", "zzzz", "mtu=1400"], "no such slave: zzzz; `ipvl-ctl list-slaves` shows all of them")):
            self.assertEqual(self.said_of(*words, db=db), said + "\nnothing was changed")
        for words, said in (
                (["wait-until", "Slave", "b"],
                 "Slave b does not exist; a database file cannot change while ipvl-ctl has it open"),
                (["wait-until", "Slave", "a", "mtu=1400"],
                 "mtu of Slave a is [], expected mtu=1400; a database file cannot change while ipvl-ctl has it open"),
                (["drift"], "conf.db is a database file, which holds no drift; ipvld keeps it in memory while it runs")):
            self.assertEqual(self.said_of(*words, db=db), said)

    def test_online(self):
        self.host.start()
        self.ctl("add-master", "eno2")
        out = self.ctl("add-slave", "eno2", "ns1/a", "--", "show")
        self.assertIn("0 of 1 slave ready", out)
        self.assertRegex(out, r"ns1/a +external addresses +pending\n")
        self.assertEqual(self.said_of("-t", 1, "wait-until", "Slave", "a", "state=error"),
                         "after 1 s: state of Slave a is ready, expected state=error")
        self.assertIn("     will be waiting for eno9 to appear\n", self.ctl("--dry-run", "add-master", "eno9"))


class TerminalCase(Case):
    """Standard output is a terminal of 80 columns."""

    def on_terminal(self, *words, columns=80, status=0):
        """What the command wrote to a terminal, whose lines must fit it."""
        try:
            reader, writer = pty.openpty()
        except OSError as e:
            self.skipTest(f"no pseudo-terminal: {e}")
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "TERM")}
        with subprocess.Popen([CTL, f"--db=unix:{self.host.socket}", *map(str, words)], stdin=subprocess.DEVNULL,
                              stdout=writer, stderr=subprocess.PIPE, cwd=self.host.dir, env=env) as p:
            os.close(writer)
            text = b""
            while True:
                try:
                    piece = os.read(reader, 65536)
                except OSError:  # EIO: nobody writes to it any more
                    piece = b""
                if not piece:
                    break
                text += piece
            said = p.stderr.read().decode()
        os.close(reader)
        text = text.decode().replace("\r\n", "\n")
        self.assertEqual(p.returncode, status, f"{words}\n{text}{said}")
        for line in text.splitlines():
            width = sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in line)
            self.assertLessEqual(width, columns, f"{words}\n{text}")
        return text


class Terminal(TerminalCase):
    def test_readme(self):
        """The ten minutes of README.md, and what else shows something."""
        with open(README, encoding="utf-8") as f:
            minutes = f.read().split("\n## Ten minutes\n")[1].split("\n## ")[0]
        self.host.start()  # the simulated host has an eth0
        self.host.write("yaml/lab.yaml", re.sub("(?m)^   ", "", re.search(r"```yaml\n(.*?)```", minutes, re.S).group(1)))
        commands = [line.replace("/etc/ipvl", "yaml").split()
                    for line in re.findall(r"(?m)^ +(?:sudo )?ipvl-ctl (.*)$", minutes)]
        self.assertEqual([words[0] for words in commands], ["validate", "diff", "apply", "show", "drift", "reload"])
        self.on_terminal("show")
        for words in commands:
            if words[0] == "reload":
                os.unlink(self.host.path("yaml/lab.yaml"))
            text = self.on_terminal(*words, status=2 if words[0] == "diff" else 0)
            for more in ("status", "history", "list-slaves", "list-masters"):
                self.on_terminal(more)
            if words[0] in ("apply", "show", "drift"):
                self.on_terminal("why", "ipvl0")
            if words[0] in ("apply", "show"):
                self.assertRegex(text, r"\Aeth0 added with 1 slave\n\Z|blue/ipvl0 .* ready\n")
        self.assertEqual(self.rows("Master"), [])

    def test_help(self):
        text = self.on_terminal("--help")
        commands = re.findall(r"(?m)^  ([a-z-]+)  ", text.split("\nCommands:\n")[1].split("\n\n")[0])
        self.assertGreater(len(commands), 25)
        for command in commands:
            self.assertTrue(self.on_terminal("help", command).startswith("Usage: ipvl-ctl [OPTIONS] " + command))

    def test_long_values(self):
        """Long names, many addresses, wide characters, a long command; whole where output is no terminal."""
        self.host.start(lab="enp0s31f6np0 lab7/eth0", options=["--keep-arguments"])
        address = "2001:db8:1234:5678:9abc:def0:1234:5678/64"
        long = "/run/some/where/a-namespace-of-a-cluster-with-a-long-name"
        self.ctl("add-master", "enp0s31f6np0", "mtu=9000", "--", "add-slave", "enp0s31f6np0", "名前", "netns=" + long,
                 f"addresses={address},10.0.0.2/24,10.0.0.3/24", "--",
                 "add-slave", "enp0s31f6np0", "lab7/eth0", "--",
                 "add-slave", "enp0s31f6np0", "ns1/ipvl1", "nameservers=10.3.3.3,10.3.3.4", "search=a.example,b.example",
                 "addresses=10.0.0.9/24", "routes=default via 10.0.0.1,10.9.0.0/16 via 10.0.0.254", status=1)
        for words in (["show"], ["status"], ["drift"], ["history"], ["list-slaves"], ["show", "10.0.0.2"],
                      ["list-slaves", "--stats"], ["why", "名前"], ["why", "lab7/eth0"], ["why", "ns1/ipvl1"],
                      ["-f", "table", "list", "Slave", "--columns=name,netns,addresses,routes,message"]):
            for columns in (80, 100, 120):
                self.on_terminal(*words, columns=columns)
        self.on_terminal("--dry-run", "set-slave", "名前", "addresses=[]", "routes=[]", "mtu=1400", "--",
                         "set-slave", "ipvl1", "routes=default via 10.0.0.1,10.8.0.0/16 via 10.0.0.254")
        self.assertIn("\n      + ns1/ipvl1 10.0.0.9/24\n", self.on_terminal("history"))
        self.assertIn("…", self.on_terminal("history"))
        self.assertIn(f"{long}/名前 10.0.0.2/24, 10.0.0.3/24, {address}\n", self.ctl("history"))
        self.assertIn(f"{long}/名前   10.0.0.2/24 10.0.0.3/24 {address}", self.ctl("show"))


class Remotes(Case):
    """The daemon over TCP and TLS, read-only sockets, and whom it does not let in."""

    def tls(self, name, ca="ca"):
        return ["--private-key=" + self.host.path(name + ".key"), "--certificate=" + self.host.path(name + ".pem"),
                "--ca-cert=" + self.host.path(ca + ".pem")]

    def setUp(self):
        super().setUp()
        subprocess.run([CERTIFICATES, self.host.dir], check=True)
        look = "punix:" + self.host.path("look.sock")
        self.host.start(options=["--remote=ptcp:0:127.0.0.1", "--remote=pssl:0:127.0.0.1,role=read-only",
                                 "--remote=" + look + ",role=read-only", "--subject-role=client:",
                                 *self.tls("server")])
        self.tcp, self.ssl = ("%s:127.0.0.1:%s" % pair for pair in zip(("tcp", "ssl"), self.host.ports()))
        self.look = look[1:]

    def test_a_slave_over_each(self):
        self.ctl("add-master", "eno2", db=self.tcp)
        self.ctl(*self.tls("client"), "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24", db=self.ssl)
        for db, options in ((self.tcp, []), (self.ssl, self.tls("reader")), (self.look, [])):
            self.assertIn("1 of 1 slave ready", self.ctl(*options, "show", db=db))

    def test_read_only(self):
        for db, options in ((self.ssl, self.tls("reader")), (self.look, [])):
            for words in (["add-master", "eno3"], ["show", "--", "set", "Host", ".", "external_ids:x=1"]):
                self.assertEqual(self.refused(*options, *words, db=db),
                                 f"ipvl-ctl: {'set' if 'set' in words else 'add-master'} changes the database, and this "
                                 f"client may only read it at {db} (role read-only); use another remote, or another "
                                 "certificate\nnothing was changed\n")
        self.assertEqual(self.rows("Master"), [])

    def test_whom_tls_lets_in(self):
        self.assertIn("the peer's certificate is not accepted",
                      self.refused(*self.tls("client", "other-ca"), "show", db=self.ssl))
        self.assertRegex(self.refused(*self.tls("stranger"), "show", db=self.ssl), "ssl:.* closed the connection|lost the connection to ssl:")
        self.assertIn("the certificate expired on", self.refused(*self.tls("expired"), "show", db=self.ssl))
        self.assertIn("--ca-cert is missing", self.refused(*self.tls("client")[:2], "show", db=self.ssl))
        self.assertIn("tcp:127.0.0.1:", self.refused("show", db=self.ssl.replace("ssl", "tcp")))

    def test_nobody_there(self):
        self.host.stop()
        for db in self.tcp, self.ssl:
            self.assertRegex(self.refused(*self.tls("client"), "show", db=db),
                             "^ipvl-ctl: cannot connect to ipvld on %s .Connection refused.; start it" % db)


class Silent(Case):
    """Without an ipvld that answers."""

    def test_nobody(self):
        self.assertEqual(
            self.refused("show"),
            f"ipvl-ctl: cannot connect to ipvld on unix:{self.host.socket} (No such file or directory); "
            "start it with `systemctl start ipvld`, or name a database with --db\n")

    def test_silence(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.host.socket)
            s.listen()
            self.assertIn("no answer from ipvld", self.refused("-t", 1, "show"))

    def test_garbage(self):
        with socket.socket(socket.AF_UNIX) as s, \
                concurrent.futures.ThreadPoolExecutor(1) as pool:
            s.bind(self.host.socket)
            s.listen()
            job = pool.submit(self.host.run, "show")
            peer = s.accept()[0]
            peer.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
            peer.close()
            self.assertEqual(job.result().returncode, 1)
            self.assertRegex(job.result().stderr, "^ipvl-ctl: .*unix:.*\n$")

    def test_other_remotes(self):
        self.assertEqual(self.refused("show", db="tcp:localhost:6640"),
                         'ipvl-ctl: tcp:localhost:6640: "localhost" is not an IP address; write tcp:IP:PORT, an IPv6 '
                         "address in square brackets; names are not looked up\n")
        self.assertIn("give --private-key, --certificate and --ca-cert", self.refused("show", db="ssl:127.0.0.1:1"))
        self.assertIn("listen on, not to connect to", self.refused("show", db="ptcp:1"))
        self.assertEqual(self.refused("show", db="unix:"),
                         "ipvl-ctl: unix:: the socket's path is missing; write unix:PATH\n")

    def test_validate_and_help(self):
        path = self.host.write("lab.yaml", LAB)
        self.assertEqual(self.ctl("validate", path), f"{path}: valid: 1 master, 2 slaves\n")
        self.assertIn("wait-until", self.ctl("--help"))
        self.assertRegex(self.ctl("--version"), r"^ipvl-ctl \d")
        self.assertIn("MASTER NAME", self.ctl("help", "add-slave"))

    def test_examples_of_columns(self):
        """Every column that a person may set is in the help, with examples that work as they are typed in a shell;
        so do those of ipvl.db(5)."""
        with open(os.path.join(os.path.dirname(SCHEMA), os.pardir, "docs/man/ipvl.db.txt"), encoding="utf-8") as f:
            page = f.read()
        db = self.host.path("conf.db")
        with open(SCHEMA, encoding="utf-8") as f:
            schema = json.load(f)["tables"]
        for command, record, table in (("set-master", "m0", "Master"), ("set-slave", "n/x", "Slave"),
                                       ("set-pool", "lan", "Pool")):
            told = self.ctl("help", command).split("\nColumns:\n")[1].split("\n\n")[0]
            columns = {name for name, c in schema[table]["columns"].items() if not c.get("ephemeral")}
            columns -= {"host", "sources", "slaves", "repairs", "transfer", "leases"}  # not set by hand
            columns -= {name for name, c in schema[table]["columns"].items() if c.get("mutable") is False}
            self.assertEqual(set(re.findall(r"(?m)^  ([a-z_]+) ", told)), columns)
            examples = re.findall(r"(?m)^ {10,}(\S+=.*)$", told)
            self.assertGreaterEqual(len(examples), len(columns))
            described = page.split(f"\n# {table}\n")[1].split("\n# ")[0]
            examples += re.findall(r"(?m)^Example: ([a-z_]+[=:]\S.*)$", described)
            self.assertGreaterEqual(len(examples), 2 * len(columns))
            for example in dict.fromkeys(examples):
                self.ctl("add-master", "m0", "--", "add-slave", "m0", "n/x", "addresses=10.0.0.7/24", "--", "add-pool", "lan",
                         "subnets=10.0.0.0/24", db=db)
                line = f"{CTL} --db={db} --schema={SCHEMA} {command} {record} {example}"
                p = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
                self.assertEqual((p.returncode, p.stdout, p.stderr), (0, "", ""), example)
                os.unlink(db)

    def test_full_standard_output(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            p = subprocess.run([CTL, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(p.returncode, 1)
        self.assertIn(b"No space left", p.stderr)

    @unittest.skipUnless(shutil.which("ovsdb-server") and shutil.which("ovsdb-tool"),
                         "ovsdb-server is not installed")
    def test_foreign_server(self):
        """A server that knows neither validity nor plans: edits go through, a diff is that of the rows."""
        subprocess.run(["ovsdb-tool", "create", self.host.path("foreign"), SCHEMA], check=True)
        server = subprocess.Popen(["ovsdb-server", "--remote=punix:" + self.host.socket,
                                   "--unixctl=" + self.host.path("ctl"), self.host.path("foreign")],
                                  stderr=subprocess.DEVNULL)
        try:
            while not os.path.exists(self.host.socket):
                time.sleep(0.01)
            self.ctl("--no-wait", "add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", "mtu=1400")
            self.ctl("--no-wait", "set-slave", "a", "mtu=1300")
            self.assertEqual(self.ctl("get", "slave", "a", "mtu"), "1300\n")
            self.assertEqual(self.next_cfg(), 2)
            self.assertEqual(self.ctl("--dry-run", "del-slave", "a"), "- ns1/a\n")
            for dry in [], ["--dry-run"]:
                self.assertEqual(self.refused("--no-disrupt", *dry, "del-slave", "a"),
                                 "ipvl-ctl: --no-disrupt needs an ipvld that can preview a change; leave out "
                                 "--no-disrupt where no daemon runs\nnothing was changed\n")
            self.assertIn("ipvld has not applied the change within 1 s: ns1/a is still pending",
                          self.refused("-t", 1, "set-slave", "a", "mtu=1200"))
        finally:
            server.terminate()
            server.wait(PATIENCE_S)


class Offline(Case):
    """On a file, while no daemon runs."""

    def file(self, *words, **more):
        return self.ctl(*words, db=self.host.path("conf.db"), **more)

    def test_file(self):
        self.assertIn("init` creates it", self.refused("show", db=self.host.path("conf.db")))
        self.assertFalse(os.path.exists(self.host.path("conf.db")))
        self.file("init")
        self.file("apply", "-f", self.host.write("lab.yaml", LAB))
        self.assertIn("2 slaves\n", self.file("show"))
        self.assertIn("is outside every subnet",
                      self.refused("set-slave", "ipvl1", "routes=default via 10.9.9.9",
                                   db=self.host.path("conf.db")))
        self.assertIn("--strict needs an ipvld", self.refused("--strict", "set-slave", "ns2/ipvl2", "mtu=1400",
                                                              db=self.host.path("conf.db")))
        self.file("set-slave", "ns2/ipvl2", "mtu=1400")
        self.assertEqual(self.file("--dry-run", "set-slave", "ns2/ipvl2", "mtu=[]"),
                         "~ ns2/ipvl2   mtu 1400 -> none\n")
        self.host.start()
        self.assertEqual(self.ctl("get", "slave", "ipvl2", "mtu"), "1400\n")
        self.ctl("wait-until", "slave", "ipvl2", "state=ready")
        self.assertRegex(self.refused("show", db=self.host.path("conf.db")),
                         rf"is in use by process {self.host.process.pid}\b")


class History(Case):
    """history and undo, with a daemon and without."""

    def build(self, **more):
        self.ctl("add-master", "eno2", "mode=l2", **more)
        self.ctl("add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24", **more)
        self.ctl("set-master", "eno2", "mode=l3", "--", "comment", "as it should be", **more)
        self.ctl("set-slave", "a", "addresses=10.0.0.9/24", "mtu=1400", **more)

    def lines(self, *words, **more):
        """One for each transaction, without what differs from run to run: serial, date and user."""
        told = re.split(r"(?m)^ *\d+  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  \S+: ipvl-ctl ",
                        self.ctl("history", *words, **more))
        self.assertEqual(told[0], "")
        return [re.sub(r"\n {6}", "  ", entry.rstrip("\n")) for entry in told[1:]]

    def serial_of(self, word, **more):
        (line,) = [line for line in self.ctl("history", **more).splitlines() if word in line]
        return int(line.split()[0])

    def check(self, **more):
        self.assertIn("no changes yet", self.ctl("history", **more))
        self.build(**more)
        self.assertEqual(self.lines(**more), [
            "set-slave  ~ ns1/a addresses -10.0.0.2/24 +10.0.0.9/24, "
            "mtu none -> 1400",
            "set-master  (as it should be)  ~ eno2 mode l2 -> l3",
            "add-slave  + ns1/a 10.0.0.2/24",
            "add-master  + eno2 l2, bridge"])
        self.assertEqual(len(self.lines(2, **more)), 2)

        # What came later is never overwritten, and named as people name it.
        before = self.next_cfg_of(**more)
        said = self.refused("undo", self.serial_of("add-slave", **more), **more)
        later = self.serial_of("set-slave", **more)
        self.assertIn(f"cannot be undone: ns1/a was changed by transaction {later} since; `ipvl-ctl undo {later}` first",
                      said)
        said = self.refused("undo", self.serial_of("add-master", **more), **more)
        self.assertIn("cannot be undone: eno2 was changed by transaction "
                      f"{self.serial_of('set-master', **more)} since", said)
        self.assertTrue(said.endswith("nothing was changed\n"), said)
        self.assertEqual(self.next_cfg_of(**more), before)

        # An earlier one of another column goes, and next_cfg goes on.
        self.assertIn("mode l3 -> l2", self.ctl("--dry-run", "undo",
                                                self.serial_of("set-master", **more), **more))
        self.assertEqual(self.next_cfg_of(**more), before)
        self.assertEqual(self.ctl("undo", self.serial_of("set-master", **more), **more),
                         "eno2 changed: mode l3 -> l2\n")
        self.assertEqual(self.next_cfg_of(**more), before + 1)
        self.assertEqual(self.ctl("get", "master", "eno2", "mode", **more), "l2\n")
        self.ctl("undo", **more)  # of that
        self.assertEqual(self.ctl("get", "master", "eno2", "mode", **more), "l3\n")
        self.assertIn("(undo ", self.lines(1, **more)[0])

        # Rows come back as they were.
        (slave,) = self.rows_of("Slave", **more)
        self.ctl("del-master", "eno2", **more)
        self.assertEqual(self.ctl("undo", **more), "eno2 added with 1 slave\n")
        self.assertEqual([(r["_uuid"], r["addresses"], r["mtu"]) for r in self.rows_of("Slave", **more)],
                         [(slave["_uuid"], ["10.0.0.9/24"], 1400)])
        last = json.loads(self.ctl("-f", "json", "history", 1, **more))[0]
        self.assertEqual(sorted(last["changes"]), ["Host", "Master", "Slave"])
        self.assertEqual(last["uid"], os.getuid())
        self.assertIn("ipvl-ctl", last["command"])
        with io.StringIO(self.ctl("-f", "csv", "history", **more)) as text:
            self.assertEqual([r["serial"] for r in csv.DictReader(text)][:1], [str(last["serial"])])
        for words, said in ((("undo", 999), "no transaction 999"), (("undo", "x"), "is not the number"),
                            (("history", 0), "is not a number"),
                            (("set-slave", "a", "mtu=1300", "--", "undo"), "must come first")):
            self.assertIn(said, self.refused(*words, **more))

    def next_cfg_of(self, **more):
        return int(self.ctl("get", "Host", ".", "next_cfg", **more))

    def rows_of(self, table, **more):
        return json.loads(self.ctl("-f", "json", "list", table, **more))

    def test_online(self):
        self.host.start()
        self.check()
        self.assertEqual(self.states(), {"ns1/a": "ready"})
        self.assertEqual(self.ctl("get", "Host", ".", "cur_cfg").strip(), str(self.next_cfg()))
        # It is in the file: another daemon goes on with it.
        lines = self.lines()
        self.host.stop()
        self.host.start()
        self.assertEqual(self.lines(), lines)
        self.ctl("undo")
        self.assertEqual(self.states(), {})

    def test_what_is_in_the_way(self):
        """A later transaction and what it did, never a UUID."""
        db = {"db": self.host.path("conf.db")}
        self.ctl("add-master", "eno2", **db)
        self.ctl("add-slave", "eno2", "ns1/a", "mtu=1400", **db)
        self.ctl("set-slave", "a", "mtu=1300", **db)
        self.ctl("set-slave", "a", "mtu=1200", **db)
        self.ctl("del-slave", "a", **db)
        self.ctl("add-master", "eno3", **db)
        serials = [e["serial"] for e in json.loads(self.ctl("-f", "json", "history", **db))]
        eno3, gone, last, first, add, made = serials
        for serial, said in ((first, f"ns1/a was removed by transaction {gone} since; `ipvl-ctl undo {gone}` first"),
                             (add, f"ns1/a was removed by transaction {gone} since"),
                             (made, "it created the database")):
            self.assertIn(f"ipvl-ctl: transaction {serial} cannot be undone: {said}", self.refused("undo", serial, **db))
        self.ctl("undo", gone, **db)
        self.assertIn(f"ns1/a was added by transaction {eno3 + 1} since",
                      self.refused("undo", gone, **db))
        self.assertIn(f"ns1/a was added by transaction {eno3 + 1} since",
                      self.refused("undo", first, **db))
        self.assertTrue(last)

    def test_many_removed(self):
        """In the order of their names, the master first, however many."""
        db = {"db": self.host.path("conf.db")}
        words = [word for i in range(30) for word in ("--", "add-slave", "eno2", f"n{i}/a")]
        self.ctl("add-master", "eno2", *words, **db)
        self.ctl("del-master", "eno2", **db)
        self.assertEqual(self.ctl("history", 1, **db).splitlines()[1:],
                         ["      - eno2"] + [f"      - n{i}/a" for i in range(7)] + ["      and 23 more"])

    def test_warnings(self):
        """Only what is changed, and what a file declares, returns at the next apply."""
        self.host.start()
        path = self.host.write("lab.yaml", LAB)
        self.ctl("apply", "-f", path)
        for words in (["add-slave", "eno2", "ns9/x"], ["undo"], ["add", "Slave", "ipvl1", "addresses", "10.138.36.2/23"],
                      ["remove", "Slave", "ipvl1", "addresses", "10.9.9.9/23"], ["set-slave", "ipvl1", "mtu=[]"],
                      ["set", "Slave", "ipvl1", "external_ids:x=1"], ["undo"],
                      ["--may-exist", "add-master", "eno2", "mode=l2"], ["apply", "-f", path]):
            self.ctl(*words)
            self.assertEqual(self.said, "", words)
        self.ctl("set-slave", "ipvl1", "mtu=1400", "--", "set-slave", "ipvl2", "mtu=1400")
        self.assertEqual(self.said, f"ipvl-ctl: warning: {path} declares ns1/ipvl1, ns2/ipvl2: "
                                    "their values return at the next apply\n")
        self.ctl("del-slave", "ipvl1")
        self.assertEqual(self.said, f"ipvl-ctl: warning: {path} declares ns1/ipvl1: it returns at the next apply\n")
        self.ctl("del-master", "eno2")
        self.assertEqual(self.said, f"ipvl-ctl: warning: {path} declares eno2: it returns at the next apply\n")

    def test_declared(self):
        self.host.start()
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB.replace("mode: l2", "mode: l3")))
        self.assertEqual(self.ctl("undo"), "eno2 changed: mode l3 -> l2\n")
        self.assertRegex(self.said, r"warning: \S+/lab.yaml declares eno2: its values return at the next apply")

    def test_file(self):
        self.ctl("init", db=self.host.path("conf.db"))
        self.check(db=self.host.path("conf.db"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
