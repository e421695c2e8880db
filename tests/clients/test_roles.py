#!/usr/bin/python3
"""What clients may do by their roles: the built-in one, those in a database's tables, and that
ovsdb-server judges the latter as we do.

Usage: test_roles.py OVSDB_LITE.
"""
import shutil
import sys
import unittest

from remotes import Certificates, RemoteAnchor, RemoteServer
from server import Connection

PROGRAM = None
CERTIFICATES = None

STRINGS = {"key": "string", "min": 0, "max": "unlimited"}
MAP = {"key": "string", "value": "string", "min": 0, "max": "unlimited"}
SCHEMA = {
    "name": "T", "version": "1.0.0",
    "tables": {
        # ovsdb-server reads its remotes and their roles from these.
        "Config": {"isRoot": True, "columns": {
            "connections": {"type": {"key": {"type": "uuid", "refTable": "Connection"}, "min": 0, "max": 9}}}},
        "Connection": {"columns": {"target": {"type": "string"}, "role": {"type": "string"}}},
        "RBAC_Role": {"isRoot": True, "columns": {
            "name": {"type": "string"},
            "permissions": {"type": {"key": "string", "value": {"type": "uuid", "refTable": "RBAC_Permission"},
                                     "min": 0, "max": "unlimited"}}}},
        "RBAC_Permission": {"isRoot": True, "columns": {
            "table": {"type": "string"}, "authorization": {"type": STRINGS},
            "insert_delete": {"type": "boolean"}, "update": {"type": STRINGS}}},
        # What the roles are about.
        "Own": {"isRoot": True, "columns": {
            "name": {"type": "string"}, "n": {"type": "integer"}, "secret": {"type": "integer"},
            "tags": {"type": MAP}}},
        "Any": {"isRoot": True, "columns": {"name": {"type": "string"}, "n": {"type": "integer"}}},
        "Fixed": {"isRoot": True, "columns": {"name": {"type": "string"}, "n": {"type": "integer"}}},
        "Tagged": {"isRoot": True, "columns": {
            "name": {"type": "string"}, "n": {"type": "integer"}, "tags": {"type": MAP}}},
        "None": {"isRoot": True, "columns": {"name": {"type": "string"}, "n": {"type": "integer"}}},
    },
}


def permission(table, authorization, insert_delete, update):
    return {"op": "insert", "table": "RBAC_Permission", "uuid-name": "p" + table,
            "row": {"table": table, "authorization": ["set", authorization],
                    "insert_delete": insert_delete, "update": ["set", update]}}


ROLES = [
    permission("Own", ["name"], True, ["n", "tags", "name"]),
    permission("Any", [""], True, ["n"]),
    permission("Fixed", [""], False, ["n"]),
    permission("Tagged", ["tags:owner", "no_such_column", "tags:"], True, ["n"]),
    {"op": "insert", "table": "RBAC_Role", "row": {"name": "worker", "permissions": ["map", [
        [t, ["named-uuid", "p" + t]] for t in ("Own", "Any", "Fixed", "Tagged")]]}},
    {"op": "insert", "table": "RBAC_Role", "row": {"name": "idle", "permissions": ["map", []]}},
]
ROWS = [{"op": "insert", "table": t, "row": dict(name=n, **more)}
        for t in ("Own", "Any", "Fixed", "None") for n, more in (("client", {}), ("reader", {}))
        ] + [{"op": "insert", "table": "Tagged", "row": {"name": n, "tags": ["map", [["owner", o]]]}}
             for n, o in (("a", "client"), ("b", "reader"), ("client", "nobody"))]


def insert(table, **row):
    return {"op": "insert", "table": table, "row": row}


def update(table, of, **row):
    return {"op": "update", "table": table, "where": [["name", "==", of]], "row": row}


def mutate(table, name, *mutations):
    return {"op": "mutate", "table": table, "where": [["name", "==", name]], "mutations": list(mutations)}


