"""What the tests in test_*.py stand on, and the program that runs them (inside the VM of ./run).

A test is a function test_NAME(t). It runs in a process of its own with fresh network, mount and
process namespaces and private /run, /etc/netns, /etc/ipvl and /var/lib/ipvl: it is alone on a fresh
host, and all that it leaves behind is gone when it returns. 't' is the Host below. A test fails by an
exception, mostly of assert; skip() skips it. Its docstring is what it shows.

A test waits for conditions, each for at most PATIENCE_S. No test depends on how fast the machine is: what
must happen by an event, and not by a timer, is shown with the timers off (Host.events_only).

Environment: IPVL_BUILD, meson's build folder; IPVL_WRAPPER, words before ipvld's own (valgrind, gdb);
IPVL_SLOW, see tests/patience.py.
"""

import contextlib
import ctypes
import importlib
import inspect
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import textwrap
import time
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("IPVL_BUILD", os.path.join(SOURCE, "build"))
EXAMPLES = os.path.join(SOURCE, "docs", "examples")
sys.path.insert(0, os.path.dirname(HERE))
from patience import PATIENCE_S  # noqa: E402

TEST_SECONDS = 5 * PATIENCE_S
LOG_LINES = int(os.environ.get("IPVL_LOG_LINES", "60"))  # of each daemon, shown where a test fails
WORK = "/run/test"
SOCKET = "/run/ipvl/db.sock"
DB = "/var/lib/ipvl/conf.db"
PRIVATE = ("/run", "/etc/netns", "/etc/ipvl", "/var/lib/ipvl")

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x20000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG = 1
STATUS_SKIPPED = 77


HOME_NETNS = -1  # where physical devices are


class Skip(Exception):
    """The test cannot say anything here; the text says why."""


def skip(reason):
    raise Skip(reason)


def syscall(name, *args):
    if getattr(libc, name)(*args) != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{name}: {os.strerror(errno)}")


def mount(what, where, kind, flags=0, data=None):
    syscall("mount", what.encode(), where.encode(), kind and kind.encode(), flags,
            data and data.encode())


def unit_settings(name):
    """The words of a setting of ipvld's systemd unit, of all its lines."""
    lines = read_file(f"{SOURCE}/data/systemd/ipvld.service.in").splitlines()
    return " ".join(line.partition("=")[2] for line in lines if line.startswith(name + "=")).split()


def unit_capabilities():
    """What the unit leaves to ipvld, in the words of setpriv(1)."""
    return ",".join(["-all"] + [f"+{c.removeprefix('CAP_').lower()}" for c in unit_settings("CapabilityBoundingSet")])


