#!/usr/bin/python3
"""How long a client that reads the counters of many slaves keeps another one waiting.

Usage: wait.py IPVL-CTL IPVLD-LAB SCHEMA [SLAVES]     default: 10000

Prints how long a reading took, its bytes, and the longest time that an `echo` of another client took meanwhile: by the
clock, and as CPU time of ipvld, which does not depend on what else the machine does. docs/benchmarks.md has figures.
"""
import http.client
import os
import re
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "e2e"))
N = int(sys.argv.pop()) if len(sys.argv) > 4 else 10000
from test_ctl import Host  # noqa: E402


class Pinger(threading.Thread):
    """Sends an echo, waits for the reply, and a millisecond later the next."""

    def __init__(self, host):
        super().__init__(daemon=True)
        self.pid = host.process.pid
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(host.socket)
        self.worst = self.worst_cpu = self.n = 0
        self.is_over = False

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as f:
            return int(f.read().split()[0]) / 1e9

    def ping(self):
        begin, cpu = time.monotonic(), self.cpu_seconds()
        self.socket.sendall(b'{"id":1,"method":"echo","params":[]}')
        self.socket.recv(65536)
        self.worst = max(self.worst, time.monotonic() - begin)
        self.worst_cpu = max(self.worst_cpu, self.cpu_seconds() - cpu)
        self.n += 1

    def run(self):
        while not self.is_over:
            self.ping()
            time.sleep(0.001)

    def text(self):
        return f"longest wait {1000 * self.worst:.1f} ms, {1000 * self.worst_cpu:.1f} ms of CPU, of {self.n} pings"


def pinged(host, what):
    """(result, the pinger) of a call."""
    p = Pinger(host)
    p.start()
    result = what()
    p.is_over = True
    p.join()
    return result, p


def scrape(port, path):
    c = http.client.HTTPConnection("127.0.0.1", port)
    begin = time.monotonic()
    c.request("GET", path)
    body = c.getresponse().read()
    return time.monotonic() - begin, len(body)


def ask(host, method):
    """The same of a method of the database's socket."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(host.socket)
        begin = time.monotonic()
        s.sendall(b'{"id":1,"method":"%s","params":["ipvl"]}' % method)
        n, end = 0, b""
        while not end.endswith(b',"error":null}'):
            data = s.recv(1 << 20)
            if not data:
                raise AssertionError("ipvld has closed the connection")
            n, end = n + len(data), (end + data)[-40:]
        return time.monotonic() - begin, n


def main():
    host = Host()
    try:
        os.makedirs(host.path("yaml"))
        host.write("yaml/many.yaml", "version: 1\nmasters:\n  - name: eno2\n    mode: l2\n    slaves:\n" + "".join(
            f"      - {{name: eth0, netns: n{i}, addresses: [10.{i >> 16}.{i >> 8 & 255}.{i & 255}/8]}}\n"
            for i in range(1, N + 1)))
        host.start(options=["--http", "tcp:127.0.0.1:0", "--audit=0"])
        port = int(re.search(r"http_listening address=ptcp:(\d+)", host.log())[1])
        host.run("set", "Host", ".", "other_config:port-watch=0")
        for _ in range(20):
            if pinged(host, lambda: time.sleep(0.5))[1].worst_cpu < 0.02:
                break  # the passes of the start are over
        print(f"{N} slaves, idle: {pinged(host, lambda: time.sleep(1))[1].text()}")
        for what, call in (("/metrics/slaves", lambda: scrape(port, "/metrics/slaves")), ("/metrics", lambda: scrape(port, "/metrics")),
                           ("ipvl_statistics", lambda: ask(host, b"ipvl_statistics"))):
            for _ in range(5):
                (seconds, size), pinger = pinged(host, call)
                print(f"{what}: {1000 * seconds:.0f} ms, {size} bytes; {pinger.text()}", flush=True)
    finally:
        host.remove()


if __name__ == "__main__":
    main()
