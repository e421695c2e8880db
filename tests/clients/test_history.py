#!/usr/bin/python3
"""The history over the wire: get_history, undo, who did it, and how it outlives a restart.

Usage: test_history.py OVSDB_LITE
"""
import os
import random
import socket
import subprocess
import sys
import time
import unittest

from remotes import RemoteServer
from server import Connection, Server

PROGRAM = None
ZEROS = "00000000-0000-0000-0000-000000000000"


def insert(name, **row):
    return {"op": "insert", "table": "Person", "row": dict(row, name=name)}


def update(who, **row):
    return {"op": "update", "table": "Person", "where": [["name", "==", who]], "row": row}


class History(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM)
        self.client = Connection(self.server)

    def tearDown(self):
        self.client.close()
        self.assertEqual(self.server.stop(), 0)

    def restart(self, kill=False):
        self.client.close()
        self.server.kill() if kill else self.server.end()
        self.server.start()
        self.client = Connection(self.server)

    def history(self, **options):
        return self.client.call("get_history", ["T", options] if options else ["T"])

    def names(self):
        rows = self.client.transact({"op": "select", "table": "Person", "where": [],
                                     "columns": ["name"]})[0]["rows"]
        return sorted(r["name"] for r in rows)

    def error(self, method, params):
        this = self.client.send(method, params)
        while True:
            message = self.client.receive()
            if message.get("id") == this and "method" not in message:
                self.assertIsNotNone(message["error"], message)
                return message["error"]["error"], message["error"]["details"]

    def test_entries(self):
        before = time.time() * 1000
        self.client.transact(insert("a"), {"op": "comment", "comment": "the first"})
        self.client.transact(update("a", seen=3))  # not persistent
        self.client.transact(update("a", age=5), {"op": "delete", "table": "Person",
                                                  "where": [["name", "==", "nobody"]]})
        second, first = self.history(changes=True)
        self.assertEqual((first["serial"], second["serial"]), (1, 2))
        self.assertNotEqual(first["id"], second["id"])
        self.assertEqual(first["comment"], "the first")
        self.assertNotIn("comment", second)
        self.assertEqual((first["rows"], first["undoable"]), (1, True))
        self.assertEqual((first["uid"], first["pid"]), (os.getuid(), os.getpid()))
        self.assertIn("test_history.py", first["command"])
        self.assertTrue(before - 1000 <= first["time"] <= second["time"] <= time.time() * 1000 + 1000)
        (row, change), = first["changes"]["Person"].items()
        self.assertEqual(change, {"insert": {"name": "a"}})
        self.assertEqual(second["changes"],
                         {"Person": {row: {"modify": {"age": [["set", []], 5]}}}})
        self.assertEqual(self.history(max=1), [{k: v for k, v in second.items() if k != "changes"}])
        self.assertEqual(self.history(before=2, changes=True), [first])
        self.assertEqual(self.history(before=1), [])

    def test_pages_tell_the_same(self):
        for i in range(7):
            self.client.transact(insert("p%d" % i))
        self.client.transact({"op": "update", "table": "Person", "where": [], "row": {"age": 1}})
        whole, pages, before = self.history(changes=True), [], 0
        while page := self.history(before=before, max=3, changes=True):
            pages += page
            before = page[-1]["serial"]
        self.assertEqual(pages, whole)
        self.assertEqual(len(whole), 8)

    def read_pages(self, between=lambda: None, **options):
        entries, before, n_pages = [], 0, 0
        while page := self.history(before=before, changes=True, max=1000, **options):
            entries += page
            before = page[-1]["serial"]
            n_pages += 1
            between()
        return entries, n_pages

    def test_replies_are_short(self):
        """A megabyte or so, and the next page goes on."""
        for i in range(40):
            self.client.transact(insert("p%d" % i, tags="%d" % i + "x" * 100000))
        self.client.transact({"op": "update", "table": "Person", "where": [], "row": {"age": 1}})
        entries, n_pages = self.read_pages()
        self.assertEqual([e["serial"] for e in entries], list(range(41, 0, -1)))
        self.assertEqual(len(entries[0]["changes"]["Person"]), 40)
        for i, entry in enumerate(reversed(entries[1:])):
            (change,) = entry["changes"]["Person"].values()
            self.assertEqual(change, {"insert": {"name": "p%d" % i, "tags": "%d" % i + "x" * 100000}})
        self.assertGreater(n_pages, 3)
        self.assertLess(n_pages, 12)
        # Without the changes they are short.
        self.assertEqual(len(self.history(max=1000)), 41)

    def test_changes_that_are_too_long_are_left_out(self):
        self.client.transact(insert("a"))
        # The inverse is short: "they were not there".
        self.client.transact(*[insert("p%d" % i, tags="x" * 100000) for i in range(50)])
        large, small = self.history(changes=True)
        self.assertNotIn("changes", large)
        self.assertTrue(large["undoable"])
        self.assertIn("changes", small)
        self.client.call("undo", ["T", 2])
        self.assertEqual(self.names(), ["a"])

    def random_transaction(self):
        name = "p%d" % random.randrange(12)
        return random.choice([
            lambda: [insert(name, age=random.randrange(9))],
            lambda: [update(name, age=random.randrange(9), seen=random.randrange(9))],
            lambda: [update(name, tags=["set", ["%d" % random.randrange(9)]])],
            lambda: [{"op": "delete", "table": "Person", "where": [["name", "==", name]]}],
            lambda: [update(name, pets=["named-uuid", "pet"]),
                     {"op": "insert", "table": "Pet", "uuid-name": "pet", "row": {"name": "Rex"}}],
            lambda: [update(name, pets=["set", []])],
        ])()

    def test_commits_between_pages(self):
        """What a transaction changed does not depend on what is done while it is read."""
        seed = random.randrange(1 << 30)
        random.seed(seed)
        # The history may take half of what the rows take: a long one is wanted.
        self.client.transact(insert("big", tags="x" * 1000000))
        for _ in range(300):
            self.client.transact(*self.random_transaction())
        last = self.history(max=1)[0]["serial"]
        other = Connection(self.server)

        def commit():
            for _ in range(random.randrange(5)):
                other.transact(*self.random_transaction())
            if not random.randrange(9):
                other.call("undo", ["T", other.call("get_history", ["T", {"max": 1}])[0]["serial"]])
        pages = []
        before = last + 1
        while page := self.history(before=before, changes=True, max=random.randrange(1, 9)):
            pages += page
            before = page[-1]["serial"]
            commit()
        other.close()
        whole = [e for e in self.history(max=1000, changes=True) if e["serial"] <= last]
        n = min(len(pages), len(whole))
        self.assertGreater(n, 20)
        for page, entry in zip(pages, whole):
            self.assertEqual(page, entry, "seed %d" % seed)

    def test_garbage_is_told_and_comes_back(self):
        self.client.transact(
            dict(insert("a", pets=["named-uuid", "dog"])),
            {"op": "insert", "table": "Pet", "uuid-name": "dog", "row": {"name": "Rex"}})
        self.client.transact(update("a", pets=["set", []]))
        changes = self.history(max=1, changes=True)[0]["changes"]
        (dog, change), = changes["Pet"].items()
        self.assertEqual(change, {"delete": {"name": "Rex"}})
        self.assertEqual(self.client.call("undo", ["T", 2]), {})
        rows = self.client.transact({"op": "select", "table": "Pet", "where": []})[0]["rows"]
        self.assertEqual([(r["_uuid"], r["name"]) for r in rows], [(["uuid", dog], "Rex")])
        self.assertEqual(self.history(max=1)[0]["comment"], "undo 2")

    def test_undo_is_refused_where_it_would_overwrite(self):
        self.client.transact(insert("a", age=1))
        self.client.transact(update("a", age=2))
        self.client.transact(update("a", age=3))
        code, details = self.error("undo", ["T", 2])
        self.assertIn("column age of Person row", details)
        self.assertIn("has changed since", details)
        self.client.call("undo", ["T", 3, {"comment": "never mind"}])
        self.assertEqual(self.history(max=1)[0]["comment"], "never mind")
        self.client.call("undo", ["T", 2])  # age is 2 again
        self.assertEqual(self.client.transact(
            {"op": "select", "table": "Person", "where": [], "columns": ["age"]})[0]["rows"],
            [{"age": 1}])
        self.client.call("undo", ["T", 5])  # of the undo
        self.client.transact(update("a", age=9))
        # But for the column that is excepted, nothing changed since.
        self.client.call("undo", ["T", 1, {"except": {"Person": ["age"]}}])
        self.assertEqual(self.names(), [])

    def test_undo_is_checked_as_any_transaction(self):
        self.client.transact(insert("a"))
        self.client.transact(update("a", name="b"))
        self.client.transact(insert("a"))
        code, details = self.error("undo", ["T", 2])
        self.assertEqual(code, "constraint violation")
        self.assertEqual(self.names(), ["a", "b"])

    def test_requests_that_are_none(self):
        self.client.transact(insert("a"))
        for params in ([], [5], ["T", 1], ["T", {"max": 0}], ["T", {"before": -1}], ["T", {"x": 1}],
                       ["T", {"changes": 1}], ["T", {}, 1]):
            self.assertEqual(self.error("get_history", params)[0], "syntax error", params)
        for params in ([], ["T"], ["T", "1"], ["T", 1, {"x": 1}], ["T", 1, {"except": []}],
                       ["T", 1, {"except": {"Person": "age"}}], ["T", 1, {"except": {"Person": [1]}}]):
            self.assertEqual(self.error("undo", params)[0], "syntax error", params)
        self.assertEqual(self.error("get_history", ["U"])[0], "unknown database")
        for serial in 0, -1, 2, 2**63 - 1:
            self.assertEqual(self.error("undo", ["T", serial])[0], "not found")
        self.assertEqual(self.history(max=1)[0]["serial"], 1)
        self.assertEqual(self.client.call("get_history", ["_Server"]), [])

    def test_monitors_see_an_undo_before_its_reply(self):
        self.client.transact(insert("a"))
        self.client.call("monitor", ["T", "m", {"Person": {"columns": ["name"]}}])
        this = self.client.send("undo", ["T", 1])
        message = self.client.receive()
        self.assertEqual(message["method"], "update")
        (change,), = [t.values() for t in message["params"][1].values()]
        self.assertEqual(change, {"old": {"name": "a"}})
        self.assertEqual(self.client.receive()["id"], this)

    def test_monitors_see_what_the_history_tells(self):
        self.client.call("monitor", ["T", "m", {"Person": {"columns": ["name"]}}])
        other, n_told = Connection(self.server), 0
        for i in range(30):
            other.send("transact", ["T", insert("p%d" % i)])
            this = self.client.send("get_history", ["T", {"max": 100}])
            while (message := self.client.receive()).get("id") != this:
                n_told += len(message["params"][1]["Person"])
            self.assertEqual(len(message["result"]), n_told)
        other.close()

    def test_outlives_a_restart(self):
        self.client.transact(insert("a"))
        self.client.transact(update("a", age=1), {"op": "commit", "durable": True})
        before = self.history(changes=True)
        for kill in False, True:
            self.restart(kill)
            self.assertEqual(self.history(changes=True), before)
        self.client.call("undo", ["T", 2])
        self.assertEqual([e["serial"] for e in self.history()], [3, 2, 1])