def read_file(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def write_file(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def run(*words, check=True, stdin=None):
    """A command to its end. Returns the CompletedProcess (text); raises if it fails and 'check'."""
    p = subprocess.run([str(w) for w in words], input=stdin, capture_output=True, text=True,
                       timeout=PATIENCE_S, check=False)
    if check and p.returncode != 0:
        raise AssertionError(f"{shlex.join(p.args)}: exit status {p.returncode}\n"
                             f"{p.stdout}{p.stderr}")
    return p


def wait_until(condition, what):
    """Calls 'condition' until it gives something true, which is returned. An AssertionError in it
    counts as false, and is shown if it was the last word."""
    begin = time.monotonic()
    while True:
        last, asked = "", time.monotonic()
        try:
            result = condition()
            if result:
                return result
        except AssertionError as e:
            last = f": {e}"
        if time.monotonic() - begin > PATIENCE_S:
            raise AssertionError(f"not within {PATIENCE_S:g} s: {what}{last}")
        # A condition that runs commands is costly: it must not keep the awaited from the processor.
        time.sleep(max(0.02, min(time.monotonic() - asked, 0.5)))


def under_valgrind():
    return "valgrind" in os.environ.get("IPVL_WRAPPER", "")


def port_mode(device):
    """("l2", "bridge") of an ipvlan, as `ip -d -j link` shows it."""
    data = device["linkinfo"]["info_data"]
    flag = next((f for f in ("private", "vepa") if data.get(f) or data.get("mode_flag") == f), "bridge")
    return data["mode"], flag


def process_in(ns):
    """A process in namespace 'ns'; returns the path of its namespace. It ends with the test."""
    pid = os.spawnvp(os.P_NOWAIT, "ip", ["ip", "netns", "exec", ns, "sleep", "1000"])
    path = f"/proc/{pid}/ns/net"
    wait_until(lambda: os.stat(path).st_ino == os.stat(f"/run/netns/{ns}").st_ino,
               "the process is in its namespace")
    return path


def stays(condition, what, seconds=1.0):
    """The opposite: 'condition' must hold all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition(), f"did not last: {what}"
        time.sleep(0.05)


def linux():
    """The version of the kernel, (6, 12), for what docs/kernel.md gives a version."""
    return tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2])


@contextlib.contextmanager
def inside(ns):
    """This thread is in the namespace of that name; None: where it is."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{ns}", os.O_RDONLY) if ns else os.dup(home)
    try:
        syscall("setns", there, CLONE_NEWNET)
        yield
    finally:
        syscall("setns", home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


def read_inside(ns, path):
    """A file as it is in namespace 'ns', such as /proc/thread-self/net/dev: a look without a fork."""
    with inside(ns):
        return read_file(path)


class Rpc:
    """A bare JSON-RPC client of an OVSDB server (RFC 7047, 4): what any stranger's client may send."""

    def __init__(self, path=SOCKET):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(path)
        self.text = ""
        self.next_id = 0

    def close(self):
        self.socket.close()

    def read_message(self):
        while True:
            if self.text.strip():
                try:
                    message, end = json.JSONDecoder().raw_decode(self.text.lstrip())
                    self.text = self.text.lstrip()[end:]
                    return message
                except json.JSONDecodeError:
                    pass
            data = self.socket.recv(65536)
            assert data, "the server closed the connection"
            self.text += data.decode()

    def call(self, method, *params):
        self.next_id += 1
        request = {"method": method, "params": list(params), "id": self.next_id}
        self.socket.sendall(json.dumps(request).encode())
        while True:
            message = self.read_message()
            if message.get("method") == "echo":
                reply = {"result": message["params"], "error": None, "id": message["id"]}
                self.socket.sendall(json.dumps(reply).encode())
            elif message.get("id") == self.next_id and "method" not in message:
                assert message["error"] is None, message["error"]
                return message["result"]

    def transact(self, *operations):
        return self.call("transact", "ipvl", *operations)


def plain(value):
    """An OVSDB value as Python's: sets as lists, maps as dicts, a uuid as its text."""
    if isinstance(value, list) and len(value) == 2:
        kind, content = value
        if kind == "set":
            return [plain(v) for v in content]
        if kind == "map":
            return {plain(k): plain(v) for k, v in content}
        if kind in ("uuid", "named-uuid"):
            return content
    return value


class Ipvld:
    """One daemon. Started by Host.ipvld()."""

    def __init__(self, name, db, remote, args):
        self.name, self.db, self.socket = name, db, remote
        self.args = args
        self.log_path = f"{WORK}/{name}.log"
        self.prefix = ()
        self.process = None

    def command(self):
        words = shlex.split(os.environ.get("IPVL_WRAPPER", ""))
        words += [f"{BUILD}/reconciler/ipvld", "--schema", f"{SOURCE}/schemas/ipvl.ovsschema"]
        if self.db != DB:
            words += ["--db", self.db]
        if self.socket != SOCKET:
            words += ["--remote", f"punix:{self.socket}"]
        return words + [str(a) for a in self.args]

    def start(self, ready=True, prefix=()):
        """Starts it; with 'ready', waits for what it tells systemd."""
        notify = f"{WORK}/{self.name}.notify"
        self.prefix = prefix
        with contextlib.suppress(FileNotFoundError):
            os.unlink(notify)
        environment = dict(os.environ)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(notify)
            s.settimeout(0.1)
            environment["NOTIFY_SOCKET"] = notify
            on_terminal = "gdb" in os.environ.get("IPVL_WRAPPER", "")
            with open(self.log_path, "a", encoding="utf-8") as log:
                out = {} if on_terminal else {"stdin": subprocess.DEVNULL, "stdout": log,
                                              "stderr": log}
                self.process = subprocess.Popen([*prefix, *self.command()], env=environment, **out)
            if ready:
                wait_until(lambda: self.told_ready(s), f"{self.name} is READY")
        return self

    def told_ready(self, s):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode} before it was "
                               f"ready: {self.log().strip()}")
        with contextlib.suppress(TimeoutError):
            return b"READY=1" in s.recv(4096)
        return False

    def log(self):
        try:
            return read_file(self.log_path)
        except FileNotFoundError:
            return ""

    def pid(self):
        """Of ipvld itself, also under a wrapper that forks (strace)."""
        if not os.environ.get("IPVL_WRAPPER") and not self.prefix:
            return self.process.pid
        for child in run("pgrep", "-P", self.process.pid, check=False).stdout.split():
            if read_file(f"/proc/{child}/comm").strip() == "ipvld":
                return int(child)
        return self.process.pid

    def stop(self):
        """SIGTERM; must end cleanly."""
        os.kill(self.pid(), signal.SIGTERM)
        status = self.process.wait(PATIENCE_S)
        assert status == 0, f"{self.name} ended with status {status} at SIGTERM"

    def kill(self):
        """As a crash: kill -9."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid(), signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wake_ups(self):
        """How often its threads have slept and been woken so far."""
        tasks = os.listdir(f"/proc/{self.pid()}/task")
        status = [read_file(f"/proc/{self.pid()}/task/{task}/status") for task in tasks]
        return sum(int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", text, re.M)[1]) for text in status)

    def ticks(self):
        """The processor's time it has had so far, in ticks of sysconf(_SC_CLK_TCK)."""
        fields = read_file(f"/proc/{self.pid()}/stat").rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def rest(self, seconds):
        """What it did in that time, which a slow machine makes longer: seconds, wake-ups, ticks."""
        begin, woken, ticks = time.monotonic(), self.wake_ups(), self.ticks()
        time.sleep(seconds)
        woken, ticks = self.wake_ups() - woken, self.ticks() - ticks
        return time.monotonic() - begin, woken, ticks


