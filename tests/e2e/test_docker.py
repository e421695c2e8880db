#!/usr/bin/python3
"""`ipvl-docker` as dockerd calls it: a stand-in for Docker, on a simulated kernel.
test_docker.py IPVL-CTL IPVLD-LAB SCHEMA IPVL-DOCKER KILL-AT [--every N] [unittest's arguments]

The requests are those that Docker 20.10 and 26.1 send. With `--every 1` the driver is killed at each
of its system calls, by default at some. tests/messages/docker.txt has each sentence of each error."""
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import unittest

from test_ctl import PATIENCE_S, Case

DOCKER, KILL_AT = map(os.path.abspath, sys.argv[4:6])
EVERY = int(sys.argv[7]) if sys.argv[6:7] == ["--every"] else 97
NOT_TRACED = 77
NET, OTHER = "554a45e9c1d2" + 52 * "0", "61e37316e5eb" + 52 * "0"
LEAVE_OUT = object()


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("", timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def network(net=NET, pool="10.98.0.0/24", gateway="10.98.0.1/24", internal=False, pool6=None, **options):
    options.setdefault("parent", "eno2")
    return {"NetworkID": net,
            "Options": {"com.docker.network.enable_ipv6": bool(pool6), **({"com.docker.network.internal": True} if internal else {}),
                        "com.docker.network.generic": {k: v for k, v in options.items() if v is not LEAVE_OUT}},
            "IPv4Data": [{"AddressSpace": "LocalDefault", "Pool": pool, "Gateway": gateway, "AuxAddresses": {}}],
            "IPv6Data": [{"AddressSpace": "LocalDefault", "Pool": pool6, "Gateway": "2001:db8::1/64"}] if pool6 else []}


def endpoint_id(n):
    return f"{n:012x}" + 52 * "e"


class Engine(Case):
    server = None

    def setUp(self):
        super().setUp()
        self.host.start(lab="eno2 eno3")
        self.serve()
        self.addCleanup(self.end)

    def serve(self, *words):
        self.server = subprocess.Popen([*words, DOCKER, "--db=unix:" + self.host.socket, "--socket=" + self.host.path("ipvl.sock")],
                                       stderr=subprocess.DEVNULL)

    def end(self):
        if self.server.poll() is None:
            self.server.terminate()
        self.server.wait(PATIENCE_S)

    def try_call(self, method, request):
        """None: the driver died."""
        c = Connection(self.host.path("ipvl.sock"))
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                c.connect()
                break
            except (FileNotFoundError, ConnectionRefusedError):
                c.close()
                if self.server.poll() is not None:
                    return None
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
        try:
            body = json.dumps(request) + "\n" if request is not None else ""
            c.request("POST", "/" + method, body, {"Host": "", "Accept": "application/vnd.docker.plugins.v1.2+json"})
            r = c.getresponse()
            text = r.read()
            return r.status, json.loads(text) if text else None
        except (ConnectionError, http.client.HTTPException):
            return None
        finally:
            c.close()

    def call(self, method, request=None):
        """Of Docker's NetworkDriver; the answer, which is no error."""
        answer = self.try_call(method if "." in method else "NetworkDriver." + method, request)
        self.assertIsNotNone(answer, "the driver has died")
        self.assertEqual(answer[0], 200)
        self.assertNotIn("Err", answer[1])
        return answer[1]

    def bad(self, method, request):
        status, answer = self.try_call("NetworkDriver." + method, request)
        self.assertEqual(status, 200)
        return answer["Err"]

    @staticmethod
    def endpoint(n, address="10.98.0.9/24", net=NET, options=None, **interface):
        return {"NetworkID": net, "EndpointID": endpoint_id(n),
                "Interface": {"Address": address, "AddressIPv6": "", "MacAddress": "", **interface},
                "Options": {"com.docker.network.endpoint.exposedports": [], "com.docker.network.portmap": [], **(options or {})}}

    @staticmethod
    def of(n, net=NET):
        return {"NetworkID": net, "EndpointID": endpoint_id(n)}

    def join(self, n, net=NET):
        return self.call("Join", {**self.of(n, net), "SandboxKey": "/var/run/docker/netns/bbaaa17e6053", "Options": {}})

    def start(self, n, **more):
        self.assertEqual(self.call("CreateEndpoint", self.endpoint(n, **more)), {"Interface": {}})
        return self.join(n, more.get("net", NET))

    def stop(self, n, net=NET):
        self.call("Leave", self.of(n, net))
        self.call("DeleteEndpoint", self.of(n, net))

    def slaves(self):
        return self.rows("Slave")

    def assert_nothing_left(self):
        self.assertEqual([len(self.rows(t)) for t in ("Slave", "Master", "Lease")], [0, 0, 0])
        self.assertEqual(self.rows("Host")[0]["external_ids"], {})


class Calls(Engine):
    def test_handshake(self):
        self.assertEqual(self.call("Plugin.Activate")["Implements"], ["NetworkDriver"])
        self.assertEqual(self.call("GetCapabilities"), {"Scope": "local", "ConnectivityScope": "global", "GwAllocChecker": True})
        self.assertEqual(self.try_call("NetworkDriver.ProgramExternalConnectivity", {})[0], 404)
        self.assertEqual(self.try_call("NetworkDriver.DiscoverNew", {})[0], 404)
        for mode, skips in (("l2", False), ("l3", True), ("l3s", True)):
            self.assertEqual(self.call("GwAllocCheck", {"Options": {"com.docker.network.generic": {"ipvlan_mode": mode}}}),
                             {"SkipIPv4": skips, "SkipIPv6": skips})
        self.assertEqual(self.call("GwAllocCheck", {"Options": {}}), {"SkipIPv4": False, "SkipIPv6": False})

    def test_life(self):
        self.assertEqual(self.call("CreateNetwork", network()), {})
        master = self.rows("Master")[0]
        self.assertEqual((master["name"], master["mode"], master["flag"], master["sources"]), ("eno2", "l2", "bridge", ["docker:" + NET[:12]]))
        self.assertEqual(self.start(1), {"InterfaceName": {"SrcName": "ipv000000000001", "DstPrefix": "eth"}, "Gateway": "10.98.0.1",
                                         "StaticRoutes": [], "DisableGatewayService": True})
        row = self.slaves()[0]
        self.assertEqual((row["state"], row["handed_over"], row["transient"], row["addresses"]), ("ready", True, True, ["10.98.0.9/24"]))
        self.assertEqual((row["sources"], row["external_ids"]["docker-container"]), (["docker:" + NET[:12]], endpoint_id(1)))
        self.assertNotIn("docker-pending", row["external_ids"])
        for _ in range(2):
            self.assertEqual(self.call("EndpointOperInfo", self.of(1)), {"Value": {}})
        self.stop(1)
        self.assertEqual(self.slaves(), [])
        self.assertEqual(len(self.rows("Master")), 1, "the network has it")
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.assert_nothing_left()

    def test_way_out(self):
        self.call("CreateNetwork", network(ipvlan_mode="l3", ipvlan_flag="private", gateway="10.98.0.0/24", pool6="2001:db8::/64"))
        joined = self.start(1, AddressIPv6="2001:db8::9/64")
        self.assertNotIn("Gateway", joined)
        self.assertEqual(joined["StaticRoutes"], [{"Destination": "0.0.0.0/0", "RouteType": 1}, {"Destination": "::/0", "RouteType": 1}])
        self.assertEqual(self.slaves()[0]["addresses"], ["10.98.0.9/24", "2001:db8::9/64"])
        self.stop(1)
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.call("CreateNetwork", network(internal=True))
        self.assertEqual((self.start(2).get("Gateway"), self.join(2)["StaticRoutes"]), (None, []))
        self.stop(2)
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.call("CreateNetwork", network(pool6="2001:db8::/64"))
        self.assertEqual(self.start(3, AddressIPv6="2001:db8::9/64")["GatewayIPv6"], "2001:db8::1")

    def test_vlan(self):
        self.call("CreateNetwork", network(parent="eno2.10"))
        master = self.rows("Master")[0]
        self.assertEqual((master["name"], master["vlan_link"], master["vlan_id"]), ("eno2.10", "eno2", 10))
        self.start(1)
        self.stop(1)
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.assert_nothing_left()

    def test_a_row_of_that_name(self):
        """A parent that an administrator declared stays."""
        self.ctl("add-master", "eno2", "mode=l2")
        self.call("CreateNetwork", network())
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.assertEqual([r["sources"] for r in self.rows("Master")], [[]])

    def test_several_networks(self):
        """On one parent, as long as mode and flag agree."""
        self.call("CreateNetwork", network())
        self.call("CreateNetwork", network(OTHER, "10.99.0.0/24", "10.99.0.1/24"))
        self.start(1)
        self.start(2, address="10.99.0.9/24", net=OTHER)
        self.assertIn("declared by network 554a45e9c1d2 and network 61e37316e5eb",
                      self.bad("CreateNetwork", network("f" * 64, "10.97.0.0/24", "10.97.0.1/24", ipvlan_mode="l3")))
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.assertEqual([r["name"] for r in self.slaves()], ["ipv000000000002"])
        self.stop(2, OTHER)
        self.call("DeleteNetwork", {"NetworkID": OTHER})
        self.assert_nothing_left()

    def test_host_access(self):
        self.call("CreateNetwork", network(host_access="10.98.0.250"))
        self.start(1)
        shim = [r for r in self.slaves() if r["host_access"]][0]
        self.assertEqual((shim["name"], shim["addresses"]), ("shim-eno2", ["10.98.0.250/32"]))
        self.stop(1)
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.assert_nothing_left()

    def test_odd_orders(self):
        self.call("DeleteNetwork", {"NetworkID": NET})
        self.call("DeleteEndpoint", self.of(1))
        self.call("Leave", self.of(1))
        self.call("CreateNetwork", network())
        self.call("CreateNetwork", network())
        self.bad("Join", self.of(1))
        for _ in range(2):
            self.call("CreateEndpoint", self.endpoint(1))
        self.assertEqual(len(self.slaves()), 1)
        self.assertEqual(self.join(1), self.join(1))
        self.call("DeleteEndpoint", self.of(1))  # without a Leave
        self.call("DeleteEndpoint", self.of(1))
        self.start(2)
        self.call("DeleteNetwork", {"NetworkID": NET})  # with an endpoint
        self.assert_nothing_left()

    def test_refused(self):
        self.call("CreateNetwork", network())
        for options, text in (({"com.docker.network.portmap": [{"Proto": 6, "Port": 80, "HostPort": 8080}]}, "ports"),
                              ({"com.docker.network.endpoint.macaddress": "AkIKAAAC"}, "MAC"), ({"colour": "red"}, "no such option: colour")):
            self.assertIn(text, self.bad("CreateEndpoint", self.endpoint(1, options=options)))
        self.assertIn("MAC", self.bad("CreateEndpoint", self.endpoint(1, MacAddress="02:42:0a:00:00:02")))
        self.start(1)
        self.assertIn("has that address", self.bad("CreateEndpoint", self.endpoint(2)))
        self.assertEqual(len(self.slaves()), 1)

    def test_no_daemon(self):
        self.call("CreateNetwork", network())
        self.host.stop()
        self.assertIn("ipvld does not answer", self.bad("CreateEndpoint", self.endpoint(1)))
        self.assertEqual(self.call("Plugin.Activate")["Implements"], ["NetworkDriver"])
        self.host.start(lab="eno2 eno3")
        self.start(1)  # the network is kept

    def test_waiting(self):
        """A parent that is not there: Join has the reason."""
        self.call("CreateNetwork", network(parent="eth9"))
        self.call("CreateEndpoint", self.endpoint(1))
        self.assertEqual(self.bad("Join", self.of(1)), "waiting for eth9 to appear")
        self.call("DeleteEndpoint", self.of(1))
        self.assertEqual(self.slaves(), [])


class Passed(Engine):
    """A socket as systemd passes it: number 3, which blocks (sd_listen_fds(3))."""

    def serve(self, *words):
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.host.path("ipvl.sock"))
            s.listen()

            def pass_it():
                os.dup2(s.fileno(), 3)
                os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
            self.server = subprocess.Popen([DOCKER, "--db=unix:" + self.host.socket], preexec_fn=pass_it, pass_fds=(3,),
                                           stderr=subprocess.DEVNULL)

    def test_calls(self):
        self.assertEqual(self.call("Plugin.Activate"), {"Implements": ["NetworkDriver"]})
        self.call("CreateNetwork", network())
        self.assertEqual(self.call("Plugin.Activate"), {"Implements": ["NetworkDriver"]})


