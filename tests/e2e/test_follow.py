#!/usr/bin/python3
"""What goes on: `watch`, `drift --follow`, and the progress of long work, on a terminal and elsewhere.
test_follow.py IPVL-CTL IPVLD-LAB SCHEMA OVSDB-LITE [unittest's arguments]"""
import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import unicodedata
import unittest

from test_ctl import CTL, LAB, PATIENCE_S, SCHEMA, Case

OVSDB_LITE = os.path.abspath(sys.argv[4])
SGR = re.compile(r"\033\[[0-9;]*m")
LINE = r"^\d\d:\d\d:\d\d  "


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in line)


class Follower:
    """An ipvl-ctl that goes on, and what it has written so far. With 'columns' its standard output and error are
    a terminal, which is also the one that controls it."""

    def __init__(self, case, *words, columns=0, rows=24, env=()):
        self.texts = {"out": "", "err": ""}
        self.case = case
        environ = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "TERM", "NO_COLOR")}
        command = [CTL, "--db=unix:" + case.host.socket, "--schema=" + SCHEMA, *map(str, words)]
        self.terminal = None
        if columns:
            try:
                self.terminal, slave = pty.openpty()
            except OSError as e:
                case.skipTest(f"no pseudo-terminal: {e}")
            self.resize(columns, rows)
            self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                                            cwd=case.host.dir, env={**environ, "TERM": "xterm", **dict(env)})
            os.close(slave)
            ends = [(self.terminal, "out")]
        else:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, cwd=case.host.dir, env={**environ, **dict(env)})
            ends = [(self.process.stdout.fileno(), "out"), (self.process.stderr.fileno(), "err")]
        self.threads = [threading.Thread(target=self.read, args=end, daemon=True) for end in ends]
        for thread in self.threads:
            thread.start()
        case.addCleanup(self.remove)

    def read(self, fd, name):
        rest = b""
        while True:
            try:
                piece = os.read(fd, 65536)
            except OSError:  # EIO: nobody writes to the terminal any more
                piece = b""
            if not piece:
                return
            text = rest + piece
            good = text.decode(errors="ignore")
            rest = text[len(good.encode()):]
            self.texts[name] += good

    def resize(self, columns, rows=24):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, condition, what):
        end = time.monotonic() + PATIENCE_S
        while not condition():
            self.case.assertLess(time.monotonic(), end, f"{what}\n{self.texts}")
            time.sleep(0.02)

    def until_said(self, text, name="err"):
        self.until(lambda: text in self.texts[name], text)

    def lines(self):
        return self.texts["out"].splitlines()

    def until_line(self, pattern):
        self.until(lambda: any(re.search(pattern, line) for line in self.lines()), pattern)

    def picture(self):
        """The lines on the terminal, without colours; the last one is complete."""
        text = self.texts["out"].split("\033[?1049l")[0]
        pictures = [p.split("\033[J")[0] for p in text.split("\033[H")[1:] if "\033[J" in p]
        return SGR.sub("", pictures[-1]).replace("\033[K", "").split("\r\n")[:-1] if pictures else []

    def until_picture(self, pattern):
        self.until(lambda: any(re.search(pattern, line) for line in self.picture()), pattern)

    def end(self, number=signal.SIGINT):
        """By a signal; Ctrl-C of a terminal. Returns the exit status."""
        if self.terminal and number == signal.SIGINT:
            os.write(self.terminal, b"\x03")
        else:
            self.process.send_signal(number)
        return self.status()

    def status(self):
        status = self.process.wait(PATIENCE_S)
        for thread in self.threads:
            thread.join(PATIENCE_S)
        return status

    def remove(self):
        if self.process.poll() is None:
            self.process.kill()
        self.status()
        if self.terminal is not None:
            os.close(self.terminal)
        else:
            self.process.stdout.close()
            self.process.stderr.close()


