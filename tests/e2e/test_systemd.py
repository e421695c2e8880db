#!/usr/bin/python3
"""What the service manager is told: test_systemd.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]

tests/boot has a real systemd."""
import os
import signal
import socket
import sys
import time
import unittest
import unittest.mock

from test_ctl import LAB, PATIENCE_S, Case

GOOD = "STATUS=keeping the kernel as the database wants it"
BAD = "STATUS=1 error in the config-dir: see `ipvl-ctl status`"

class Systemd(Case):
    def setUp(self):
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(self.host.path("notify"))
        self.manager.settimeout(PATIENCE_S)
        os.makedirs(self.host.path("yaml"))

    def start(self, **environment):
        environment["NOTIFY_SOCKET"] = self.host.path("notify")
        with unittest.mock.patch.dict(os.environ, environment):
            self.host.start()

    def hear(self):
        """The next message, as its lines."""
        return self.manager.recv(4096).decode().split("\n")

    def hear_all(self):
        """What has been sent so far."""
        self.manager.setblocking(False)
        messages = []
        try:
            while True:
                messages.append(self.hear())
        except BlockingIOError:
            self.manager.settimeout(PATIENCE_S)
            return messages

    def test_from_start_to_stop(self):
        self.start()
        self.assertEqual(self.hear(), ["READY=1", GOOD])
        before = time.monotonic_ns() // 1000
        self.host.process.send_signal(signal.SIGHUP)
        reloading = self.hear()
        self.assertEqual(reloading[0], "RELOADING=1")
        key, _, value = reloading[1].partition("=")
        self.assertEqual(key, "MONOTONIC_USEC")
        self.assertTrue(before <= int(value) <= time.monotonic_ns() // 1000, reloading)
        self.assertEqual(self.hear(), ["READY=1", GOOD])
        self.host.stop()
        self.assertEqual(self.hear(), ["STOPPING=1"])

    def test_a_broken_file(self):
        """It delays nothing, and the status line has it until a reload without it."""
        self.host.write("yaml/lab.yaml", LAB)
        broken = self.host.write("yaml/more.yaml", "version: 1\nmasters: [\n")
        self.start()
        self.assertEqual(self.hear(), ["READY=1", BAD])
        self.assertIn("more.yaml", self.ctl("status"))
        os.unlink(broken)
        self.ctl("reload")
        self.assertEqual(self.hear()[0], "RELOADING=1")
        self.assertEqual(self.hear(), ["READY=1", GOOD])

    def test_watchdog(self):
        """The loop answers in half of the time; a daemon that hangs does not."""
        self.start(WATCHDOG_USEC="200000")
        self.assertEqual(self.hear(), ["READY=1", GOOD])
        for _ in range(3):
            self.assertEqual(self.hear(), ["WATCHDOG=1"])
        self.host.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.host.process.pid, os.WSTOPPED)
        self.hear_all()
        self.manager.settimeout(1)
        with self.assertRaises(TimeoutError):
            self.hear()
        self.host.process.send_signal(signal.SIGCONT)
        self.manager.settimeout(PATIENCE_S)
        self.assertEqual(self.hear(), ["WATCHDOG=1"])

    def test_no_watchdog(self):
        """Without one, or with that of another process, it sends nothing by itself."""
        self.start(WATCHDOG_USEC="1000", WATCHDOG_PID="1")
        self.assertEqual(self.hear(), ["READY=1", GOOD])
        self.ctl("list", "Host")
        self.assertEqual(self.hear_all(), [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
