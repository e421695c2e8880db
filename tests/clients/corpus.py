"""Cases as data: how they are written in tests/data, matched and run.

A file is {"schema": …, "sections": [{"section", "setup", "cases"}, …]}; "setup" is a list of operations
that run before each case, on an empty database. A case has "what" and one of

  "ops", "then", "reply"    transactions and the elements of their replies, one list; perhaps also
                            "setup", and what stands in the details of the error: "details" of
                            either server's, "words" of ours
  "where", "is"             whether table R's row matches, or the error
  "mutations", "gives"      columns of table R's row after it, or the error
  "do"                      a list of steps, of the kinds in the table at the end of this file

and, where ovsdb-server answers otherwise, "anchor": {"id": …, and what is otherwise}. The id is
that of a row of the table in docs/ovsdb.md, which gives the reason.

A case of a schema has "schema" or "type" (of a column), and "refused": true or how it is shown, "normal", if
that is not as it is given; then perhaps a column's "default", values that it "takes", those that it "shows"
as others, [given, shown], and those that it "refuses", [given, error]; and perhaps "do".

A step is about the connection "a", which is made when it is first used, or the one in "on".

What is expected is JSON, and equal to what comes, except that
  "<word>"             stands for any string but the same wherever it is written; two different words are
                       different strings. In what is sent it stands for what was met.
  "<*>"                stands for anything.
  {"error": tag}       also fits an error with further members.
  "rows", "set", "map", and lists under "<in any order>" have no order.
"""
import json
import os
import re
import sys

from server import Connection

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "data")
sys.setrecursionlimit(10000)  # the deepest nesting is read here too
WORD = re.compile(r"^<[a-z0-9 ]+>$")


