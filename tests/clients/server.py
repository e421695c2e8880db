"""A running `ovsdb-lite server` (or `ovsdb-server`, to compare with) and raw connections to it, for the
tests of this folder."""
import codecs
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from patience import PATIENCE_S  # noqa: E402

SCHEMA = {
    "name": "T",
    "version": "1.2.3",
    "tables": {
        "Person": {
            "isRoot": True,
            "columns": {
                "name": {"type": "string"},
                "age": {"type": {"key": {"type": "integer", "minInteger": 0}, "min": 0}},
                "tags": {"type": {"key": "string", "min": 0, "max": "unlimited"}},
                "seen": {"type": "integer", "ephemeral": True},
                "pets": {"type": {"key": {"type": "uuid", "refTable": "Pet"},
                                  "min": 0, "max": "unlimited"}},
            },
            "indexes": [["name"]],
        },
        "Pet": {"columns": {"name": {"type": "string"}}},
    },
}


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain: " + what)
        time.sleep(0.01)


class Server:
    """Makes a database of 'schema' in a temporary folder and serves it; stop() removes all."""
    stopped_status = 0

    def __init__(self, program, schema=None, schema_file=None):
        self.program = program
        self.dir = tempfile.mkdtemp(prefix="ipvl-clients-")
        self.db = os.path.join(self.dir, "db")
        self.path = os.path.join(self.dir, "sock")
        self.address = "unix:" + self.path
        if not schema_file:
            schema_file = os.path.join(self.dir, "schema")
            with open(schema_file, "w") as f:
                json.dump(SCHEMA if schema is None else schema, f)
        try:
            subprocess.run(self.create_command(schema_file), check=True, stderr=subprocess.PIPE)
        except subprocess.CalledProcessError:
            shutil.rmtree(self.dir)
            raise
        self.process = None
        self.start()

    def create_command(self, schema_file):
        return [self.program, "create", self.db, schema_file]

    def command(self):
        return [self.program, "server", "--remote=p" + self.address, self.db]

    def start(self):
        # A build with the address sanitizer must not keep freed memory: some tests look at it.
        self.process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1"))
        wait_until(self.answers, "the server to listen")

    def answers(self):
        try:
            Connection(self).close()
            return True
        except OSError:
            if self.process.poll() is not None:
                raise AssertionError("the server ended: %d" % self.process.returncode)
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)

    def stop(self):
        self.end()
        shutil.rmtree(self.dir)
        return self.process.returncode

    def status_kib(self, name):
        """Of proc(5) /proc/PID/status."""
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith(name + ":"):
                    return int(line.split()[1])
        return 0

    def rss_kib(self):
        return self.status_kib("VmRSS")

    def peak_kib(self):
        return self.status_kib("VmHWM")


class Anchor(Server):
    """Debian's ovsdb-server, which ours is measured against."""
    stopped_status = -signal.SIGTERM

    def __init__(self, schema=None, schema_file=None):
        super().__init__("ovsdb-server", schema, schema_file)

    def create_command(self, schema_file):
        return ["ovsdb-tool", "create", self.db, schema_file]

    def command(self):
        return [self.program, "--remote=p" + self.address, "--unixctl=none", "--no-chdir",
                "-vconsole:off", "-vsyslog:off", self.db]


class Connection:
    """Sends Python values as JSON-RPC and reads what comes. Bytes that are not UTF-8 are read as
    lone surrogates, Python's "surrogateescape"."""

    def __init__(self, server=None, sock=None):
        """Over 'sock', or a new socket to the server's path."""
        self.sock = sock or socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        try:
            if not sock:
                self.sock.connect(server.path)
        except OSError:
            self.sock.close()
            raise
        self.text = self.last_text = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.last_id = 0

    def close(self):
        self.sock.close()

    def send_bytes(self, data):
        self.sock.sendall(data)

    def send(self, method, params):
        self.last_id += 1
        self.send_bytes(json.dumps({"id": self.last_id, "method": method,
                                    "params": params}).encode())
        return self.last_id

    def receive(self):
        decoder = json.JSONDecoder()
        while True:
            try:
                value, end = decoder.raw_decode(self.text)
                self.last_text = self.text[:end]
                self.text = self.text[end:].lstrip()
                return value
            except ValueError:
                data = self.sock.recv(65536)
                if not data:
                    raise ConnectionError("the server closed the connection")
                self.text += self.decoder.decode(data)

    def call(self, method, params):
        this = self.send(method, params)
        while True:
            message = self.receive()
            if message.get("id") == this and "method" not in message:
                assert message["error"] is None, message
                return message["result"]

    def transact(self, *operations, db="T"):
        return self.call("transact", [db] + list(operations))

    def is_closed(self):
        """True once the server has cut us off, or does so within a while."""
        try:
            while self.sock.recv(1 << 20):
                pass
            return True
        except socket.timeout:
            return False
        except OSError:
            return True