class Lines(Case):
    """`watch` into a pipe: one line for each change."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))

    def watch(self, *words, **more):
        f = Follower(self, *words, **more)
        f.until_said("; Ctrl-C ends\n")
        return f

    def test_each_change(self):
        f = self.watch("watch")
        self.assertEqual(f.texts, {"out": "", "err": "ipvl-ctl: watching 3 rows; Ctrl-C ends\n"})
        self.ctl("set-slave", "ipvl1", "mtu=1400", "addresses=10.138.36.9/23")
        f.until_line(LINE + r"ns1/ipvl1  addresses -10\.138\.36\.2/23 \+10\.138\.36\.9/23, mtu none -> 1400")
        self.ctl("set-master", "eno2", "mode=l3")
        f.until_line(LINE + "eno2       mode l2 -> l3")
        self.ctl("add-slave", "eno2", "lab7/eth0", "addresses=10.138.36.4/23", status=1)
        f.until_line(LINE + "lab7/eth0  added: 10.138.36.4/23")
        f.until_line(LINE + "lab7/eth0  .*conflict: lab7 already has a veth called eth0")
        self.ctl("del-slave", "lab7/eth0")
        f.until_line(LINE + "lab7/eth0  removed$")
        for line in f.lines():
            self.assertRegex(line, LINE + r"\S+ +\S")
        self.assertEqual(f.end(), 0)

    def test_words(self):
        """Only what is named; of an object that is gone, what comes back."""
        f = self.watch("watch", "ns1/ipvl1")
        self.ctl("set-slave", "ipvl2", "mtu=1300")
        self.ctl("del-slave", "ipvl1")
        f.until_line("ns1/ipvl1  removed$")
        self.ctl("undo")
        f.until_line("ns1/ipvl1  added: 10.138.36.2/23, default on-link$")
        self.assertNotIn("ipvl2", f.texts["out"])
        self.assertEqual(f.end(signal.SIGTERM), 0)

    def test_json(self):
        f = self.watch("-f", "json", "watch", "ns2/")
        self.ctl("set-slave", "ipvl2", "mtu=1300")
        f.until_said('"mtu"', "out")
        self.ctl("del-slave", "ipvl2")
        f.until_said('"removed"', "out")
        self.assertEqual(f.end(), 0)
        told = [json.loads(line) for line in f.lines()]
        self.assertEqual({t["object"] for t in told}, {"ns2/ipvl2"})
        self.assertEqual([t["columns"]["mtu"] for t in told if "mtu" in t["columns"]], [[None, 1300]])
        self.assertEqual(told[-1]["change"], "removed")

    def restart(self, how):
        f = self.watch("watch")
        how()
        f.until_said("ipvl-ctl: lost the connection to ipvld; connecting again\n")
        self.host.stop()
        self.host.start()
        f.until_said("ipvl-ctl: connected to ipvld again\n")
        self.assertEqual(f.texts["err"].count("connecting again"), 1)
        self.ctl("set-slave", "ipvl1", "mtu=1400")
        f.until_line("ns1/ipvl1  mtu none -> 1400")
        self.assertEqual(f.end(), 0)

    def test_restart(self):
        self.restart(self.host.stop)

    def test_killed(self):
        self.restart(lambda: self.host.process.kill())

    def test_missed(self):
        """What changed while there was no connection is one line, too."""
        f = self.watch("watch")
        self.host.stop()
        f.until_said("connecting again\n")
        self.ctl("set-slave", "ipvl1", "mtu=1400", db=self.host.path("conf.db"))
        self.host.start()
        f.until_line("ns1/ipvl1  mtu none -> 1400")
        self.assertEqual(f.end(), 0)

    def test_timeout(self):
        f = Follower(self, "-t", 1, "watch")
        self.assertEqual(f.status(), 0)
        self.assertEqual(f.texts["out"], "")

    def test_closed_pipe(self):
        read_end, write_end = os.pipe()
        p = subprocess.Popen([CTL, "--db=unix:" + self.host.socket, "watch"], stdout=write_end,
                             stderr=subprocess.PIPE, text=True)
        os.close(write_end)
        self.assertIn("watching", p.stderr.readline())
        os.close(read_end)
        self.ctl("set-slave", "ipvl1", "mtu=1400")
        self.assertEqual(p.wait(PATIENCE_S), 0)
        p.stderr.close()

    def test_refusals(self):
        self.assertEqual(self.refused("watch", "ns1/ipvl9"),
                         "ipvl-ctl: no such master or slave: ns1/ipvl9; did you mean ns1/ipvl1?\n")
        self.assertEqual(self.refused("drift", "--follow", "ipvl9"),
                         "ipvl-ctl: no such master or slave: ipvl9; `ipvl-ctl drift` lists that of all objects\n")
        for words in ["watch"], ["drift", "--follow"]:
            name = " ".join(words)
            for form in "csv", "yaml", "list":
                self.assertEqual(self.refused("-f", form, *words),
                                 f"ipvl-ctl: {name} has two formats, plain text and json; leave out --format={form}\n")
            self.assertIn("cannot be combined with other commands", self.refused("show", "--", *words))
            self.ctl("init", db=self.host.path("new.db"))
            self.assertRegex(self.refused(*words, db=self.host.path("new.db")), "is a database file")
            self.assertIn("cannot connect to ipvld", self.refused(*words, db="unix:" + self.host.path("none")))
        self.assertIn("option --follow is not valid for show", self.refused("show", "--follow"))


class Picture(Case):
    """`watch` on a terminal: the picture of `show`, drawn again."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))

    def watch(self, *words, columns=80, **more):
        f = Follower(self, "watch", *words, columns=columns, **more)
        f.until_picture("ns2/ipvl2.*ready")
        return f

    def check_width(self, f, columns=80):
        for line in f.picture():
            self.assertLessEqual(width(line), columns, line)

    def test_picture(self):
        f = self.watch(columns=120)
        self.assertRegex(f.picture()[0], r"^as of \d\d:\d\d:\d\d; Ctrl-C ends$")
        # Nothing is marked before something changes.
        self.assertEqual([line for line in f.picture()[1:] if not line.startswith("  ")], [])
        shown = self.ctl("show").splitlines()
        self.assertEqual([line.split() for line in f.picture()[1:]], [line.split() for line in shown])
        self.ctl("set-slave", "ipvl1", "addresses=10.138.36.77/23")
        f.until_picture(r"^\*   ns1/ipvl1 +10\.138\.36\.77/23 .*ready$")
        f.until(lambda: not any(line.startswith("*") and "ipvl2" in line for line in f.picture()), "ipvl2 is the same")
        self.check_width(f, 120)
        self.assertEqual(f.end(), 0)
        # The terminal is given back, with the cursor and the last picture.
        rest = f.texts["out"].split("\033[?25h\033[?1049l")[1].replace("\r\n", "\n")
        self.assertIn("10.138.36.77/23", rest)
        self.assertNotIn("\033[H", rest)

    def test_width(self):
        f = self.watch(columns=120)
        for columns in 80, 50:
            f.resize(columns)
            f.until(lambda: f.picture() and max(map(width, f.picture())) <= columns, f"a picture of {columns} columns")
            self.assertFalse([line for line in f.picture() if line.startswith("*")])
        self.assertEqual(f.end(), 0)

    def test_height(self):
        f = self.watch(rows=24)
        f.resize(80, 4)
        f.until_picture(r"^  … \d+ more lines$")
        self.assertLessEqual(len(f.picture()), 4)
        self.assertEqual(f.end(), 0)

    def test_restart(self):
        f = self.watch()
        self.host.process.kill()
        f.until_picture("^lost the connection to ipvld; connecting again$")
        self.host.stop()
        self.host.start()
        f.until_said("connected to ipvld again", "out")
        self.ctl("set-slave", "ipvl1", "mtu=1400")
        f.until_picture("mtu 1400")
        self.assertEqual(f.end(signal.SIGTERM), 0)

    def test_no_color(self):
        f = self.watch(env={"NO_COLOR": "1"})
        self.ctl("set-slave", "ipvl1", "mtu=1400")
        f.until_picture("mtu 1400")
        self.assertIsNone(SGR.search(f.texts["out"]))
        self.assertEqual(f.end(), 0)

    def test_dumb(self):
        """A terminal that cannot be drawn on gets lines."""
        f = Follower(self, "watch", columns=80, env={"TERM": "dumb"})
        f.until_said("Ctrl-C ends", "out")
        self.ctl("set-slave", "ipvl1", "mtu=1400")
        f.until_said("mtu none -> 1400", "out")
        self.assertNotIn("\033[H", f.texts["out"])
        self.assertEqual(f.end(), 0)


