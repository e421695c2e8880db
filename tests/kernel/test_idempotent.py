"""The same again does nothing: not one write to the kernel, not one to the disk."""

import contextlib
import os
import re
import signal
import shutil
import subprocess
import time

import examples
from ipvltest import read_file, skip, wait_until


@contextlib.contextmanager
def traced(d):
    """Lists what the daemon asks of the kernel's network and of the disk in the meantime."""
    if not shutil.which("strace"):
        skip("strace is not installed")
    path, writes = "/run/test/strace", []
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    words = ["strace", "-f", "-s", "64", "-o", path, "-e",
             "trace=sendto,sendmsg,sendmmsg,pwrite64,pwritev,fsync,fdatasync,rename,unlink,ftruncate",
             "-p", str(d.pid())]
    tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert "attached" in tracer.stderr.readline()
    yield writes
    time.sleep(0.5)
    tracer.send_signal(signal.SIGINT)
    tracer.communicate()
    for line in read_file(path).splitlines():
        if changes(line) or re.search(
                r"\b(pwrite64|pwritev|fsync|fdatasync|rename|unlink|ftruncate)\(", line):
            writes.append(line)


def changes(line):
    """What a traced line asks the kernel to change. Of a socket made in another namespace strace
    shows the bare number of a type; rtnetlink(7): NEW, DEL, GET and SET follow each other from 16."""
    named = re.findall(r"RTM_(?:NEW|DEL|SET)\w+", line)
    numbers = [int(n, 16) for n in re.findall(r"nlmsg_type=(0x[0-9a-f]+)", line)]
    return named + [n for n in numbers if n >= 16 and n % 4 != 2]


def disk():
    return {f: (s.st_mtime_ns, s.st_size, s.st_ino) for f in sorted(os.listdir("/var/lib/ipvl"))
            for s in [os.stat(f"/var/lib/ipvl/{f}")]}


def check_a_change_is_seen(t, d):
    """That the tracer sees what it is to miss later."""
    # Of a row whose drift is left, a second look records that it is as declared.
    label = next(examples.label(r) for r in t.rows("Slave")
                 if r["state"] == "ready" and not r["mtu"] and r["enabled"] and not r["drift"])
    with traced(d) as writes:
        t.ctl("set-slave", label, "mtu=1450")
    assert any(changes(w) for w in writes), "the tracer sees no message: " + str(writes)
    assert any("sync(" in w or "pwrite64(" in w for w in writes), "the tracer sees no disk"
    t.ctl("set-slave", label, "mtu=[]")


def check_nothing(t, d, what, action):
    """'action' writes nothing."""
    before = disk(), t.rows("Host")[0]["next_cfg"]
    with traced(d) as writes:
        action()
    assert writes == [], f"{what} wrote:\n" + "\n".join(writes)
    assert (disk(), t.rows("Host")[0]["next_cfg"]) == before, f"{what} wrote to the disk"


def test_apply_again(t):
    """Each example applied a second time."""
    process = examples.host(t)
    d = t.ipvld()
    for number, name in enumerate(examples.names()):
        path = examples.file(t, name, process)
        t.apply(path)
        examples.wait_ready(t)
        if not number:
            check_a_change_is_seen(t, d)
        check_nothing(t, d, f"{name} again", lambda p=path: t.apply(p))
        t.ctl("forget", path)


def test_commands_again(t):
    """A command that sets what is set."""
    t.lan("eth0")
    d = t.ipvld()
    t.apply(t.example("howto.yaml"))
    check_a_change_is_seen(t, d)
    check_nothing(t, d, "set-slave again",
                  lambda: t.ctl("set-slave", "ns0/ipvl0", "addresses=10.138.36.2/23"))
    check_nothing(t, d, "set-master again", lambda: t.ctl("set-master", "eth0", "mode=l2"))


def test_idle(t):
    """An idle daemon writes nothing, and the port watch only reads."""
    t.lan("eth0")
    d = t.ipvld()
    t.apply(t.example("howto.yaml"))
    check_a_change_is_seen(t, d)
    check_nothing(t, d, "being idle", lambda: time.sleep(6))


def test_waiting(t):
    """While it waits for a master it sleeps: hardly a wake-up, and no loop."""
    d = t.ipvld()
    t.apply(t.example("howto.yaml"))
    t.wait_state("ns0/ipvl0", "waiting")

    took, wake_ups, ticks = d.rest(5)
    # A busy machine adds to the ticks of a process that sleeps; a loop takes some hundred.
    assert wake_ups <= 2 * took and ticks <= 20 * took, f"{wake_ups} wake-ups, {ticks} ticks in {took:.1f} s"


def test_restart(t):
    """Started again with everything in place, it writes nothing to the kernel."""
    t.lan("eth0")
    d = t.ipvld()
    t.apply(t.example("howto.yaml"))
    t.wait_ready()
    d.stop()
    path = "/run/test/start.strace"
    d.start(prefix=["strace", "-f", "-o", path, "-e", "trace=sendto,sendmsg,sendmmsg"])
    t.wait_ready()
    wait_until(lambda: "RTM_GETLINK" in read_file(path), "the tracer sees messages")
    # A namespace's number (NSID) is its name in the daemon's own, not a change of what is configured;
    # the probe for ipvlan asks for what the kernel must refuse.
    writes = [line for line in read_file(path).splitlines()
              if set(changes(line)) - {"RTM_NEWNSID"} and '"ipvl-probe"' not in line]
    assert writes == [], "\n".join(writes)
