#!/usr/bin/python3
"""try, confirm and cancel: test_trial.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]"""
import contextlib
import fcntl
import json
import os
import pty
import signal
import sqlite3
import struct
import sys
import termios
import time
import unittest

from test_ctl import CTL, LAB, PATIENCE_S, SCHEMA, Case

# No test waits for its end.
LONG = "--timeout=100000"


class Terminal:
    """A command on a terminal of its own, as the leader of its session."""

    def __init__(self, host, *words):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execv(CTL, [CTL, f"--db=unix:{host.socket}", *words])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read(self):
        try:
            piece = os.read(self.fd, 65536)
        except OSError:  # EIO: its process has ended
            piece = b""
        self.text += piece.decode()
        return piece

    def until(self, text):
        while text not in self.text:
            if not self.read():
                raise AssertionError(f"no {text!r} in {self.text!r}")

    def type(self, keys):
        os.write(self.fd, keys)

    def end(self):
        """Its exit status."""
        while self.read():
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Trial(Case):
    def setUp(self):
        super().setUp()
        os.makedirs(self.host.path("yaml"))
        self.dir = os.path.realpath(self.host.path("yaml"))
        self.host.start()

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                self.fail(f"never: {what}\n{self.host.log()}")
            time.sleep(0.02)

    def build(self):
        self.ctl("add-master", "eno2", "mode=l2", "--", "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24")

    def mode(self):
        return self.ctl("get", "Master", "eno2", "mode").strip()

    def try_l3(self, *options):
        out = self.ctl("try", *options, "--", "set-master", "eno2", "mode=l3")
        self.assertRegex(out, r"\Aon trial until (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d: `ipvl-ctl confirm` keeps it, "
                              r"`ipvl-ctl cancel` goes back now\n\Z")
        self.assertEqual((self.mode(), self.states()), ("l3", {"ns1/a": "ready"}))

    def check_back(self, mode="l2"):
        self.until(lambda: self.mode() == mode, "it went back")
        self.ctl("wait-until", "Master", "eno2", "state=ready")
        self.assertEqual((self.rows("Trial"), self.states()), ([], {"ns1/a": "ready"}))
        self.ctl("status", "--check")

    def kill(self):
        self.host.process.kill()
        self.host.process.wait()
        self.host.stop()

    def pass_time(self):
        """While nothing runs."""
        with contextlib.closing(sqlite3.connect(self.host.path("conf.db"))) as db:
            self.assertEqual(db.execute('UPDATE "Trial" SET deadline = 1').rowcount, 1)
            db.commit()

    def said_of(self, *words, **more):
        return self.refused(*words, **more)[len("ipvl-ctl: "):]


