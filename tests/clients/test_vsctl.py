#!/usr/bin/python3
"""ovs-vsctl and vtep-ctl on Open vSwitch's own schemas: the IDL of C, with its conditions, waits and verifies.

Usage: test_vsctl.py OVSDB_LITE|--anchor. Exit status 77: they are not installed.
"""
import json
import os
import shutil

import stock
from server import PATIENCE_S, Connection

VSWITCH = os.path.join(stock.SCHEMAS, "vswitch.ovsschema")
VTEP = os.path.join(stock.SCHEMAS, "vtep.ovsschema")


class Ctl(stock.Stock):
    program_name = None
    options = ()

    def arguments(self, *args):
        return [self.program_name, "--timeout=%d" % PATIENCE_S, *self.options, "--db=" + self.server.address, *args]

    def ctl(self, *args):
        return stock.run(*self.arguments(*args)).stdout

    def fails(self, *args):
        done = stock.run(*self.arguments(*args), check=False)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def count(self, table):
        connection = Connection(self.server)
        try:
            return len(connection.transact({"op": "select", "table": table, "where": []},
                                           db=self.database)[0]["rows"])
        finally:
            connection.close()


class Vsctl(Ctl):
    schema_file = VSWITCH
    database = "Open_vSwitch"
    program_name = "ovs-vsctl"
    options = ("--no-wait",)

    def setUp(self):
        super().setUp()
        self.ctl("init")

    def test_init_twice(self):
        self.ctl("init")
        self.assertEqual(self.count("Open_vSwitch"), 1)

    def test_bridges_and_ports(self):
        self.ctl("add-br", "br0", "--", "add-port", "br0", "eth7", "tag=5")
        self.assertEqual(self.ctl("list-br"), "br0\n")
        self.assertEqual(self.ctl("list-ports", "br0"), "eth7\n")
        self.assertEqual(self.ctl("list-ifaces", "br0"), "eth7\n")
        self.assertEqual(self.ctl("port-to-br", "eth7"), "br0\n")
        self.assertEqual(self.ctl("get", "Port", "eth7", "tag"), "5\n")
        self.ctl("del-port", "br0", "eth7")
        self.assertEqual(self.ctl("list-ports", "br0"), "")
        self.ctl("del-br", "br0")
        self.assertEqual(self.ctl("list-br"), "")
        # All that hung on the bridge is gone.
        self.assertEqual([self.count(t) for t in ("Bridge", "Port", "Interface")], [0, 0, 0])

    def test_may_exist_and_if_exists(self):
        self.ctl("add-br", "br0")
        self.assertIn("already exists", self.fails("add-br", "br0"))
        self.ctl("--may-exist", "add-br", "br0")
        self.assertIn("no port named eth7", self.fails("del-port", "eth7"))
        self.ctl("--if-exists", "del-port", "eth7")

    def test_bond_and_vlan_bridge(self):
        self.ctl("add-br", "br0", "--", "add-bond", "br0", "bond0", "eth1", "eth2", "lacp=active",
                 "--", "add-br", "vlan9", "br0", "9")
        self.assertEqual(self.ctl("list-ifaces", "br0"), "eth1\neth2\n")
        self.assertEqual(self.ctl("br-to-vlan", "vlan9"), "9\n")
        self.assertEqual(self.ctl("br-to-parent", "vlan9"), "br0\n")
        self.assertIn("bond0", self.ctl("show"))

    def test_columns(self):
        self.ctl("add-br", "br0")
        self.ctl("set", "Bridge", "br0", "external_ids:a=b", "other_config:c=d", "stp_enable=true",
                 'flood_vlans=1,2,3', "fail_mode=secure")
        self.assertEqual(self.ctl("get", "Bridge", "br0", "external_ids", "stp_enable", "flood_vlans",
                                  "fail_mode"), "{a=b}\ntrue\n[1, 2, 3]\nsecure\n")
        self.ctl("add", "Bridge", "br0", "flood_vlans", "4", "--",
                 "remove", "Bridge", "br0", "flood_vlans", "1", "--",
                 "remove", "Bridge", "br0", "external_ids", "a", "--",
                 "clear", "Bridge", "br0", "fail_mode")
        self.assertEqual(self.ctl("get", "Bridge", "br0", "external_ids", "flood_vlans", "fail_mode"),
                         "{}\n[2, 3, 4]\n[]\n")

    def test_constraints(self):
        self.ctl("add-br", "br0", "--", "add-port", "br0", "eth7")
        self.assertIn("4096", self.fails("set", "Port", "eth7", "tag=4096"))
        self.assertIn("zap", self.fails("set", "Bridge", "br0", "fail_mode=zap"))
        self.assertIn("zap", self.fails("set", "Bridge", "br0", "zap=1"))
        self.assertIn("constraint violation", self.fails(
            "--", "--id=@p", "create", "Port", "name=eth7", "interfaces=@i", "--",
            "--id=@i", "create", "Interface", "name=eth8", "--", "add", "Bridge", "br0", "ports", "@p"))

    def test_find_list_create_destroy(self):
        self.ctl("add-br", "br0")
        row = self.ctl("--id=@q", "create", "QoS", "type=linux-htb", "other-config:max-rate=5", "--",
                       "--id=@m", "create", "Mirror", "name=m", "--",
                       "set", "Bridge", "br0", "mirrors=@m").split()[0]
        found = json.loads(self.ctl("--format=json", "find", "QoS", "type=linux-htb"))
        self.assertEqual(len(found["data"]), 1)
        self.assertIn("max-rate", self.ctl("list", "QoS", row))
        self.ctl("destroy", "QoS", row)
        self.assertEqual(self.count("QoS"), 0)
        self.assertEqual(self.count("Mirror"), 1)
        self.ctl("clear", "Bridge", "br0", "mirrors")
        self.assertEqual(self.count("Mirror"), 0)

    def test_managers_and_controllers(self):
        self.ctl("add-br", "br0", "--", "set-controller", "br0", "tcp:127.0.0.1:6653")
        self.assertEqual(self.ctl("get-controller", "br0"), "tcp:127.0.0.1:6653\n")
        self.ctl("set-manager", "ptcp:6640:127.0.0.1")
        self.assertEqual(self.ctl("get-manager"), "ptcp:6640:127.0.0.1\n")
        self.ctl("del-controller", "br0", "--", "del-manager")
        self.assertEqual([self.count("Controller"), self.count("Manager")], [0, 0])

    def test_wait_until(self):
        self.ctl("add-br", "br0")
        waiting = stock.Background(self, *self.arguments("wait-until", "Bridge", "br0",
                                                         "external_ids:ready=yes"))
        self.ctl("set", "Bridge", "br0", "external_ids:ready=no")
        self.assertIsNone(waiting.process.poll())
        self.ctl("set", "Bridge", "br0", "external_ids:ready=yes")
        self.assertEqual(waiting.wait(), 0, waiting.text())

    def test_many_at_once(self):
        """Each verifies what it has read and tries again: no bridge is lost."""
        running = [stock.Background(self, *self.arguments("add-br", "br%d" % i)) for i in range(8)]
        for one in running:
            self.assertEqual(one.wait(), 0, one.text())
        self.assertEqual(self.ctl("list-br").split(), ["br%d" % i for i in range(8)])

    def test_after_a_restart(self):
        self.ctl("add-br", "br0", "--", "add-port", "br0", "eth7")
        self.server.end()
        self.server.start()
        self.assertEqual(self.ctl("list-ports", "br0"), "eth7\n")
        self.ctl("add-port", "br0", "eth8")
        self.assertEqual(self.ctl("list-ports", "br0"), "eth7\neth8\n")

    def test_emer_reset(self):
        self.ctl("add-br", "br0", "--", "set", "Bridge", "br0", "other_config:hwaddr=02:00:00:00:00:01",
                 "fail_mode=secure", "--", "set-manager", "ptcp:6640")
        self.ctl("emer-reset")
        self.assertEqual(self.ctl("get", "Bridge", "br0", "fail_mode", "other_config"), "[]\n"
                         '{hwaddr="02:00:00:00:00:01"}\n')
        self.assertEqual(self.count("Manager"), 0)