class Deaths(Engine):
    def test_dockerd(self):
        """It dies before Join, and starts again."""
        self.call("CreateNetwork", network())
        self.call("CreateEndpoint", self.endpoint(1))
        self.start(2, address="10.98.0.10/24")
        self.call("Plugin.Activate")
        self.assertEqual([r["name"] for r in self.slaves()], ["ipv000000000002"], "one that was joined may live on")

    def test_host(self):
        """After a boot containers come with another id and the same address."""
        self.call("CreateNetwork", network())
        self.start(1)
        self.ctl("set", "Slave", "ipv000000000001", "external_ids:docker-boot=another")
        self.start(2)
        self.assertEqual([r["name"] for r in self.slaves()], ["ipv000000000002"])
        self.ctl("set", "Slave", "ipv000000000002", "external_ids:docker-boot=another")
        self.call("Plugin.Activate")
        self.assertEqual(self.slaves(), [])

    def test_device(self):
        """The simulated kernel is a new one after a restart: no device is anywhere, and the rows go."""
        self.call("CreateNetwork", network())
        self.start(1)
        self.host.stop()
        self.host.start(lab="eno2 eno3")
        self.start(2)
        self.assertEqual([r["name"] for r in self.slaves()], ["ipv000000000002"])

    def test_driver(self):
        """Killed at its system calls, and asked again as dockerd asks: nothing stays."""
        calls = [("CreateNetwork", network()), ("CreateEndpoint", self.endpoint(1)), ("Join", self.of(1)), ("Leave", self.of(1)),
                 ("DeleteEndpoint", self.of(1)), ("DeleteNetwork", {"NetworkID": NET})]
        n, has_lived = EVERY, False
        while not has_lived:
            self.end()
            self.serve(KILL_AT, str(n))
            has_lived = True
            for method, request in calls:
                while (answer := self.try_call("NetworkDriver." + method, request)) is None:
                    if self.server.wait(PATIENCE_S) == NOT_TRACED:
                        self.skipTest("a process may not be traced here")
                    has_lived = False
                    self.serve()
                self.assertNotIn("Err", answer[1], f"{method}, killed at {n}")
            self.assert_nothing_left()
            n += EVERY
        self.assertGreater(n, 2 * EVERY)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[8 if sys.argv[6:7] == ["--every"] else 6:]])