class Top(Case):
    """`top`: rates, the busiest first. lab.c adds 1000 packets in and 10 out at each reading, whose bytes are the
    length of the device's name."""

    ROW = r"^(\S+) +([\d.]+)(k?) +([\d.]+)(k?) +([\d.]+)(k?) +([\d.]+)(k?) +0$"

    def setUp(self):
        super().setUp()
        self.host.start()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", "--", "add-slave", "eno2", "ns2/longer")

    def test_lines(self):
        f = Follower(self, "top")
        f.until(lambda: f.texts["out"].count("object") >= 2, "two measurements")
        self.assertEqual(f.end(), 0)
        heading, *rows = f.lines()[:4]
        self.assertEqual(heading.split(), "object rx B/s rx pkt/s tx B/s tx pkt/s drop/s".split())
        told = [re.match(self.ROW, row) for row in rows]
        self.assertEqual([m and m[1] for m in told], ["ns2/longer", "eno2", "ns1/a"], rows)
        self.assertEqual(max(map(width, f.lines())), width(heading))

    def test_json(self):
        f = Follower(self, "-f", "json", "top", "ns1/", "ns2/longer")
        f.until_said("\n", "out")
        self.assertEqual(f.end(signal.SIGTERM), 0)
        told = json.loads(f.lines()[0])["per_second"]
        self.assertEqual([t["object"] for t in told], ["ns2/longer", "ns1/a"])
        self.assertAlmostEqual(told[0]["rx_bytes"], 6 * told[0]["rx_packets"], 3)
        self.assertAlmostEqual(told[0]["rx_packets"], 100 * told[0]["tx_packets"], 3)
        self.assertEqual(told[0]["tx_dropped"], 0)

    def test_picture(self):
        f = Follower(self, "top", columns=80)
        f.until_picture(r"^..ns2/longer ")
        self.host.process.kill()
        f.until_picture("^lost the connection to ipvld; connecting again$")
        self.host.stop()
        self.host.start()
        f.until_picture("^as of ")
        f.until_picture(r"^..ns2/longer ")
        self.assertLessEqual(max(map(width, f.picture())), 80)
        self.assertEqual(f.end(), 0)

    def test_refusals(self):
        self.assertIn("no such master or slave: ns1/b; did you mean ns1/a?", self.refused("top", "ns1/b"))
        self.assertIn("top has two formats", self.refused("-f", "csv", "top"))
        self.ctl("init", db=self.host.path("new.db"))
        self.assertIn("is a database file", self.refused("top", db=self.host.path("new.db")))