# What a command of ours may be called with.
SCRIPT = """
import json, os, socket, sys
if len(sys.argv) > 3 and sys.argv[3] == "as-nobody":
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
s.sendall(json.dumps({"id": 1, "method": "transact", "params": ["T", {
    "op": "insert", "table": "Person", "row": {"name": sys.argv[2]}}]}).encode())
s.recv(9999)
"""


class Origins(unittest.TestCase):
    """Which command did it, and who may see that (D6)."""

    def serve(self, *options):
        server = RemoteServer(PROGRAM, ["punix:DIR/sock,mode=0666", "punix:DIR/look,role=read-only",
                                        "ptcp:0:127.0.0.1", "ptcp:0:127.0.0.1,role=read-only"], options)
        os.chmod(server.dir, 0o755)
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        with open(server.dir + "/writer.py", "w", encoding="utf-8") as f:
            f.write(SCRIPT)
        return server

    def write(self, server, *args):
        subprocess.run([sys.executable, server.dir + "/writer.py", server.path, *args], check=True)

    def history(self, connection, **options):
        entries = connection.call("get_history", ["T", options])
        connection.close()
        return entries

    def test_arguments_are_not_kept(self):
        server = self.serve()
        self.write(server, "psk=SECRET")
        entry, = self.history(Connection(server))
        self.assertEqual(entry["command"].split()[1:], ["writer.py"])
        self.assertTrue(entry["command"].startswith("python"), entry)
        with open(server.dir + "/log", encoding="utf-8") as f:
            self.assertNotIn("SECRET", f.read())

    def test_processes_are_shown_to_local_clients_without_a_role(self):
        server = self.serve()
        self.write(server, "a")
        for connection in server.unix("look"), server.tcp(0), server.tcp(1):
            entry, = self.history(connection, changes=True)
            self.assertEqual(set(entry) & {"uid", "pid", "command"}, set())
            self.assertEqual(list(entry["changes"]), ["Person"])
        entry, = self.history(Connection(server))
        self.assertEqual(set(entry) & {"uid", "pid", "command"}, {"uid", "pid", "command"})

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be somebody else")
    def test_memory_of_other_users_processes_is_not_read(self):
        server = self.serve()
        self.write(server, "a", "as-nobody")
        entry, = self.history(Connection(server))
        self.assertEqual(entry["uid"], 65534)
        self.assertRegex(entry["command"], "^python[0-9.]*$")

    def test_another_process_of_the_same_number(self):
        """Who connected has ended, and somebody else uses its connection."""
        server = self.serve()
        ours, theirs = socket.socketpair(socket.AF_UNIX)
        with ours, theirs:
            child = os.fork()
            if not child:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(server.path)
                    socket.send_fds(theirs, [b"x"], [s.fileno()])
                os._exit(0)
            _, fds, _, _ = socket.recv_fds(ours, 1, 1)
            os.waitpid(child, 0)
        connection = Connection(sock=socket.socket(fileno=fds[0]))
        connection.transact(insert("a"))
        entry, = self.history(connection)
        self.assertEqual(entry["pid"], child)
        self.assertNotIn("command", entry)

    def test_command_lines_of_any_shape(self):
        server = self.serve("--keep-arguments")
        self.write(server, "bytes", b"\xff\x1b\n\xc3\xa9\xc3")
        self.write(server, "long", "\u00e9" * 300)
        long, odd = self.history(Connection(server))
        self.assertTrue(odd["command"].endswith(" bytes ???\u00e9?"), odd)
        self.assertTrue(long["command"].endswith("\u2026"), long)
        self.assertLessEqual(len(long["command"].encode()), 200)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