class Ends(Trial):
    """Each end of a trial."""

    def setUp(self):
        super().setUp()
        self.build()

    def test_time(self):
        self.ctl("try", "--timeout=1", "--", "set-master", "eno2", "mode=l3")
        self.check_back()
        self.assertRegex(self.ctl("history", 1), r"ipvld\S*\n +\(took back transaction (\d+): not confirmed within 1 s\)\n"
                                                 r" +~ eno2 mode l3 -> l2\n\Z")
        self.assertRegex(self.host.log(), 'event=trial_taken_back transaction=\\d+ why="not confirmed within 1 s"')

    def test_confirm(self):
        self.try_l3(LONG)
        self.assertRegex(self.ctl("confirm"), r"\Atransaction \d+ is confirmed\n\Z")
        self.assertEqual((self.mode(), self.rows("Trial")), ("l3", []))
        self.until(lambda: "event=trial_confirmed" in self.host.log(), "an event")
        self.kill()
        self.host.start()
        self.assertEqual(self.mode(), "l3")
        # A confirmed change is undone as any other.
        self.assertEqual(self.ctl("undo"), "eno2 changed: mode l3 -> l2\n")

    def test_cancel(self):
        self.try_l3(LONG)
        self.assertRegex(self.ctl("cancel"), r"\Atransaction \d+ is taken back\n\Z")
        # It returns when that is applied.
        self.assertEqual((self.mode(), self.states()), ("l2", {"ns1/a": "ready"}))
        self.assertIn("cancelled by " + ("root" if not os.getuid() else f"uid {os.getuid()}"), self.ctl("history", 1))
        self.check_back()
        self.assertEqual(self.ctl("undo"), "eno2 changed: mode l2 -> l3\n")

    def test_rows_that_come_and_go(self):
        (before,) = self.rows("Slave")
        self.ctl("try", LONG, "--", "del-slave", "a", "--", "add-slave", "eno2", "ns2/b", "addresses=10.0.0.2/24", "--",
                 "add-master", "eno3")
        self.assertEqual(self.states(), {"ns2/b": "ready"})
        self.ctl("cancel")
        self.check_back()
        (after,) = self.rows("Slave")
        self.assertEqual((after["_uuid"], after["addresses"]), (before["_uuid"], before["addresses"]))
        self.assertEqual([r["name"] for r in self.rows("Master")], ["eno2"])

    def test_daemon_killed(self):
        """Its time goes on: the next ipvld knows it, and goes back."""
        self.try_l3(LONG)
        self.kill()
        self.host.start()
        self.assertEqual(self.mode(), "l3")
        self.assertIn(" is on trial for another ", self.ctl("status"))
        self.kill()
        self.pass_time()
        self.host.start()
        self.assertEqual(self.mode(), "l2")
        log = self.host.log()
        self.assertLess(log.index("event=trial_taken_back"), log.index("event=ready"), "before its first pass")
        self.check_back()

    def test_daemon_killed_in_time(self):
        self.ctl("try", "--timeout=1", "--", "set-master", "eno2", "mode=l3")
        self.kill()
        self.host.start()
        self.check_back()

    def test_killed_before_it_was_registered(self):
        """The row as a client wrote it: the history has the rest."""
        self.try_l3(LONG)
        self.kill()
        with contextlib.closing(sqlite3.connect(self.host.path("conf.db"))) as db:
            db.execute("UPDATE \"Trial\" SET timeout = 1, deadline = 0, serial = 0, who = ''")
            db.commit()
        self.host.start()
        self.check_back()

    def next_schema(self, edit):
        """A schema of a later ipvld: ours, edited. The file is converted to it at the start."""
        with open(SCHEMA, encoding="utf-8") as f:
            schema = json.load(f)
        schema["version"] = "9.0.0"
        edit(schema["tables"])
        return self.host.write("next.ovsschema", json.dumps(schema))

    def test_upgrade(self):
        """A later ipvld, whose schema has more, within the trial: it goes on, and can be taken back."""
        def edit(tables):
            tables["Slave"]["columns"]["later"] = {"type": "string"}
            tables["Later"] = {"columns": {"n": {"type": "integer"}}, "isRoot": True}

        schema = self.next_schema(edit)
        for end in "cancel", "time", "confirm":
            with self.subTest(end):
                self.host.stop()
                for name in os.listdir(self.host.dir):
                    if name.startswith("conf.db"):
                        os.unlink(self.host.path(name))
                self.host.start()
                self.build()
                self.try_l3(LONG)
                before = self.rows("Trial")
                self.kill()
                if end == "time":
                    self.pass_time()
                self.host.start(options=["--schema", schema])
                if end != "time":
                    self.assertEqual((self.mode(), self.rows("Trial")), ("l3", before))
                    self.assertIn("no other change is accepted", self.said_of("set-slave", "a", "mtu=1400"))
                    self.ctl(end)
                if end == "confirm":
                    self.assertEqual((self.mode(), self.rows("Trial")), ("l3", []))
                    self.ctl("undo")
                self.check_back()
                self.assertTrue(any(".backup-" in name for name in os.listdir(self.host.dir)), "it was converted")

    def test_upgrade_that_ends_the_history(self):
        """A schema that takes less: there is no way back, which is said, and nothing stays locked."""
        def edit(tables):
            tables["Slave"]["columns"]["alias"]["type"]["key"]["maxLength"] = 10

        self.try_l3(LONG)
        self.kill()
        self.pass_time()
        self.host.start(options=["--schema", self.next_schema(edit)])
        self.assertEqual((self.mode(), self.rows("Trial")), ("l3", []))
        self.assertIn("event=trial_not_taken_back", self.host.log())

    def test_clock_set_back(self):
        """A deadline that is far away is no reason to wait longer than the whole time."""
        self.try_l3(LONG)
        self.kill()
        with contextlib.closing(sqlite3.connect(self.host.path("conf.db"))) as db:
            db.execute('UPDATE "Trial" SET deadline = 9000000000000000, timeout = 1')
            db.commit()
        self.host.start()
        self.check_back()

    def test_history_lost(self):
        """Nothing to go back to: it stays, and the configuration is not locked for ever."""
        self.try_l3(LONG)
        self.kill()
        self.pass_time()
        with contextlib.closing(sqlite3.connect(self.host.path("conf.db"))) as db:
            db.execute("DELETE FROM _history")
            db.commit()
        self.host.start()
        self.assertEqual((self.mode(), self.rows("Trial")), ("l3", []))
        self.assertIn("event=trial_not_taken_back", self.host.log())
        self.ctl("set-master", "eno2", "mode=l2")


