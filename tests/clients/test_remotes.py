#!/usr/bin/python3
"""The remotes of `ovsdb-lite server`: every transport, active and passive, with stock clients too.

Usage: test_remotes.py OVSDB_LITE.
"""
import grp
import json
import os
import select
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from remotes import Certificates, RemoteServer
from server import PATIENCE_S, Connection, wait_until

try:
    import ovs.db.idl
    import ovs.poller
    import ovs.stream
except ImportError:
    ovs = None

PROGRAM = None
VSWITCH_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
CERTIFICATES = None
HAS_OVSDB_CLIENT = bool(shutil.which("ovsdb-client"))


def setUpModule():
    global CERTIFICATES
    CERTIFICATES = Certificates()


def tearDownModule():
    CERTIFICATES.remove()


def ovsdb_client(*args):
    return subprocess.run(["ovsdb-client", "--timeout=%d" % PATIENCE_S, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


class Case(unittest.TestCase):
    def serve(self, *remotes, options=(), schema=None):
        server = RemoteServer(PROGRAM, remotes, options, schema)
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        return server

    def open(self, connection):
        self.addCleanup(connection.close)
        return connection

    def assert_serves(self, connection):
        self.assertEqual(connection.call("list_dbs", []), ["T", "_Server"])


class Passive(Case):
    def test_tcp(self):
        server = self.serve("ptcp:0:127.0.0.1")
        connection = self.open(server.tcp())
        self.assert_serves(connection)
        result = connection.transact({"op": "insert", "table": "Person", "row": {"name": "Ann"}})
        self.assertEqual(list(result[0]), ["uuid"])

    def test_ipv6(self):
        if not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("no IPv6 here")
        server = self.serve("ptcp:0:[::1]")
        self.assert_serves(self.open(server.tcp(host="::1")))

    def test_any_local_address(self):
        self.assert_serves(self.open(self.serve("ptcp:0").tcp()))

    def test_several_remotes(self):
        server = self.serve("punix:DIR/a", "punix:DIR/b", "ptcp:0:127.0.0.1", "pssl:0:127.0.0.1",
                            options=CERTIFICATES.options("server"))
        self.assert_serves(self.open(server.unix("a")))
        self.assert_serves(self.open(server.unix("b")))
        self.assert_serves(self.open(server.tcp()))
        self.assert_serves(self.open(server.tls(CERTIFICATES, "client", 1)))

    @unittest.skipUnless(HAS_OVSDB_CLIENT, "ovsdb-client is not installed")
    def test_stock_client(self):
        server = self.serve("ptcp:0:127.0.0.1", "pssl:0:127.0.0.1", options=CERTIFICATES.options("server"))
        self.assertEqual(ovsdb_client("list-dbs", "tcp:127.0.0.1:%d" % server.ports[0]).stdout, "T\n_Server\n")
        address = "ssl:127.0.0.1:%d" % server.ports[1]
        self.assertEqual(ovsdb_client(*CERTIFICATES.options("client"), "list-dbs", address).stdout, "T\n_Server\n")
        for options in (CERTIFICATES.options("stranger"), CERTIFICATES.options("client", "other-ca"),
                        CERTIFICATES.options("expired")):
            self.assertNotEqual(ovsdb_client(*options, "list-dbs", address).returncode, 0, options)

    def test_whom_tls_lets_in(self):
        server = self.serve("pssl:0:127.0.0.1", "ptcp:0:127.0.0.1", options=CERTIFICATES.options("server"))
        for name in "stranger", "expired":
            # With TLS 1.3 the client learns late that it is refused.
            with self.assertRaises(OSError):
                connection = self.open(server.tls(CERTIFICATES, name))
                self.assert_serves(connection)
        plain = self.open(server.tcp())
        plain.send("list_dbs", [])
        self.assertTrue(plain.is_closed())
        self.assert_serves(self.open(server.tcp(1)))
        self.assert_serves(self.open(server.tls(CERTIFICATES, "client")))

    def test_an_address_that_is_not_there_yet(self):
        """The others are served; tests/kernel/test_errors.py has the address come."""
        server = self.serve("ptcp:0:192.0.2.1", "punix:DIR/s")
        self.assert_serves(self.open(server.unix("s")))
        self.assertIn("event=listen_failed remote=ptcp:0:192.0.2.1 error=\"cannot listen on ptcp:0:192.0.2.1: "
                      "Cannot assign requested address\"", server.log())

    def test_an_expired_certificate(self):
        """Others than TLS's clients are served, and they too once it is renewed."""
        folder = tempfile.mkdtemp(prefix="ipvl-remotes-")
        self.addCleanup(shutil.rmtree, folder)

        def install(name):
            for end in "key", "pem":
                shutil.copy(CERTIFICATES.path(f"{name}.{end}"), f"{folder}/new")
                os.rename(f"{folder}/new", f"{folder}/mine.{end}")

        install("expired")
        server = self.serve("pssl:0:127.0.0.1", "punix:DIR/s", options=[
            f"--private-key={folder}/mine.key", f"--certificate={folder}/mine.pem",
            "--ca-cert=" + CERTIFICATES.path("ca.pem")])
        self.assert_serves(self.open(server.unix("s")))
        self.assertIn("event=tls_files_refused", server.log())
        self.assertIn("the certificate expired on", server.log())
        with self.assertRaises(OSError):
            server.tls(CERTIFICATES, "client")
        install("server")
        self.assert_serves(self.open(server.tls(CERTIFICATES, "client")))

    def test_large_messages_over_tls(self):
        server = self.serve("pssl:0:127.0.0.1", options=CERTIFICATES.options("server"))
        connection = self.open(server.tls(CERTIFICATES, "client"))
        text = "x" * (2 << 20)
        self.assertEqual(connection.call("echo", [text]), [text])
        # The second waits until the reply to the first is read.
        first, second = connection.send("echo", [text]), connection.send("list_dbs", [])
        self.assertEqual(connection.receive()["id"], first)
        self.assertEqual(connection.receive()["id"], second)

    def test_who_floods_over_tls_hurts_nobody(self):
        """It asks for more and more and reads nothing, beside handshakes that lead nowhere."""
        server = self.serve("pssl:0:127.0.0.1", options=CERTIFICATES.options("server"))
        other = self.open(server.tls(CERTIFICATES, "client"))
        for _ in range(50):
            self.open(server.tcp()).send_bytes(b"\x16\x03\x01\x40")
        flood = self.open(server.tls(CERTIFICATES, "client"))
        flood.sock.setblocking(False)
        request = json.dumps({"id": 1, "method": "echo", "params": ["x" * 100000]}).encode()
        sent, longest = 0, 0
        while sent < 100 << 20:
            try:
                sent += flood.sock.send(request[sent % len(request):])
                continue
            except OSError:  # it is held up
                pass
            start = time.monotonic()
            self.assert_serves(other)
            longest = max(longest, time.monotonic() - start)
            if not select.select([], [flood.sock], [], 0.3)[1]:
                break
        self.assertLess(sent, 50 << 20)
        self.assertLess(longest, 0.5)
        self.assertLess(server.rss_kib(), 60 << 10)

    def test_ending_with_clients_connected(self):
        server = self.serve("pssl:0:127.0.0.1", "ptcp:0:127.0.0.1", options=CERTIFICATES.options("server"))
        clients = [self.open(server.tls(CERTIFICATES, "client")), self.open(server.tcp(1))]
        half = self.open(server.tcp(0))
        self.assert_serves(clients[0])
        self.assert_serves(clients[1])
        server.end()
        self.assertEqual(server.process.returncode, 0)
        for connection in clients + [half]:
            self.assertTrue(connection.is_closed())


def commit(idl, txn):
    """Runs the Python IDL until 'txn' is through."""
    end = time.monotonic() + PATIENCE_S
    status = txn.commit()
    while status == txn.INCOMPLETE and time.monotonic() < end:
        run_idl(idl)
        status = txn.commit()
    return status


def run_idl(idl):
    poller = ovs.poller.Poller()
    idl.run()
    idl.wait(poller)
    poller.timer_wait(10)
    poller.block()


class Idls(Case):
    """Over TLS, with an inactivity probe that comes often."""

    @unittest.skipUnless(ovs, "python3-openvswitch is not installed")
    def test_python(self):
        server = self.serve("pssl:0:127.0.0.1,inactivity-probe=1000", options=CERTIFICATES.options("server"))
        ovs.stream.Stream.ssl_set_private_key_file(CERTIFICATES.path("client.key"))
        ovs.stream.Stream.ssl_set_certificate_file(CERTIFICATES.path("client.pem"))
        ovs.stream.Stream.ssl_set_ca_cert_file(CERTIFICATES.path("ca.pem"))
        connection = self.open(server.tls(CERTIFICATES, "client"))
        helper = ovs.db.idl.SchemaHelper(None, connection.call("get_schema", ["T"]))
        helper.register_all()
        idl = ovs.db.idl.Idl("ssl:127.0.0.1:%d" % server.ports[0], helper)
        self.addCleanup(idl.close)
        end = time.monotonic() + PATIENCE_S
        while not idl.has_ever_connected() and time.monotonic() < end:
            run_idl(idl)
        # Long enough to be cut off, if it did not answer.
        end = time.monotonic() + 3
        while time.monotonic() < end:
            run_idl(idl)
        seqno = idl.change_seqno
        txn = ovs.db.idl.Transaction(idl)
        txn.insert(idl.tables["Person"]).name = "Ann"
        self.assertEqual(commit(idl, txn), txn.SUCCESS)
        # It was never disconnected, which would have counted twice.
        self.assertEqual(idl.change_seqno, seqno + 1)

    @unittest.skipUnless(shutil.which("ovs-vsctl") and os.path.exists(VSWITCH_SCHEMA),
                         "openvswitch-switch is not installed")
    def test_c(self):
        with open(VSWITCH_SCHEMA, encoding="utf-8") as f:
            server = self.serve("pssl:0:127.0.0.1", options=CERTIFICATES.options("server"), schema=json.load(f))
        vsctl = ["ovs-vsctl", "--timeout=%d" % PATIENCE_S, "--no-wait", *CERTIFICATES.options("client"),
                 "--db=ssl:127.0.0.1:%d" % server.ports[0]]
        subprocess.run(vsctl + ["init", "--", "add-br", "br0", "--", "add-port", "br0", "eth7"], check=True)
        p = subprocess.run(vsctl + ["list-ports", "br0"], check=True, stdout=subprocess.PIPE, text=True)
        self.assertEqual(p.stdout, "eth7\n")


class UnixSockets(Case):
    def look(self, server):
        return os.stat(os.path.join(server.dir, "s"))

    def test_mode(self):
        st = self.look(self.serve("punix:DIR/s"))
        self.assertEqual(stat.S_IMODE(st.st_mode), 0o660)
        st = self.look(self.serve("punix:DIR/s,mode=0606"))
        self.assertEqual(stat.S_IMODE(st.st_mode), 0o606)

    def group(self):
        """One that the socket can be given to, and would not have by itself."""
        for group in grp.getgrall():
            if group.gr_gid != os.getegid() and (os.geteuid() == 0 or group.gr_gid in os.getgroups()):
                return group
        return self.skipTest("we are in one group only")

    def test_group(self):
        group = self.group()
        st = self.look(self.serve("punix:DIR/s,group=" + group.gr_name))
        self.assertEqual(st.st_gid, group.gr_gid)
        self.assertEqual(stat.S_IMODE(st.st_mode), 0o660)

    def test_the_group_ipvl_is_the_default(self):
        """In a mount namespace whose /etc/group has it."""
        names = "root:x:0:\nipvl:x:54321:\n"
        with tempfile.NamedTemporaryFile("w", prefix="ipvl-group-") as etc_group:
            etc_group.write(names)
            etc_group.flush()
            os.chmod(etc_group.name, 0o644)
            inside = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/group && exec "$@"', etc_group.name]
            if subprocess.run(inside + ["true"], stderr=subprocess.DEVNULL, check=False).returncode:
                self.skipTest("only root can have an /etc/group of his own")

            class Grouped(RemoteServer):
                def command(self):
                    return inside + super().command()
            server = Grouped(PROGRAM, ["punix:DIR/s"])
            try:
                self.assertEqual(self.look(server).st_gid, 54321)
            finally:
                server.stop()


class Probes(Case):
    def test_a_silent_client_is_asked(self):
        connection = self.open(self.serve("ptcp:0:127.0.0.1,inactivity-probe=200").tcp())
        for _ in range(3):
            self.assertEqual(connection.receive(), {"id": "echo", "method": "echo", "params": []})
            connection.send_bytes(b'{"id":"echo","result":[],"error":null}')
        # An error is an answer as well.
        self.assertEqual(connection.receive()["method"], "echo")
        connection.send_bytes(b'{"id":"echo","result":null,"error":"unknown method"}')
        # And so is anything else; the reply to the echo may come after it.
        self.assertEqual(connection.receive()["method"], "echo")
        self.assert_serves(connection)
        connection.send_bytes(b'{"id":"echo","result":[],"error":null}')
        self.assert_serves(connection)
        # One reply too many is a reply to nothing: it is cut off, without being asked again.
        connection.send_bytes(b'{"id":"echo","result":[],"error":null}')
        with self.assertRaises(OSError):
            connection.receive()

    def test_who_does_not_answer_is_cut_off(self):
        connection = self.open(self.serve("ptcp:0:127.0.0.1,inactivity-probe=200").tcp())
        start = time.monotonic()
        self.assertEqual(connection.receive()["method"], "echo")
        self.assertTrue(connection.is_closed())
        self.assertGreater(time.monotonic() - start, 0.35)

    def test_unix_clients_are_asked_only_if_told(self):
        server = self.serve("punix:DIR/quiet", "punix:DIR/asking,inactivity-probe=150",
                            "ptcp:0:127.0.0.1,inactivity-probe=0")
        quiet, never = self.open(server.unix("quiet")), self.open(server.tcp())
        asked = self.open(server.unix("asking"))
        for _ in range(3):
            self.assertEqual(asked.receive()["method"], "echo")
            asked.send_bytes(b'{"id":"echo","result":[],"error":null}')
        # What they would have been asked stands before the reply.
        for connection in quiet, never:
            connection.send("list_dbs", [])
            self.assertEqual(connection.receive()["result"], ["T", "_Server"])

    def test_over_tls(self):
        server = self.serve("pssl:0:127.0.0.1,inactivity-probe=200", options=CERTIFICATES.options("server"))
        connection = self.open(server.tls(CERTIFICATES, "client"))
        self.assertEqual(connection.receive()["method"], "echo")
        connection.send_bytes(b'{"id":"echo","result":[],"error":null}')
        self.assertEqual(connection.receive()["method"], "echo")
        self.assertTrue(connection.is_closed())

    def test_a_busy_reader_is_not_silent(self):
        """It takes its time over a reply, and is not asked what it cannot answer yet."""
        server = self.serve("ptcp:0:127.0.0.1,inactivity-probe=200")
        connection = self.open(server.tcp())
        text = "x" * (6 << 20)
        connection.send("echo", [text])
        end, n = time.monotonic() + 1.2, 0
        while time.monotonic() < end:
            n += len(connection.sock.recv(64 << 10))
            time.sleep(0.02)
        self.assertLess(n, len(text))
        while n < len(text):
            data = connection.sock.recv(1 << 20)
            self.assertTrue(data, "it was cut off")
            n += len(data)

    @unittest.skipUnless(HAS_OVSDB_CLIENT, "ovsdb-client is not installed")
    def test_stock_client_answers(self):
        server = self.serve("ptcp:0:127.0.0.1,inactivity-probe=1000", "punix:DIR/asking,inactivity-probe=1000")
        with subprocess.Popen(["ovsdb-client", "monitor", "tcp:127.0.0.1:%d" % server.ports[0], "T", "Person", "name"],
                              stdout=subprocess.PIPE, text=True) as monitor:
            clock = self.open(server.unix("asking"))
            for _ in range(3):
                self.assertEqual(clock.receive()["method"], "echo")
                clock.send_bytes(b'{"id":"echo","result":[],"error":null}')
            clock.transact({"op": "insert", "table": "Person", "row": {"name": "Ann"}})
            wait_until(lambda: "Ann" in monitor.stdout.readline(), "the insert")
            monitor.kill()


class Active(Case):
    """Here the test listens, and the server calls."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ipvl-manager-")
        self.addCleanup(shutil.rmtree, self.dir)

    def listen(self, family, address):
        sock = socket.socket(family)
        self.addCleanup(sock.close)
        sock.settimeout(PATIENCE_S)
        if family != socket.AF_UNIX:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen()
        return sock

    def accept(self, listener, context=None):
        sock = listener.accept()[0]
        if context:
            sock = context.wrap_socket(sock, server_side=True)
        return self.open(Connection(sock=sock))

    def test_tcp_and_again(self):
        listener = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        self.serve("tcp:127.0.0.1:%d" % listener.getsockname()[1])
        first = self.accept(listener)
        self.assert_serves(first)
        first.close()
        self.assert_serves(self.accept(listener))

    def test_tls(self):
        listener = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        server = self.serve("ssl:127.0.0.1:%d,role=read-only" % listener.getsockname()[1],
                            options=CERTIFICATES.options("server"))
        with self.assertRaises(OSError):
            self.accept(listener, CERTIFICATES.context("stranger", True))
        wait_until(lambda: "event=remote_unreachable" in server.log(), "the log")
        self.assertIn("the peer's certificate is not accepted", server.log())
        manager = self.accept(listener, CERTIFICATES.context("client", True))
        self.assert_serves(manager)
        result = manager.transact({"op": "insert", "table": "Person", "row": {"name": "Ann"}})
        self.assertEqual(result[0]["error"], "permission error")

    def test_unix_of_a_manager_that_comes_later(self):
        path = self.dir + "/manager"
        server = self.serve("unix:" + path)
        wait_until(lambda: "event=remote_unreachable" in server.log(), "the log")
        self.assert_serves(self.accept(self.listen(socket.AF_UNIX, path)))
        self.assertEqual(server.log().count("event=remote_unreachable"), 1)

    def test_probes(self):
        listener = self.listen(socket.AF_INET, ("127.0.0.1", 0))
        self.serve("tcp:127.0.0.1:%d,inactivity-probe=150" % listener.getsockname()[1])
        manager = self.accept(listener)
        self.assertEqual(manager.receive()["method"], "echo")
        self.assertTrue(manager.is_closed())
        self.assert_serves(self.accept(listener))

    @unittest.skipUnless(HAS_OVSDB_CLIENT, "ovsdb-client is not installed")
    def test_stock_client_listens(self):
        path = self.dir + "/manager"
        self.serve("unix:" + path)
        self.assertEqual(ovsdb_client("list-dbs", "punix:" + path).stdout, "T\n_Server\n")


class Sentences(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="ipvl-remotes-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.db = self.dir + "/db"
        with open(self.dir + "/schema", "w", encoding="utf-8") as f:
            json.dump({"name": "T", "version": "1.0.0", "tables": {}}, f)
        subprocess.run([PROGRAM, "create", self.db, self.dir + "/schema"], check=True)

    def test_bad_options(self):
        unix = "--remote=punix:" + self.dir + "/s"
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        some_tls = CERTIFICATES.options("server")[:2]
        for options, words in (
                ([unix + ",colour=red"], 'unknown option "colour"; an address may have role=NAME'),
                ([unix + ",role"], '"role" has no value'),
                ([unix + ",role="], "role= is empty; write role=NAME"),
                ([unix + ","], '"" has no value'),
                ([unix + ",mode=9"], "mode=9: give an octal mode, such as 0660"),
                ([unix + ",mode=01777"], "mode=01777: give an octal mode"),
                ([unix + ",group=no-such-group"], "there is no group no-such-group; make it with `groupadd"),
                ([unix + ",inactivity-probe=5s"], "inactivity-probe=5s: give milliseconds from 100"),
                ([unix + ",inactivity-probe=99"], "from 100 to"),
                (["--remote=ptcp:0,mode=0600"], "only punix: takes mode="),
                (["--remote=unix:/x,group=root"], "only punix: takes group="),
                (["--remote=ptcp:%d:127.0.0.1" % taken.getsockname()[1]], "another server listens on ptcp:"),
                (["--remote=tcp:name:1"], "names are not looked up"),
                (["--remote=pssl:0"], "give --private-key, --certificate and --ca-cert"),
                (["--remote=ssl:127.0.0.1:1"], "give --private-key, --certificate and --ca-cert"),
                ([unix, *some_tls], "--ca-cert is missing"),
                ([unix, "--subject-role=reader"], "reader: not a name and its role"),
                ([unix, "--subject-role=:r"], "not a name and its role"),
                ([unix, "--subject-role=a:b", "--subject-role=a:c"], "a has a role already"),
                ([unix, "--max-clients=0"], "--max-clients=0: give a number from 1"),
                ([unix, "--max-message=1"], "--max-message=1: give a size in bytes"),
                ([unix, "--max-message=251M"], "from 1K to 250M"),
                ([unix, "--max-backlog=1T"], "--max-backlog=1T"),
                ([unix, "--max-partial="], "--max-partial="),
                ([unix, "--max-stall=-1"], "--max-stall=-1"),
        ):
            with self.subTest(options):
                p = subprocess.run([PROGRAM, "server", *options, self.db], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False)
                self.assertEqual(p.returncode, 1)
                self.assertIn(words, p.stderr)
                sentences = [line for line in p.stderr.splitlines() if not line.startswith("event=")]
                self.assertEqual(len(sentences), 1, p.stderr)
        self.assertFalse(os.path.exists(self.dir + "/s"))


class Limits(Case):
    def test_max_message(self):
        server = self.serve("punix:DIR/s", options=["--max-message=2K"])
        connection = self.open(server.unix("s"))
        self.assertEqual(connection.call("echo", ["x" * 1500]), ["x" * 1500])
        connection.send("echo", ["x" * 2500])
        self.assertTrue(connection.is_closed())
        self.assert_serves(self.open(server.unix("s")))

    def test_max_clients(self):
        server = self.serve("punix:DIR/s", options=["--max-clients=2"])
        clients = [self.open(server.unix("s")) for _ in range(3)]
        self.assertTrue(clients[0].is_closed())
        self.assert_serves(clients[1])
        self.assert_serves(clients[2])

    def test_max_partial(self):
        server = self.serve("punix:DIR/s", options=["--max-partial=4K"])
        small, large = (self.open(server.unix("s")) for _ in range(2))
        self.assert_serves(small)
        small.send_bytes(b'{"id":1,"method":"echo","params":["' + b"x" * 1000)
        large.send_bytes(b'{"id":1,"method":"echo","params":["' + b"x" * 4000)
        self.assertTrue(large.is_closed())
        small.send_bytes(b'"]}')
        self.assertEqual(small.receive()["result"], ["x" * 1000])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