class Host:
    """The machine that a test has to itself."""

    def __init__(self):
        self.daemons = []
        self.said = []  # by ipvl-ctl
        os.makedirs(WORK)
        os.chdir(WORK)
        self.ip("link set lo up")

    # --- the network

    def ip(self, words, ns=None, check=True):
        """`ip WORDS`, in namespace 'ns' if given. Returns its output."""
        where = ["-n", ns] if ns else []
        return run("ip", *where, *shlex.split(words), check=check).stdout

    def ipj(self, words, ns=None):
        """The same as JSON, details included."""
        return json.loads(self.ip(f"-d -j {words}", ns) or "[]")

    def exec(self, ns, *words, **how):
        return run("ip", "netns", "exec", ns, *words, **how)

    def sysctl(self, name, value=None, ns=None):
        words = ["sysctl", "-n", "-q", name if value is None else f"{name}={value}"]
        return (self.exec(ns, *words) if ns else run(*words)).stdout.strip()

    def lan(self, master="eth0", address="10.138.36.58/23", outside=("10.138.36.1/23",),
            beyond="110.242.68.66/32", reflector=False):
        """A master of the host whose cable ends in the namespace `outside`: a router with the
        addresses 'outside' on the LAN and 'beyond' behind it. With 'reflector' the other end is a
        switch port in hairpin mode, which sends frames back to where they came from."""
        self.ip("netns add outside")
        port = "port0" if reflector else "lan0"
        self.ip(f"link add {master} type veth peer name {port} netns outside")
        if reflector:
            self.ip("link add lan0 type bridge forward_delay 0", "outside")
            self.ip("link set port0 master lan0 up", "outside")
            self.ip("link set port0 type bridge_slave hairpin on", "outside")
        for name in ("lo", "lan0"):
            self.ip(f"link set {name} up", "outside")
        for a in (outside, ) if isinstance(outside, str) else outside:
            self.ip(f"addr add {a} dev lan0 nodad", "outside")
        if beyond:
            self.ip(f"addr add {beyond} dev lo", "outside")
        self.sysctl("net.ipv4.ip_forward", 1, "outside")
        # Without it Linux answers ARP for an address of any of its devices, 'beyond' too.
        self.sysctl("net.ipv4.conf.all.arp_ignore", 1, "outside")
        self.ip(f"link set {master} up")
        if address:
            self.ip(f"addr add {address} dev {master}")

    def link(self, name, ns=None):
        """The device as `ip -d -j link` shows it, or None."""
        found = [d for d in json.loads(self.ip("-d -j link show", ns, check=False) or "[]")
                 if d.get("ifname") == name]
        return found[0] if found else None

    def ifindex(self, name, ns=None):
        device = self.link(name, ns)
        return device and device["ifindex"]

    def addresses(self, name, ns=None):
        """Those of global scope, as ADDRESS/LENGTH, sorted."""
        return sorted(f"{a['local']}/{a['prefixlen']}"
                      for d in self.ipj(f"addr show dev {name}", ns)
                      for a in d.get("addr_info", []) if a.get("scope") == "global")

    def routes(self, name, ns=None, family=4):
        """Those that the kernel did not make itself."""
        return sorted((r for r in self.ipj(f"-{family} route show dev {name}", ns)
                       if r.get("protocol") not in ("kernel", "ra")),
                      key=lambda r: str(r.get("dst")))

    def mode(self, name, ns=None):
        """("l2", "bridge") of the port, through one of its slaves."""
        device = self.link(name, ns)
        assert device, f"no {name} in {ns or 'the host'}"
        return port_mode(device)

    def namespaces(self):
        return sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else []

    def pings(self, ns, address, count=1, wait=1, *words):
        """True if every one of 'count' pings is answered."""
        p = run(*(["ip", "netns", "exec", ns] if ns else []), "ping", "-n", "-q", "-c", count, "-i",
                "0.2", "-W", wait, *words, address, check=False)
        return f" {count} received" in p.stdout

    def ping(self, ns, address):
        """Must be answered, though not at once: ARP and duplicate address detection take time."""
        wait_until(lambda: self.pings(ns, address), f"ping from {ns or 'host'} to {address}")

    def no_ping(self, ns, address):
        """Nothing may answer: neither at once nor after the neighbours have been asked."""
        for _ in range(2):
            assert not self.pings(ns, address), f"{ns or 'host'} reaches {address}, and must not"

    # --- ipvl

    def check_valgrind(self):
        """With --valgrind: ends the daemons, so that leaks are told, and none may have been blamed."""
        if not under_valgrind():
            return
        for d in self.daemons:
            if d.is_running():
                d.stop()
            blame = [line for line in d.log().splitlines() if line.startswith("==")]
            assert not blame, f"valgrind blames {d.name}"

    def ipvld(self, *args, name="ipvld", db=DB, remote=SOCKET, start=True):
        d = Ipvld(name, db, remote, args)
        self.daemons.append(d)
        if start:
            d.start()
        return d

    def events_only(self, **how):
        """A daemon without audit and port watch: what it finds, the kernel's events have shown it."""
        d = self.ipvld("--audit", "0", **how)
        self.ctl("set", "Host", ".", "other_config:port-watch=0")
        return d

    def events_are_handled(self, ns, address, device):
        """A barrier: returns when ipvld has handled all events so far. The kernel queues events in their
        order, so that the loss of 'address', of ours on 'device', is repaired after all that was before."""
        self.ip(f"addr del {address} dev {device}", ns)
        wait_until(lambda: address in self.addresses(device, ns), f"{address} is back on {ns}/{device}")

    def ctl_try(self, *words, stdin=None):
        """`ipvl-ctl WORDS`; returns the CompletedProcess."""
        p = run(f"{BUILD}/ctl/ipvl-ctl", f"--schema={SOURCE}/schemas/ipvl.ovsschema",
                f"--timeout={PATIENCE_S:.0f}", *words, stdin=stdin, check=False)
        self.said += [p.stdout, p.stderr]
        return p

    def ctl(self, *words, status=0, stdin=None):
        """The same; the exit status must be 'status'. Returns what it printed."""
        p = self.ctl_try(*words, stdin=stdin)
        assert p.returncode == status, (f"ipvl-ctl {shlex.join(str(w) for w in words)}: exit status "
                                        f"{p.returncode}, not {status}\n{p.stdout}{p.stderr}")
        return p.stdout

    def refused(self, *words, stdin=None):
        """The same for what must fail: exit status 1, something said. Returns what it said."""
        p = self.ctl_try(*words, stdin=stdin)
        assert p.returncode == 1, (f"ipvl-ctl {shlex.join(str(w) for w in words)}: exit status "
                                   f"{p.returncode}, not 1\n{p.stdout}{p.stderr}")
        assert p.stderr.strip(), "it failed without a word"
        assert "Traceback" not in p.stderr and "Sanitizer" not in p.stderr, p.stderr
        return p.stderr

    def yaml(self, text, name="lab.yaml"):
        return write_file(f"{WORK}/{name}", textwrap.dedent(text).lstrip("\n"))

    def example(self, name):
        return os.path.join(EXAMPLES, name)

    def apply(self, text, *words, name="lab.yaml", status=0):
        """Applies a YAML text (or the file of that absolute path)."""
        path = text if text.startswith("/") else self.yaml(text, name)
        return self.ctl("apply", "-f", path, *words, status=status)

    def rows(self, table, remote=SOCKET, **where):
        """The rows of a table as dicts, those whose columns equal 'where'."""
        rpc = Rpc(remote)
        try:
            result = rpc.transact({"op": "select", "table": table,
                                   "where": [[k, "==", v] for k, v in where.items()]})
        finally:
            rpc.close()
        return [{k: plain(v) for k, v in row.items()} for row in result[0]["rows"]]

    def transact(self, *operations, remote=SOCKET):
        rpc = Rpc(remote)
        try:
            return rpc.transact(*operations)
        finally:
            rpc.close()

    def row(self, label, remote=SOCKET):
        """The Slave row of NETNS/NAME, or the Master row of NAME if there is no such slave."""
        netns, _, name = label.rpartition("/")
        found = (self.rows("Slave", remote, netns=netns, name=name)
                 or self.rows("Master", remote, name=name))
        assert len(found) == 1, f"{len(found)} rows for {label}"
        return found[0]

    def state(self, label, remote=SOCKET):
        return self.row(label, remote)["state"]

    def wait_state(self, label, state, remote=SOCKET):
        def is_so():
            row = self.row(label, remote)
            assert row["state"] == state, f"{label} is {row['state']}: {row['message']}"
            return row
        return wait_until(is_so, f"{label} is {state}")

    def all_ready(self, remote=SOCKET):
        bad = [f"{r['netns']}/{r['name']}: {r['state']} {r['message']}"
               for table in ("Slave", "Master") for r in self.rows(table, remote)
               if r["state"] != "ready"]
        assert not bad, "; ".join(bad)
        return True

    def wait_ready(self, remote=SOCKET):
        wait_until(lambda: self.all_ready(remote), "all rows are ready")

    def drift(self, text):
        """`ipvl-ctl drift` must come to name 'text'."""
        def named():
            out = self.ctl("drift")
            assert text in out, f"`ipvl-ctl drift` says\n{out}"
            return True
        wait_until(named, f"drift names {text!r}")