class Locked(Trial):
    """While a change is on trial there is no other."""

    def setUp(self):
        super().setUp()
        self.build()
        self.try_l3(LONG)

    def test_refused(self):
        path = self.host.write("lab.yaml", LAB.replace("eno2", "eno3"))
        for words in (["set-slave", "a", "mtu=1400"], ["add-master", "eno3"], ["apply", "-f", path], ["undo"],
                      ["set", "Host", ".", "external_ids:x=1"], ["repair", "eno2"], ["del-slave", "a"],
                      ["try", "-f", path], ["--dry-run", "set-slave", "a", "mtu=1400"], ["confirm", "--", "set-slave", "a", "mtu=1400"]):
            said = self.said_of(*words)
            self.assertRegex(said, r"a change by \S+( \d+)? \(transaction \d+\) is on trial for another \d+ s: no other change is "
                                   r"accepted; `ipvl-ctl confirm` keeps it, `ipvl-ctl cancel` goes back\n"
                                   r"nothing was changed\n\Z", words)
        self.assertEqual(self.mode(), "l3")
        # What changes nothing works, and so does the daemon.
        self.ctl("set-slave", "a", "addresses=10.0.0.2/24")
        self.ctl("show")
        self.ctl("confirm")
        self.ctl("set-slave", "a", "mtu=1400")

    def test_reload(self):
        """It is not read, by whichever way, and is when the trial ends."""
        self.host.write("yaml/10.yaml", LAB.replace("eno2", "eno3"))
        said = self.said_of("reload")
        self.assertEqual(said, f"{self.dir}: not read while a change is on trial: it will be when `ipvl-ctl confirm` "
                               "or `ipvl-ctl cancel` ends that\n")
        self.host.process.send_signal(signal.SIGHUP)
        self.assertIn("not read while", self.ctl("status"))
        self.kill()
        self.host.start()
        self.assertEqual([r["name"] for r in self.rows("Master")], ["eno2"])
        self.ctl("confirm")
        self.until(lambda: len(self.rows("Master")) == 2, "the file is applied")
        self.assertNotIn("not read", self.ctl("status"))

    def test_shown(self):
        for command in "show", "status":
            self.assertRegex(self.ctl(command), r"\na change by \S+( \d+)? \(transaction \d+\) is on trial for another \d+ s: "
                                                r"`ipvl-ctl confirm` keeps it, `ipvl-ctl cancel` goes back\n")
        (trial,) = self.rows("Trial")
        told = json.loads(self.ctl("-f", "json", "status"))["trial"]
        self.assertEqual((told["transaction"], told["who"]), (trial["serial"], trial["who"]))
        self.assertLess(99000, told["seconds_left"])
        self.assertLess(0, trial["deadline"] - 1000 * trial["timeout"])
        self.ctl("cancel")
        self.assertNotIn("on trial", self.ctl("show") + self.ctl("status"))
        self.assertIsNone(json.loads(self.ctl("-f", "json", "status"))["trial"])

    def test_offline(self):
        """The file is locked, too; a change can be confirmed in it."""
        self.kill()
        db = {"db": self.host.path("conf.db")}
        self.assertIn("is on trial for another", self.said_of("set-slave", "a", "mtu=1400", **db))
        self.assertIn("is on trial for another", self.ctl("show", **db))
        self.assertIn("cancel needs a running daemon", self.said_of("cancel", **db))
        self.ctl("confirm", **db)
        self.ctl("set-slave", "a", "mtu=1400", **db)
        self.host.start()
        self.assertEqual(self.mode(), "l3")