class VtepCtl(Ctl):
    schema_file = VTEP
    database = "hardware_vtep"
    program_name = "vtep-ctl"

    def setUp(self):
        super().setUp()
        connection = Connection(self.server)
        connection.transact({"op": "insert", "table": "Global", "row": {}}, db=self.database)
        connection.close()

    def test_switches_and_ports(self):
        self.ctl("add-ps", "ps0", "--", "add-port", "ps0", "p1", "--", "add-port", "ps0", "p2")
        self.assertEqual(self.ctl("list-ps"), "ps0\n")
        self.assertEqual(self.ctl("list-ports", "ps0"), "p1\np2\n")
        self.ctl("del-port", "ps0", "p1")
        self.assertEqual(self.ctl("list-ports", "ps0"), "p2\n")
        self.ctl("del-ps", "ps0")
        self.assertEqual(self.count("Physical_Port"), 0)

    def test_logical_switches_and_bindings(self):
        self.ctl("add-ps", "ps0", "--", "add-port", "ps0", "p1", "--", "add-ls", "ls0", "--",
                 "bind-ls", "ps0", "p1", "5", "ls0")
        self.assertEqual(self.ctl("list-bindings", "ps0", "p1"), "0005 ls0\n")
        self.ctl("unbind-ls", "ps0", "p1", "5")
        self.assertEqual(self.ctl("list-bindings", "ps0", "p1"), "")

    def test_macs(self):
        self.ctl("add-ls", "ls0", "--",
                 "add-ucast-local", "ls0", "00:11:22:33:44:55", "10.0.0.10", "--",
                 "add-ucast-remote", "ls0", "02:11:22:33:44:55", "10.0.0.11", "--",
                 "add-mcast-remote", "ls0", "01:11:22:33:44:55", "10.0.0.12", "--",
                 "add-mcast-remote", "ls0", "01:11:22:33:44:55", "10.0.0.13")
        self.assertIn("00:11:22:33:44:55 -> vxlan_over_ipv4/10.0.0.10", self.ctl("list-local-macs", "ls0"))
        text = self.ctl("list-remote-macs", "ls0")
        for words in "10.0.0.11", "10.0.0.12", "10.0.0.13":
            self.assertIn(words, text)
        self.assertEqual(self.count("Physical_Locator"), 4)
        self.ctl("clear-remote-macs", "ls0", "--", "clear-local-macs", "ls0")
        self.assertEqual(self.ctl("list-remote-macs", "ls0").split("\n")[1:2],
                         self.ctl("list-local-macs", "ls0").split("\n")[1:2])
        self.assertEqual(self.count("Physical_Locator"), 0)


if __name__ == "__main__":
    stock.main(shutil.which("ovs-vsctl") and shutil.which("vtep-ctl") and os.path.exists(VTEP),
               "openvswitch-switch openvswitch-vtep")