# --- the program

def check_said(host, label):
    """What ipvl-ctl and the log said must have the sentences of said.txt below the name of the test; "…" is any text."""
    for section in read_file(f"{HERE}/said.txt").split("\n## ")[1:]:
        name, *lines = section.strip().splitlines()
        said = "\n".join(host.said + [d.log() for d in host.daemons]) if name == label else ""
        for line in lines if name == label else ():
            pattern = ".*".join(re.escape(part) for part in line.split("…"))
            assert re.search(pattern, said), f"said.txt: it was not said: {line}\n{said}"


def load(words):
    """[("test_file.name", function)] of those that 'words' name; all without words."""
    sys.path.insert(0, HERE)
    wanted = [w.removesuffix(".py").split("/")[-1] for w in words]
    wanted = [w if w.startswith("test_") else f"test_{w}" for w in wanted]
    known = [f[:-3] for f in sorted(os.listdir(HERE)) if f.startswith("test_") and f.endswith(".py")]
    tests = []
    for module_name in known:
        module = importlib.import_module(module_name)
        own = [(n, f) for n, f in vars(module).items()
               if n.startswith("test_") and inspect.isfunction(f)]
        for name, function in own:
            label = f"{module_name}.{name.removeprefix('test_')}"
            by_name = label in wanted or f"{module_name}.{name}" in wanted
            if by_name or module_name in wanted or (
                    not words and not getattr(function, "by_name_only", False)):
                if by_name or not getattr(function, "by_name_only", False):
                    tests.append((label, function))
    for w in wanted:
        if not any(label == w or label.startswith(w + ".") or label == w.replace(".test_", ".")
                   for label, _ in tests):
            sys.exit(f"no such test: {w} (see --list)")
    return tests


