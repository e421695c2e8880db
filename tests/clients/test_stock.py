#!/usr/bin/python3
"""Stock Open vSwitch clients against `ovsdb-lite server`.

Usage: test_stock.py OVSDB_LITE. Exit status 77: the clients are not installed.
"""
import json
import os
import shutil
import subprocess
import sys
import unittest

from server import PATIENCE_S, Connection, Server, wait_until

PROGRAM = None
VSWITCH_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


def run(*args, check=True, stdin=None):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, input=stdin)
    if check and done.returncode:
        raise AssertionError("%s: %s" % (" ".join(args), done.stderr))
    return done


def rows(text):
    """The rows of --format=json output of one table, as dictionaries."""
    table = json.loads(text)
    return [dict(zip(table["headings"], row)) for row in table["data"]]


class Monitor:
    """A running `ovsdb-client monitor` that writes JSON lines into a file."""

    def __init__(self, server, *args, subcommand="monitor"):
        self.path = os.path.join(server.dir, "monitor%d" % id(self))
        self.out = open(self.path, "w")
        self.process = subprocess.Popen(
            ["ovsdb-client", "--format=json", subcommand, server.address, *args],
            stdout=self.out, stderr=subprocess.PIPE, text=True)

    def text(self):
        with open(self.path) as f:
            return f.read()

    def expect(self, word):
        try:
            wait_until(lambda: word in self.text() or self.process.poll() is not None, word)
        finally:
            if word not in self.text():
                print("monitor said:", self.text(), file=sys.stderr)
        assert word in self.text(), self.process.stderr.read()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.out.close()


class StockClients(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM)
        self.address = self.server.address

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)

    def client(self, subcommand, *args, options=(), **kwargs):
        return run("ovsdb-client", *options, subcommand, self.address, *args, **kwargs).stdout

    def transact(self, *operations):
        return json.loads(self.client("transact", json.dumps(["T"] + list(operations))))

    def insert(self, name, **columns):
        return self.transact({"op": "insert", "table": "Person",
                              "row": dict(name=name, **columns)})

    def test_list_dbs(self):
        self.assertEqual(self.client("list-dbs"), "T\n_Server\n")

    def test_get_schema(self):
        schema = json.loads(self.client("get-schema", "T"))
        self.assertEqual(schema["name"], "T")
        self.assertEqual(schema["version"], "1.2.3")
        self.assertEqual(schema["tables"]["Person"]["indexes"], [["name"]])
        self.assertEqual(self.client("get-schema-version", "T"), "1.2.3\n")

    def test_list_tables_and_columns(self):
        text = self.client("list-tables", "T")
        self.assertIn("Person", text)
        self.assertIn("Pet", text)
        text = self.client("list-columns", "T", "Person")
        for column in "name", "age", "tags", "seen", "pets", "_uuid", "_version":
            self.assertIn(column, text)

    def test_unknown_database(self):
        done = run("ovsdb-client", "transact", self.address, '["X"]', check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("unknown database", done.stderr)

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
        results = self.insert("Ann")
        self.assertEqual(results[1]["error"], "constraint violation")

    def test_query(self):
        self.insert("Ann")
        text = self.client("query", json.dumps(["T", {"op": "delete", "table": "Person",
                                                      "where": []}]))
        self.assertEqual(json.loads(text), [{"count": 1}])
        text = self.client("query", json.dumps(["T", {"op": "select", "table": "Person",
                                                      "where": []}]))
        self.assertEqual(len(json.loads(text)[0]["rows"]), 1)

    def test_dump(self):
        self.insert("Ann", age=33, tags=["set", ["x", "y"]])
        self.insert("Bob")
        text = self.client("dump", "T", "Person", options=["--format=json"])
        self.assertEqual(sorted((r["name"], str(r["age"])) for r in rows(text)),
                         [("Ann", "33"), ("Bob", "['set', []]")])
        self.assertIn("Person table", self.client("dump", "T"))

    def test_backup(self):
        self.insert("Ann")
        self.assertIn("Ann", self.client("backup", "T"))

    def test_two_monitors(self):
        self.insert("Ann")
        first = Monitor(self.server, "T", "Person", "name,age")
        second = Monitor(self.server, "T", "ALL")
        try:
            first.expect("Ann")
            second.expect("Ann")
            self.insert("Bob", age=44)
            first.expect("Bob")
            second.expect("Bob")
            self.transact({"op": "update", "table": "Person", "where": [["name", "==", "Bob"]],
                           "row": {"age": 45, "seen": 9}})
            first.expect("45")
            second.expect("45")
            self.transact({"op": "delete", "table": "Person", "where": []})
            first.expect('"delete"')
            second.expect('"delete"')
        finally:
            first.stop()
            second.stop()

    def test_monitor_selects(self):
        self.insert("Ann")
        monitor = Monitor(self.server, "T", "Person", "name,!initial", "seen,!insert")
        try:
            wait_until(lambda: not self.transact_while_waiting(monitor, "Bob"), "the insert")
            self.assertNotIn("Ann", monitor.text())
        finally:
            monitor.stop()

    def transact_while_waiting(self, monitor, name):
        """Inserts until the monitor, whose first answer is empty, has said something."""
        self.transact({"op": "delete", "table": "Person", "where": [["name", "==", name]]})
        self.insert(name)
        return name not in monitor.text()

    def test_lock(self):
        first = Monitor(self.server, "mylock", subcommand="lock")
        try:
            first.expect("locked")
            second = Monitor(self.server, "mylock", subcommand="steal")
            try:
                second.expect("locked")
                first.expect("stolen")
            finally:
                second.stop()
            wait_until(lambda: first.text().count("locked") == 2, "the lock to come back")
        finally:
            first.stop()


@unittest.skipUnless(shutil.which("ovs-vsctl") and os.path.exists(VSWITCH_SCHEMA),
                     "openvswitch-switch is not installed")
class VsctlOnItsOwnSchema(unittest.TestCase):
    """The C IDL: monitors, verifies, waits, locks nothing; falls back where we lack _Server."""

    def setUp(self):
        self.server = Server(PROGRAM, schema_file=VSWITCH_SCHEMA)

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)

    def vsctl(self, *args):
        return run("ovs-vsctl", "--timeout=5", "--no-wait", "--db=" + self.server.address,
                   *args).stdout

    def test_bridges_and_ports(self):
        self.vsctl("init")
        self.vsctl("add-br", "br0", "--", "add-port", "br0", "eth7", "tag=5")
        self.assertEqual(self.vsctl("list-br"), "br0\n")
        self.assertEqual(self.vsctl("list-ports", "br0"), "eth7\n")
        self.assertEqual(self.vsctl("get", "Port", "eth7", "tag"), "5\n")
        self.vsctl("set", "Bridge", "br0", "external_ids:a=b", "other_config:c=d")
        self.assertEqual(self.vsctl("get", "Bridge", "br0", "external_ids"), "{a=b}\n")
        self.vsctl("del-br", "br0")
        self.assertEqual(self.vsctl("list-br"), "")
        connection = Connection(self.server)
        result = connection.transact({"op": "select", "table": "Port", "where": []},
                                     db="Open_vSwitch")
        self.assertEqual(result[0]["rows"], [])
        connection.close()