class Words(Trial):
    """Options, and what is refused."""

    def test_refusals(self):
        for command in "confirm", "cancel":
            self.assertEqual(self.said_of(command), "no change is on trial; `ipvl-ctl history` says whether it was "
                                                    "confirmed or taken back\nnothing was changed\n")
        self.build()
        for words, said in ((["try", "--timeout=0", "--", "set-master", "eno2", "mode=l3"], "give a whole number of seconds"),
                            (["try", "-f", "none.yaml"], "cannot read none.yaml"),
                            (["try", "a", "b"], "cannot read a"),
                            (["try", "-f", "-", "-"], "standard input (-) is given twice"),
                            (["cancel", "x"], "cancel: too many arguments"),
                            (["cancel", "--", "confirm"], "cancel cannot be combined with other commands"),
                            (["confirm", "--if-exists"], "option --if-exists is not valid for confirm"),
                            (["--dry-run", "cancel"], "cancel does not support --dry-run"),
                            (["try", "--", "set-master", "eno2", "mode=l9"], "l9"),
                            (["try", "--strict", "--", "add-master", "eno9"], "waiting for eno9"),
                            (["create", "Trial", "timeout=60"], "a row of Trial without a change of the configuration"),
                            (["create", "Trial", "timeout=60", "who=me", "--", "set-master", "eno2", "mode=l3"],
                             "Trial.who is written by ipvld only"),
                            (["set", "Host", ".", "withheld:x=y"], "Host.withheld is written by ipvld only")):
            self.assertIn(said, self.refused(*words), words)
        self.assertIn("try needs a running daemon", self.refused("try", "--", "init", db=self.host.path("new.db")))
        self.assertEqual((self.mode(), self.rows("Trial")), ("l2", []))

    def test_nothing_to_try(self):
        self.build()
        self.assertEqual(self.ctl("try", "--", "set-master", "eno2", "mode=l2"), "")
        self.assertEqual(self.ctl("try"), "nothing to change\n")
        self.assertEqual(self.rows("Trial"), [])

    def test_dry_run(self):
        self.build()
        self.assertIn("mode l2 -> l3", self.ctl("--dry-run", "try", "--", "set-master", "eno2", "mode=l3"))
        self.assertEqual((self.mode(), self.rows("Trial")), ("l2", []))

    def test_default_time(self):
        self.build()
        self.try_l3()
        self.assertEqual(self.rows("Trial")[0]["timeout"], 120)

    def test_formats(self):
        """What a program reads stays what it is: the rest goes to standard error."""
        self.build()
        out = self.ctl("-f", "json", "try", "-f", self.host.write("lab.yaml", LAB.replace("eno2", "eno3")), LONG)
        json.loads(out)
        self.assertIn("on trial until", self.said)
        self.assertEqual(self.ctl("-f", "json", "cancel"), "")

    def test_another_client(self):
        """The row of Trial is all that it takes."""
        self.build()
        self.ctl("create", "Trial", "timeout=100000", "--", "set-master", "eno2", "mode=l3")
        self.until(lambda: self.rows("Trial")[0]["serial"], "it is registered")
        self.ctl("cancel")
        self.check_back()
        self.ctl("create", "Trial", "timeout=100000", "--", "set-master", "eno2", "mode=l3")
        self.ctl("destroy", "Trial", "--all")
        self.assertEqual((self.mode(), self.rows("Trial")), ("l3", []))

    def test_waiting_rows(self):
        """What is not ready is said, and is on trial all the same."""
        self.build()
        self.ctl("try", LONG, "--", "add-slave", "eno2", "lab7/eth0", status=1)
        self.assertIn("lab7/eth0 is in conflict", self.said)
        self.assertEqual(len(self.rows("Trial")), 1)
        self.ctl("cancel")
        self.check_back()


