#!/usr/bin/python3
"""The program ovsdb-lite: its commands, and one clear sentence for each failure.

Usage: test_program.py OVSDB_LITE
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from server import SCHEMA, Connection, Server

PROGRAM = None


class Program(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ipvl-program-")
        self.db = os.path.join(self.dir, "db")
        self.schema = os.path.join(self.dir, "schema")
        with open(self.schema, "w") as f:
            json.dump(SCHEMA, f)

    def tearDown(self):
        shutil.rmtree(self.dir)

    def run_program(self, *args):
        done = subprocess.run([PROGRAM, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=10)
        return done.returncode, done.stdout, done.stderr

    def assert_fails(self, *args, says):
        status, out, err = self.run_program(*args)
        self.assertEqual((status, out), (1, ""), err)
        self.assertTrue(err.startswith("ovsdb-lite: "), err)
        self.assertEqual(err.count("\n"), 1, err)
        for word in says:
            self.assertIn(word, err)

    def create(self):
        self.assertEqual(self.run_program("create", self.db, self.schema), (0, "", ""))

    def test_help_and_version(self):
        status, out, err = self.run_program("--help")
        self.assertEqual((status, err), (0, ""))
        for word in "create", "server", "dump":
            self.assertRegex(out, rf"(?m)^  {word} ")
        self.assertEqual(self.run_program("dump", "--help"), (0, out, ""))
        status, out, _ = self.run_program("--version")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"^ovsdb-lite \d+\.\d+\.\d+\n$")

    def test_dump(self):
        server = Server(PROGRAM)
        connection = Connection(server)
        connection.transact(
            {"op": "insert", "table": "Pet", "row": {"name": "Rex"}, "uuid-name": "rex"},
            {"op": "insert", "table": "Person",
             "row": {"name": "Ann", "age": 33, "tags": ["set", ["x", "y"]],
                     "pets": ["named-uuid", "rex"], "seen": 9}},
            {"op": "commit", "durable": True})
        connection.close()
        status, out, err = self.run_program("dump", server.db)
        self.assertEqual((status, out), (1, ""))
        self.assertIn(str(server.process.pid), err)
        server.process.terminate()
        self.assertEqual(server.process.wait(10), 0)
        self.assertFalse(os.path.exists(server.path))
        status, out, err = self.run_program("dump", server.db)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("Person, 1 row\n", out)
        self.assertIn("[x, y]", out)
        self.assertNotIn("seen", out)
        status, out, err = self.run_program("dump", "--format=json", server.db)
        self.assertEqual((status, err), (0, ""))
        person, = json.loads(out)["Person"].values()
        self.assertEqual((person["name"], person["age"]), ("Ann", 33))
        rows = sqlite3.connect(server.db).execute("select name, age from Person").fetchall()
        self.assertEqual(rows, [("Ann", 33)])
        server.stop()

    def test_usage(self):
        self.assert_fails(says=["command", "--help"])
        self.assert_fails("zap", says=["zap", "--help"])
        self.assert_fails("--zap", says=["--zap"])
        self.assert_fails("dump", "--remote=punix:s", self.db, says=["--remote"])
        self.assert_fails("create", self.db, says=["schema"])
        self.assert_fails("dump", says=["database file"])
        self.assert_fails("server", "--remote=punix:" + self.dir + "/s", says=["database file"])

    def test_create_failures(self):
        self.create()
        self.assert_fails("create", self.db, self.schema, says=["exists"])
        self.assert_fails("create", self.db + "2", self.dir + "/none", says=["/none"])
        with open(self.dir + "/bad", "w") as f:
            f.write("{")
        self.assert_fails("create", self.db + "2", self.dir + "/bad", says=["/bad"])
        self.assertFalse(os.path.exists(self.db + "2"))
        self.assert_fails("create", self.schema + "/db", self.schema, says=[self.schema + "/db"])

    def test_server_failures(self):
        self.create()
        remote = "--remote=punix:" + self.dir + "/s"
        self.assert_fails("server", self.db, says=["--remote"])
        self.assert_fails("server", remote, self.db + "2", says=[self.db + "2"])
        self.assert_fails("server", remote, self.schema, says=[self.schema])
        self.assert_fails("server", "--remote=6640", self.db, says=["6640", "punix:"])
        self.assert_fails("server", "--remote=punix:/" + "x" * 200, self.db, says=["bytes"])
        self.assert_fails("server", remote, self.db, self.db, says=[self.db])

    def test_second_owner(self):
        server = Server(PROGRAM)
        self.create()
        self.assert_fails("server", "--remote=punix:" + self.dir + "/s", server.db,
                          says=[str(server.process.pid)])
        self.assert_fails("server", "--remote=punix:" + server.path, self.db,
                          says=[server.path])
        server.stop()


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
