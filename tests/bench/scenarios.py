"""What is measured: scenarios, each of which takes one server through its life once and returns the
measures that it is there for."""
import collections
import json
import os
import subprocess
import time

HERE = os.path.dirname(os.path.realpath(__file__))
# 'goal' is the ratio ovsdb-lite / ovsdb-server that must be reached: at least, of what should be much; at
# most, of what should be little.
Measure = collections.namedtuple("Measure", "name title unit is_rate goal")

MEASURES = [
    Measure("plain-1", "updates, 1 client", "/s", True, 1.1),
    Measure("plain-8", "updates, 8 clients", "/s", True, 1.1),
    Measure("durable-1", "durable updates, 1 client", "/s", True, 1.1),
    Measure("durable-8", "durable updates, 8 clients", "/s", True, 4),
    Measure("insert-1", "inserts, 1 client", "/s", True, 1.1),
    Measure("insert-8", "inserts, 8 clients", "/s", True, 1.1),
    Measure("durable-insert-1", "durable inserts, 1 client", "/s", True, 1.1),
    Measure("durable-insert-8", "durable inserts, 8 clients", "/s", True, 4),
    Measure("latency-1", "commit to update, 1 monitor", "µs", False, 1),
    Measure("latency-100", "commit to update, all of 100 monitors", "µs", False, 1),
    Measure("file", "file after 50k updates of 1k rows", "MB", False, 1),
    Measure("file-inserts", "file after 100k inserts by 8 clients", "MB", False, 1.3),
    Measure("file-batches", "file after 100k inserts, 1k a transaction", "MB", False, 1.3),
    Measure("insert-10k", "10k rows in one transaction", "ms", False, 1),
    Measure("dump-10k", "first dump of 10k rows", "ms", False, 1),
    Measure("rss-10k", "RSS, 10k rows, started, settled", "MB", False, 1 / 3),
    Measure("dumped-10k", "… after a dump, settled", "MB", False, 1 / 3),
    Measure("peak-10k", "… at its peak", "MB", False, 1 / 3),
    Measure("loaded-10k", "RSS, 10k rows, as inserted, settled", "MB", False, 1 / 3),
    Measure("start-100k", "start with 100k rows", "ms", False, 1 / 2),
    Measure("select-100k", "select by index among 100k rows", "µs", False, 1 / 100),
    Measure("dump-100k", "first dump of 100k rows", "ms", False, 1),
    Measure("rss-100k", "RSS, 100k rows, started, settled", "MB", False, 1 / 3),
    Measure("dumped-100k", "… after a dump, settled", "MB", False, 1 / 3),
    Measure("peak-100k", "… at its peak", "MB", False, 1 / 3),
    Measure("loaded-100k", "RSS, 100k rows, as inserted, settled", "MB", False, 1 / 3),
]

# Numbers of rows and requests; seconds of load, and of rest before memory is called settled. The quick ones
# only show that everything works.
Sizes = collections.namedtuple("Sizes", "rows seconds commits updates many most selects settle")
FULL = Sizes(rows=1000, seconds=1.0, commits=500, updates=50000, many=10000, most=100000, selects=100,
             settle=2.5)
# An insert's row is none of those that are there.
FAR = 10000000
QUICK = Sizes(rows=20, seconds=0.05, commits=5, updates=100, many=200, most=300, selects=10, settle=0.1)


class Load:
    """Runs the load generator against one server."""

    def __init__(self, program, server):
        self.program, self.server = program, server

    def __call__(self, workload, **options):
        words = [f"--{key}={value}" for key, value in options.items() if value is not True]
        words += [f"--{key}" for key, value in options.items() if value is True]
        done = subprocess.run([self.program, f"--socket={self.server.socket}", *words, workload],
                              check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def rate(self, workload, **options):
        result = self(workload, **options)
        return result["count"] / result["seconds"]


def transactions(server, load, sizes):
    """Small transactions on a small database."""
    server.start()
    load("insert", rows=sizes.rows, batch=1000)
    found = {}
    for kind, options in (("plain", {}), ("durable", {"durable": True})):
        for clients in (1, 8):
            found[f"{kind}-{clients}"] = load.rate("update", rows=sizes.rows, clients=clients,
                                                   seconds=sizes.seconds, **options)
    return found


def inserts(server, load, sizes):
    """As small, and the database grows."""
    server.start()
    load("insert", rows=sizes.rows, batch=1000)
    found, first = {}, FAR
    for kind, options in (("insert", {}), ("durable-insert", {"durable": True})):
        for clients in (1, 8):
            found[f"{kind}-{clients}"] = load.rate("add", first=first, clients=clients, seconds=sizes.seconds,
                                                   **options)
            first += FAR
    return found


def monitors(server, load, sizes):
    """The way from a commit to those who watch."""
    server.start()
    load("insert", rows=sizes.rows, batch=1000)
    return {f"latency-{n}": load("latency", rows=sizes.rows, monitors=n, count=sizes.commits)["seconds"] * 1e6
            for n in (1, 100)}


def churn(server, load, sizes):
    """What remains of many updates."""
    server.start()
    load("insert", rows=sizes.rows, batch=1000)
    load("update", rows=sizes.rows, clients=8, count=sizes.updates)
    time.sleep(sizes.settle)
    return {"file": server.file_bytes() / 1e6}


def growth(server, load, sizes):
    """What the rows take when each came by itself."""
    server.start()
    load("add", clients=8, count=sizes.most)
    time.sleep(sizes.settle)
    return {"file-inserts": server.file_bytes() / 1e6}


def settled(server, sizes):
    time.sleep(sizes.settle)
    return server.memory()[0] / 1e6


def memory(server, load, sizes, suffix):
    """Of a server that has just started: then one client reads everything."""
    found = {"rss" + suffix: settled(server, sizes)}
    found["dump" + suffix] = load("dump")["seconds"] * 1e3
    found["dumped" + suffix] = settled(server, sizes)
    found["peak" + suffix] = server.memory()[1] / 1e6
    return found


def ten_thousand(server, load, sizes):
    server.start()
    found = {"insert-10k": load("insert", rows=sizes.many, batch=sizes.many)["seconds"] * 1e3}
    found["loaded-10k"] = settled(server, sizes)
    server.stop()
    server.compact()
    server.start()
    found.update(memory(server, load, sizes, "-10k"))
    return found


def hundred_thousand(server, load, sizes):
    """The rows are inserted in the first round; the others begin with a copy of the file."""
    found = {}
    if not server.restore():
        server.start()
        load("insert", rows=sizes.most, batch=1000)
        found["loaded-100k"] = settled(server, sizes)
        found["file-batches"] = server.file_bytes() / 1e6
        server.stop()
        server.compact()
        server.keep()
    server.start()
    found["start-100k"] = server.restart() * 1e3  # both have their file in the page cache
    found["select-100k"] = 1e6 / load.rate("select", rows=sizes.most, count=sizes.selects)
    server.restart()
    found.update(memory(server, load, sizes, "-100k"))
    return found


SCENARIOS = {
    transactions: ("plain-1", "plain-8", "durable-1", "durable-8"),
    inserts: ("insert-1", "insert-8", "durable-insert-1", "durable-insert-8"),
    monitors: ("latency-1", "latency-100"),
    churn: ("file",),
    growth: ("file-inserts",),
    ten_thousand: ("insert-10k", "dump-10k", "rss-10k", "dumped-10k", "peak-10k", "loaded-10k"),
    hundred_thousand: ("start-100k", "select-100k", "dump-100k", "rss-100k", "dumped-100k", "peak-100k",
                       "loaded-100k", "file-batches"),
}
