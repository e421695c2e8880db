#!/usr/bin/python3
"""Addresses from pools: many clients at the same time, and what `ipvl-ctl` says.
test_pools.py IPVL-CTL IPVLD-LAB SCHEMA [--many N] [unittest's arguments]

With --many 1000 it is a measurement; the default run has fewer clients, of the same kind."""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import time
import unittest

from test_ctl import PATIENCE_S, SCHEMA, Case

MANY = int(sys.argv[5]) if sys.argv[4:5] == ["--many"] else 40
AT_ONCE = 16

FILE = """\
version: 1
pools:
  - name: lan
    subnets: [10.138.36.0/24, "2001:db8::/64"]
    gateway: [10.138.36.1, "2001:db8::1"]
masters:
  - name: eno2
    mode: l2
    slaves:
      - {name: a, netns: ns1, pool: lan}
      - {name: b, netns: ns2, pool: lan}
"""


class Commands(Case):
    def setUp(self):
        super().setUp()
        self.host.start()
        self.path = self.host.write("pool.yaml", FILE)
        self.ctl("apply", "-f", self.path)

    def addresses(self):
        return {f"{r['netns']}/{r['name']}": r["addresses"] for r in self.rows("Slave")}

    def test_an_address_stays(self):
        before = self.addresses()
        self.assertEqual(before["ns1/a"], ["10.138.36.2/24", "2001:db8::2/64"])
        self.assertEqual(self.ctl("apply", "-f", self.path), "nothing to change\n")
        self.host.write("pool.yaml", FILE.replace("{name: a,", "{name: A,"))
        self.ctl("apply", "-f", self.path)
        self.assertEqual(self.addresses()["ns2/b"], before["ns2/b"])
        self.assertEqual(self.ctl("list-pools").splitlines()[1].split("  ")[-1].strip(), "2 of 253, 2 of 2^63")

    def test_export(self):
        """A file that gives the same addresses elsewhere."""
        exported = self.host.write("exported.yaml", self.ctl("export"))
        other = self.host.path("other.db")
        self.ctl("apply", "-f", exported, db=other)
        self.assertEqual(self.ctl("export", db=other), self.ctl("export"))
        self.assertEqual(self.ctl("list-pools", db=other), self.ctl("list-pools"))
        self.assertEqual(self.ctl("apply", "-f", exported, db=other), "nothing to change\n")

    def test_edits(self):
        self.ctl("add-slave", "eno2", "c", "netns=ns3", "pool=lan")
        self.assertEqual(self.addresses()["ns3/c"], ["10.138.36.4/24", "2001:db8::4/64"])
        self.ctl("set-slave", "c", "addresses=10.138.36.77/24")
        self.assertEqual(self.addresses()["ns3/c"], ["10.138.36.77/24", "2001:db8::4/64"])
        self.ctl("set-slave", "c", "pool=[]")
        self.assertEqual((self.addresses()["ns3/c"], self.rows("Slave")[2]["routes"]), ([], []))
        self.assertEqual(len(self.rows("Lease")), 4)
        self.ctl("set-slave", "c", "pool=lan")
        self.ctl("del-slave", "c", "--", "del-slave", "a", "--", "del-slave", "b")
        self.assertEqual(self.rows("Lease"), [])
        self.ctl("undo")
        self.assertEqual(len(self.rows("Lease")), 6)

    def test_left(self):
        """What the pool gives to others is on the device no more."""
        self.ctl("set-slave", "a", "pool=[]")
        self.ctl("add-slave", "eno2", "ns3/c", "pool=lan")
        self.assertEqual(self.addresses()["ns3/c"], ["10.138.36.2/24", "2001:db8::2/64"])
        self.assertEqual({r["state"] for r in self.rows("Slave")}, {"ready"})
        self.host.write("pool.yaml", FILE.replace("ns2, pool: lan}", "ns2}"))
        self.assertIn("it leaves pool lan and declares no addresses", self.refused("apply", "-f", self.path))
        self.host.write("pool.yaml", FILE.replace("ns2, pool: lan}", "ns2, addresses: []}"))
        self.assertIn("disruptive: 10.138.36.3, 2001:db8::3 go away", self.host.run("diff", "-f", self.path).stdout)
        self.ctl("apply", "-f", self.path)
        self.host.write("pool.yaml", FILE.replace("ns2, pool: lan}", "ns2}"))
        self.ctl("apply", "-f", self.path)
        self.assertEqual(self.ctl("apply", "-f", self.path), "nothing to change\n")

    def test_history(self):
        self.ctl("set", "Pool", "lan", "excluded=10.138.36.9")
        self.assertIn("\n      ~ pool lan excluded +10.138.36.9\n", self.ctl("history", "1"))
        self.assertTrue(self.ctl("history", "-p", "1").endswith("\n      ~ pool lan\n          + excluded 10.138.36.9\n"))
        self.assertEqual(self.ctl("undo"), "pool lan excluded -10.138.36.9\n")
        self.ctl("del-master", "eno2", "--", "destroy", "Pool", "lan")
        self.assertIn("\n      - pool lan\n", self.ctl("history", "1"))
        self.ctl("undo")
        self.assertEqual(len(self.rows("Lease")), 4)
        self.assertNotIn("leases", self.ctl("history", "-p"))

    def test_pool_that_is_used(self):
        self.assertIn("pool lan is in use by ns1/a and 1 other", self.refused("destroy", "Pool", "lan"))
        self.ctl("forget", self.path)
        self.assertEqual(self.rows("Pool"), [])

    def test_pools_of_another_file(self):
        """Of a folder, in whatever order its files are."""
        os.mkdir(self.host.path("dir"))
        pools, masters = FILE.replace("eno2", "eno3").replace("lan", "dmz").replace("ns1", "nx1").replace("ns2", "nx2").split("masters:")
        self.host.write("dir/a.yaml", "version: 1\nmasters:" + masters)
        self.host.write("dir/b.yaml", pools)
        self.ctl("validate", self.host.path("dir"))
        self.ctl("apply", "-f", self.host.path("dir"))
        self.assertEqual(self.addresses()["nx1/a"], ["10.138.36.2/24", "2001:db8::2/64"])
        self.assertIn("dir/b.yaml", self.ctl("sources"))
        os.unlink(self.host.path("dir/b.yaml"))
        self.ctl("apply", "-f", self.host.path("dir"))  # it is still used, and stays
        self.assertEqual(len(self.rows("Pool")), 2)
        os.unlink(self.host.path("dir/a.yaml"))
        self.ctl("apply", "--prune", "-f", self.path)
        self.assertEqual([p["name"] for p in self.rows("Pool")], ["lan"])