try:
    import ovs.db.idl
    import ovs.poller
except ImportError:
    ovs = None


@unittest.skipUnless(ovs, "python3-openvswitch is not installed")
class PythonIdl(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM)
        helper = ovs.db.idl.SchemaHelper(None, self.schema())
        helper.register_all()
        self.idl = ovs.db.idl.Idl(self.server.address, helper)
        self.run_until(lambda: self.idl.has_ever_connected(), "the replica")

    def tearDown(self):
        self.idl.close()
        self.assertEqual(self.server.stop(), 0)

    def schema(self):
        connection = Connection(self.server)
        schema = connection.call("get_schema", ["T"])
        connection.close()
        return schema

    def run_until(self, condition, what):
        def step():
            self.idl.run()
            if condition():
                return True
            poller = ovs.poller.Poller()
            self.idl.wait(poller)
            poller.timer_wait(10)
            poller.block()
            return False
        wait_until(step, what)

    def commit(self, txn):
        status = [txn.commit()]

        def is_over():
            if status[0] == ovs.db.idl.Transaction.INCOMPLETE:
                status[0] = txn.commit()
            return status[0] != ovs.db.idl.Transaction.INCOMPLETE
        self.run_until(is_over, "the commit")
        return status[0]

    def names(self):
        return sorted(r.name for r in self.idl.tables["Person"].rows.values())

    def test_insert_verify_delete(self):
        txn = ovs.db.idl.Transaction(self.idl)
        row = txn.insert(self.idl.tables["Person"])
        row.name = "Ann"
        self.assertEqual(self.commit(txn), txn.SUCCESS)
        self.assertEqual(self.names(), ["Ann"])
        row = list(self.idl.tables["Person"].rows.values())[0]
        txn = ovs.db.idl.Transaction(self.idl)
        row.verify("name")
        row.name = "Bob"
        row.addvalue("tags", "x")
        connection = Connection(self.server)
        connection.transact({"op": "update", "table": "Person", "where": [],
                             "row": {"name": "Carl"}})
        connection.close()
        self.assertEqual(self.commit(txn), txn.TRY_AGAIN)
        self.run_until(lambda: self.names() == ["Carl"], "the other's change")
        txn = ovs.db.idl.Transaction(self.idl)
        row.delete()
        self.assertEqual(self.commit(txn), txn.SUCCESS)
        self.assertEqual(self.names(), [])

    def test_lock(self):
        self.idl.set_lock("l")
        self.run_until(lambda: self.idl.has_lock, "the lock")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    if not shutil.which("ovsdb-client"):
        print("skipped: ovsdb-client is not installed (apt install openvswitch-common)")
        sys.exit(77)
    unittest.main(verbosity=2)
