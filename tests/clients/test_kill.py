#!/usr/bin/python3
"""A server that is killed (SIGKILL) under the load of four clients, again and again: what it acknowledged is
in the file, nothing is there by half, and the history tells of exactly what is there.

Usage: test_kill.py OVSDB_LITE
"""
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

from server import Connection, Server

PROGRAM = None
N_ROUNDS = 50
N_CLIENTS = 4
# How many of its pairs a client leaves; older ones go.
N_KEPT = 15

SCHEMA = {
    "name": "T",
    "version": "1.0.0",
    "tables": {
        "Counter": {"isRoot": True, "indexes": [["client"]], "columns": {
            "client": {"type": "integer"}, "n": {"type": "integer"}}},
        # Two rows with the same number, one of which refers to the other.
        "Left": {"isRoot": True, "indexes": [["client", "n"]], "columns": {
            "client": {"type": "integer"}, "n": {"type": "integer"},
            "right": {"type": {"key": {"type": "uuid", "refTable": "Right"}}}}},
        "Right": {"columns": {"n": {"type": "integer"}, "filler": {"type": "string"}}},
    },
}


class Client(threading.Thread):
    """Commits until the server is gone. Transaction number n of a client inserts its pair n, deletes pair
    n - N_KEPT and counts."""

    def __init__(self, server, number, n):
        super().__init__()
        self.server = server
        self.number = number
        self.n = n  # the last that was acknowledged
        self.first = n
        self.error = None
        self.random = random.Random(number * 1000 + n)
        self.has_begun = threading.Event()

    def operations(self, n):
        mine = ["client", "==", self.number]
        operations = [
            {"op": "insert", "table": "Right", "uuid-name": "right",
             "row": {"n": n, "filler": "x" * self.random.randrange(2000)}},
            {"op": "insert", "table": "Left",
             "row": {"client": self.number, "n": n, "right": ["named-uuid", "right"]}},
            {"op": "delete", "table": "Left", "where": [mine, ["n", "==", n - N_KEPT]]},
            {"op": "update", "table": "Counter", "where": [mine], "row": {"n": n}},
        ]
        if self.random.randrange(2):
            operations.append({"op": "commit", "durable": True})
        return operations

    def run(self):
        try:
            connection = Connection(self.server)
            while True:
                results = connection.transact(*self.operations(self.n + 1))
                if any("error" in r for r in results):
                    self.error = results
                    return
                self.n += 1
                self.has_begun.set()
        except OSError:
            pass  # the server was killed
        finally:
            self.has_begun.set()
            connection.close()


def rows(path, sql):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


class Kill(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM, SCHEMA)
        connection = Connection(self.server)
        connection.transact(*[{"op": "insert", "table": "Counter", "row": {"client": i}}
                              for i in range(N_CLIENTS)])
        connection.close()

    def tearDown(self):
        self.server.stop()

    def load(self, numbers, seconds):
        """Clients commit, the server is killed; what each was told last."""
        clients = [Client(self.server, i, n) for i, n in enumerate(numbers)]
        for c in clients:
            c.start()
        for c in clients:
            c.has_begun.wait()
        time.sleep(seconds)
        self.server.kill()
        for c in clients:
            c.join()
            self.assertIsNone(c.error)
            self.assertGreater(c.n, c.first)
        return [c.n for c in clients]

    def check_file(self, acknowledged):
        """Against what was acknowledged; returns the numbers that are in it. Looks at a copy: the log is
        left to the server."""
        path = os.path.join(self.server.dir, "copy")
        for suffix in "", "-wal":
            if os.path.exists(self.server.db + suffix):
                shutil.copy(self.server.db + suffix, path + suffix)
        self.assertEqual(rows(path, "pragma integrity_check"), [("ok",)])
        numbers = [n for n, in rows(path, "select n from Counter order by client")]
        for number, told in zip(numbers, acknowledged):
            self.assertIn(number, (told, told + 1))  # one may have been on its way
        pairs = rows(path, "select client, Left.n, Right.n from Left left join Right "
                           'on Right._uuid = "right" order by client, Left.n')
        self.assertEqual(pairs, [(client, n, n) for client, last in enumerate(numbers)
                                 for n in range(max(1, last - N_KEPT + 1), last + 1)])
        self.assertEqual(rows(path, "select count(*) from Right"), [(len(pairs),)])
        # An entry for each commit, the first of which made the counters.
        (first, last, count), = rows(path, "select min(serial), max(serial), count(*) from _history")
        self.assertEqual(last, 1 + sum(numbers))
        self.assertEqual(count, last - first + 1)
        return numbers

    def test_kill(self):
        numbers = [0] * N_CLIENTS
        pause = random.Random(1)
        for _ in range(N_ROUNDS):
            acknowledged = self.load(numbers, pause.random() * 0.15)
            numbers = self.check_file(acknowledged)
            self.server.start()
        self.server.end()
        self.assertEqual(self.check_file(numbers), numbers)
        log = subprocess.run([PROGRAM, "show-log", "--max=1", self.server.db], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
        self.assertIn("modify Counter", log)
        dump = subprocess.run([PROGRAM, "dump", "--format=json", self.server.db], check=True,
                              stdout=subprocess.PIPE).stdout
        self.assertEqual(len(json.loads(dump)["Left"]), N_CLIENTS * N_KEPT)
        print("commits:", sum(numbers), file=sys.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