def by_name_only(function):
    """Marks a test that runs only when it is named: it takes long."""
    function.by_name_only = True
    return function


def isolate():
    """The namespaces and folders that are the test's own."""
    mount("proc", "/proc", "proc")
    mount("sysfs", "/sys", "sysfs")
    for path in PRIVATE:
        os.makedirs(path, exist_ok=True)
        mount("tmpfs", path, "tmpfs", 0, "mode=755")


def show_failure(host):
    traceback.print_exc()
    if not host:
        return
    for d in host.daemons:
        print(f"--- log of {d.name} ({'running' if d.is_running() else 'not running'})")
        print("".join(d.log().splitlines(keepends=True)[-LOG_LINES:]))
    if host.daemons and host.daemons[0].is_running():
        print("--- ipvl-ctl show")
        with contextlib.suppress(Exception):
            p = host.ctl_try("--timeout=20", "show")
            print(p.stdout + p.stderr)


def body(label, function, log):
    """The test, as first process of its process namespace. Never returns."""
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    status, host = 1, None
    try:
        isolate()
        host = Host()
        function(host)
        check_said(host, label)
        host.check_valgrind()
        status = 0
    except Skip as e:
        print(e)
        status = STATUS_SKIPPED
    except BaseException:  # pylint: disable=broad-except
        show_failure(host)
    sys.stdout.flush()
    os._exit(status)


