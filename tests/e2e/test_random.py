#!/usr/bin/python3
"""A client that sends ipvld whatever comes: test_random.py IPVLD-LAB SCHEMA [--seed N] [--requests N]

Every request is answered, the daemon goes on, ends cleanly, and starts again on what the client left in its file.
A failure prints the seed; the same seed sends the same requests as long as the answers are the same."""
import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from patience import PATIENCE_S  # noqa: E402

SEEDS = (1, 2, 3)
# Texts by column: right ones, wrong ones, and those that are right in one place only.
TEXTS = {
    "name": ["eno2", "eno3", "eth0", "a", "b", "lo", "eno2.5", "x" * 15, "名前", "."],
    "netns": ["", "ns1", "ns2", "lab7", "/run/netns/ns1", "/proc/1/ns/net", "/a/b", "ns1/x", "x" * 255],
    "host": ["", "x", "h1"],
    "addresses": [f"10.0.0.{i}/24" for i in range(1, 5)] + ["2001:db8::1/64", "fe80::1/64", "0.0.0.0/0", "10.0.0.1",
                                                           "224.0.0.1/24", "10.0.0.1/32"],
    "routes": ["default", "default via 10.0.0.1", "10.9.0.0/16", "default via 2001:db8::9",
               "10.9.0.0/16 via 10.0.0.2 metric 5", "x", "default via 10.9.9.9"],
    "mode": ["l2", "l3", "l3s", "l9"],
    "flag": ["bridge", "private", "vepa"],
    "vlan_link": ["eno2", "eno3", "a"],
    "addressing": ["static", "external"],
    "nameservers": ["10.3.3.3", "10.3.3.3 10.3.3.4", "x y"],
    "search": ["a.example", "a b", ".."],
}
OTHER_TEXTS = ["", "1", "0", "on", "k", "ipv6.accept_ra", "ipv4.x", "port-watch", "leftovers"]
INTEGERS = [0, 1, 2, 68, 1280, 1400, 1500, 9000, 65535, 4094, -1, 2**62]
FILES = ["version: 1\n", "x", "version: 1\nmasters: [{name: eno2, mode: l2}]\n",
         "version: 1\nmasters: [{name: eno3, slaves: [{name: y, netns: ns2}]}]\n"]
PARENTS = {"Slave": ("Master", "slaves"), "Master": ("Host", "masters")}