def delete(table, name):
    return {"op": "delete", "table": table, "where": [["name", "==", name]]}


PLUS = ["n", "+=", 1]
INSERT, DELETE = "row insertion into", "row deletion from"
UPDATE, MUTATE = "modification of", "mutate operation on"
# As `client` with the role `worker`: operations, and what of the last is prohibited (None: nothing).
CASES = {
    "own_insert": ([insert("Own", name="client", n=3)], None),
    "others_insert": ([insert("Own", name="reader")], INSERT),
    "nameless_insert": ([insert("Own")], INSERT),
    "own_update": ([update("Own", "client", n=3)], None),
    "own_update_of_a_forbidden_column": ([update("Own", "client", n=3, secret=1)], UPDATE),
    "forbidden_column_with_its_old_value": ([update("Own", "client", secret=0)], UPDATE),
    "others_update": ([update("Own", "reader", n=3)], UPDATE),
    "update_of_nobody": ([update("Own", "nobody", secret=3)], None),
    "own_and_others_update": ([{"op": "update", "table": "Own", "where": [], "row": {"n": 3}}], UPDATE),
    "own_mutate": ([mutate("Own", "client", PLUS)], None),
    "own_mutate_of_a_forbidden_column": ([mutate("Own", "client", PLUS, ["secret", "+=", 1])], MUTATE),
    "others_mutate": ([mutate("Own", "reader", PLUS)], MUTATE),
    "own_delete": ([delete("Own", "client")], None),
    "others_delete": ([delete("Own", "reader")], DELETE),
    "given_away": ([update("Own", "client", name="reader")], None),
    "given_away_and_changed": ([update("Own", "client", name="third"), update("Own", "third", n=1)], UPDATE),
    "made_and_changed": ([insert("Own", name="client", secret=5, n=1), mutate("Own", "client", PLUS)], None),
    "anybodys_insert": ([insert("Any", name="x")], None),
    "anybodys_update": ([update("Any", "reader", n=1)], None),
    "anybodys_delete": ([delete("Any", "reader")], None),
    "anybodys_forbidden_column": ([update("Any", "reader", name="x")], UPDATE),
    "fixed_insert": ([insert("Fixed", name="client")], INSERT),
    "fixed_delete": ([delete("Fixed", "client")], DELETE),
    "fixed_update": ([update("Fixed", "reader", n=1)], None),
    "by_key_of_a_map": ([update("Tagged", "a", n=1)], None),
    "by_anothers_key": ([update("Tagged", "b", n=1)], UPDATE),
    "by_a_column_not_asked_for": ([update("Tagged", "client", n=1)], UPDATE),
    "map_insert": ([insert("Tagged", name="c", tags=["map", [["owner", "client"]]])], None),
    "map_insert_of_another": ([insert("Tagged", name="c", tags=["map", [["other", "client"]]])], INSERT),
    "table_without_permission": ([update("None", "client", n=1)], UPDATE),
    "new_role": ([insert("RBAC_Role", name="x")], INSERT),
    "read": ([{"op": "select", "table": "None", "where": []}], None),
    "wait_comment_commit": ([
        {"op": "wait", "table": "None", "where": [], "columns": ["n"], "until": "==", "rows": [{"n": 0}]},
        {"op": "comment", "comment": "x"}, {"op": "commit", "durable": True}], None),
}


def setUpModule():
    global CERTIFICATES
    CERTIFICATES = Certificates()


def tearDownModule():
    CERTIFICATES.remove()


def prohibition(client, role, what, table):
    return {"error": "permission error",
            "details": 'RBAC rules for client "%s" role "%s" prohibit %s table "%s".' % (client, role, what, table)}


class Case(unittest.TestCase):
    def open(self, connection):
        self.addCleanup(connection.close)
        return connection

    def serve(self, *remotes, options=(), schema=None):
        server = RemoteServer(PROGRAM, ("punix:DIR/sock",) + remotes,
                              [*CERTIFICATES.options("server"), *options], schema)
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        return server


