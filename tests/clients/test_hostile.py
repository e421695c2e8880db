#!/usr/bin/python3
"""kill -9, and clients that flood, stop reading, say nonsense or nothing: the others do not notice.

Usage: test_hostile.py OVSDB_LITE
"""
import random
import socket
import sys
import time
import unittest

from server import Connection, Server

PROGRAM = None
# What a well-behaved client may wait for an answer, whatever others do.
PATIENCE_S = 1.0


def insert(name):
    return {"op": "insert", "table": "Person", "row": {"name": name}}


class Hostile(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM)
        self.good = Connection(self.server)
        self.n = 0

    def tearDown(self):
        self.good.close()
        self.assertEqual(self.server.stop(), 0)

    def assert_served(self):
        start = time.monotonic()
        self.n += 1
        result = self.good.transact(insert("good%d" % self.n))
        self.assertIn("uuid", result[0])
        self.assertLess(time.monotonic() - start, PATIENCE_S)

    def test_kill_keeps_what_was_acknowledged(self):
        random.seed(1)
        acknowledged = set()
        for turn in range(5):
            connection = Connection(self.server)
            for i in range(random.randint(1, 60)):
                name = "%d-%d" % (turn, i)
                operations = [insert(name)]
                if i % 3 == 0:
                    operations.append({"op": "commit", "durable": True})
                self.assertIn("uuid", connection.transact(*operations)[0])
                acknowledged.add(name)
            for i in range(20):  # and some whose reply we do not wait for
                connection.send("transact", ["T", insert("%d-late-%d" % (turn, i))])
            self.server.kill()
            connection.close()
            self.server.start()
            connection = Connection(self.server)
            rows = connection.transact({"op": "select", "table": "Person", "where": [],
                                        "columns": ["name"]})[0]["rows"]
            connection.close()
            names = {row["name"] for row in rows}
            self.assertEqual(acknowledged - names, set())
            self.assertTrue(all("late" in name for name in names - acknowledged))
            acknowledged = names
        self.good.close()
        self.good = Connection(self.server)

    def test_garbage(self):
        random.seed(2)
        for text in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100, b"[" * 100000, b'{"id":', b"}{",
                     b'{"id":1,"method":"transact","params":"x"}', b'"' + b"x" * 1000,
                     bytes(random.randrange(256) for _ in range(20000)),
                     b'{"id":1,"method":"monitor","params":["T"]}',
                     b'{"id":1,"method":"monitor","params":["T",1]}',
                     b'{"id":1,"method":"transact","params":["T",7,null,[],{"op":null}]}'):
            bad = Connection(self.server)
            bad.send_bytes(text)
            self.assert_served()
            bad.close()
        self.assert_served()

    def test_half_messages_and_idlers(self):
        bad = [Connection(self.server) for _ in range(300)]
        for i, connection in enumerate(bad):
            connection.send_bytes(b'{"id":1,"method":"transact","params":["T"'[:i % 40])
        for _ in range(20):
            self.assert_served()
        for connection in bad:
            connection.close()
        self.assert_served()

    def test_half_closed(self):
        """Whoever says that it will say no more still gets its replies, durable ones too."""
        other = Connection(self.server)
        for i in range(10):
            other.send("transact", ["T", insert("half%d" % i), {"op": "commit", "durable": True}])
        other.sock.shutdown(socket.SHUT_WR)
        for i in range(10):
            self.assertIn("uuid", other.receive()["result"][0])
        self.assertTrue(other.is_closed())
        other.close()

    def test_more_idlers_than_it_takes(self):
        bad = []
        for _ in range(700):
            bad.append(Connection(self.server))
            if len(bad) % 100 == 0:
                self.assert_served()
        newcomer = Connection(self.server)
        self.assertEqual(newcomer.call("list_dbs", []), ["T", "_Server"])
        newcomer.close()
        self.assert_served()
        for connection in bad:
            connection.close()

    def test_reader_that_stopped(self):
        """A monitor that does not read costs no more than one copy of what changed."""
        bad = Connection(self.server)
        bad.send("monitor", ["T", None, {"Person": {}}])
        self.good.transact(insert("big"))
        before = self.server.rss_kib()
        for i in range(300):
            self.good.transact({"op": "update", "table": "Person",
                                "where": [["name", "==", "big"]],
                                "row": {"tags": ["set", ["%d" % i + "x" * 100000]]}})
        self.assertLess(self.server.rss_kib() - before, 20000)
        self.assert_served()
        self.assertIn("result", bad.receive())
        n = 0
        tags = None
        while tags != "299" + "x" * 100000:
            for update in bad.receive()["params"][1]["Person"].values():
                if update["new"]["name"] == "big":
                    tags = update["new"]["tags"]
            n += 1
        self.assertLess(n, 20)
        bad.close()

    def test_flood_without_reading(self):
        """It is held up when its replies fill the buffers, and others are served."""
        bad = Connection(self.server)
        bad.sock.settimeout(0.2)
        before = self.server.rss_kib()
        request = b'{"id":1,"method":"echo","params":["' + b"x" * 100000 + b'"]}'
        with self.assertRaises(socket.timeout):
            for _ in range(1000):
                bad.send_bytes(request)
        self.assert_served()
        self.assertLess(self.server.rss_kib() - before, 20000)
        bad.close()
        self.assert_served()

    def test_flood_with_reading(self):
        bad = Connection(self.server)
        request = b'{"id":1,"method":"list_dbs","params":[]}' * 1000
        for _ in range(5):
            bad.send_bytes(request)
            self.assert_served()
            for _ in range(1000):
                self.assertEqual(bad.receive()["result"], ["T", "_Server"])
        bad.close()


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
