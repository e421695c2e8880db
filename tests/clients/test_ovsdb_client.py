#!/usr/bin/python3
"""ovsdb-client, every subcommand that is about a server of one machine.

Usage: test_ovsdb_client.py OVSDB_LITE|--anchor. Exit status 77: it is not installed.
"""
import copy
import json
import os
import shutil

import stock
from server import SCHEMA


def rows(text):
    """The rows of --format=json output of one table, as dictionaries."""
    table = json.loads(text)
    return [dict(zip(table["headings"], row)) for row in table["data"]]


class OvsdbClient(stock.Stock):
    schema = dict(SCHEMA, cksum="12345 678")

    def client(self, subcommand, *args, options=(), **kwargs):
        return stock.run("ovsdb-client", *options, subcommand, self.server.address, *args,
                         **kwargs).stdout

    def fails(self, *args, **kwargs):
        done = stock.run("ovsdb-client", args[0], self.server.address, *args[1:], check=False, **kwargs)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def background(self, subcommand, *args):
        return stock.Background(self, "ovsdb-client", "--format=json", subcommand,
                                self.server.address, *args)

    def transact(self, *operations):
        return json.loads(self.client("transact", json.dumps(["T"] + list(operations))))

    def insert(self, name, **columns):
        return self.transact({"op": "insert", "table": "Person", "row": dict(name=name, **columns)})

    def update(self, name, **columns):
        return self.transact({"op": "update", "table": "Person", "where": [["name", "==", name]],
                              "row": columns})

    def delete(self, name):
        return self.transact({"op": "delete", "table": "Person", "where": [["name", "==", name]]})

    def names(self):
        return sorted(r["name"] for r in rows(self.client("dump", "T", "Person",
                                                          options=["--format=json"])))

    def schema_path(self, schema):
        path = os.path.join(self.server.dir, "other.ovsschema")
        with open(path, "w") as f:
            json.dump(schema, f)
        return path

    def newer_schema(self):
        newer = copy.deepcopy(self.schema)
        newer["version"] = "1.3.0"
        newer["tables"]["Person"]["columns"]["city"] = {"type": "string"}
        return newer

    def test_list_dbs(self):
        self.assertEqual(self.client("list-dbs"), "T\n_Server\n")

    def test_get_schema(self):
        schema = json.loads(self.client("get-schema", "T"))
        self.assertEqual(schema["name"], "T")
        self.assertEqual(schema["tables"]["Person"]["indexes"], [["name"]])

    def test_get_schema_version(self):
        self.assertEqual(self.client("get-schema-version", "T"), "1.2.3\n")

    def test_get_schema_cksum(self):
        self.assertEqual(self.client("get-schema-cksum", "T"), "12345 678\n")

    def test_the_database_may_be_left_out(self):
        self.assertEqual(self.client("get-schema-version"), "1.2.3\n")
        self.assertIn("Person", self.client("list-tables"))

    def test_list_tables(self):
        self.assertEqual(sorted(r["Table"] for r in
                                rows(self.client("list-tables", "T", options=["--format=json"]))),
                         ["Person", "Pet"])

    def test_list_columns(self):
        found = rows(self.client("list-columns", "T", "Person", options=["--format=json"]))
        self.assertEqual({r["Column"] for r in found},
                         {"name", "age", "tags", "seen", "pets", "_uuid", "_version"})

    def test_unknown_database(self):
        self.assertIn("unknown database", self.fails("transact", '["X"]'))

    def test_transact(self):
        results = self.transact(
            {"op": "insert", "table": "Pet", "row": {"name": "Rex"}, "uuid-name": "rex"},
            {"op": "insert", "table": "Person",
             "row": {"name": "Ann", "pets": ["named-uuid", "rex"], "age": 33}})
        self.assertEqual([list(r) for r in results], [["uuid"], ["uuid"]])
        results = self.transact(
            {"op": "select", "table": "Person", "where": [["age", ">", 30]],
             "columns": ["name", "pets"]})
        self.assertEqual(results[0]["rows"][0]["name"], "Ann")
        self.assertEqual(results[0]["rows"][0]["pets"][0], "uuid")
        self.assertEqual(self.insert("Ann")[1]["error"], "constraint violation")

    def test_query_leaves_no_trace(self):
        self.insert("Ann")
        text = self.client("query", json.dumps(["T", {"op": "delete", "table": "Person",
                                                      "where": []}]))
        self.assertEqual(json.loads(text), [{"count": 1}])
        self.assertEqual(self.names(), ["Ann"])

    def test_dump(self):
        self.insert("Ann", age=33, tags=["set", ["x", "y"]])
        self.insert("Bob")
        text = self.client("dump", "T", "Person", options=["--format=json"])
        self.assertEqual(sorted((r["name"], str(r["age"])) for r in rows(text)),
                         [("Ann", "33"), ("Bob", "['set', []]")])
        text = self.client("dump", "T")
        self.assertIn("Person table", text)
        self.assertIn("Pet table", text)
        self.assertIn("name", self.client("dump", "T", "Person", "name"))

    def restore(self, snapshot, *options):
        path = os.path.join(self.server.dir, "snapshot")
        with open(path, "w") as f:
            f.write(snapshot)
        with open(path) as f:
            self.client("restore", "T", options=options, stdin=f)

    def test_backup_and_restore(self):
        self.insert("Ann", age=33)
        self.insert("Bob")
        snapshot = self.client("backup", "T")
        self.assertIn("Ann", snapshot)
        self.delete("Ann")
        self.insert("Carl")
        self.restore(snapshot)
        self.assertEqual(self.names(), ["Ann", "Bob"])
        self.assertEqual(self.transact({"op": "select", "table": "Person", "columns": ["age"],
                                        "where": [["name", "==", "Ann"]]})[0]["rows"], [{"age": 33}])

    def test_restore_of_another_schema(self):
        path = os.path.join(self.server.dir, "other")
        stock.run("ovsdb-tool", "create", path, self.schema_path(dict(self.schema, cksum="9 9")))
        with open(path) as f:
            snapshot = f.read()
        with self.assertRaisesRegex(AssertionError, "differ"):
            self.restore(snapshot)
        self.restore(snapshot, "--force")

    def test_two_monitors(self):
        self.insert("Ann")
        first = self.background("monitor", "T", "Person", "name,age")
        second = self.background("monitor", "T", "ALL")
        first.expect("Ann")
        second.expect("Ann")
        self.insert("Bob", age=44)
        first.expect("Bob")
        second.expect("Bob")
        self.update("Bob", age=45, seen=9)
        first.expect("45")
        second.expect("45")
        self.delete("Bob")
        first.expect('"delete"')
        second.expect('"delete"')

    def test_monitor_selects(self):
        self.insert("Ann")
        monitor = self.background("monitor", "T", "Person", "name,!initial", "seen,!insert,!modify")
        all_of_it = self.background("monitor", "T", "Person", "name")
        all_of_it.expect("Ann")
        # The first one says nothing before there is a change, and may start between two of them:
        # make some until it has shown one of each kind.
        stock.wait_until(lambda: self.insert("Bob") and self.delete("Bob") and
                         all(kind in monitor.text() for kind in ('"insert"', '"delete"')),
                         "the monitor")
        self.assertNotIn("Ann", monitor.text())

    def test_monitor_cond(self):
        self.insert("Ann", age=10)
        self.insert("Bob", age=50)
        monitor = self.background("monitor-cond", "T", '[["age",">",40]]', "Person", "name,age")
        monitor.expect("Bob")
        self.update("Ann", age=41)
        monitor.expect("Ann")
        self.update("Ann", age=42)
        monitor.expect("42")
        self.update("Bob", age=40)
        monitor.expect('"delete"')
        self.delete("Bob")
        self.insert("Carl", age=90)
        monitor.expect("Carl")
        self.assertNotIn('"old","Bob"', monitor.text())

    def test_monitor_cond_since(self):
        self.insert("Ann", age=10)
        self.insert("Bob", age=50)
        monitor = self.background("monitor-cond-since", "T",
                                  "00000000-0000-0000-0000-000000000000", '[["age",">",40]]',
                                  "Person", "name,age")
        monitor.expect("Bob")
        self.update("Ann", age=41)
        monitor.expect("Ann")
        self.assertIn("last_id: ", monitor.text())
        self.delete("Bob")
        monitor.expect('"delete"')

    def test_wait(self):
        self.client("wait", "T", "connected")
        self.client("wait", "T", "added")
        self.client("wait", "X", "removed")
        waiting = self.background("wait", "X", "added")
        self.client("wait", "T", "connected")
        self.assertIsNone(waiting.process.poll())

    def test_lock_and_steal(self):
        first = self.background("lock", "mylock")
        first.expect("locked")
        second = self.background("steal", "mylock")
        second.expect("locked")
        first.expect("stolen")
        second.stop()
        first.expect("locked", times=2)

    def test_lock_waits(self):
        first = self.background("lock", "mylock")
        first.expect("locked")
        second = self.background("lock", "mylock")
        second.expect("false")
        first.stop()
        second.expect("locked")

    def test_unlock(self):
        """It has no reply to show: only its log says that nobody held the lock."""
        stock.Background(self, "ovsdb-client", "--verbose", "unlock", self.server.address,
                         "mylock").expect("syntax error")

    def test_needs_conversion(self):
        self.assertEqual(self.client("needs-conversion", self.schema_path(self.schema)), "no\n")
        self.assertEqual(self.client("needs-conversion", self.schema_path(self.newer_schema())),
                         "yes\n")

    def test_convert(self):
        self.insert("Ann", age=33)
        monitor = self.background("monitor", "T", "Person", "name,age")
        monitor.expect("Ann")
        self.client("convert", self.schema_path(self.newer_schema()))
        self.assertEqual(self.client("get-schema-version", "T"), "1.3.0\n")
        self.assertEqual(self.transact({"op": "select", "table": "Person", "where": [],
                                        "columns": ["name", "age", "city"]})[0]["rows"],
                         [{"name": "Ann", "age": 33, "city": ""}])
        monitor.expect("database was removed")  # which is how it says so

    def test_convert_that_does_not_fit(self):
        self.insert("Ann", age=33)
        strict = copy.deepcopy(self.schema)
        strict["tables"]["Person"]["columns"]["age"]["type"]["key"]["minInteger"] = 40
        self.assertIn("constraint violation", self.fails("convert", self.schema_path(strict)))
        self.assertEqual(self.names(), ["Ann"])


if __name__ == "__main__":
    stock.main(shutil.which("ovsdb-client"), "openvswitch-common")
