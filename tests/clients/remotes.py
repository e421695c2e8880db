"""Servers with remotes of all kinds, and connections to them, for the tests of remotes and roles."""
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile

from server import PATIENCE_S, Anchor, Connection, Server, wait_until

CERTIFICATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "certificates")


class Certificates:
    """A folder of keys and certificates (tests/certificates)."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="ipvl-certificates-")
        subprocess.run([CERTIFICATES, self.dir], check=True)

    def remove(self):
        shutil.rmtree(self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def options(self, name, ca="ca"):
        """What makes a program 'name': of ovsdb-lite, ipvl-ctl and Open vSwitch alike."""
        return ["--private-key=" + self.path(name + ".key"), "--certificate=" + self.path(name + ".pem"),
                "--ca-cert=" + self.path(ca + ".pem")]

    def context(self, name, server_side=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.path("ca.pem"))
        context.load_cert_chain(self.path(name + ".pem"), self.path(name + ".key"))
        return context


class RemoteServer(Server):
    """A server with these remotes and options. ports[i] is the port that the i-th of those that listen
    on one has got."""

    def __init__(self, program, remotes, options=(), schema=None):
        self.remotes, self.options = remotes, options
        self.ports = []
        super().__init__(program, schema)

    def command(self):
        return [self.program, "server", *("--remote=" + r.replace("DIR", self.dir) for r in self.remotes),
                *self.options, self.db]

    def log(self):
        with open(self.dir + "/log", encoding="utf-8") as f:
            return f.read()

    def start(self):
        with open(self.dir + "/log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.command(), stderr=log, env=dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1"))
        try:
            wait_until(self.answers, "the server to listen")
        except AssertionError:
            print(self.log())
            raise
        self.ports = [int(p) for p in re.findall(r"event=listening remote=p(?:tcp|ssl):(\d+)", self.log())]

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("the server ended: %d" % self.process.returncode)
        return "event=server_ready" in self.log()

    def tcp(self, i=0, host="127.0.0.1"):
        return Connection(sock=socket.create_connection((host, self.ports[i]), PATIENCE_S))

    def tls(self, certificates, name, i=0):
        sock = socket.create_connection(("127.0.0.1", self.ports[i]), PATIENCE_S)
        try:
            return Connection(sock=certificates.context(name).wrap_socket(sock))
        except OSError:
            sock.close()
            raise

    def unix(self, name):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(os.path.join(self.dir, name))
        return Connection(sock=sock)


class RemoteAnchor(Anchor):
    """Debian's server with a pssl: remote that has a role: it reads both from a table."""

    def __init__(self, schema, role, certificates):
        self.certificates, self.role = certificates, role
        self.ports = []
        super().__init__(schema)

    def command(self):
        return [self.program, "--remote=p" + self.address, "--remote=db:T,Config,connections", "--unixctl=none",
                "--no-chdir", "-vsyslog:off", "-vconsole:info", *self.certificates.options("server"), self.db]

    def start(self):
        with open(self.dir + "/log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.command(), stderr=log, env=dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=1"))
        wait_until(self.answers, "the server to listen")
        connection = Connection(self)
        connection.transact(
            {"op": "insert", "table": "Connection", "uuid-name": "c",
             "row": {"target": "pssl:0:127.0.0.1", "role": self.role}},
            {"op": "insert", "table": "Config", "row": {"connections": ["named-uuid", "c"]}})
        connection.close()
        wait_until(self.listens, "the second remote")

    def listens(self):
        with open(self.dir + "/log", encoding="utf-8") as f:
            self.ports = [int(p) for p in re.findall(r"listening on port (\d+)", f.read())]
        return self.ports

    tls = RemoteServer.tls