def load(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as f:
        return json.load(f)


def is_word(value):
    return isinstance(value, str) and WORD.match(value)


def matches(want, have, known):
    """Yields for each way in which 'have' fits what the words known then are."""
    if want == "<*>":
        yield known
    elif is_word(want) and isinstance(have, str):
        if want in known:
            if known[want] == have:
                yield known
        elif have not in known.values():
            yield {**known, want: have}
    elif isinstance(want, dict):
        yield from matches_object(want, have, known)
    elif isinstance(want, list) and isinstance(have, list):
        if len(want) == 2 and want[0] in ("set", "map"):
            if len(have) == 2 and have[0] == want[0] and isinstance(have[1], list):
                yield from matches_in_any_order(want[1], have[1], known)
        else:
            yield from matches_in_order(want, have, known)
    elif type(want) is type(have) and want == have:
        yield known


def matches_object(want, have, known):
    if list(want) == ["<in any order>"]:
        if isinstance(have, list):
            yield from matches_in_any_order(want["<in any order>"], have, known)
        return
    if not isinstance(have, dict):
        return
    if isinstance(want.get("error"), str) and "id" not in want:
        have = {k: v for k, v in have.items()
                if k in want or k not in ("details", "syntax", "io-error")}
    if len(want) != len(have):
        return
    # A row's UUID may be a key.
    for known in matches_in_any_order(sorted(want), sorted(have), known):
        keys = [(k, known.get(k, k)) for k in want]
        yield from matches_in_order([Rows(want[k]) if k == "rows" and want[k] != "<*>" else want[k] for k, _ in keys],
                                    [have[h] for _, h in keys], known)


class Rows(dict):
    def __init__(self, rows):
        super().__init__({"<in any order>": rows})


def matches_in_order(want, have, known):
    if len(want) != len(have):
        return
    if not want:
        yield known
        return
    for first in matches(want[0], have[0], known):
        yield from matches_in_order(want[1:], have[1:], first)


def matches_in_any_order(want, have, known):
    if len(want) != len(have):
        return
    if not want:
        yield known
        return
    for i, element in enumerate(have):
        for first in matches(want[0], element, known):
            yield from matches_in_any_order(want[1:], have[:i] + have[i + 1:], first)


def with_result(message):
    """ovsdb-server leaves out the null beside an error."""
    return {"result": None, **message} if message.get("error") else message


def schema_of(case):
    """Of a case with "schema", or with "type": that of the column c of table T."""
    return case.get("schema", {
        "name": "T", "version": "1.0.0",
        "tables": {"T": {"columns": {"c": {"type": case.get("type")}}}}})


def schema_steps(case):
    """Reads the schema, and writes and reads the values of "takes" and "refuses"."""
    if "type" in case:
        shown = schema_of({"type": case.get("normal", case["type"])})
    else:
        shown = case.get("normal", case["schema"])
    steps = [{"call": "get_schema", "params": [shown["name"]], "result": shown}]
    for value in case.get("takes", []):
        steps += value_steps({"c": value}, value)
    for given, shown in case.get("shows", []):
        steps += value_steps({"c": given}, shown)
    if "default" in case:
        steps += value_steps({}, case["default"])
    for value, tag in case.get("refuses", []):
        steps.append({"transact": [{"op": "insert", "table": "T", "row": {"c": value}}],
                      "result": [{"error": tag}]})
    return steps + case.get("do", [])


def value_steps(row, shown):
    return [{"transact": [{"op": "delete", "table": "T", "where": []},
                          {"op": "insert", "table": "T", "row": row}]},
            {"transact": [{"op": "select", "table": "T", "where": [], "columns": ["c"]}],
             "result": [{"rows": [{"c": shown}]}]}]


def row_steps(case):
    """Of a case with "where" or "mutations"."""
    if "where" in case:
        operation = {"op": "select", "table": "R", "where": case["where"], "columns": []}
        result = case["is"]
        if isinstance(result, bool):
            result = {"rows": [{}] if result else []}
        else:
            result = {"error": result}
        return [{"transact": [operation], "result": [result]}]
    operation = {"op": "mutate", "table": "R", "where": [], "mutations": case["mutations"]}
    if isinstance(case["gives"], str):
        return [{"transact": [operation], "result": [{"error": case["gives"]}]}]
    return [{"transact": [operation], "result": [{"count": 1}]},
            {"transact": [{"op": "select", "table": "R", "where": [], "columns": list(case["gives"])}],
             "result": [{"rows": [case["gives"]]}]}]


class Script:
    """Runs the steps of one case."""

    def __init__(self, test, server):
        self.test = test
        self.server = server
        self.connections = {}
        self.known = {}
        self.last_id = 0

    def run(self, steps):
        for step in steps:
            kind = next(k for k in step if k in STEPS)
            STEPS[kind](self, step)

    def run_transactions(self, case):
        connection = self.connection(case)
        elements = []
        for operations in case["ops"], case.get("then", []):
            elements += connection.call("transact", ["T"] + operations)
        self.expect(case["reply"], elements)
        details = "".join(e["details"] for e in elements if e and "details" in e)
        for words in case.get("details", ""), case.get("words", ""):
            words = re.sub("<[0-9]+>", lambda m: self.known.get(m[0], "[-0-9a-f]{36}"), re.escape(words))
            self.test.assertRegex(details, ".*" + words)

    def end(self):
        for connection in self.connections.values():
            connection.close()

    def connection(self, step):
        name = step.get("on", "a")
        if name not in self.connections:
            self.connections[name] = Connection(self.server)
        return self.connections[name]

    def filled(self, value):
        """With what the words stand for."""
        if isinstance(value, dict):
            return {self.filled(k): self.filled(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.filled(v) for v in value]
        return self.known.get(value, value) if isinstance(value, str) else value

    def expect(self, want, have):
        known = next(matches(want, have, self.known), None)
        if known is None:
            self.test.fail("\nwanted %s\ngot    %s\nwhere  %s"
                           % (json.dumps(want), json.dumps(have), self.known))
        self.known = known

    def send(self, connection, message):
        connection.send_bytes(json.dumps(self.filled(message)).encode())

    def do_send(self, step):
        self.send(self.connection(step), step["send"])

    def do_bytes(self, step):
        """Strings, {"hex": …}, or [string, times]; with "split" in pieces of so many bytes."""
        data = b""
        for piece in step["bytes"]:
            if isinstance(piece, dict):
                data += bytes.fromhex(piece["hex"])
            elif isinstance(piece, list):
                data += piece[0].encode() * piece[1]
            else:
                data += piece.encode()
        n = step.get("split", len(data))
        connection = self.connection(step)
        try:
            for i in range(0, len(data), n):
                connection.send_bytes(data[i:i + n])
        except (BrokenPipeError, ConnectionResetError):
            pass  # a "closed" says whether it should be

    def do_get(self, step):
        self.expect(step["get"], with_result(self.connection(step).receive()))

    def do_text(self, step):
        self.test.assertIn(step["text"], self.connection(step).last_text)

    def do_silent(self, step):
        """Nothing has come, and the server has worked off what we sent."""
        connection = self.connection(step)
        self.send(connection, {"id": "silent", "method": "echo", "params": []})
        self.expect({"id": "silent", "result": [], "error": None}, connection.receive())

    def do_closed(self, step):
        """The server says nothing more and closes."""
        try:
            said = self.connection(step).receive()
        except (ConnectionError, TimeoutError) as e:
            self.test.assertIsInstance(e, ConnectionError, "it does not close")
        else:
            self.test.fail("instead of closing it says %s" % said)

    def do_close(self, step):
        self.connections.pop(step["close"]).close()

    def do_dies(self, _):
        self.server.process.wait(10)

    def do_restart(self, _):
        self.end()
        self.connections = {}
        self.server.end()
        self.server.start()

    def call(self, step, method, params):
        """With "before": messages that come before the reply; with "skip": how many of any kind do."""
        connection = self.connection(step)
        self.last_id += 1
        self.send(connection, {"id": self.last_id, "method": method, "params": params})
        for message in step.get("before", []):
            self.expect(message, connection.receive())
        for _ in range(step.get("skip", 0)):
            connection.receive()
        reply = connection.receive()
        if "result" not in step and "error" not in step:
            self.test.assertIsNone(reply["error"], reply)
        else:
            self.expect({"id": self.last_id, "result": step.get("result"),
                         "error": step.get("error")}, with_result(reply))

    def do_call(self, step):
        self.call(step, step["call"], step.get("params", []))

    def do_transact(self, step):
        self.call(step, "transact", [step.get("db", "T")] + step["transact"])


STEPS = {
    "send": Script.do_send,          # a message
    "bytes": Script.do_bytes,        # raw
    "get": Script.do_get,            # the next message
    "text": Script.do_text,          # stands in the last message that came
    "silent": Script.do_silent,      # true: no message
    "closed": Script.do_closed,      # true: no message, and the end
    "close": Script.do_close,        # a connection's name: we close it
    "call": Script.do_call,          # a method, with "params", and "result" or "error" of its reply
    "transact": Script.do_transact,  # the operations, with "result" or "error"
    "dies": Script.do_dies,          # true: the server does
    "restart": Script.do_restart,    # true: stop it in an orderly way, start it again
}
