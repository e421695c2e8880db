#!/usr/bin/python3
"""The IDL of python3-openvswitch: a replica of tables with conditions, and transactions on it.

Usage: test_idl.py OVSDB_LITE|--anchor. Exit status 77: it is not installed.
"""
import uuid

import stock
from server import Connection, wait_until

try:
    import ovs.db.idl
    import ovs.poller
    from ovs.db.idl import Transaction
except ImportError:
    ovs = None

SCHEMA = {
    "name": "T", "version": "1.0.0",
    "tables": {
        "Person": {
            "isRoot": True, "indexes": [["name"]],
            "columns": {
                "name": {"type": "string"},
                "age": {"type": {"key": {"type": "integer", "minInteger": 0}, "min": 0}},
                "tags": {"type": {"key": "string", "min": 0, "max": "unlimited"}},
                "attributes": {"type": {"key": "string", "value": "string",
                                        "min": 0, "max": "unlimited"}},
                "count": {"type": "integer"},
                "height": {"type": "real"},
                "active": {"type": "boolean"},
                "pets": {"type": {"key": {"type": "uuid", "refTable": "Pet"},
                                  "min": 0, "max": "unlimited"}},
                "friends": {"type": {"key": {"type": "uuid", "refTable": "Person",
                                             "refType": "weak"}, "min": 0, "max": "unlimited"}},
            },
        },
        "Pet": {"columns": {"name": {"type": "string"}}},
    },
}


def make_idl(address):
    class Idl(ovs.db.idl.Idl):
        """Remembers what it was told of."""

        def notify(self, event, row, updates=None):
            self.events.append((event, row.name if hasattr(row, "name") else None))

    helper = ovs.db.idl.SchemaHelper(None, SCHEMA)
    helper.register_all()
    idl = Idl(address, helper)
    idl.events = []
    return idl


class Client:
    """An IDL that has its replica."""

    def __init__(self, test, condition=None):
        self.idl = make_idl(test.server.address)
        test.addCleanup(self.idl.close)
        if condition is not None:
            self.idl.cond_change("Person", condition)
        self.run_until(self.idl.has_ever_connected, "the replica")

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

    def run(self, change):
        """Calls change(transaction) and commits; gives the status."""
        txn = Transaction(self.idl)
        change(txn)
        self.txn = txn
        if txn.commit() == Transaction.INCOMPLETE:
            self.run_until(lambda: txn.commit() != Transaction.INCOMPLETE, "the commit")
        self.error = txn.get_error()
        return txn.commit()

    def insert(self, **columns):
        def change(txn):
            row = txn.insert(self.idl.tables["Person"])
            for column, value in columns.items():
                setattr(row, column, value)
        return self.run(change)

    def rows(self):
        return {row.name: row for row in self.idl.tables["Person"].rows.values()}

    def names(self):
        return sorted(self.rows())

    def expect(self, *names):
        self.run_until(lambda: self.names() == list(names), "the rows " + ", ".join(names))