class Judgements:
    """The cases, on a server whose pssl: remote number 'port' has the role worker."""
    port = 0

    def setUp(self):
        self.server = self.start("worker")
        self.addCleanup(self.server.stop)
        self.admin = Connection(self.server)
        self.addCleanup(self.admin.close)
        for result in self.admin.transact(*ROLES, *ROWS):
            self.assertIn("uuid", result)

    def as_client(self, operations):
        """Each case finds the same rows: what it did is taken back by an abort."""
        connection = self.server.tls(CERTIFICATES, "client", self.port)
        try:
            return connection.transact(*operations, {"op": "abort"})
        finally:
            connection.close()

    def test_cases(self):
        for name, (operations, prohibited) in CASES.items():
            with self.subTest(name):
                results = self.as_client(operations)
                last = results[len(operations) - 1]
                self.assertNotIn("error", "".join(str(r) for r in results[:len(operations) - 1]), results)
                if prohibited:
                    self.assertEqual(last, prohibition("client", "worker", prohibited, operations[-1]["table"]))
                else:
                    self.assertNotIn("error", last or {}, results)
                    self.assertEqual(results[-1]["error"], "aborted", results)

    def test_rules_hold_at_once(self):
        connection = self.server.tls(CERTIFICATES, "client", self.port)
        self.addCleanup(connection.close)
        self.assertEqual(connection.transact(update("Own", "client", n=1)), [{"count": 1}])
        self.admin.transact({"op": "mutate", "table": "RBAC_Role", "where": [["name", "==", "worker"]],
                             "mutations": [["permissions", "delete", ["set", ["Own"]]]]})
        self.assertEqual(connection.transact(update("Own", "client", n=2)),
                         [prohibition("client", "worker", UPDATE, "Own")])


class OurJudgements(Judgements, Case):
    def start(self, role):
        return RemoteServer(PROGRAM, ["punix:DIR/sock", "pssl:0:127.0.0.1,role=" + role],
                            CERTIFICATES.options("server"), SCHEMA)


@unittest.skipUnless(shutil.which("ovsdb-server"), "ovsdb-server is not installed")
class TheirJudgements(Judgements, unittest.TestCase):
    def start(self, role):
        return RemoteAnchor(SCHEMA, role, CERTIFICATES)