class Files(Trial):
    """A file of the config-dir that was taken back is not brought in again by a reload or a boot."""

    def setUp(self):
        super().setUp()
        self.path = os.path.realpath(self.host.write("yaml/10.yaml", LAB))
        self.ctl("reload")
        self.host.write("yaml/10.yaml", LAB.replace("l2", "l3"))

    def check_withheld(self, status=1):
        self.assertEqual(self.mode(), "l2")
        self.assertIn(f"configuration error: {self.path}: not read: it is the version that was on trial, and was taken "
                      f"back; edit it, or `ipvl-ctl apply -f {self.path}`\n", self.ctl("status"))
        self.ctl("reload", status=status)
        self.assertEqual(self.mode(), "l2")
        self.kill()
        self.host.start()
        self.assertEqual(self.mode(), "l2")

    def test_edited(self):
        self.ctl("try", LONG, "-f", self.path)
        self.assertEqual(self.mode(), "l3")
        self.ctl("cancel")
        self.check_withheld()
        self.host.write("yaml/20.yaml", LAB.replace("eno2", "eno3").replace("ns1", "ms1").replace("ns2", "ms2"))
        self.ctl("reload", status=1)
        self.assertEqual(len(self.rows("Master")), 2, "the other files are read")
        self.host.write("yaml/10.yaml", LAB.replace("l2", "l3s"))
        self.ctl("reload")
        self.assertEqual(self.mode(), "l3s")
        self.assertEqual(self.rows("Host")[0]["withheld"], {})
        self.assertNotIn("yaml", self.ctl("status"))

    def test_applied(self):
        """By hand it is applied all the same."""
        self.ctl("try", "--timeout=1")
        self.until(lambda: self.mode() == "l2", "it went back")
        self.check_withheld()
        self.ctl("apply", "-f", self.path)
        self.assertEqual(self.mode(), "l3")
        self.until(lambda: "yaml" not in self.ctl("status"), "the complaint ends")
        self.ctl("reload")
        self.kill()
        self.host.start()
        self.assertEqual(self.mode(), "l3")

    def test_boot(self):
        """The time passes while the machine is off: what it boots with is the old state."""
        self.ctl("try", LONG)
        self.kill()
        self.pass_time()
        self.host.start()
        self.check_withheld()

    def test_confirmed(self):
        self.ctl("try", LONG)
        self.kill()
        self.host.start()
        self.assertEqual(self.mode(), "l3")
        self.ctl("confirm")
        self.ctl("reload")
        self.assertEqual(self.mode(), "l3")
        self.assertEqual(self.rows("Host")[0]["withheld"], {})

    def test_removed(self):
        os.unlink(self.path)
        self.ctl("try", LONG)
        self.assertEqual(self.rows("Master"), [])
        self.ctl("cancel")
        self.assertEqual(self.mode(), "l2")
        self.ctl("reload", status=1)
        self.assertEqual(self.said, f"ipvl-ctl: {self.path}: its rows stay although it is gone: that was on trial, and was "
                                    f"taken back; `ipvl-ctl forget {self.path}` removes them\n")
        self.kill()
        self.host.start()
        self.assertEqual(self.mode(), "l2")
        self.ctl("forget", self.path)
        self.ctl("reload")
        self.assertEqual(self.rows("Master"), [])

    def test_outside(self):
        """Only the config-dir is read by itself."""
        other = self.host.write("other.yaml", LAB.replace("eno2", "eno3").replace("ns1", "ms1").replace("ns2", "ms2"))
        self.ctl("try", LONG, "-f", other)
        self.ctl("cancel")
        self.assertEqual(self.rows("Host")[0]["withheld"], {})
        self.ctl("status", "--check")


