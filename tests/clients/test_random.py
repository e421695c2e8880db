#!/usr/bin/python3
"""Random transactions, the same on ovsdb-lite and on ovsdb-server: they must answer alike, keep the same
rows, and tell their monitors the same.

Usage: test_random.py OVSDB_LITE [SEED [TRANSACTIONS]]. Exit status 77: ovsdb-server is not installed.
A seed that failed is printed; it makes the same transactions again.
"""
import json
import random
import shutil
import sys
import unittest

from server import Anchor, Connection, Server

PROGRAM = None
SEED = 7047
N = 600

SCHEMA = {"name": "T", "version": "1.0.0", "tables": {
    "Root": {"isRoot": True, "indexes": [["name"], ["x", "y"]], "columns": {
        "name": {"type": "string"}, "x": {"type": "integer"}, "y": {"type": {"key": "integer", "min": 0}},
        "fixed": {"type": "integer", "mutable": False},
        "kids": {"type": {"key": {"type": "uuid", "refTable": "Kid"}, "min": 0, "max": "unlimited"}},
        "friends": {"type": {"key": {"type": "uuid", "refTable": "Root", "refType": "weak"},
                             "min": 0, "max": 3}},
        "one": {"type": {"key": {"type": "string", "enum": ["set", ["red", "green"]]}, "min": 0}}}},
    "Kid": {"columns": {
        "n": {"type": {"key": {"type": "integer", "minInteger": -20, "maxInteger": 20}}},
        "s": {"type": {"key": {"type": "string", "maxLength": 3}, "min": 0, "max": 3}},
        "kids": {"type": {"key": {"type": "uuid", "refTable": "Kid"}, "min": 0, "max": "unlimited"}}}},
    "Plain": {"isRoot": True, "maxRows": 6, "columns": {
        "i": {"type": "integer"}, "r": {"type": "real"}, "b": {"type": "boolean"},
        "si": {"type": {"key": "integer", "min": 0, "max": 4}},
        "sr": {"type": {"key": "real", "min": 0, "max": 3}},
        "m": {"type": {"key": "string", "value": "integer", "min": 0, "max": 3}},
        "w": {"type": {"key": {"type": "uuid", "refTable": "Root", "refType": "weak"}, "max": 2}},
        "wm": {"type": {"key": "string", "value": {"type": "uuid", "refTable": "Root", "refType": "weak"},
                        "min": 0, "max": 4}}}}}}

REFUSED = ("syntax error", "constraint violation", "ovsdb error", "duplicate uuid", "duplicate uuid-name",
           "domain error", "range error")
# Each table's own: ovsdb-server takes a row's reference to its own UUID for one to itself, also where it
# is one to another table.
UUIDS = {table: ["%08d-000%d-4000-8000-000000000000" % (i, t) for i in range(1, 13)]
         for t, table in enumerate(SCHEMA["tables"])}


