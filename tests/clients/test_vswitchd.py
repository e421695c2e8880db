#!/usr/bin/python3
"""The real ovs-vswitchd, with datapaths in user space, on its database served by us: what ovs-vsctl
writes it does, and says so.

Usage: test_vswitchd.py OVSDB_LITE|--anchor. Exit status 77: it is not installed.
"""
import itertools
import os
import shutil
import subprocess
import unittest

import stock
from server import PATIENCE_S

# Needed for a network namespace, in which the netdev datapath makes its tap devices.
UNSHARE = ["unshare", "--net"]


def can_unshare():
    return os.path.exists("/dev/net/tun") and \
        subprocess.run(UNSHARE + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


class Vswitchd(stock.Stock):
    numbers = itertools.count()
    schema_file = os.path.join(stock.SCHEMAS, "vswitch.ovsschema")

    def setUp(self):
        super().setUp()
        # Nothing outside the server's own folder.
        self.env = dict(os.environ, **{name: self.server.dir for name in
                                       ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR")})
        self.vsctl("--no-wait", "init")

    def start(self, *options, prefix=()):
        return stock.Background(
            self, *prefix, "ovs-vswitchd", self.server.address, "--disable-system",
            "--disable-system-route", "-vconsole:warn",
            "--unixctl=" + os.path.join(self.server.dir, "ctl%d" % next(self.numbers)), *options, env=self.env)

    def start_dummy(self):
        """With a datapath and devices that are its own, made for tests."""
        return self.start("--enable-dummy=override")

    def vsctl(self, *args, check=True):
        return stock.run("ovs-vsctl", "--timeout=%d" % PATIENCE_S, "--db=" + self.server.address, *args,
                         env=self.env, check=check).stdout

    def add_bridge(self, name, datapath="dummy"):
        """Returns when vswitchd has made it."""
        self.vsctl("add-br", name, "--", "set", "Bridge", name, "datapath_type=" + datapath)

    def test_a_bridge_comes_to_life(self):
        self.start_dummy()
        self.add_bridge("br0")
        self.assertEqual(self.vsctl("get", "Open_vSwitch", ".", "cur_cfg"),
                         self.vsctl("get", "Open_vSwitch", ".", "next_cfg"))
        self.vsctl("add-port", "br0", "p1", "--", "set", "Interface", "p1", "type=dummy",
                   "ofport_request=7")
        self.assertEqual(self.vsctl("get", "Interface", "p1", "ofport"), "7\n")
        self.vsctl("wait-until", "Bridge", "br0", "datapath_id!=[]")

    @unittest.skipUnless(can_unshare(), "needs to be root, and /dev/net/tun")
    def test_netdev_datapath(self):
        self.start(prefix=UNSHARE)
        self.add_bridge("br0", "netdev")
        self.vsctl("add-port", "br0", "p1", "--", "set", "Interface", "p1", "type=internal")
        self.vsctl("wait-until", "Interface", "p1", "ofport>0", "mac_in_use!=[]")
        self.assertEqual(self.vsctl("get", "Interface", "p1", "error"), "[]\n")
        self.vsctl("del-br", "br0")

    def test_an_error_is_told(self):
        self.start_dummy()
        self.add_bridge("br0")
        self.vsctl("add-port", "br0", "p1", "--", "set", "Interface", "p1", "type=zap", check=False)
        self.vsctl("wait-until", "Interface", "p1", "error!=[]")

    def test_it_goes_on_after_a_restart_of_the_server(self):
        self.start_dummy()
        self.add_bridge("br0")
        self.server.end()
        self.server.start()
        self.add_bridge("br1")
        self.vsctl("wait-until", "Bridge", "br1", "datapath_id!=[]")
        self.vsctl("del-br", "br0")
        self.assertEqual(self.vsctl("list-br"), "br1\n")

    def test_only_one_works(self):
        """The database's lock: a second one waits until the first ends."""
        first = self.start_dummy()
        self.add_bridge("br0")
        second = self.start_dummy()
        second.expect("another ovs-vswitchd process is running")
        first.stop()
        self.add_bridge("br1")
        self.vsctl("wait-until", "Bridge", "br1", "datapath_id!=[]")


if __name__ == "__main__":
    stock.main(shutil.which("ovs-vswitchd"), "openvswitch-switch")
