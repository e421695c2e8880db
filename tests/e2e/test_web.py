#!/usr/bin/python3
"""ipvld over HTTP: test_web.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]"""
import http.client
import json
import os
import re
import socket
import stat
import sys
import time
import unittest

from test_ctl import PATIENCE_S, Case

MONITORING = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "docs", "monitoring.md")
OPENMETRICS = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," \
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(self.path)


def samples(text):
    """{series: value} of the text format."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            series, value = line.rsplit(" ", 1)
            assert series not in found, series
            found[series] = float(value)
    return found


class Web(Case):
    def start(self, *options, **more):
        self.host.start(options=["--http", "tcp:127.0.0.1:0", *options], **more)
        self.port = int(re.search(r"event=http_listening address=ptcp:(\d+)", self.host.log())[1])

    def open(self):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        self.addCleanup(c.close)
        return c

    def get(self, path, method="GET", connection=None, **headers):
        c = connection or self.open()
        c.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        r = c.getresponse()
        r.text = r.read().decode()
        return r

    def metrics(self):
        r = self.get("/metrics")
        self.assertEqual(r.status, 200)
        return samples(r.text)

    def until(self, holds, what):
        end = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                self.fail(f"never: {what}\n{self.host.log()}")
            time.sleep(0.02)


class Metrics(Web):
    def test_rows_by_state(self):
        self.start()
        self.ctl("add-master", "eno2", "mode=l2", "--", "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24",
                 "--", "add-slave", "eno2", "ns1/b", "enabled=false")
        self.ctl("add-master", "eno9")
        m = self.metrics()
        self.assertEqual(m['ipvl_masters{state="ready"}'], 1)
        self.assertEqual(m['ipvl_masters{state="waiting"}'], 1)
        self.assertEqual(m['ipvl_slaves{state="ready"}'], 1)
        self.assertEqual(m['ipvl_slaves{state="disabled"}'], 1)
        self.assertEqual(sum(v for k, v in m.items() if k.startswith("ipvl_slaves{")), 2)
        self.assertEqual(m['ipvl_master_ready{master="eno2",netns=""}'], 1)
        self.assertEqual(m['ipvl_master_ready{master="eno9",netns=""}'], 0)
        self.assertEqual(m["ipvl_config_changes_pending"], 0)

    def test_what_it_counts(self):
        self.start()
        before = self.metrics()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a")
        after = self.metrics()

        def grown(series):
            return after[series] - before[series]

        self.assertEqual(grown('ipvl_transactions_total{by="client"}'), 1)
        self.assertGreaterEqual(grown('ipvl_transactions_total{by="ipvld"}'), 1)
        self.assertGreaterEqual(grown('ipvl_steps_total{result="done"}'), 3)  # namespace, slave, up
        self.assertEqual(grown('ipvl_steps_total{result="failed"}'), 0)
        self.assertGreaterEqual(grown("ipvl_pass_duration_seconds_count"), 1)
        self.assertEqual(grown("ipvl_sessions_accepted_total"), 1)
        self.assertEqual(grown('ipvl_http_answers_total{status="2xx"}'), 1)
        self.assertGreater(grown("ipvl_kernel_events_total"), 0)
        self.assertGreater(grown("ipvl_wakeups_total"), 0)
        self.assertEqual(after['ipvl_pass_duration_seconds_bucket{le="+Inf"}'],
                         after["ipvl_pass_duration_seconds_count"])
        self.assertEqual(after['ipvl_database_size_bytes{file="database"}'],
                         os.path.getsize(self.host.path("conf.db")))
        self.assertAlmostEqual(after["process_start_time_seconds"], time.time(), delta=PATIENCE_S)

    def test_errors_in_files(self):
        os.makedirs(self.host.path("yaml"))
        self.host.write("yaml/a.yaml", "version: 1\nmasters: 7\n")
        self.start()
        self.assertEqual(self.metrics()["ipvl_config_file_errors"], 1)

    def test_sessions_and_monitors(self):
        self.start()
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.host.socket)
            s.sendall(b'{"id":1,"method":"monitor","params":["ipvl",null,{"Master":{}}]}')
            s.recv(65536)
            m = self.metrics()
            self.assertEqual((m["ipvl_sessions"], m["ipvl_monitors"]), (1, 1))
        self.until(lambda: self.metrics()["ipvl_sessions"] == 0, "the session is gone")

    def test_the_page_about_them(self):
        """docs/monitoring.md has each metric, its type, labels and meaning, and no other."""
        self.start()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a")
        for path in ("/metrics", "/metrics/slaves"):
            self.compare(path)

    def compare(self, path):
        with open(MONITORING, encoding="utf-8") as f:
            rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?)\| (.*?) \|$", f.read().split(f"## {path}\n")[1]
                              .split("\n## ")[0], re.M)
        text = self.get(path).text
        served = []
        for name, help_, kind in re.findall(r"^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)$", text, re.M):
            labels = re.search(rf"^{name}(?:_bucket)?(?:{{(.*)}})? ", text, re.M)[1] or ""
            served.append((name, "info" if name.endswith("_info") else kind,
                           " ".join(f"`{n}`" for n in re.findall(r'(\w+)="', labels)), help_))
        self.assertEqual([(n, k, labels.strip(), h) for n, k, labels, h in rows], served)

    def test_both_formats(self):
        self.start()
        r = self.get("/metrics")
        self.assertEqual(r.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertNotIn("# EOF", r.text)
        self.assertIn("# TYPE ipvl_steps_total counter\n", r.text)
        r = self.get("/metrics", Accept=OPENMETRICS)
        self.assertEqual(r.headers["Content-Type"],
                         "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.assertTrue(r.text.endswith("\n# EOF\n"))
        self.assertIn("# TYPE ipvl_steps counter\n", r.text)
        self.assertIn("# TYPE ipvl_build info\n", r.text)
        self.assertIn("# UNIT ipvl_pass_duration_seconds seconds\n", r.text)
        for accept in ("text/plain", "*/*", "application/openmetrics-text;q=0", "text/html,text/plain;q=0.9",
                       "application/openmetrics-text;q=0.1,text/plain;q=0.2"):
            self.assertTrue(self.get("/metrics", Accept=accept).headers["Content-Type"].startswith("text/plain"))

    def test_labels_are_escaped(self):
        self.start()
        self.ctl("add-master", 'a"b\\c')
        self.assertIn(r'ipvl_master_ready{master="a\"b\\c",netns=""} 0', self.get("/metrics").text)


class Slaves(Web):
    def slaves(self):
        r = self.get("/metrics/slaves")
        self.assertEqual(r.status, 200)
        return samples(r.text)

    def test_counters(self):
        """The laboratory adds 1000 packets in and 10 out at each reading of a few devices (lab.c)."""
        self.start()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/abc", "--", "add-slave", "eno2", "eth7")
        self.ctl("add-master", "eno9", "--", "add-slave", "eno9", "ns1/w")
        first, second = self.slaves(), self.slaves()
        abc = '{master="eno2",netns="ns1",slave="abc"}'
        for m in first, second:
            n = m["ipvl_slave_receive_packets_total" + abc] / 1000
            self.assertEqual(m["ipvl_slave_receive_bytes_total" + abc], 3000 * n)
            self.assertEqual(m["ipvl_slave_transmit_packets_total" + abc], 10 * n)
            self.assertEqual(m["ipvl_slave_transmit_drop_total" + abc], 3)
            self.assertEqual(m["ipvl_slave_ready" + abc], 1)
        self.assertEqual(first["ipvl_slave_receive_packets_total" + abc], 1000)
        self.assertGreater(second["ipvl_slave_receive_packets_total" + abc], 1000)
        self.assertEqual(first['ipvl_slave_transmit_bytes_total{master="eno2",netns="",slave="eth7"}'], 40)
        self.assertEqual([k for k in first if "eno9" in k], ['ipvl_slave_ready{master="eno9",netns="ns1",slave="w"}'])
        self.assertEqual(first['ipvl_slave_ready{master="eno9",netns="ns1",slave="w"}'], 0)

    def test_a_datapath_without_counters_or_rows(self):
        self.start()
        self.assertEqual(self.slaves(), {})
        r = self.get("/metrics/slaves", Accept=OPENMETRICS)
        self.assertTrue(r.text.endswith("\n# EOF\n"))
        self.assertEqual(r.headers["Transfer-Encoding"], "chunked")
        r = self.get("/metrics/slaves", "HEAD")
        self.assertEqual((r.status, r.text), (200, ""))

    def many(self, n):
        text = ["version: 1", "masters:", "  - name: eno2", "    mode: l2", "    slaves:"]
        text += [f"      - {{name: eth0, netns: n{i}}}" for i in range(n)]
        os.makedirs(self.host.path("yaml"), exist_ok=True)
        self.host.write("yaml/many.yaml", "\n".join(text) + "\n")

    def test_others_are_served_meanwhile(self):
        """A scrape that reads nothing keeps nobody waiting, and a second one is not mixed with it."""
        self.many(1500)
        self.start()
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.sendall(b"GET /metrics/slaves HTTP/1.1\r\nHost: localhost\r\n\r\n")
            lazy.recv(100)
            self.assertEqual(len(self.slaves()), 1500 * 9)
            self.ctl("set-slave", "n7/eth0", "mtu=1400")
            self.ctl("del-master", "eno2")
        self.assertEqual(self.slaves(), {})

    def test_too_many_at_once(self):
        """On a unix socket, whose buffers do not grow, a client that does not read keeps its scrape running."""
        path = self.host.path("http.sock")
        self.many(3000)
        self.start("--http", "unix:" + path)
        lazy = []
        for _ in range(4):
            s = socket.socket(socket.AF_UNIX)
            self.addCleanup(s.close)
            s.connect(path)
            s.sendall(b"GET /metrics/slaves HTTP/1.1\r\nHost: localhost\r\n\r\n")
            s.recv(100)
            lazy.append(s)
        r = self.get("/metrics/slaves")
        self.assertEqual((r.status, r.headers["Retry-After"], r.text), (503, "1", "too many scrapes at the same time\n"))
        self.metrics()
        for s in lazy:
            s.close()
        self.until(lambda: self.get("/metrics/slaves").status == 200, "the others are over")


class Events:
    """A page that follows /events."""

    def __init__(self, case):
        self.connection = case.open()
        self.connection.request("GET", "/events")
        self.response = self.connection.getresponse()
        self.rows = {}  # by (table, uuid)

    def next(self):
        """(event, data) of the next event."""
        event, data = "message", []
        while True:
            line = self.response.readline().decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                data.append(value)
            elif not line and data:
                return event, "\n".join(data)

    def take(self):
        """The next rows; returns the name of the event."""
        event, data = self.next()
        for table, uuid, row in json.loads(data) if event == "rows" else ():
            self.rows.pop((table, uuid), None)
            if row is not None:
                self.rows[table, uuid] = row
        return event

    def until(self, holds):
        while not holds():
            self.take()

    def of(self, table):
        return [row for (name, _), row in self.rows.items() if name == table]


class Page(Web):
    def test_size_and_what_it_names(self):
        """At most 40 kB in all, and no address of another host."""
        self.start()
        size = 0
        for path, kind in (("/", "text/html; charset=utf-8"), ("/page.css", "text/css; charset=utf-8"),
                           ("/page.js", "text/javascript; charset=utf-8"), ("/icon.svg", "image/svg+xml")):
            r = self.get(path)
            self.assertEqual((r.status, r.headers["Content-Type"]), (200, kind))
            self.assertIsNone(re.search(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w.-]+\.\w", r.text), path)
            self.assertNotRegex(r.text, r"innerHTML|eval\(|style=|on(click|load|error)=", path)
            size += len(r.text.encode())
        print(f"# the page has {size} bytes", file=sys.stderr)
        self.assertLessEqual(size, 40000)

    def test_rows_and_their_changes(self):
        self.start()
        self.ctl("add-master", "eno2", "mode=l2", "--", "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24",
                 "external_ids:secret=x")
        e = Events(self)
        self.assertEqual(e.response.headers["Content-Type"], "text/event-stream")
        while e.take() != "complete":
            pass
        self.assertEqual([(m["name"], m["mode"], m["state"], len(m["slaves"])) for m in e.of("Master")], [("eno2", "l2", "ready", 1)])
        self.assertEqual([(s["name"], s["netns"], s["addresses"], s["state"]) for s in e.of("Slave")],
                         [("a", "ns1", ["10.0.0.2/24"], "ready")])
        self.assertNotIn("secret", json.dumps(e.of("Slave")))
        self.assertEqual(len(e.of("Host")), 1)
        self.ctl("set-slave", "ns1/a", "addresses=10.0.0.7/24")
        e.until(lambda: e.of("Slave")[0]["addresses"] == ["10.0.0.7/24"])
        self.ctl("del-master", "eno2")
        e.until(lambda: not e.of("Slave") and not e.of("Master"))

    def test_drift(self):
        os.environ["IPVL_LAB_THIEF"] = "ns1/a 10.0.0.2/24"
        self.addCleanup(os.environ.pop, "IPVL_LAB_THIEF")
        self.start()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24")
        e = Events(self)
        self.get("/metrics/slaves")
        e.until(lambda: e.of("Drift"))
        self.assertEqual([(d["object"], d["found"], d["done"]) for d in e.of("Drift")],
                         [("ns1/a", "address 10.0.0.2/24 removed", "back")])
        self.assertEqual(self.metrics()['ipvl_drift_total{action="repaired"}'], 1)

    def test_more_pages_than_it_serves(self):
        self.start()
        pages = [Events(self) for _ in range(16)]
        for page in pages:
            self.assertEqual(page.response.status, 200)
        r = self.get("/events")
        self.assertEqual((r.status, r.headers["Retry-After"], r.text), (503, "10", "too many pages are open at the same time\n"))
        self.metrics()
        self.ctl("add-master", "eno2")
        for page in pages:
            page.until(lambda p=page: p.of("Master") and p.of("Master")[0]["state"] == "ready")

    def test_a_page_that_reads_nothing(self):
        """What it has not got is one set of rows, however often they change."""
        self.start()
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a")
        lazy = socket.socket()
        self.addCleanup(lazy.close)
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", self.port))
        lazy.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        before = self.metrics()["process_resident_memory_bytes"]
        rpc = socket.socket(socket.AF_UNIX)
        self.addCleanup(rpc.close)
        rpc.connect(self.host.socket)
        for i in range(300):
            rpc.sendall(json.dumps({"id": i, "method": "transact", "params": ["ipvl", {
                "op": "update", "table": "Slave", "where": [], "row": {"alias": f"{i % 10}" * 250}}]}).encode())
            rpc.recv(65536)
        self.assertLess(self.metrics()["process_resident_memory_bytes"] - before, 16 << 20)


class Access(Web):
    def test_off_by_default(self):
        self.host.start()
        self.assertNotIn("http", self.host.log())

    def test_unix_socket(self):
        path = self.host.path("http.sock")
        self.start("--http", "unix:" + path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
        c = UnixConnection(path)
        self.addCleanup(c.close)
        self.assertEqual(self.get("/metrics", connection=c, Host="any.name").status, 200)
        self.host.process.terminate()
        self.host.process.wait(PATIENCE_S)
        self.assertFalse(os.path.exists(path))

    def test_names_of_the_host(self):
        self.start("--http", "tcp:127.0.0.1:0,host=node7.example.net,host=other")
        for host in ("127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:1", "[::1]", "[::1]:80", "10.0.0.7"):
            self.assertEqual(self.get("/metrics", Host=host).status, 200, host)
        for host in ("evil.example", "evil.example:9633", "localhost.evil.example", "", "node7.example.net", "127.0.0.1.evil"):
            self.assertEqual(self.get("/metrics", Host=host).status, 421, host)
        self.port = int(re.findall(r"event=http_listening address=ptcp:(\d+)", self.host.log())[1])
        for host in ("node7.example.net", "Node7.example.net:80", "other", "127.0.0.1"):
            self.assertEqual(self.get("/metrics", Host=host).status, 200, host)
        self.assertEqual(self.get("/metrics", Host="node8.example.net").text,
                         "ipvld does not answer to this name: use the address, or add the name to its option: "
                         "--http=tcp:IP:PORT,host=NAME\n")

    def test_only_to_be_read(self):
        self.start()
        r = self.get("/metrics", "HEAD")
        self.assertEqual((r.status, r.text), (200, ""))
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            r = self.get("/metrics", method)
            self.assertEqual((r.status, r.headers["Allow"]), (405, "GET, HEAD"), method)
            self.assertEqual(r.text, "everything here can only be read\n")
        r = self.get("/metrics/")
        self.assertEqual((r.status, r.text), (404, "no such page: there are / /metrics /metrics/slaves\n"))
        self.assertEqual(self.get("/../etc/passwd").status, 404)
        self.assertEqual(self.get("//").status, 404)
        self.assertEqual(self.get("/metrics?a=b").status, 200)

    def test_headers_of_every_answer(self):
        self.start()
        for path, method, host in (("/metrics", "GET", "localhost"), ("/no", "GET", "localhost"),
                                   ("/metrics", "POST", "localhost"), ("/metrics", "GET", "evil")):
            h = self.get(path, method, Host=host).headers
            self.assertEqual(h["Cache-Control"], "no-store")
            self.assertEqual(h["X-Content-Type-Options"], "nosniff")
            self.assertIn("default-src 'none'", h["Content-Security-Policy"])
            self.assertIn("frame-ancestors 'none'", h["Content-Security-Policy"])

    def test_bytes_that_are_no_request(self):
        self.start()
        for text in (b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET /metrics HTTP/9.9\r\n\r\n", b"A" * 100000,
                     b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 10000 + b"\r\n",
                     b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n",
                     b"GET " + b"/" * 7000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
                     b"{\"id\":1,\"method\":\"echo\",\"params\":[]}"):
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as s:
                try:
                    s.sendall(text)
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(65536):
                        pass
                except OSError:
                    pass
            self.assertEqual(self.get("/metrics").status, 200)

    def test_one_connection_for_many_requests(self):
        self.start()
        c = self.open()
        for _ in range(3):
            self.assertEqual(self.get("/metrics", connection=c).status, 200)
        self.assertEqual(self.get("/no", connection=c).status, 404)
        self.assertEqual(self.get("/metrics", connection=c).status, 200)

    def test_more_connections_than_it_takes(self):
        """They wait; clients of the database do not notice."""
        self.start()
        idle = []
        for _ in range(150):
            s = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n")  # and never the end
            idle.append(s)
        self.until(lambda: len(os.listdir(f"/proc/{self.host.process.pid}/fd")) > 64, "they are accepted")
        self.ctl("add-master", "eno2")
        self.assertLess(len(os.listdir(f"/proc/{self.host.process.pid}/fd")), 120)
        for s in idle:
            s.close()
        self.assertEqual(self.metrics()['ipvl_masters{state="ready"}'], 1)
        self.until(lambda: self.metrics()["process_open_fds"] < 40, "descriptors are closed")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