class AtOnce(Case):
    """No address twice, none lost."""

    def many(self, *words):
        def one(n):
            p = self.host.run(*words, "add-slave", "eno2", "s", f"netns=n{n}", "pool=lan")
            return p.returncode, p.stderr
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            said = [text for status, text in pool.map(one, range(MANY)) if status]
        self.assertEqual(said, [])
        if MANY > 100:
            print(f"{MANY} slaves by as many ipvl-ctl, {AT_ONCE} at a time: {time.monotonic() - began:.1f} s", file=sys.stderr)

    def check(self):
        slaves, leases = self.rows("Slave"), self.rows("Lease")
        self.assertEqual(len(slaves), MANY)
        addresses = [a.split("/")[0] for s in slaves for a in s["addresses"]]
        self.assertEqual(len(set(addresses)), MANY)
        self.assertEqual(sorted(addresses), sorted(lease["address"] for lease in leases))

    def setup_pool(self, *words):
        # Hardly more than there are slaves: the last ones have little choice.
        self.ctl(*words, "create", "Pool", "name=lan", "subnets=10.0.0.0/16",
                 f"ranges=10.0.1.0-10.0.{1 + (MANY + 7) // 256}.{(MANY + 7) % 256}")
        self.ctl(*words, "add-master", "eno2", "mode=l2")

    def test_of_ipvld(self):
        self.host.start()
        self.setup_pool()
        self.many()
        self.check()

    def test_of_ovsdb_server(self):
        if not shutil.which("ovsdb-server", path="/usr/sbin:/usr/bin"):
            self.skipTest("ovsdb-server is not installed")
        db = self.host.path("stock.db")
        subprocess.run(["ovsdb-tool", "create", db, SCHEMA], check=True)
        with subprocess.Popen(["/usr/sbin/ovsdb-server", "--remote=punix:" + self.host.socket, "--no-chdir",
                               "--unixctl=" + self.host.path("ctl"), db], stderr=subprocess.DEVNULL) as server:
            try:
                end = time.monotonic() + PATIENCE_S
                while not os.path.exists(self.host.socket) and time.monotonic() < end:
                    time.sleep(0.01)
                self.setup_pool("--no-wait")
                self.many("--no-wait")
                self.check()
            finally:
                server.terminate()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[6 if MANY != 40 else 4:]])