class Daemon:
    def __init__(self, program, schema):
        self.program, self.schema = program, schema
        self.dir = tempfile.mkdtemp(prefix="ipvl-random-")
        self.process, self.starts = None, 0
        os.mkdir(self.path("yaml"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self):
        with open(self.path("log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def start(self):
        self.starts += 1
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--datapath=sim", "--db", self.path("conf.db"), "--schema", self.schema,
                 "--remote", "punix:" + self.path("s"), "--config-dir", self.path("yaml")],
                stderr=log, env=dict(os.environ, IPVL_LAB="eno2 eno3 lab7/eth9"))
        end = time.monotonic() + PATIENCE_S
        while self.log().count("event=ready ") < self.starts:
            if self.process.poll() is not None or time.monotonic() > end:
                raise EOFError("it did not start")
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        if self.process.wait(PATIENCE_S):
            raise EOFError(f"it ended with {self.process.returncode}")

    def remove(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.dir)


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(path)
        self.text, self.pending, self.id = "", b"", 0

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode())

    def receive(self):
        while True:
            try:
                message, end = json.JSONDecoder().raw_decode(self.text)
                self.text = self.text[end:]
                return message
            except ValueError:
                piece = self.socket.recv(1 << 20)
                if not piece:
                    raise EOFError("the connection was closed") from None
                self.pending += piece
                try:
                    self.text += self.pending.decode()
                    self.pending = b""
                except UnicodeDecodeError:
                    pass  # a character was cut

    def call(self, method, params):
        self.id += 1
        self.send({"id": self.id, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("method") == "echo":
                self.send({"id": message["id"], "result": message["params"], "error": None})
            elif message.get("id") == self.id and "method" not in message:
                return message


class Chance:
    """Random requests on the rows that are known."""

    def __init__(self, seed, schema):
        self.random = random.Random(seed)
        self.tables = schema["tables"]
        self.known = {table: [] for table in self.tables}
        self.named = []

    def uuid(self):
        return ["uuid", str(uuid.UUID(int=self.random.getrandbits(128)))]

    def atom(self, column, base):
        kind = base if isinstance(base, str) else base["type"]
        if kind == "uuid" and (isinstance(base, str) or "refTable" not in base):
            return self.uuid()
        if kind == "uuid":
            table = base["refTable"]
            rows = self.known[table] + [["named-uuid", name] for t, name in self.named if t == table]
            return self.random.choice(rows) if rows and self.random.random() < 0.95 else self.uuid()
        if kind == "boolean":
            return self.random.choice([True, False])
        return self.random.choice(INTEGERS if kind == "integer" else TEXTS.get(column, OTHER_TEXTS))

    def value(self, table, column):
        kind = self.tables[table]["columns"][column]["type"]
        if isinstance(kind, str):
            return self.atom(column, kind)
        if "value" in kind:
            pairs = {self.atom(column, kind["key"]): self.atom(column, kind["value"])
                     for _ in range(self.random.randrange(3))}
            return ["map", [list(pair) for pair in pairs.items()]]
        if kind.get("min", 1) == 1:
            return self.atom(column, kind["key"])
        elements = []
        for _ in range(self.random.randrange(5 if kind.get("max", 1) == "unlimited" else 2)):
            element = self.atom(column, kind["key"])
            if element not in elements:
                elements.append(element)
        return ["set", elements]

    def row(self, table, share):
        row = {}
        for column, schema in self.tables[table]["columns"].items():
            wanted = share > 0.3 and column in ("name", "mode", "flag", "addressing")
            if schema.get("ephemeral") and self.random.random() < 0.98:
                continue
            if wanted or self.random.random() < share:
                row[column] = self.value(table, column)
        if "host" in self.tables[table]["columns"] and self.random.random() < 0.9:
            row["host"] = ""
        return row

    def where(self, table):
        if self.random.random() < 0.05:
            return []
        return [["_uuid", "==", self.random.choice(self.known[table] or [self.uuid()])]]

    def operations(self):
        table = self.random.choice(list(self.tables) if self.random.random() < 0.2 else ["Master", "Slave", "Slave"])
        kind = self.random.random()
        if kind < 0.45:
            name = f"n{len(self.named)}"
            self.named.append((table, name))
            operations = [{"op": "insert", "table": table, "row": self.row(table, 0.5), "uuid-name": name}]
            parent, members = PARENTS.get(table, (None, None))
            if parent and self.known[parent]:
                operations.append({"op": "mutate", "table": parent, "where": self.where(parent),
                                   "mutations": [[members, "insert", ["named-uuid", name]]]})
            return operations
        if kind < 0.75:
            return [{"op": "update", "table": table, "where": self.where(table), "row": self.row(table, 0.15)}]
        if kind < 0.85 and table != "Host":
            return [{"op": "delete", "table": table, "where": self.where(table)}]
        column = self.random.choice(list(self.tables[table]["columns"]))
        return [{"op": "mutate", "table": table, "where": self.where(table),
                 "mutations": [[column, self.random.choice(["insert", "delete", "+=", "-="]),
                                self.value(table, column)]]}]

    def request(self, daemon):
        kind = self.random.random()
        self.named = []
        operations = sum((self.operations() for _ in range(self.random.randrange(1, 5))), [])
        if kind < 0.8:
            return "transact", ["ipvl", *operations]
        if kind < 0.9:
            return "ipvl_plan", ["ipvl", operations]
        if kind < 0.94:
            return "get_history", ["ipvl", {"max": self.random.choice([0, 1, 5, 1000]),
                                            "before": self.random.choice([0, 5, 10**15]),
                                            "changes": self.random.choice([True, False, 1])}]
        if kind < 0.97:
            return "undo", ["ipvl", self.random.randrange(-1, 300),
                            self.random.choice([{}, {"except": {"Host": ["next_cfg"]}}, {"except": 1}])]
        if kind < 0.985:
            with open(daemon.path("yaml/random.yaml"), "w", encoding="utf-8") as f:
                f.write(self.random.choice(FILES))
            return "ipvl_reload", ["ipvl"]
        if kind < 0.99:
            return "ipvl_import", ["ipvl", {"foreign": self.random.choice([True, False, 1])}]
        return self.random.choice(["ipvl_plan", "ipvl_reload", "get_history", "undo", "transact"]), \
            self.random.choice([[], ["ipvl", 5], [None], [{}], ["ipvl", {"op": 1}]])


def learn(client, chance):
    for table in chance.known:
        reply = client.call("transact", ["ipvl", {"op": "select", "table": table, "where": [], "columns": ["_uuid"]}])
        chance.known[table] = sorted((row["_uuid"] for row in reply["result"][0]["rows"]), key=lambda u: u[1])


def run(program, schema_path, seed, n_requests):
    """The complaint, or None."""
    with open(schema_path, encoding="utf-8") as f:
        chance = Chance(seed, json.load(f))
    daemon = Daemon(program, schema_path)
    request = None
    try:
        daemon.start()
        client = Client(daemon.path("s"))
        for number in range(n_requests):
            if number % 20 == 0:
                learn(client, chance)
            request = chance.request(daemon)
            client.call(*request)
        request = "SIGTERM"
        daemon.stop()
        request = "a start on what is there"
        daemon.start()
        daemon.stop()
        return None
    except (OSError, EOFError, subprocess.TimeoutExpired) as e:
        try:  # the log ends with what it died of
            daemon.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        return (f"seed {seed}: {e!r} (status {daemon.process.poll()}) at {json.dumps(request)[:4000]}\n"
                f"{daemon.log()[-4000:]}")
    finally:
        daemon.remove()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("schema")
    p.add_argument("--seed", type=int)
    p.add_argument("--requests", type=int, default=1000)
    o = p.parse_args()
    seeds = SEEDS if o.seed is None else (o.seed,)
    print(f"1..{len(seeds)}")
    for number, seed in enumerate(seeds, 1):
        complaint = run(o.program, o.schema, seed, o.requests)
        print(f"{'not ok' if complaint else 'ok'} {number} - seed {seed}", flush=True)
        for line in (complaint or "").splitlines():
            print("# " + line)


if __name__ == "__main__":
    main()
