#!/usr/bin/python3
"""`ipvl-cni` as container engines call it: a conformance runner, on a simulated kernel.
test_cni.py IPVL-CTL IPVLD-LAB SCHEMA IPVL-CNI KILL-AT [--every N] [unittest's arguments]

Each call is killed at its system calls; with `--every 1` at each of them, by default at some.
tests/messages/cni.txt has what it prints, each sentence of each error."""
import concurrent.futures
import json
import os
import subprocess
import sys
import unittest

from test_ctl import PATIENCE_S, Case

CNI, KILL_AT = map(os.path.abspath, sys.argv[4:6])
EVERY = int(sys.argv[7]) if sys.argv[6:7] == ["--every"] else 2
MANY, AT_ONCE = 24, 8
VERSIONS = ("0.3.1", "0.4.0", "1.0.0", "1.1.0")
POOL = {"type": "ipvl", "pool": "lan"}
NOT_TRACED, KILLED = 77, 137


class Engine(Case):
    def setUp(self):
        super().setUp()
        self.containers = [f"c{i}" for i in range(MANY)]
        for name in self.containers:
            self.host.write(name, "")
        self.lab = " ".join(["eno2", "eno3", *map(self.host.path, self.containers)])
        self.host.start(lab=self.lab)
        self.ctl("create", "Pool", "name=lan", "subnets=10.9.0.0/24,2001:db8::/64", "gateway=10.9.0.1")

    def call(self, command, container, *words, version="1.1.0", network="net", more=(), **config):
        """Returns the exit status, and what it printed as JSON; None for nothing."""
        env = {**os.environ, "CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_NETNS": self.host.path(container),
               "CNI_IFNAME": "eth0", "CNI_PATH": self.host.path("plugins"), **dict(more)}
        text = json.dumps({"cniVersion": version, "name": network, "type": "ipvl-cni",
                           "db": "unix:" + self.host.socket, "master": "eno2", "ipam": POOL, **config})
        p = subprocess.run([*words, CNI], input=text, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        self.assertEqual(p.stderr, "")
        return p.returncode, json.loads(p.stdout) if p.stdout else None

    def good(self, *args, **more):
        status, result = self.call(*args, **more)
        self.assertEqual(status, 0, result)
        return result

    def bad(self, code, *args, **more):
        status, result = self.call(*args, **more)
        self.assertEqual((status, result and result.get("code")), (1, code), result)
        self.assertEqual(result["cniVersion"], more.get("version", "1.1.0"))
        return result["msg"]

    def assert_nothing_left(self, slaves=0):
        self.assertEqual([len(self.rows(t)) for t in ("Slave", "Lease", "Master")], [slaves, 2 * slaves, bool(slaves)])


class Conformance(Engine):
    def test_results(self):
        """The form of each version (SPEC.md of each, "ADD Success")."""
        for i, version in enumerate(VERSIONS):
            r = self.good("ADD", f"c{i}", version=version)
            self.assertEqual(r["cniVersion"], version)
            self.assertEqual(r["interfaces"][0]["sandbox"], self.host.path(f"c{i}"))
            self.assertRegex(r["interfaces"][0]["mac"], "^([0-9a-f]{2}:){5}[0-9a-f]{2}$")
            self.assertEqual("mtu" in r["interfaces"][0], version == "1.1.0")
            self.assertEqual([ip.get("version") for ip in r["ips"]], ["4", "6"] if version < "1" else [None, None])
            self.assertEqual([ip["interface"] for ip in r["ips"]], [0, 0])
            self.assertEqual(r["routes"], [{"dst": "0.0.0.0/0", "gw": "10.9.0.1"}])
            if version != "0.3.1":
                self.assertIsNone(self.good("CHECK", f"c{i}", version=version, prevResult=r))
            self.assertIsNone(self.good("DEL", f"c{i}", version=version, prevResult=r))
        self.assert_nothing_left()

    def test_versions(self):
        self.assertEqual(self.good("VERSION", "c0")["supportedVersions"], list(VERSIONS))
        self.assertEqual(self.call("ADD", "c0", version="2.0.0")[1]["code"], 1)
        for version in VERSIONS[:3]:
            self.bad(1, "GC", "c0", version=version)
            self.bad(1, "STATUS", "c0", version=version)
        self.bad(1, "CHECK", "c0", version="0.3.1")

    def test_chain(self):
        """As a later plug-in: what there was before is kept."""
        before = {"cniVersion": "1.1.0", "interfaces": [{"name": "lo", "mac": "00:00:00:00:00:00", "sandbox": "/x"}],
                  "ips": [{"address": "127.0.0.1/8", "interface": 0}], "dns": {"search": ["a.example"]}}
        r = self.good("ADD", "c0", prevResult=before)
        self.assertEqual([i["name"] for i in r["interfaces"]], ["lo", "eth0"])
        self.assertEqual([i["interface"] for i in r["ips"]], [0, 1, 1])
        self.assertEqual(r["dns"], {"search": ["a.example"]})

    def test_odd_orders(self):
        for _ in range(2):
            self.assertIsNone(self.good("DEL", "c0"))
        self.bad(3, "CHECK", "c0")
        self.good("ADD", "c0")
        self.bad(7, "ADD", "c0")
        self.bad(7, "ADD", "c0", network="other")  # the name is taken in the container
        self.good("DEL", "c0", network="other")  # which is not that attachment
        self.assertEqual(len(self.rows("Slave")), 1)
        os.unlink(self.host.path("c0"))  # the namespace is gone, and CNI_NETNS leads nowhere
        self.good("DEL", "c0", more={"CNI_NETNS": ""})
        self.assert_nothing_left()
        self.bad(3, "ADD", "c0")
        self.assert_nothing_left()

    def test_boot(self):
        """What was before this boot has no namespace any more, and its address is free."""
        self.good("ADD", "c0")
        self.ctl("set", "Slave", self.host.path("c0") + "/eth0", "external_ids:cni-boot=another")
        r = self.good("ADD", "c1")
        self.assertEqual(r["ips"][0]["address"], "10.9.0.2/24")
        self.assertEqual([r["external_ids"]["cni-container"] for r in self.rows("Slave")], ["c1"])

    def test_removed_by_hand(self):
        """`ipvl-ctl` says whose it was; the engine is not told, and its DEL finds nothing."""
        self.good("ADD", "c0")
        name = self.host.path("c0") + "/eth0"
        self.ctl("del-slave", name)
        self.assertEqual(self.said, f"ipvl-ctl: warning: a container of network net has {name}\n")
        self.good("DEL", "c0")
        self.assert_nothing_left()

    def test_two_devices(self):
        self.good("ADD", "c0")
        self.assertIn("collides", self.bad(7, "ADD", "c0", more={"CNI_IFNAME": "eth1"}))
        routes = [{"dst": "10.7.0.0/16"}, {"dst": "10.6.0.1/16", "gw": "10.9.0.99", "mtu": 1400}]
        r = self.good("ADD", "c0", more={"CNI_IFNAME": "eth1"}, ipam={**POOL, "routes": routes})
        self.assertEqual(r["routes"], [{"dst": "10.6.0.0/16", "gw": "10.9.0.99", "mtu": 1400}, {"dst": "10.7.0.0/16", "gw": "10.9.0.1"}])
        self.good("DEL", "c0")
        self.assertEqual([r["name"] for r in self.rows("Slave")], ["eth1"])

    def test_labels(self):
        self.good("ADD", "c0", more={"CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAME=web;IP=10.9.0.77;NOMAD_ALLOC_ID=7"})
        row = self.rows("Slave")[0]
        ids = row["external_ids"]
        self.assertEqual((ids["K8S_POD_NAME"], ids["NOMAD_ALLOC_ID"], ids["cni-container"], ids["cni-ifname"], ids["cni-network"]),
                         ("web", "7", "c0", "eth0", "net"))
        self.assertNotIn("cni-pending", ids)
        self.assertIn("10.9.0.77/24", row["addresses"])
        self.assertEqual(row["sources"], ["cni:net"])

    def test_wishes(self):
        """The first that there is counts."""
        wish = {"CNI_ARGS": "IP=10.9.0.30"}
        self.good("ADD", "c0", more=wish)
        self.good("ADD", "c1", more=wish, args={"cni": {"ips": ["10.9.0.31"]}})
        self.good("ADD", "c2", more=wish, args={"cni": {"ips": ["10.9.0.31"]}}, runtimeConfig={"ips": ["10.9.0.32/24"]})
        self.assertEqual([[a for a in r["addresses"] if "." in a] for r in sorted(self.rows("Slave"), key=lambda r: r["netns"])],
                         [["10.9.0.30/24"], ["10.9.0.31/24"], ["10.9.0.32/24"]])

    def test_gc(self):
        """Of this network alone, and not what is listed."""
        for name in ("c0", "c1", "c2"):
            self.good("ADD", name)
        self.good("ADD", "c3", network="other")
        self.ctl("add-slave", "eno2", "mine", "netns=ns1", "pool=lan")
        self.good("GC", "", **{"cni.dev/valid-attachments": [{"containerID": "c1", "ifname": "eth0"}, {"containerID": "c2", "ifname": "eth9"}]})
        self.assertEqual(sorted(r["external_ids"].get("cni-container", "") for r in self.rows("Slave")), ["", "c1", "c3"])
        self.good("GC", "", **{"cni.dev/valid-attachments": []})
        self.good("GC", "", network="other", **{"cni.dev/valid-attachments": []})
        # eno2 was made by `net`, and has a slave of another client.
        self.assertEqual([len(self.rows(t)) for t in ("Slave", "Master")], [1, 1])

    def test_status(self):
        self.assertIsNone(self.good("STATUS", ""))
        self.assertIsNone(self.good("STATUS", "", master="eno2"))
        self.ctl("add-master", "eno2", "mode=l2")
        self.assertIsNone(self.good("STATUS", ""))
        self.host.stop()
        self.assertIn("ipvld does not answer", self.bad(50, "STATUS", ""))
        for command in ("ADD", "DEL", "CHECK"):
            self.assertIn("ipvld does not answer", self.bad(11, command, "c0"))

    def test_files(self):
        """No file's apply removes an attachment, nor its master."""
        path = self.host.write("a.yaml", "version: 1\nmasters:\n  - {name: eno2, mode: l2, slaves: [{name: a, netns: ns1}]}\n")
        self.ctl("apply", "-f", path)
        self.good("ADD", "c0")
        self.host.write("a.yaml", "version: 1\nmasters: []\n")
        self.ctl("apply", "-f", path)
        self.assertEqual([r["external_ids"].get("cni-container") for r in self.rows("Slave")], ["c0"])
        self.assertEqual(self.rows("Master")[0]["sources"], ["cni:net"])
        self.good("DEL", "c0")
        self.assert_nothing_left()

    def test_master_of_a_file(self):
        """It stays when its last attachment goes."""
        path = self.host.write("a.yaml", "version: 1\nmasters: [{name: eno2, mode: l3}]\n")
        self.ctl("apply", "-f", path)
        self.assertIn("declared by " + path, self.bad(7, "ADD", "c0", mode="l2"))
        self.good("ADD", "c0")
        self.good("DEL", "c0")
        self.assertEqual(self.rows("Master")[0]["sources"], [path])
        self.assertEqual(self.ctl("apply", "-f", path), "nothing to change\n")

    def test_ipam_of_others(self):
        """Taken back after each failure, and after the device is gone."""
        os.mkdir(self.host.path("plugins"))
        calls, plugin = self.host.path("calls"), self.host.path("plugins/theirs")
        self.host.write("plugins/theirs", f"#!/bin/sh\necho $CNI_COMMAND $CNI_CONTAINERID >>{calls}\n[ $CNI_COMMAND != ADD ] || "
                        """echo '{"ips": [{"address": "10.8.0.9/24", "gateway": "10.8.0.1"}], "routes": [{"dst": "0.0.0.0/0"}]}'\n""")
        os.chmod(plugin, 0o755)
        r = self.good("ADD", "c0", ipam={"type": "theirs"})
        self.assertEqual(r["ips"], [{"address": "10.8.0.9/24", "gateway": "10.8.0.1", "interface": 0}])
        self.assertEqual(self.rows("Slave")[0]["routes"], ["default via 10.8.0.1"])
        self.bad(7, "ADD", "c1", ipam={"type": "theirs"})  # the address is c0's
        self.good("DEL", "c0", ipam={"type": "theirs"})
        with open(calls, encoding="utf-8") as f:
            self.assertEqual(f.read().split("\n")[:-1], ["ADD c0", "ADD c1", "DEL c1", "DEL c0"])
        self.assert_nothing_left()


class AtOnce(Engine):
    def test_many(self):
        """No address twice; the master that the first made goes with the last."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(lambda name: self.good("ADD", name), self.containers))
        addresses = {ip["address"] for r in results for ip in r["ips"]}
        self.assertEqual(len(addresses), 2 * MANY)
        self.assert_nothing_left(slaves=MANY)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda name: self.good("DEL", name), self.containers))
        self.assert_nothing_left()

    def test_come_and_go(self):
        """A master that goes with its last attachment, while another comes."""
        def live(name):
            for _ in range(4):
                self.good("ADD", name)
                self.good("DEL", name)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(live, self.containers[:4]))
        self.assert_nothing_left()


class Killed(Engine):
    """A call that dies leaves nothing that another one, of another container, does not remove."""

    def each(self, command, prepare, finish):
        n, status = EVERY, KILLED
        while status == KILLED:
            prepare()
            status, _ = self.call(command, "c0", KILL_AT, str(n))
            if status == NOT_TRACED:
                self.skipTest("a process may not be traced here")
            finish(status)
            n += EVERY
        self.assertEqual(status, 0)
        self.assertGreater(n, 2 * EVERY)

    def test_add(self):
        half_way = []

        def finish(status):
            ids = [r["external_ids"] for r in self.rows("Slave")]
            self.good("DEL", "c1")
            if status == KILLED and any("cni-pending" in i for i in ids):
                half_way.append(ids)
                self.assert_nothing_left()
            self.good("DEL", "c0")
            self.assert_nothing_left()
        self.each("ADD", lambda: None, finish)
        self.assertTrue(half_way, "one of the calls was killed between its transactions")

    def test_del(self):
        def finish(_):
            self.good("DEL", "c0")
            self.assert_nothing_left()
        self.each("DEL", lambda: self.good("ADD", "c0"), finish)

    def test_daemon(self):
        """It is killed while calls run, and comes back."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            calls = [pool.submit(self.call, "ADD", name) for name in self.containers]
            calls[AT_ONCE].result()
            self.host.process.kill()
            self.host.process.wait()
            [c.result() for c in calls]
        self.host.stop()
        self.host.start(lab=self.lab)
        made = {r["netns"] for r in self.rows("Slave") if "cni-pending" not in r["external_ids"]}
        done = {self.host.path(name) for name, c in zip(self.containers, calls) if not c.result()[0]}
        self.assertLessEqual(done, made)
        for name in self.containers:
            self.good("DEL", name)
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[8 if sys.argv[6:7] == ["--every"] else 6:]])