class Maker:
    """Makes transactions: mostly ones that can work, on few rows and few values."""

    def __init__(self, rng):
        self.rng = rng

    def atom(self, base):
        base = base if isinstance(base, dict) else {"type": base}
        kind = base["type"]
        if self.rng.random() < 0.02:
            kind = self.rng.choice(["integer", "string", "boolean", "uuid"])
        if kind == "integer":
            return self.rng.choice([-25, -3, -2, -1, 0, 1, 2, 3, 5, 7])
        if kind == "real":
            return self.rng.choice([-1.5, -1, 0, 0.5, 1, 2.25, 1e10])
        if kind == "boolean":
            return self.rng.random() < 0.5
        if kind == "string":
            return self.rng.choice(["", "a", "b", "c", "red", "green", "äöü", "long"])
        if self.rng.random() < 0.3:
            return ["named-uuid", self.rng.choice("pqr")]
        return self.uuid(base.get("refTable", "Root"))

    def uuid(self, table):
        return ["uuid", self.rng.choice(UUIDS[table])]

    def value(self, type_, wrong=0.05):
        if not isinstance(type_, dict):
            return self.atom(type_)
        n_max = type_.get("max", 1)
        n_max = 4 if n_max == "unlimited" or self.rng.random() < wrong else n_max
        n_min = 0 if self.rng.random() < wrong else type_.get("min", 1)
        n = self.rng.randint(min(n_min, n_max), n_max)
        if "value" in type_:
            pairs = {json.dumps(self.atom(type_["key"])): self.atom(type_["value"]) for _ in range(n)}
            return ["map", [[json.loads(k), v] for k, v in pairs.items()]]
        elements = list({json.dumps(self.atom(type_["key"])): 0 for _ in range(n)})
        elements = [json.loads(e) for e in elements]
        return elements[0] if len(elements) == 1 and self.rng.random() < 0.5 else ["set", elements]

    def table(self):
        return self.rng.choice(list(SCHEMA["tables"]))

    def columns(self, table):
        return SCHEMA["tables"][table]["columns"]

    def row(self, table, n):
        columns = self.columns(table)
        names = self.rng.sample(list(columns), min(n, len(columns)))
        return {c: self.value(columns[c]["type"]) for c in names}

    def where(self, table):
        if self.rng.random() < 0.2:
            return []
        clauses = []
        for _ in range(self.rng.choice([1, 1, 1, 2])):
            if self.rng.random() < 0.4:
                clauses.append(["_uuid", self.rng.choice(["==", "==", "==", "!=", "includes", "excludes"]),
                                self.uuid(table)])
                continue
            column, schema = self.rng.choice(list(self.columns(table).items()))
            functions = ["==", "==", "!=", "includes", "excludes", "<", "<=", ">", ">="]
            clauses.append([column, self.rng.choice(functions), self.value(schema["type"])])
        return clauses

    def mutation(self, table):
        column, schema = self.rng.choice(list(self.columns(table).items()))
        mutator = self.rng.choice(["+=", "-=", "*=", "/=", "%=", "insert", "insert", "delete", "delete"])
        type_ = schema["type"]
        if mutator in ("insert", "delete"):
            if mutator == "delete" and isinstance(type_, dict) and "value" in type_ and \
                    self.rng.random() < 0.5:
                type_ = {"key": type_["key"], "min": 0, "max": 3}
            return [column, mutator, self.value(type_)]
        return [column, mutator, self.rng.choice([-2, -1, 1, 2, 3, 0.5] if mutator != "/=" else [-1, 0, 2])]

    def operation(self):
        table = self.table()
        op = self.rng.choices(["insert", "update", "mutate", "delete", "select", "wait", "comment", "abort"],
                              [10, 6, 6, 3, 4, 1, 1, 0.3])[0]
        result = {"op": op}
        if op == "comment":
            result["comment"] = "x"
        if op in ("comment", "abort"):
            return result
        result["table"] = table
        if op == "insert":
            result["row"] = self.row(table, self.rng.randint(2, 7))
            result["uuid"] = self.uuid(table)[1]
            if self.rng.random() < 0.5:
                result["uuid-name"] = self.rng.choice("pqr")
            return result
        result["where"] = self.where(table)
        if op == "update":
            result["row"] = self.row(table, self.rng.randint(1, 3))
        elif op == "mutate":
            result["mutations"] = [self.mutation(table) for _ in range(self.rng.randint(1, 3))]
        elif op in ("select", "wait"):
            columns = list(self.columns(table))
            result["columns"] = self.rng.sample(columns, self.rng.randint(1, len(columns)))
            if op == "select":
                result["columns"].append("_uuid")
            else:
                result.update(until=self.rng.choice(["==", "!="]), timeout=0,
                              rows=[self.row(table, 2) for _ in range(self.rng.randint(0, 2))])
        return result

    def transaction(self):
        names, operations = set(), []
        for _ in range(self.rng.choice([1, 1, 2, 2, 3, 4, 6])):
            operation = self.operation()
            if operation["op"] == "delete" and operation["table"] == "Root":
                # ovsdb-server forgets weak references of rows that the transaction also changes.
                return [self.with_known_names(operation, set())]
            operation = self.with_known_names(operation, names)
            names.add(operation.get("uuid-name"))
            operations.append(operation)
        return operations

    def with_known_names(self, value, names):
        """Of names that nobody inserts, or only later and with a UUID, they speak differently."""
        if isinstance(value, dict):
            return {k: self.with_known_names(v, names) for k, v in value.items()}
        if isinstance(value, list):
            if len(value) == 2 and value[0] == "named-uuid" and value[1] not in names:
                return ["uuid", "99999999-0000-4000-8000-000000000000"]
            return [self.with_known_names(v, names) for v in value]
        return value


def canonical(value):
    return json.dumps(value, sort_keys=True)


def without_words(value):
    """What both must say alike: errors by their tags, rows in any order. Which of two mistakes is
    found first is not said anywhere."""
    if isinstance(value, dict):
        if "error" in value and "details" in value:
            return "refused" if value["error"] in REFUSED else value["error"]
        return {k: sorted(map(without_words, v), key=canonical) if k == "rows" else without_words(v)
                for k, v in value.items()}
    if isinstance(value, list):
        return [without_words(v) for v in value]
    return value


class Side:
    def __init__(self, server):
        self.server = server
        self.writer = Connection(server)
        self.watchers = []
        columns = {t: list(schema["columns"]) for t, schema in SCHEMA["tables"].items()}
        for method, request in (
                ("monitor", {t: {"columns": c} for t, c in columns.items()}),
                ("monitor_cond", {t: [{"columns": c}] for t, c in columns.items()}),
                ("monitor_cond", {
                    "Root": [{"columns": columns["Root"], "where": [["x", "<", 2], ["one", "==", "red"]]}],
                    "Plain": [{"columns": ["i", "si"], "where": [["si", "includes", 1]]}]})):
            self.watchers.append(Connection(server))
            self.watchers[-1].call(method, ["T", "m", request])

    def told(self):
        """What each watcher was told up to now."""
        told = []
        for watcher in self.watchers:
            this = watcher.send("echo", [])
            told.append([])
            while (message := watcher.receive()).get("id") != this:
                told[-1].append(without_words(message["params"][1]))
        return told

    def close(self):
        for connection in self.watchers + [self.writer]:
            connection.close()
        self.server.stop()


class Random(unittest.TestCase):
    def test_alike(self):
        maker = Maker(random.Random(SEED))
        sides = [Side(Server(PROGRAM, SCHEMA)), Side(Anchor(SCHEMA))]
        for side in sides:
            self.addCleanup(side.close)
        done = {}
        for number in range(N):
            transaction = maker.transaction()
            answers = [without_words(side.writer.transact(*transaction)) for side in sides]
            what = "transaction %d of seed %d: %s" % (number, SEED, json.dumps(transaction))
            self.assertEqual(*answers, what)
            self.assertEqual(*[side.told() for side in sides], what)
            last = answers[0][-1] if answers[0] else None
            key = last if isinstance(last, str) else "done"
            done[key] = done.get(key, 0) + 1
        self.assertGreater(done.get("done", 0), N // 10, done)
        print(done, file=sys.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    SEED, N = [int(a) for a in sys.argv[2:4]] + [SEED, N][len(sys.argv[2:4]):]
    if not shutil.which("ovsdb-server"):
        print("skipped: ovsdb-server is not installed (apt install openvswitch-common)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