class Roles(Case):
    def assert_prohibited(self, connection, client, role, what, operation):
        self.assertEqual(connection.transact(operation), [prohibition(client, role, what, operation["table"])])

    def test_a_role_that_nobody_knows(self):
        for schema, table in ((SCHEMA, "Any"), (None, "Person")):
            with self.subTest(table):
                server = self.serve("pssl:0:127.0.0.1,role=nobody", schema=schema)
                connection = self.open(server.tls(CERTIFICATES, "client"))
                self.assert_prohibited(connection, "client", "nobody", INSERT, insert(table, name="x"))
                self.assertEqual(connection.call("lock", ["l"]), {"locked": True})

    def test_the_database_as_a_whole_is_not_for_roles(self):
        server = self.serve("pssl:0:127.0.0.1,role=worker", schema=SCHEMA)
        connection = self.open(server.tls(CERTIFICATES, "client"))
        for method, params in (("convert", ["T", SCHEMA]), ("undo", ["T", 1])):
            connection.send(method, params)
            error = connection.receive()["error"]
            self.assertEqual(error["error"], "permission error")
            self.assertIn('RBAC rules for client "client" role "worker" prohibit "%s"' % method, error["details"])

    def test_a_role_without_certificate(self):
        """It has no id, and not even what is everybody's is open to it, as with ovsdb-server."""
        server = self.serve("ptcp:0:127.0.0.1,role=worker", schema=SCHEMA)
        admin, connection = self.open(Connection(server)), self.open(server.tcp())
        admin.transact(*ROLES, *ROWS)
        self.assert_prohibited(connection, "", "worker", UPDATE, update("Any", "reader", n=1))
        self.assert_prohibited(connection, "", "worker", INSERT, insert("Own", name=""))

    def test_the_certificate_decides(self):
        server = self.serve("pssl:0:127.0.0.1,role=read-only", "pssl:0:127.0.0.1",
                            options=["--subject-role=client:", "--subject-role=reader:idle"], schema=SCHEMA)
        self.open(Connection(server)).transact(*ROLES)
        for i in range(2):
            admin = self.open(server.tls(CERTIFICATES, "client", i))
            self.assertEqual(list(admin.transact(insert("Any", name="x"))[0]), ["uuid"])
            reader = self.open(server.tls(CERTIFICATES, "reader", i))
            self.assert_prohibited(reader, "reader", "idle", INSERT, insert("Any", name="x"))
        other = self.open(server.tls(CERTIFICATES, "server", 0))
        self.assertEqual(other.transact(insert("Any", name="x"))[0]["error"], "permission error")
        other = self.open(server.tls(CERTIFICATES, "server", 1))
        self.assertEqual(list(other.transact(insert("Any", name="x"))[0]), ["uuid"])

    def test_a_waiting_transaction_is_judged_when_it_runs(self):
        server = self.serve("pssl:0:127.0.0.1,role=worker", schema=SCHEMA)
        admin = self.open(Connection(server))
        admin.transact(*ROLES, *ROWS)
        client = self.open(server.tls(CERTIFICATES, "client"))
        this = client.send("transact", ["T", {
            "op": "wait", "table": "Any", "where": [["name", "==", "reader"]], "columns": ["n"], "until": "==",
            "rows": [{"n": 7}]}, update("None", "client", n=1)])
        self.assertEqual(client.call("list_dbs", []), ["T", "_Server"])
        admin.transact(update("Any", "reader", n=7))
        reply = client.receive()
        self.assertEqual((reply["id"], reply["result"][1]), (this, prohibition("client", "worker", UPDATE, "None")))


class ReadOnly(Case):
    def setUp(self):
        self.server = self.serve("punix:DIR/look,role=read-only")
        self.admin = self.open(Connection(self.server))
        self.reader = self.open(self.server.unix("look"))
        self.admin.transact(insert("Person", name="Ann"))

    def test_operations(self):
        for operation in (insert("Person", name="x"), update("Person", "x", age=1),
                          mutate("Person", "x", ["age", "+=", 1]), delete("Person", "x")):
            with self.subTest(operation["op"]):
                results = self.reader.transact({"op": "comment", "comment": "c"}, operation, {"op": "abort"})
                self.assertEqual(results, [{}, {
                    "error": "permission error",
                    "details": '"%s" writes, and this connection is read-only' % operation["op"]}, None])
        self.assertEqual(self.reader.transact({"op": "select", "table": "Person", "where": [], "columns": ["name"]}),
                         [{"rows": [{"name": "Ann"}]}])

    def error_of(self, method, params):
        self.reader.send(method, params)
        return self.reader.receive()["error"]

    def test_methods(self):
        for method in "lock", "steal", "convert", "undo":
            self.assertEqual(self.error_of(method, ["l"]), {
                "error": "permission error", "details": '"%s" writes, and this connection is read-only' % method})
        self.assertEqual(self.error_of("unlock", ["l"])["error"], "syntax error")
        self.assertEqual(self.reader.call("get_schema", ["T"])["name"], "T")

    def test_monitors(self):
        initial = self.reader.call("monitor", ["T", "m", {"Person": {"columns": ["name"]}}])
        self.assertEqual([r["new"]["name"] for r in initial["Person"].values()], ["Ann"])
        self.admin.transact(insert("Person", name="Bob"))
        update_ = self.reader.receive()
        self.assertEqual(update_["method"], "update")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