class Plain(Case):
    """An OVSDB server without ipvld: the test writes what the daemon would."""

    def setUp(self):
        super().setUp()
        subprocess.run([OVSDB_LITE, "create", self.host.path("plain.db"), SCHEMA], check=True)
        self.server = subprocess.Popen([OVSDB_LITE, "server", "--remote=punix:" + self.host.socket,
                                        self.host.path("plain.db")], stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        end = time.monotonic() + PATIENCE_S
        while not os.path.exists(self.host.socket):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def stop(self):
        self.server.terminate()
        self.server.wait(PATIENCE_S)

    def transact(self, *operations):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.host.socket)
            s.sendall(json.dumps({"id": 1, "method": "transact", "params": ["ipvl", *operations]}).encode())
            text, reply = b"", None
            while reply is None:
                text += s.recv(65536)
                try:
                    reply = json.loads(text)
                except ValueError:
                    pass
        self.assertFalse([r for r in reply["result"] if r and "error" in r], reply)
        return reply["result"]

    def insert_drift(self, **columns):
        self.transact({"op": "insert", "table": "Drift", "row": columns})


class Drift(Plain):
    """`drift --follow`."""

    def drift(self, found, time_ms, **more):
        self.insert_drift(object="ns1/a", found=found, done="made again", took_ms=5, time=time_ms, actor="`ip`", **more)

    def test_lines(self):
        self.ctl("--no-wait", "add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", "--", "add-slave", "eno2", "b")
        self.drift("deleted", 1000)
        f = Follower(self, "drift", "--follow", "a")
        f.until_line(r" ns1/a  deleted by `ip`  made again after 5 ms$")
        self.insert_drift(object="b", found="set down", done="left as it is", time=2000)
        self.drift("renamed", 3000)
        f.until_line(r" ns1/a  renamed by `ip`  made again after 5 ms$")
        # The same again is counted in its row.
        self.transact({"op": "update", "table": "Drift", "where": [["found", "==", "renamed"]],
                       "row": {"count": 4, "time": 4000}})
        f.until_line(r" ns1/a  renamed by `ip`  made again after 5 ms \(4 times in a row\)$")
        self.assertEqual(len(f.lines()), 3)
        self.assertEqual(f.end(), 0)

    def test_json(self):
        f = Follower(self, "-f", "json", "drift", "--follow")
        f.until_said("no drift so far; waiting for it, Ctrl-C ends\n")
        self.drift("deleted", 1000, count=2)
        f.until_said("\n", "out")
        self.assertEqual(f.end(), 0)
        self.assertEqual([json.loads(line) for line in f.lines()],
                         [{"time": 1000, "object": "ns1/a", "found": "deleted", "actor": "`ip`", "done": "made again",
                           "took_ms": 5, "count": 2}])


