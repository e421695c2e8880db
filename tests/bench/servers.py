"""The two servers that are compared: made, started, measured from outside, and stopped."""
import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

PATIENCE_S = 120

# Answered by a server that has read the whole database, and touches next to nothing of it.
FIRST_REQUEST = json.dumps({"id": 1, "method": "transact", "params": [
    "Bench", {"op": "select", "table": "Port",
              "where": [["_uuid", "==", ["uuid", "00000000-0000-4000-8000-000000000000"]]]}]}).encode()


class Server:
    """A database of the schema in a new temporary folder, and a process that serves it."""

    name = None
    kept = None  # a folder for keep(), set by `run`

    def __init__(self, schema, folder=None):
        self.dir = tempfile.mkdtemp(prefix="ipvl-bench-", dir=folder)
        self.db = os.path.join(self.dir, "db")
        self.socket = os.path.join(self.dir, "sock")
        self.process = None
        subprocess.run(self.create_command(schema), check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir)

    def start(self):
        """Returns the seconds from exec to the answer of the first transaction."""
        begin = time.monotonic()
        self.process = subprocess.Popen(self.server_command(), stderr=subprocess.DEVNULL, cwd=self.dir,
                                        env=dict(os.environ, OVS_RUNDIR=self.dir))
        while not self.is_answering():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self.process.returncode}")
            if time.monotonic() - begin > PATIENCE_S:
                raise RuntimeError(f"{self.name} does not answer")
            time.sleep(0.001)
        return time.monotonic() - begin

    def is_answering(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(PATIENCE_S)
            try:
                s.connect(self.socket)
                s.sendall(FIRST_REQUEST)
                return b'"rows":[]' in s.recv(65536)
            except (FileNotFoundError, ConnectionError):
                return False

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
            self.process = None

    def restart(self):
        self.stop()
        return self.start()

    def keep(self):
        """A copy of the file, for restore(). While it is stopped."""
        shutil.copy(self.db, os.path.join(self.kept, self.name))

    def restore(self):
        """False if nothing was kept. Before the first start."""
        path = os.path.join(self.kept, self.name)
        if not os.path.exists(path):
            return False
        shutil.copy(path, self.db)
        return True

    def memory(self):
        """(resident now, the most that ever was), in bytes: VmRSS and VmHWM of proc(5)."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            fields = dict(line.split(":", 1) for line in f)
        return tuple(int(fields[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))

    def file_bytes(self):
        """Of the database's file and all that stands beside it: logs, locks."""
        return sum(os.path.getsize(path) for path in glob.glob(self.db + "*"))


class OvsdbServer(Server):
    name = "ovsdb-server"
    # The words that start them; `run` has others for another release.
    program, tool = ["ovsdb-server"], ["ovsdb-tool"]

    def create_command(self, schema):
        return [*self.tool, "create", self.db, schema]

    def server_command(self):
        return [*self.program, f"--remote=punix:{self.socket}", f"--unixctl={self.dir}/ctl",
                "-vconsole:off", self.db]

    def compact(self):
        """One record a row instead of the log of how it came about. While it is stopped."""
        subprocess.run([*self.tool, "compact", self.db], check=True)


class OvsdbLite(Server):
    name = "ovsdb-lite"
    program = None  # set by `run`

    def create_command(self, schema):
        return [self.program, "create", self.db, schema]

    def server_command(self):
        return [self.program, "server", f"--remote=punix:{self.socket}", self.db]

    def compact(self):
        """Its file is no log: it always is what ovsdb-server's becomes by this."""
