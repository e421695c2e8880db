#!/usr/bin/python3
"""RFC 7047 and what clients need beyond it, case by case, from tests/data: of `ovsdb-lite server`, or
with --anchor the very same cases of Debian's `ovsdb-server`.

Usage: test_rfc.py OVSDB_LITE|--anchor [NAME…]. Exit status 77: ovsdb-server is not installed.
A NAME is a file's, as in transact, or one test's as it is printed.
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

import corpus
from server import PATIENCE_S, Anchor, Connection, Server

FILES = ("convert", "methods", "monitor", "monitor_cond", "monitor_since", "operations", "schema", "transact", "wire")
DOCS = os.path.join(os.path.dirname(corpus.DATA), os.pardir, "docs", "ovsdb.md")


class Corpus(unittest.TestCase):
    """The cases of one file, all on one server."""
    program = None
    schema = None

    @classmethod
    def setUpClass(cls):
        cls.server = cls.make_server(cls.schema)

    @classmethod
    def make_server(cls, schema):
        return Server(cls.program, schema) if cls.program else Anchor(schema)

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        assert status == 0 or not cls.program, "the server ended with status %d" % status

    def empty_database(self):
        """Or a new one where a case has left something that cannot be removed."""
        clear = [{"op": "delete", "table": table, "where": []} for table in self.schema["tables"]]
        try:
            results = self.transact(clear)
        except OSError:
            self.server.process.wait(PATIENCE_S)
            self.server.start()
            results = self.transact(clear)
        if any("error" in r for r in results):
            self.tearDownClass()
            self.setUpClass()

    def transact(self, operations):
        connection = Connection(self.server)
        try:
            return connection.transact(*operations, db=self.schema["name"])
        finally:
            connection.close()

    def run_case(self, section, case):
        if not self.program:
            case = {**case, "words": "", **case.get("anchor", {})}
        if "type" in case or "schema" in case:
            self.run_schema_case(case)
            return
        self.empty_database()
        for result in self.transact(section.get("setup", [])):
            self.assertNotIn("error", result)
        self.transact(case.get("setup", []))
        self.run_steps(case)

    def run_schema_case(self, case):
        """On a server of its own."""
        shared = self.server
        try:
            self.server = self.make_server(corpus.schema_of(case))
        except subprocess.CalledProcessError as e:
            self.assertTrue(case.get("refused"), e.stderr)
            return
        try:
            self.assertFalse(case.get("refused"), "the schema is accepted")
            self.run_steps({"do": corpus.schema_steps(case)})
        finally:
            self.server.stop()
            self.server = shared

    def run_steps(self, case):
        script = corpus.Script(self, self.server)
        try:
            if "ops" in case:
                script.run_transactions(case)
            else:
                script.run(case["do"] if "do" in case else corpus.row_steps(case))
        finally:
            script.end()
        if self.program:
            self.assertIsNone(self.server.process.poll(), "the server ended")


class Docs(unittest.TestCase):
    def test_every_difference_is_in_the_docs(self):
        with open(DOCS, encoding="utf-8") as f:
            told = re.findall(r"^\| `([a-z0-9-]+)` \|", f.read(), re.MULTILINE)
        marked = {case["anchor"]["id"] for name in FILES
                  for section in corpus.load(name + ".json")["sections"]
                  for case in section["cases"] if "anchor" in case}
        self.assertEqual(sorted(told), sorted(marked))


def add_tests(name, program):
    data = corpus.load(name + ".json")
    tests = {"program": program, "schema": data["schema"]}
    for section in data["sections"]:
        for case in section["cases"]:
            words = "test_%s: %s" % (section["section"], case["what"])
            assert words not in tests, words
            tests[words] = lambda self, s=section, c=case: self.run_case(s, c)
    globals()[name] = type(name, (Corpus,), tests)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    if program == "--anchor":
        program = None
        if not shutil.which("ovsdb-server"):
            print("skipped: ovsdb-server is not installed (apt install openvswitch-common)")
            sys.exit(77)
    for file in FILES:
        add_tests(file, program)
    unittest.main()
