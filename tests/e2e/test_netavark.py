#!/usr/bin/python3
"""`ipvl-cni` as Podman calls it, through netavark, on a simulated kernel.
test_netavark.py IPVL-CTL IPVLD-LAB SCHEMA IPVL-CNI KILL-AT [--every N] [unittest's arguments]

tests/messages/netavark.txt has what it prints, each sentence of each error."""
import concurrent.futures
import json
import os
import subprocess
import sys
import unittest

from test_cni import AT_ONCE, CNI, EVERY, KILL_AT, KILLED, NOT_TRACED, Engine
from test_ctl import PATIENCE_S

SUBNETS = [{"subnet": "10.9.0.0/24", "gateway": "10.9.0.1"}, {"subnet": "2001:db8::/64"}]


class Podman(Engine):
    """It has chosen the addresses itself."""

    def podman(self, call, container, *words, options=(), name="net", **network):
        """Returns the exit status, and what it printed as JSON; None for nothing."""
        n = 2 + self.containers.index(container)
        network = {"name": name, "id": "1", "driver": "ipvl", "network_interface": "eno2", "subnets": SUBNETS,
                   "options": {"db": "unix:" + self.host.socket, **dict(options)}, **network}
        container_input = {"container_id": container * 32, "container_name": container, "network": network, "port_mappings": [],
                           "network_options": {"interface_name": "eth0", "static_mac": None, "aliases": [container],
                                               "static_ips": [f"10.9.0.{n}", f"2001:db8::{n}"] if network["subnets"] else None}}
        p = subprocess.run([*words, CNI, call, self.host.path(container)], input=json.dumps(container_input), capture_output=True,
                           text=True, timeout=PATIENCE_S, check=False)
        self.assertEqual(p.stderr, "")
        return p.returncode, json.loads(p.stdout) if p.stdout else None

    def well(self, *args, **more):
        status, answer = self.podman(*args, **more)
        self.assertEqual(status, 0, answer)
        return answer

    def assert_nothing_left(self, slaves=0):
        self.assertEqual([len(self.rows(t)) for t in ("Slave", "Lease", "Master")], [slaves, 0, bool(slaves)])


class Calls(Podman):
    def test_life(self):
        answer = self.well("setup", "c0")
        self.assertEqual(answer["interfaces"]["eth0"]["subnets"],
                         [{"ipnet": "10.9.0.2/24", "gateway": "10.9.0.1"}, {"ipnet": "2001:db8::2/64"}])
        row = self.rows("Slave")[0]
        self.assertEqual((row["sources"], row["routes"], row["external_ids"]["container_name"]), (["podman:net"], ["default via 10.9.0.1"], "c0"))
        self.assertNotIn("podman-pending", row["external_ids"])
        os.unlink(self.host.path("c0"))
        for _ in range(2):
            self.assertIsNone(self.well("teardown", "c0"))
        self.assert_nothing_left()

    def test_two_engines(self):
        """Each removes its own rows only."""
        self.well("setup", "c0")
        self.good("ADD", "c1", ipam={})
        self.good("GC", "", ipam={}, **{"cni.dev/valid-attachments": []})
        self.assertEqual([r["sources"] for r in self.rows("Slave")], [["podman:net"]])
        self.good("ADD", "c1", ipam={})
        self.well("teardown", "c0")
        self.assertEqual([r["sources"] for r in self.rows("Slave")], [["cni:net"]])
        self.assertEqual(self.rows("Master")[0]["sources"], ["cni:net"])

    def test_again(self):
        """As after a teardown that failed: Podman gives the container another address."""
        self.well("setup", "c0")
        self.well("setup", "c0", subnets=None, options={"pool": "lan"})
        self.assertEqual([r["pool"] for r in self.rows("Slave")], ["lan"])
        self.well("teardown", "c0", subnets=None)
        self.assert_nothing_left()

    def test_on_link(self):
        """In l3 the host is the router; a network that is internal has none."""
        self.well("setup", "c0", options={"mode": "l3"}, subnets=[{"subnet": "10.9.0.0/16"}, {"subnet": "2001:db8::/64"}])
        self.assertEqual(sorted(self.rows("Slave")[0]["routes"]), ["::/0", "default"])
        self.well("teardown", "c0")
        self.well("setup", "c0", internal=True)
        self.assertEqual(self.rows("Slave")[0].get("routes") or [], [])

    def test_removed_by_hand(self):
        self.well("setup", "c0")
        name = self.host.path("c0") + "/eth0"
        self.ctl("del-slave", name)
        self.assertEqual(self.said, f"ipvl-ctl: warning: a container of network net has {name}\n")
        self.well("teardown", "c0")
        self.assert_nothing_left()


class Boot(Podman):
    """Containers that ran when the host went down: their rows go when ipvld starts."""

    def test_boot(self):
        self.well("setup", "c0", options={"host-access": "10.9.0.250"})
        self.good("ADD", "c1", master="eno3")
        self.good("ADD", "c2", master="eno3")
        self.ctl("add-slave", "eno3", "mine", "netns=ns1")
        for container, engine in (("c0", "podman"), ("c1", "cni")):
            self.ctl("set", "Slave", self.host.path(container) + "/eth0", f"external_ids:{engine}-boot=another")
        self.host.stop()
        self.host.start(lab=self.lab)
        self.assertIn("event=containers_forgotten slaves=2", self.host.log())
        self.assertEqual(sorted(r["external_ids"].get("cni-container", r["name"]) for r in self.rows("Slave")), ["c2", "mine"])
        self.assertEqual([(r["name"], r["sources"]) for r in self.rows("Master")], [("eno3", ["cni:net"])])
        self.assertEqual(len(self.rows("Lease")), 2)


class AtOnce(Podman):
    def test_many(self):
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda name: self.well("setup", name), self.containers))
        self.assert_nothing_left(slaves=len(self.containers))
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda name: self.well("teardown", name), self.containers))
        self.assert_nothing_left()


class Killed(Podman):
    def each(self, call, prepare):
        """What is left goes with the next call for another container, or for the same one."""
        n, status, n_half_way = EVERY, KILLED, 0
        while status == KILLED:
            prepare()
            status, _ = self.podman(call, "c0", KILL_AT, str(n))
            if status == NOT_TRACED:
                self.skipTest("a process may not be traced here")
            ids = [r["external_ids"] for r in self.rows("Slave")]
            self.well("teardown", "c1")
            if status == KILLED and any("podman-pending" in i for i in ids):
                n_half_way += 1
                self.assert_nothing_left()
            self.well("setup", "c0")
            self.well("teardown", "c0")
            self.assert_nothing_left()
            n += EVERY
        self.assertEqual(status, 0)
        self.assertGreater(n, 2 * EVERY)
        return n_half_way

    def test_setup(self):
        self.assertGreater(self.each("setup", lambda: None), 0, "calls that were killed between their transactions")

    def test_teardown(self):
        self.each("teardown", lambda: self.well("setup", "c0"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[8 if sys.argv[6:7] == ["--every"] else 6:]])