class Asked(Trial):
    """On a terminal it asks."""

    def setUp(self):
        super().setUp()
        self.build()

    def ask(self):
        terminal = Terminal(self.host, "try", LONG, "--", "set-master", "eno2", "mode=l3")
        terminal.until("Enter keeps it, Ctrl-C goes back; it goes back in ")
        return terminal

    def test_enter(self):
        for keys in b"\n", b"yes\n", b"what?\n\n":
            self.ctl("set-master", "eno2", "mode=l2")
            terminal = self.ask()
            terminal.type(keys)
            self.assertEqual(terminal.end(), 0, terminal.text)
            self.assertRegex(terminal.text, r"\ntransaction \d+ is confirmed\r\n\Z|K\S*transaction \d+ is confirmed\r\n\Z")
            self.assertEqual((self.mode(), self.rows("Trial")), ("l3", []))

    def test_interrupt(self):
        for keys in b"\x03", b"no\n":
            terminal = self.ask()
            terminal.type(keys)
            self.assertEqual(terminal.end(), 1, terminal.text)
            self.assertRegex(terminal.text, r"transaction \d+ is taken back\r\n\Z")
            self.check_back()

    def test_end_of_input(self):
        terminal = self.ask()
        terminal.type(b"\x04")
        self.assertEqual(terminal.end(), 0, terminal.text)
        self.assertRegex(terminal.text, "on trial until .*: `ipvl-ctl confirm` keeps it")
        self.ctl("cancel")
        self.check_back()

    def test_killed(self):
        """The ctl, or the terminal with the connection over which it came."""
        for how in "kill", "hangup":
            terminal = self.ask()
            if how == "kill":
                os.kill(terminal.pid, signal.SIGKILL)
                self.assertEqual(terminal.end(), -signal.SIGKILL)
            else:
                os.close(terminal.fd)
                os.waitpid(terminal.pid, 0)
            self.assertEqual((self.mode(), len(self.rows("Trial"))), ("l3", 1))
            self.kill()
            self.pass_time()
            self.host.start()
            self.check_back()

    def test_ended_by_others(self):
        terminal = self.ask()
        self.ctl("confirm")
        self.assertEqual(terminal.end(), 0, terminal.text)
        self.assertIn("the change was confirmed by ", terminal.text)
        self.ctl("set-master", "eno2", "mode=l2")
        terminal = self.ask()
        self.ctl("cancel")
        self.assertEqual(terminal.end(), 1, terminal.text)
        self.assertRegex(terminal.text, r"ipvl-ctl: took back transaction \d+: cancelled by ")

    def test_time(self):
        terminal = Terminal(self.host, "try", "--timeout=1", "--", "set-master", "eno2", "mode=l3")
        terminal.until("not confirmed within 1 s\r\n")
        self.assertEqual(terminal.end(), 1, terminal.text)
        self.assertRegex(terminal.text, r"ipvl-ctl: took back transaction \d+: not confirmed within 1 s\r\n\Z")
        self.check_back()

    def test_daemon_dies(self):
        terminal = self.ask()
        self.kill()
        self.assertEqual(terminal.end(), 1, terminal.text)
        self.assertIn("lost the connection to ipvld\r\n", terminal.text)
        self.assertRegex(terminal.text, "on trial until .*: `ipvl-ctl confirm` keeps it")
        self.pass_time()
        self.host.start()
        self.check_back()


