#!/usr/bin/python3
"""The program ovsdb-lite: its commands, and one clear sentence for each failure.

Usage: test_program.py OVSDB_LITE
"""
import copy
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from server import PATIENCE_S, SCHEMA, Connection, Server

PROGRAM = None


class Program(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ipvl-program-")
        self.db = os.path.join(self.dir, "db")
        self.schema = os.path.join(self.dir, "schema")
        self.write_schema(SCHEMA)

    def tearDown(self):
        shutil.rmtree(self.dir)

    def write_schema(self, schema):
        with open(self.schema, "w") as f:
            json.dump(schema, f)

    def run_program(self, *args):
        done = subprocess.run([PROGRAM, *args], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S)
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
        for word in "create", "server", "dump", "show-log", "backup", "compact", "convert":
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
        # Beside the server, and the same when it has gone.
        served = self.run_program("dump", server.db)
        server.process.terminate()
        self.assertEqual(server.process.wait(10), 0)
        self.assertFalse(os.path.exists(server.path))
        status, out, err = self.run_program("dump", server.db)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(served, (0, out, ""))
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

    def test_backup(self):
        server = Server(PROGRAM)
        connection = Connection(server)
        connection.transact({"op": "insert", "table": "Person", "row": {"name": "Ann"}})
        copied = self.dir + "/copy"
        self.assertEqual(self.run_program("backup", server.db, copied), (0, "", ""))
        self.assert_fails("backup", server.db, copied, says=[copied, "exists"])
        self.assert_fails("backup", server.db, self.dir + "/none/copy", says=["/none/copy"])
        self.assert_fails("backup", server.db + "2", copied + "2", says=["no such database"])
        connection.transact({"op": "insert", "table": "Person", "row": {"name": "Bob"}})
        connection.close()
        status, out, _ = self.run_program("dump", copied)
        self.assertEqual(status, 0)
        self.assertIn("Person, 1 row\n", out)
        server.stop()

    def test_compact(self):
        server = Server(PROGRAM)
        connection = Connection(server)
        for i in range(20):
            connection.transact(*[{"op": "insert", "table": "Person",
                                   "row": {"name": f"{i} {j}" + "x" * 500}} for j in range(50)])
        connection.transact({"op": "delete", "table": "Person", "where": []})
        connection.close()
        self.assert_fails("compact", server.db, says=["in use", str(server.process.pid)])
        server.process.terminate()
        server.process.wait(10)
        before = os.path.getsize(server.db)
        self.assertEqual(self.run_program("compact", server.db), (0, "", ""))
        self.assertLessEqual(os.path.getsize(server.db), before)
        self.assertEqual(self.run_program("dump", server.db)[0], 0)
        server.stop()

    def test_convert(self):
        server = Server(PROGRAM)
        connection = Connection(server)
        connection.transact({"op": "insert", "table": "Person",
                             "row": {"name": "Ann", "tags": ["set", ["x"]]}})
        connection.close()
        other = copy.deepcopy(SCHEMA)
        columns = other["tables"]["Person"]["columns"]
        del columns["tags"]
        columns["title"] = {"type": {"key": "string", "min": 0}}
        other["version"] = "2.0.0"
        self.write_schema(other)
        self.assert_fails("convert", server.db, self.schema, says=["in use"])
        server.process.terminate()
        server.process.wait(10)
        self.assertEqual(self.run_program("convert", server.db, self.schema), (0, "", ""))
        _, out, _ = self.run_program("dump", "--format=json", server.db)
        person, = json.loads(out)["Person"].values()
        self.assertEqual((person["name"], person["title"]), ("Ann", ["set", []]))
        self.assertNotIn("tags", person)
        columns["name"] = {"type": "integer"}
        self.write_schema(other)
        self.assert_fails("convert", server.db, self.schema,
                          says=["Person row", "value of name", "does not fit"])
        other["name"] = "U"
        self.write_schema(other)
        self.assert_fails("convert", server.db, self.schema, says=["to schema U"])
        self.assert_fails("convert", server.db, self.schema + "2", says=[self.schema + "2"])
        server.start()
        server.stop()

    def test_show_log(self):
        server = Server(PROGRAM)
        connection = Connection(server)
        connection.transact({"op": "insert", "table": "Person", "row": {"name": "Ann"}},
                            {"op": "comment", "comment": "first of all"})
        connection.transact({"op": "update", "table": "Person", "where": [], "row": {"age": 3}})
        connection.transact({"op": "delete", "table": "Person", "where": []})
        connection.close()
        status, out, err = self.run_program("show-log", server.db)
        self.assertEqual((status, err), (0, ""))
        order = [out.index(text) for text in (
            '"first of all"', "insert Person", 'name = "Ann"', "modify Person",
            'age = ["set",[]] -> 3', "delete Person")]
        self.assertEqual(order, sorted(order), out)
        status, last, _ = self.run_program("show-log", "--max=1", server.db)
        self.assertEqual(status, 0)
        self.assertTrue(out.endswith(last))
        self.assertNotIn("modify", last)
        self.assert_fails("show-log", "--max=0", server.db, says=["--max"])
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
        self.addCleanup(server.stop)
        self.create()
        self.assert_fails("server", "--remote=punix:" + self.dir + "/s", server.db,
                          says=[str(server.process.pid), "--db=unix:" + server.path])
        self.assert_fails("server", "--remote=punix:" + server.path, self.db,
                          says=[server.path])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
