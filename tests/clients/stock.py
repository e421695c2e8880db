"""What the tests of stock clients share: running them, and a server of either kind for them."""
import os
import subprocess
import sys
import unittest

from server import PATIENCE_S, Anchor, Server, wait_until

SCHEMAS = "/usr/share/openvswitch"


def main(needs, package):
    """Runs the calling file's tests. 'needs': whether what they need is there; else exit status 77."""
    Stock.program = sys.argv.pop(1)
    if not needs:
        print("skipped: not installed: apt install " + package)
        sys.exit(77)
    unittest.main(verbosity=2)


class Stock(unittest.TestCase):
    """A server for each test: ovsdb-lite, or with --anchor for its path, ovsdb-server."""
    program = None
    schema = None
    schema_file = None

    def setUp(self):
        if self.program == "--anchor":
            self.server = Anchor(self.schema, self.schema_file)
        else:
            self.server = Server(self.program, self.schema, self.schema_file)
        self.addCleanup(self.stop_server)

    def stop_server(self):
        self.assertEqual(self.server.stop(), self.server.stopped_status)


def run(*args, check=True, stdin=subprocess.DEVNULL, env=None):
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S, stdin=stdin, env=env)
    if check and done.returncode:
        raise AssertionError("%s: %s" % (" ".join(args), done.stderr))
    return done


class Background:
    """A running program whose output goes to a file; ends with the test."""

    def __init__(self, test, *args, env=None):
        self.path = os.path.join(test.server.dir, "output%d" % id(self))
        self.out = open(self.path, "w")
        self.process = subprocess.Popen(args, stdout=self.out, stderr=subprocess.STDOUT, text=True,
                                        env=env)
        test.addCleanup(self.stop)

    def text(self):
        with open(self.path) as f:
            return f.read()

    def expect(self, word, times=1):
        wait_until(lambda: self.text().count(word) >= times or self.process.poll() is not None, word)
        assert self.text().count(word) >= times, "no %s in: %s" % (word, self.text())

    def wait(self):
        return self.process.wait(PATIENCE_S)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.wait()
        self.out.close()