class Past(Case):
    """history -p and show --at, with a daemon and without."""

    def build(self, **more):
        self.ctl("add-master", "eno2", "mode=l2", **more)
        self.ctl("add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24", "nameservers=10.3.3.3", **more)
        self.ctl("set-master", "eno2", "mode=l3", "--", "set-slave", "a", "addresses=10.0.0.9/24", "mtu=1400",
                 "sysctl:ipv4.arp_announce=2", **more)
        self.ctl("set-slave", "a", "sysctl:ipv4.arp_announce=1", **more)
        self.ctl("del-slave", "a", "--", "set", "Host", ".", "external_ids:x=1", **more)

    def check(self, **more):
        self.build(**more)
        serials = [e["serial"] for e in json.loads(self.ctl("-f", "json", "history", **more))]
        gone, sysctl, change, slave, master = serials
        self.check_patches(**more)
        self.check_views(gone, sysctl, change, slave, master, **more)

    def check_patches(self, **more):
        lines = [line for line in self.ctl("history", "-p", **more).splitlines() if line.startswith("      ")]
        self.assertEqual(lines, [
            "      ~ Host",
            "          + external_ids x=1",
            "      - ns1/a",
            "          - addresses 10.0.0.9/24",
            "          - addressing static",
            "          - enabled true",
            "          - mtu 1400",
            "          - name a",
            "          - nameservers 10.3.3.3",
            "          - netns ns1",
            "          - sysctl ipv4.arp_announce=1",
            "      ~ ns1/a",
            "          - sysctl ipv4.arp_announce=2",
            "          + sysctl ipv4.arp_announce=1",
            "      ~ eno2",
            "          - mode l2",
            "          + mode l3",
            "      ~ ns1/a",
            "          - addresses 10.0.0.2/24",
            "          + addresses 10.0.0.9/24",
            "          + mtu 1400",
            "          + sysctl ipv4.arp_announce=2",
            "      + ns1/a",
            "          + addresses 10.0.0.2/24",
            "          + addressing static",
            "          + enabled true",
            "          + name a",
            "          + nameservers 10.3.3.3",
            "          + netns ns1",
            "      + eno2",
            "          + flag bridge",
            "          + mode l2",
            "          + name eno2"])
        self.assertEqual(self.ctl("history", "--patch", 1, **more), self.ctl("-p", "history", 1, **more))
        self.assertEqual(self.ctl("history", "-p", 1, **more).count("~"), 1)
        self.assertEqual(self.refused("-f", "csv", "history", "-p", **more),
                         "ipvl-ctl: --patch is for plain text; leave it out: --format=json has all values\n")
        self.assertIn("option --patch is not valid for show", self.refused("show", "-p", **more))

    def check_views(self, gone, sysctl, change, slave, master, **more):
        def at(serial, *words):
            heading, rest = self.ctl("show", f"--at={serial}", *words, **more).split("\n", 1)
            self.assertRegex(heading, rf"\Aas of transaction {serial}, \d{{4}}-\S+ \S+, \S+( \d+)?: ipvl-ctl \S+\Z")
            return rest.splitlines()[:2]  # and more of the slave
        before = self.ctl("-f", "json", "list", "Master", **more)
        self.assertEqual(at(master), ["eno2   l2 bridge   no slaves"])
        self.assertEqual(at(slave), ["eno2   l2 bridge   1 slave", "  ns1/a   10.0.0.2/24"])
        for serial in change, sysctl:
            self.assertEqual(at(serial), ["eno2   l3 bridge   1 slave", "  ns1/a   10.0.0.9/24"])
        self.assertEqual(at(gone), ["eno2   l3 bridge   no slaves"])
        self.assertIn("10.0.0.2/24", at(slave, "ns1/a")[1])
        self.assertIn("no such master or slave: ns1/a", self.refused("show", f"--at={master}", "ns1/a", **more))
        told = json.loads(self.ctl("-f", "json", "show", f"--at={slave}", **more))
        self.assertEqual((told[0]["state"], told[0]["slaves"][0]["addresses"]), ("", ["10.0.0.2/24"]))
        for number, said in ((99, "the history has no transaction 99; see `ipvl-ctl history`"),
                             (0, "--at=0: give the number of a transaction; see `ipvl-ctl history`"),
                             ("x", "--at=x: give the number of a transaction; see `ipvl-ctl history`")):
            self.assertEqual(self.refused("show", f"--at={number}", **more), f"ipvl-ctl: {said}\n")
        self.assertEqual(self.ctl("-f", "json", "list", "Master", **more), before, "it only shows")

    def test_file(self):
        db = self.host.path("conf.db")
        self.ctl("init", db=db)
        self.check(db=db)

    def test_online(self):
        self.host.start()
        self.check()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