def run_one(label, function, log):
    """Returns the exit status, None at the time limit."""
    outer = os.fork()
    if outer == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        syscall("unshare", CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET)
        mount("none", "/", None, MS_REC | MS_PRIVATE)
        inner = os.fork()
        if inner == 0:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            body(label, function, log)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]) & 0xff)
    end = time.monotonic() + TEST_SECONDS
    while time.monotonic() < end:
        pid, status = os.waitpid(outer, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(outer, signal.SIGKILL)
    os.waitpid(outer, 0)
    return None


def main():
    global HOME_NETNS
    HOME_NETNS = os.open("/proc/self/ns/net", os.O_RDONLY)
    words = sys.argv[1:]
    only_list = "--list" in words
    tests = load([w for w in words if w != "--list"])
    if only_list:
        for label, function in tests:
            what = " ".join((function.__doc__ or "").split())
            print(f"{label:34} {what}")
        return 0
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    failed = 0
    for number, (label, function) in enumerate(tests, 1):
        begin = time.monotonic()
        log_path = f"/tmp/{label}.log"
        with open(log_path, "w", encoding="utf-8") as log:
            status = run_one(label, function, log)
        text, took = read_file(log_path), time.monotonic() - begin
        if status == STATUS_SKIPPED:
            print(f"ok {number} - {label} # SKIP {text.strip()}")
        elif status == 0:
            print(f"ok {number} - {label}")
            print(f"# {took:.1f} s")
            for line in text.splitlines():
                print(f"# {line}")
        else:
            failed += 1
            print(f"not ok {number} - {label}")
            if status is None:
                print(f"# killed at its time limit of {took:.0f} s")
            for line in text.splitlines():
                print(f"# {line}")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.modules["ipvltest"] = sys.modules["__main__"]
    sys.exit(main())