class Foreign(Plain):
    """A server without ipvld's methods."""

    def test_statistics(self):
        self.ctl("--no-wait", "add-master", "eno2")
        for words in ["top"], ["list-slaves", "--stats"]:
            self.assertIn("has no method ipvl_statistics; connect to an ipvld that has it", self.refused(*words))


class Progress(Plain):
    """Of a change of many rows, while the daemon works on it."""

    N = 40

    def begin(self, **more):
        words = [w for i in range(self.N) for w in ("--", "add-slave", "eno2", f"n{i}/a")]
        return Follower(self, "-t", int(PATIENCE_S), "add-master", "eno2", *words, **more)

    def set_state(self, table, state, names=None):
        where = [["netns", "==", name] for name in names] if names else [None]
        self.transact(*({"op": "update", "table": table, "where": [w] if w else [], "row": {"state": state}}
                        for w in where))

    def work(self, f, name):
        f.until_said(f"0 of {self.N + 1} ready", name)
        self.set_state("Master", "ready")
        self.set_state("Slave", "ready", [f"n{i}" for i in range(9)])
        self.set_state("Slave", "waiting", ["n9", "n10"])
        self.set_state("Slave", "error", ["n11"])
        f.until_said(f"10 of {self.N + 1} ready, 2 waiting, 1 failed", name)
        self.set_state("Slave", "ready")
        self.transact({"op": "update", "table": "Host", "where": [], "row": {"cur_cfg": 1}})
        self.assertEqual(f.status(), 0)

    def test_lines(self):
        f = self.begin()
        self.work(f, "err")
        self.assertEqual(f.texts["out"], "")
        for line in f.texts["err"].splitlines():
            self.assertRegex(line, rf"^ipvl-ctl: \d+ of {self.N + 1} ready(, \d+ waiting)?(, \d+ failed)?$")

    def test_bar(self):
        f = self.begin(columns=80)
        self.work(f, "out")
        bars = [bar.removesuffix("\033[K") for bar in f.texts["out"].split("\r")[1:]]
        self.assertIn(f"[{'-' * 30}] 0 of {self.N + 1} ready", bars)
        self.assertIn(f"[{'#' * 9}{'-' * 21}] 10 of {self.N + 1} ready, 2 waiting, 1 failed", bars)
        self.assertLess(max(map(len, bars)), 80)
        # Nothing of it stays.
        self.assertTrue(f.texts["out"].endswith("\r\033[K"), f.texts["out"])

    def test_narrow(self):
        f = self.begin(columns=30)
        f.until_said(f"0 of {self.N + 1} ready", "out")
        self.assertLess(max(len(bar.removesuffix("\033[K")) for bar in f.texts["out"].split("\r")), 30)

    def test_few(self):
        """A change of a few rows shows none."""
        f = Follower(self, "-t", 2, "add-master", "eno2", "--", "add-slave", "eno2", "n1/a")
        self.assertEqual(f.status(), 1)
        self.assertNotIn(" of 2 ready", f.texts["err"])
        self.assertIn("ipvld has not applied the change within", f.texts["err"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]])