class Idl(stock.Stock):
    schema = SCHEMA

    def setUp(self):
        super().setUp()
        self.client = Client(self)

    def transact(self, *operations):
        connection = Connection(self.server)
        self.addCleanup(connection.close)
        return connection.transact(*operations)

    def assert_success(self, status):
        self.assertIn(status, (Transaction.SUCCESS, Transaction.UNCHANGED), self.client.error)

    def test_insert(self):
        self.assert_success(self.client.insert(name="Ann", age=[33], tags=["x", "y"], height=1.75,
                                               attributes={"a": "b"}, active=True, count=-5))
        ann = self.client.rows()["Ann"]
        self.assertEqual((ann.age, ann.tags, ann.height, ann.attributes, ann.active, ann.count),
                         ([33], ["x", "y"], 1.75, {"a": "b"}, True, -5))

    def test_insert_tells_its_uuid(self):
        rows = []

        def change(txn):
            rows.append(txn.insert(self.client.idl.tables["Person"]))
            rows[0].name = "Ann"
        self.assert_success(self.client.run(change))
        self.assertEqual(self.client.txn.get_insert_uuid(rows[0].uuid),
                         self.client.rows()["Ann"].uuid)

    def test_insert_with_a_uuid_of_ones_own(self):
        own = str(uuid.uuid4())  # a UUID object it fails to write

        def change(txn):
            txn.insert(self.client.idl.tables["Person"], new_uuid=own, persist_uuid=True).name = "Ann"
        self.assert_success(self.client.run(change))
        self.assertEqual(str(self.client.rows()["Ann"].uuid), own)

    def test_insert_with_references(self):
        def change(txn):
            pet = txn.insert(self.client.idl.tables["Pet"])
            pet.name = "Rex"
            ann = txn.insert(self.client.idl.tables["Person"])
            ann.name = "Ann"
            ann.pets = [pet]
            bob = txn.insert(self.client.idl.tables["Person"])
            bob.name = "Bob"
            bob.friends = [ann, bob]
        self.assert_success(self.client.run(change))
        rows = self.client.rows()
        self.assertEqual([pet.name for pet in rows["Ann"].pets], ["Rex"])
        self.assertEqual({friend.name for friend in rows["Bob"].friends}, {"Ann", "Bob"})

    def test_another_client_sees_it(self):
        other = Client(self)
        self.client.insert(name="Ann")
        other.expect("Ann")
        other.insert(name="Bob")
        self.client.expect("Ann", "Bob")

    def test_change(self):
        self.client.insert(name="Ann", age=[1], tags=["x"])

        def change(_):
            ann = self.client.rows()["Ann"]
            ann.age = []
            ann.tags = ["y", "z"]
            ann.name = "Bob"
        self.assert_success(self.client.run(change))
        bob = self.client.rows()["Bob"]
        self.assertEqual((bob.age, bob.tags), ([], ["y", "z"]))

    def test_change_of_nothing(self):
        self.client.insert(name="Ann")

        def change(_):
            self.client.rows()["Ann"].name = "Ann"
        self.assertEqual(self.client.run(change), Transaction.UNCHANGED)

    def test_delete(self):
        self.client.insert(name="Ann")
        self.client.insert(name="Bob")
        self.assert_success(self.client.run(lambda _: self.client.rows()["Ann"].delete()))
        self.assertEqual(self.client.names(), ["Bob"])

    def test_delete_takes_references_along(self):
        self.test_insert_with_references()
        self.assert_success(self.client.run(lambda _: self.client.rows()["Ann"].delete()))
        self.assertEqual([f.name for f in self.client.rows()["Bob"].friends], ["Bob"])
        self.assertEqual(len(self.client.idl.tables["Pet"].rows), 0)

    def test_refused(self):
        self.client.insert(name="Ann")
        self.assertEqual(self.client.insert(name="Ann"), Transaction.ERROR)
        self.assertIn("constraint violation", self.client.error)
        self.assertEqual(self.client.names(), ["Ann"])

    def test_verify(self):
        self.client.insert(name="Ann", count=1)

        def change(_):
            ann = self.client.rows()["Ann"]
            ann.verify("count")
            ann.count += 1
        self.assert_success(self.client.run(change))
        self.assertEqual(self.client.rows()["Ann"].count, 2)

    def test_verify_of_what_another_has_changed(self):
        self.client.insert(name="Ann", count=1)

        def change(_):
            ann = self.client.rows()["Ann"]
            ann.verify("count")
            ann.count = 10
            self.transact({"op": "update", "table": "Person", "where": [], "row": {"count": 5}})
        self.assertEqual(self.client.run(change), Transaction.TRY_AGAIN)
        self.client.run_until(lambda: self.client.rows()["Ann"].count == 5, "the other's change")

    def test_verify_of_what_another_has_deleted(self):
        self.client.insert(name="Ann", count=1)

        def change(_):
            ann = self.client.rows()["Ann"]
            ann.verify("name")
            ann.count = 10
            self.transact({"op": "delete", "table": "Person", "where": []})
        self.assertEqual(self.client.run(change), Transaction.TRY_AGAIN)

    def test_partial_updates_of_a_set(self):
        self.client.insert(name="Ann", tags=["a", "b"])

        def change(_):
            ann = self.client.rows()["Ann"]
            ann.addvalue("tags", "c")
            ann.delvalue("tags", "a")
            # Ours alone: what another adds meanwhile stays.
            self.transact({"op": "mutate", "table": "Person", "where": [],
                           "mutations": [["tags", "insert", "z"]]})
        self.assert_success(self.client.run(change))
        self.client.run_until(lambda: self.client.rows()["Ann"].tags == ["b", "c", "z"], "both")

    def test_partial_updates_of_a_map(self):
        self.client.insert(name="Ann", attributes={"a": "1", "b": "2", "c": "3"})

        def change(_):
            ann = self.client.rows()["Ann"]
            ann.setkey("attributes", "a", "new")
            ann.setkey("attributes", "d", "4")
            ann.delkey("attributes", "b")
            ann.delkey("attributes", "c", "not this")
            self.transact({"op": "mutate", "table": "Person", "where": [],
                           "mutations": [["attributes", "insert", ["map", [["z", "9"]]]]]})
        self.assert_success(self.client.run(change))
        self.client.run_until(lambda: self.client.rows()["Ann"].attributes ==
                              {"a": "new", "c": "3", "d": "4", "z": "9"}, "both")

    def test_increment(self):
        self.client.insert(name="Ann", count=41)

        def change(_):
            ann = self.client.rows()["Ann"]
            ann.tags = ["x"]
            ann.increment("count")
        self.assert_success(self.client.run(change))
        self.assertEqual(self.client.txn.get_increment_new_value(), 42)

    def test_fetch(self):
        helper = ovs.db.idl.SchemaHelper(None, SCHEMA)
        helper.register_columns("Person", ["name", "count"], ["count"])
        self.client.insert(name="Ann", count=7)
        self.client.idl.close()
        self.client.idl = ovs.db.idl.Idl(self.server.address, helper)
        self.addCleanup(self.client.idl.close)
        self.client.run_until(self.client.idl.has_ever_connected, "the replica")
        ann, = self.client.idl.tables["Person"].rows.values()
        self.assert_success(self.client.run(lambda _: ann.fetch("count")))
        self.assertEqual(ann.count, 7)

    def test_comment(self):
        def change(txn):
            txn.add_comment("for the log")
            txn.insert(self.client.idl.tables["Person"]).name = "Ann"
        self.assert_success(self.client.run(change))

    def test_lock(self):
        self.client.idl.set_lock("l")
        self.client.run_until(lambda: self.client.idl.has_lock, "the lock")
        self.assert_success(self.client.insert(name="Ann"))
        other = Client(self)
        other.idl.set_lock("l")
        other.run_until(lambda: other.idl.is_lock_contended, "the contention")
        self.assertEqual(other.insert(name="Bob"), Transaction.NOT_LOCKED)
        self.client.idl.set_lock(None)
        self.client.run_until(lambda: not self.client.idl.has_lock, "the unlock")
        other.run_until(lambda: other.idl.has_lock, "the lock")
        self.assert_success(other.insert(name="Bob"))

    def test_condition(self):
        self.client.insert(name="Ann", count=1)
        self.client.insert(name="Bob", count=2)
        other = Client(self, [["count", "==", 1]])
        other.expect("Ann")
        self.client.insert(name="Carl", count=1)
        self.client.insert(name="Dora", count=2)
        other.expect("Ann", "Carl")
        self.client.run(lambda _: setattr(self.client.rows()["Ann"], "count", 2))
        other.expect("Carl")
        self.client.run(lambda _: setattr(self.client.rows()["Dora"], "count", 1))
        other.expect("Carl", "Dora")

    def test_condition_that_changes(self):
        for count, name in enumerate(["Ann", "Bob", "Carl"]):
            self.client.insert(name=name, count=count)
        other = Client(self, [["count", "==", 0]])
        other.expect("Ann")
        other.idl.cond_change("Person", [["count", "==", 1], ["name", "==", "Carl"]])
        other.expect("Bob", "Carl")
        other.idl.cond_change("Person", [])
        other.expect()
        other.idl.cond_change("Person", [True])
        other.expect("Ann", "Bob", "Carl")

    def test_reconnect(self):
        """Only what was missed is told."""
        self.client.insert(name="Ann")
        self.client.insert(name="Bob")
        events = self.reconnect(lambda: None)
        self.assertIn(("create", "Carl"), events)
        self.assertIn(("delete", "Ann"), events)
        self.assertNotIn(("create", "Bob"), events)

    def test_reconnect_after_a_restart(self):
        self.client.insert(name="Ann")
        self.client.insert(name="Bob")

        def restart():
            self.server.end()
            self.server.start()
        events = self.reconnect(restart)
        self.assertIn(("create", "Carl"), events)
        self.assertIn(("delete", "Ann"), events)
        self.assertNotIn(("create", "Bob"), events)

    def reconnect(self, meanwhile):
        if self.program == "--anchor":
            self.skipTest("ovsdb-server keeps no history and tells all again")
        self.client.idl.events.clear()
        meanwhile()
        self.client.idl.force_reconnect()
        self.transact({"op": "delete", "table": "Person", "where": [["name", "==", "Ann"]]},
                      {"op": "insert", "table": "Person", "row": {"name": "Carl"}})
        self.client.expect("Bob", "Carl")
        return self.client.idl.events

    def test_reconnect_with_a_condition_and_a_lock(self):
        other = Client(self, [["count", "==", 1]])
        other.idl.set_lock("l")
        other.run_until(lambda: other.idl.has_lock, "the lock")
        self.client.insert(name="Ann", count=1)
        other.expect("Ann")
        other.idl.force_reconnect()
        self.client.insert(name="Bob", count=2)
        self.client.insert(name="Carl", count=1)
        other.expect("Ann", "Carl")
        other.run_until(lambda: other.idl.has_lock, "the lock again")

    def test_probe(self):
        session = self.client.idl._session
        seqno = session.get_seqno()
        session.reconnect.set_probe_interval(1000)  # which a unix socket does not have by itself
        before = session.reconnect.last_activity
        self.client.run_until(lambda: session.reconnect.last_activity > before, "a probe's answer")
        self.assertEqual(session.get_seqno(), seqno)


if __name__ == "__main__":
    stock.main(ovs, "python3-openvswitch")
