"""Namespaces by whatever text: one namespace has one name, and what is none is told."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess

from ipvltest import (CLONE_NEWNET, libc, process_in, read_file, run, unit_capabilities, wait_until,
                      write_file)

HEAD = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
"""


def test_canonical_text(t):
    """/run/netns/X and /var/run/netns/X are X, for every writer (K2, O1)."""
    t.lan("eth0")
    t.ipvld()
    t.apply(HEAD + "          - {name: a, netns: /run/netns/tt, addresses: [10.138.36.2/23]}\n")
    t.ctl("add-slave", "eth0", "/var/run/netns/tt/b", "addresses=10.138.36.3/23")
    t.wait_ready()
    assert sorted((r["netns"], r["name"]) for r in t.rows("Slave")) == [("tt", "a"), ("tt", "b")]
    assert t.addresses("a", "tt") == ["10.138.36.2/23"], "it was made, as every name is"
    said = t.refused("add-slave", "eth0", "a", "netns=/run/netns/tt", "addresses=10.138.36.4/23")
    assert "slave tt/a already exists" in said, said
    answer = t.transact({"op": "update", "table": "Slave", "where": [["name", "==", "b"]],
                         "row": {"netns": "/run/netns/tt"}})
    assert answer[-1]["error"] == "constraint violation", answer
    assert 'write "tt"' in answer[-1]["details"], answer
    t.ctl("set-slave", "/run/netns/tt/b", "mtu=1400")
    wait_until(lambda: t.link("b", "tt")["mtu"] == 1400, "it is the same row")


def slave(name, netns, address):
    return f"          - {{name: {name}, netns: {netns}, addresses: [{address}]}}\n"


def test_texts_that_meet_later(t):
    """A path that comes to stand for a namespace with a name; the host's own by a name; two names;
    a symlink."""
    t.lan("eth0")
    for ns in ("tt", "later"):
        t.ip(f"netns add {ns}")
    run("touch", "/run/x")
    run("mount", "--bind", "/run/netns/later", "/run/x")
    os.symlink("tt", "/run/netns/link")
    run("touch", "/run/netns/host", "/run/netns/second")
    run("mount", "--bind", "/proc/self/ns/net", "/run/netns/host")
    run("mount", "--bind", "/run/netns/tt", "/run/netns/second")
    t.ipvld()
    t.apply(HEAD + slave("tw", "tt", "10.138.36.8/23") + slave("tw", "/run/x", "10.138.36.9/23")
            + slave("shim", '""', "10.138.36.20/23").replace('netns: "", ', ""))
    t.wait_ready()
    for n, other in enumerate(("link/tw", "second/tw", "host/shim", "host/eth0")):
        t.ctl("add-slave", "eth0", other, f"addresses=10.138.37.{n + 1}/23", status=1)
        row = t.wait_state(other, "conflict")
        assert "already" in row["message"], row
    run("umount", "/run/x")
    run("mount", "--bind", "/run/netns/tt", "/run/x")
    t.wait_state("/run/x/tw", "conflict")
    assert t.state("tt/tw") == "ready" and t.addresses("tw", "tt") == ["10.138.36.8/23"]
    assert t.rows("Drift") == [], "nobody undoes the other's work"
    t.ctl("set-slave", "tt/tw", "name=moved")
    wait_until(lambda: sorted(t.state(f"{n}/tw") for n in ("/run/x", "link", "second"))
               == ["conflict", "conflict", "ready"], "one of the others has it")


def test_no_network_namespace(t):
    """A path that exists and is no network namespace is an error with a cure, and is not waited
    for (O11)."""
    t.lan("eth0")
    t.ipvld()
    t.ctl("add-master", "eth0", "mode=l2")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("/run/socket")
    os.mkfifo("/run/fifo")
    os.symlink("/run/loop", "/run/loop")
    os.makedirs("/run/netns/dir")
    given = {"/etc/passwd": "a file", "/run/test": "a directory", "/run/socket": "a socket",
             "/run/fifo": "a FIFO", "/dev/null": "a device", "/run/loop": "a loop of symlinks",
             "/proc/1/ns/mnt": "a mount namespace", "dir": "a directory"}
    for n, (path, what) in enumerate(given.items()):
        t.ctl("add-slave", "eth0", f"s{n}", f"netns={path}", status=1)
        row = t.row(f"{path}/s{n}")
        where = path if path.startswith("/") else f"/run/netns/{path}"
        assert row["state"] == "error", row
        assert row["message"].startswith(f"{where} is {what}, not a network namespace: "), row["message"]
    # One that becomes a namespace is taken at once.
    t.ip("netns add late")
    run("touch", "/run/late")
    t.ctl("add-slave", "eth0", "x", "netns=/run/late", status=1)
    run("mount", "--bind", "/run/netns/late", "/run/late")
    t.wait_state("/run/late/x", "ready")
    os.rmdir("/run/netns/dir")
    t.wait_state("dir/s7", "ready")


def setpriv(capabilities):
    return ["setpriv", "--bounding-set", capabilities, "--no-new-privs"]


def test_capabilities_of_the_unit(t):
    """With what the systemd unit leaves to it, ipvld enters the namespace of any process (K5)."""
    t.lan("eth0")
    t.ip("netns add tt")
    path = process_in("tt")
    capabilities = unit_capabilities()
    d = t.ipvld(start=False)
    d.start(prefix=setpriv(capabilities))
    t.apply(HEAD + slave("a", path, "10.138.36.8/23") + slave("b", "made", "10.138.36.9/23"))
    t.wait_ready()
    t.ping("made", "10.138.36.8")
    d.stop()
    # Without it that is told: it is not "waiting" for what is there.
    d.start(prefix=setpriv(capabilities.replace(",+sys_ptrace", "")))
    row = t.wait_state(f"{path}/a", "error")
    assert row["message"].startswith(f"ipvld may not open {path} (Permission denied): it needs "
                                     "CAP_SYS_PTRACE"), row["message"]
    assert t.state("made/b") == "ready"
    assert t.addresses("a", "tt") == ["10.138.36.8/23"], "what is there stays"


class CloneArgs(ctypes.Structure):
    """struct clone_args of clone3(2), up to set_tid_size."""
    _fields_ = [(n, ctypes.c_uint64) for n in (
        "flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls",
        "set_tid", "set_tid_size")]


def process_with_pid(pid, ns):
    """The same as process_in(), with a PID that was another process's."""
    tid = ctypes.c_int32(pid)
    args = CloneArgs(exit_signal=signal.SIGCHLD, set_tid=ctypes.addressof(tid), set_tid_size=1)
    got = libc.syscall(435, ctypes.byref(args), ctypes.c_size_t(ctypes.sizeof(args)))
    if got == 0:
        os.execvp("ip", ["ip", "netns", "exec", ns, "sleep", "1000"])
    assert got == pid, f"clone3: {os.strerror(ctypes.get_errno())}"
    wait_until(lambda: os.stat(f"/proc/{pid}/ns/net").st_ino == os.stat(f"/run/netns/{ns}").st_ino,
               "the process is in its namespace")


def end_process(path):
    pid = int(path.split("/")[2])
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return pid


def test_pid_and_inode_used_again(t):
    """Both numbers of a namespace that ended are used again at once: the start time is not."""
    t.lan("eth0")
    t.ip("netns add first")
    path = process_in("first")
    d = t.ipvld()
    t.apply(HEAD + slave("a", path, "10.138.36.8/23"))
    t.wait_state(f"{path}/a", "ready")
    inode = os.stat("/run/netns/first").st_ino
    d.stop()
    pid = end_process(path)
    t.ip("netns del first")
    names = []

    def has_inode():
        names.append(f"n{len(names)}")
        t.ip(f"netns add {names[-1]}")
        return os.stat(f"/run/netns/{names[-1]}").st_ino == inode

    wait_until(has_inode, "the inode is another namespace's")
    process_with_pid(pid, names[-1])
    d.start()
    t.wait_state(f"{path}/a", "error")
    assert t.link("a", names[-1]) is None


def test_pid_of_nobody(t):
    """A PID that no process has, behind a symlink: an error, until the symlink is made anew."""
    t.lan("eth0")
    t.ip("netns add tt")
    path = process_in("tt")
    pid = end_process(path)
    os.symlink(path, "/run/netns/docker")
    t.ipvld()
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "docker/b", status=1)
    row = t.row("docker/b")
    assert row["state"] == "error" and row["message"].startswith(
        f"/run/netns/docker does not exist, since there is no process {pid}: "), row
    process_with_pid(pid, "tt")
    t.ip("netns add wake")  # whatever makes ipvld look
    t.ctl("set-slave", "docker/b", "mtu=1400", status=1)
    assert t.link("b", "tt") is None
    # Whoever starts a container again makes the symlink anew: another process, on purpose.
    os.symlink(process_in("tt"), "/run/netns/.link")
    os.rename("/run/netns/.link", "/run/netns/docker")
    t.wait_state("docker/b", "ready")


DNS = HEAD + """
          - name: a
            netns: d
            addresses: [10.138.36.8/23]
            nameservers: {addresses: [10.3.3.3]}
"""


def test_resolv_conf_by_a_symlink(t):
    """Whatever of others is at /etc/netns/NAME/resolv.conf stays: a symlink that leads nowhere, one
    that leads to somebody's file or to one with our own mark, one in the folder's place (K6)."""
    t.lan("eth0")
    t.ipvld()
    theirs = write_file("/run/theirs", "nameserver 10.9.9.9\n")
    marked = write_file("/run/marked", "# written by ipvl\nnameserver 10.9.9.9\n")
    os.makedirs("/etc/netns/d")
    for target in ("../../run/x/resolv.conf", theirs, marked):
        os.symlink(target, "/etc/netns/d/resolv.conf")
        t.apply(DNS, status=1)
        row = t.wait_state("d/a", "conflict")
        assert row["message"].startswith("/etc/netns/d/resolv.conf was not written by ipvl"), row
        assert os.readlink("/etc/netns/d/resolv.conf") == target
        t.ctl("set-slave", "d/a", "nameservers=[]")
        t.wait_ready()
        assert os.readlink("/etc/netns/d/resolv.conf") == target
        os.unlink("/etc/netns/d/resolv.conf")
    os.rmdir("/etc/netns/d")
    os.makedirs("/run/folder")
    for target, is_there in (("/run/folder", True), ("/run/nowhere", False)):
        os.symlink(target, "/etc/netns/d")
        t.apply(DNS, status=1)
        t.wait_state("d/a", "conflict")
        t.ctl("del-slave", "d/a")
        assert os.readlink("/etc/netns/d") == target and os.path.isdir(target) == is_there
        os.unlink("/etc/netns/d")
    assert os.listdir("/run/folder") == []
    assert read_file(theirs) == "nameserver 10.9.9.9\n"
    assert read_file(marked) == "# written by ipvl\nnameserver 10.9.9.9\n"
    t.apply(DNS)
    t.wait_ready()
    assert "nameserver 10.3.3.3" in read_file("/etc/netns/d/resolv.conf")
    t.ctl("del-slave", "d/a")
    assert os.listdir("/etc/netns") == []


def test_resolv_conf_in_the_way_goes(t):
    """A row goes on once what is in the way of its resolv.conf is gone, whatever it was: by an event."""
    t.lan("eth0")
    t.events_only()
    link, there = "/etc/netns/d/resolv.conf", "/etc/netns/d"

    def blocked(make):
        make()
        t.apply(DNS, status=1)
        t.wait_state("d/a", "conflict")

    def goes_on(remove):
        remove()
        t.wait_ready()
        assert "nameserver 10.3.3.3" in read_file(link)
        t.ctl("del-slave", "d/a")
        assert not os.path.lexists(there)

    write_file("/etc/netns/theirs", "nameserver 10.9.9.9\n")
    os.makedirs(there)
    blocked(lambda: os.symlink("/etc/netns/theirs", link))
    # Something else changes there: it is still in the way.
    write_file(there + "/hosts", "")
    os.unlink(there + "/hosts")
    t.ctl("set-slave", "d/a", "mtu=1400", status=1)
    goes_on(lambda: os.unlink(link))
    os.makedirs(there)
    blocked(lambda: os.symlink("/etc/netns/theirs", link))
    # At once: between an rmtree's two steps ipvld may write its own.
    goes_on(lambda: os.rename(there, "/etc/netns/old"))
    shutil.rmtree("/etc/netns/old")
    blocked(lambda: write_file(there, ""))
    goes_on(lambda: os.unlink(there))
    os.makedirs("/run/folder")
    blocked(lambda: os.symlink("/run/folder", there))
    goes_on(lambda: os.unlink(there))


def test_resolv_conf_is_kept(t):
    """A file of another program makes room, and comes back as it was: with the row, and after a crash."""
    path, kept = "/etc/netns/d/resolv.conf", "/etc/netns/d/resolv.conf.ipvl-kept"
    t.lan("eth0")
    d = t.ipvld()
    write_file(path, "nameserver 10.9.9.9\n")
    os.chmod(path, 0o600)
    inode = os.stat(path).st_ino
    t.apply(DNS)
    t.wait_ready()
    assert "nameserver 10.3.3.3" in read_file(path) and read_file(kept) == "nameserver 10.9.9.9\n"
    # One at a time: a second one stays.
    write_file(path, "nameserver 10.8.8.8\n")
    t.ctl("set-slave", "d/a", "search=example.net", status=1)
    t.wait_state("d/a", "conflict")
    assert read_file(path) == "nameserver 10.8.8.8\n" and read_file(kept) == "nameserver 10.9.9.9\n"
    os.unlink(path)
    t.wait_ready()
    assert "nameserver 10.3.3.3" in read_file(path)
    t.ctl("set-slave", "d/a", "nameservers=[]", "search=[]")
    assert read_file(path) == "nameserver 10.9.9.9\n" and os.listdir("/etc/netns/d") == ["resolv.conf"]
    assert os.stat(path).st_ino == inode and os.stat(path).st_mode & 0o777 == 0o600
    # A crash between the two renames, and the row is gone before the next start.
    t.ctl("set-slave", "d/a", "nameservers=10.3.3.3")
    d.kill()
    os.unlink(path)
    t.ctl("--db=" + t.daemons[0].db, "del-slave", "d/a")
    d.start()
    wait_until(lambda: os.path.exists(path), "it is back")
    assert read_file(path) == "nameserver 10.9.9.9\n" and os.listdir("/etc/netns/d") == ["resolv.conf"]


def test_resolv_conf_after_a_crash(t):
    """What a crash between write and rename leaves does not keep the folder."""
    t.lan("eth0")
    d = t.ipvld()
    t.apply(DNS)
    t.wait_ready()
    d.kill()
    write_file("/etc/netns/d/resolv.conf.ipvl-new", "# written by")
    os.unlink("/etc/netns/d/resolv.conf")
    write_file("/etc/netns/other/resolv.conf.ipvl-new", "")
    write_file("/etc/netns/theirs/hosts", "")
    d.start()
    t.wait_ready()
    assert sorted(os.listdir("/etc/netns")) == ["d", "theirs"]
    assert os.listdir("/etc/netns/d") == ["resolv.conf"]
    # While it runs as well: the next write finds the remnant, be it a symlink.
    target = write_file("/run/target", "")
    os.symlink(target, "/etc/netns/d/resolv.conf.ipvl-new")
    t.ctl("set-slave", "d/a", "search=example.net")
    assert os.listdir("/etc/netns/d") == ["resolv.conf"] and read_file(target) == ""
    os.symlink(target, "/etc/netns/d/resolv.conf.ipvl-new")
    t.ctl("del-slave", "d/a")
    assert os.listdir("/etc/netns") == ["theirs"] and read_file(target) == ""


def test_file_without_a_namespace_yet(t):
    """Between the file and the mount of `ip netns add` nothing takes its place, and nobody waits for
    that: clients are served."""
    t.lan("eth0")
    t.ip("netns add other")
    t.ipvld()
    t.ctl("add-master", "eth0", "mode=l2")
    for _ in range(10):
        write_file("/run/netns/slow", "")
        inode = os.stat("/run/netns/slow").st_ino
        t.ctl("add-slave", "eth0", "slow/a", "addresses=10.138.36.8/23")
        if t.state("slow/a") == "waiting" and os.stat("/run/netns/slow").st_ino == inode:
            run("mount", "--bind", "/run/netns/other", "/run/netns/slow")
            break
        # A second has passed already, on this machine.
        t.ctl("del-slave", "slow/a")
        wait_until(lambda: "slow" not in t.namespaces(), "once more")
    t.wait_ready()
    assert t.addresses("a", "other") == ["10.138.36.8/23"]
    run("touch", "/run/netns/dead")
    t.ctl("add-slave", "eth0", "dead/a")
    t.wait_ready()
    assert t.link("a", "dead"), "one on which nothing comes is taken"


def test_process_that_unshares(t):
    """No event tells that a process has a namespace of its own now: the audit sees it."""
    t.lan("eth0")
    t.ipvld("--audit", "1")
    go, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(go, 1)
        libc.unshare(CLONE_NEWNET)
        os.execvp("sleep", ["sleep", "1000"])
    path = f"/proc/{pid}/ns/net"
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", f"{path}/a", status=1)
    row = t.row(f"{path}/a")
    assert "this host's own network namespace" in row["message"], row
    assert t.rows("Netns") == [], "nothing is bound"
    os.write(told, b".")
    t.wait_state(f"{path}/a", "ready")
    assert t.link("a") is None and t.rows("Netns")[0]["name"] == path


def test_pid(t):
    """`pid:N`: the namespace of a process, which goes with it; a later one with its PID is not entered."""
    t.lan("eth0")
    d = t.ipvld("--audit", "1")
    p = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
    wait_until(lambda: os.stat(f"/proc/{p.pid}/ns/net").st_ino != os.stat("/proc/self/ns/net").st_ino,
               "it has a namespace of its own")
    name = f"/proc/{p.pid}/ns/net/a"
    lab = ("version: 1\nmasters:\n  - {name: eth0, mode: l2, slaves: [{name: a, netns: pid:%d, addresses: "
           "[10.138.36.2/23]}]}\n" % p.pid)
    t.apply(lab)
    t.wait_state(name, "ready")
    assert t.rows("Slave")[0]["netns"] == f"/proc/{p.pid}/ns/net"
    wait_until(lambda: t.pings("outside", "10.138.36.2", 1, 1), "it answers")
    run("nsenter", f"--net=/proc/{p.pid}/ns/net", "ip", "address", "del", "10.138.36.2/23", "dev", "a")
    t.drift("address 10.138.36.2/23 removed")
    assert name in t.ctl("show", f"pid:{p.pid}/a"), "its name in a command, too"
    d.stop()
    d.start()
    t.wait_state(name, "ready")
    p.kill()
    p.wait()
    t.wait_state(name, "error")
    assert f"there is no process {p.pid}" in t.row(name)["message"], t.row(name)
    t.apply("version: 1\nmasters: []\n")
    wait_until(lambda: t.rows("Netns") == [], "the binding goes with the row")


def test_inode_used_again_by_a_stranger(t):
    """A namespace that somebody has made under the name of one of ours, and that has its inode, is not
    removed with our last slave."""
    t.lan("eth0")
    d = t.ipvld()
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "mine/a")
    t.wait_ready()
    inode = os.stat("/run/netns/mine").st_ino
    d.stop()
    t.ip("netns del mine")

    def has_inode():
        t.ip("netns add mine")
        if os.stat("/run/netns/mine").st_ino == inode:
            return True
        t.ip("netns del mine")
        return False

    wait_until(has_inode, "the inode is the stranger's")
    d.start()
    t.wait_ready()
    t.ctl("del-slave", "mine/a")
    wait_until(lambda: t.link("a", "mine") is None, "our slave goes")
    wait_until(lambda: t.rows("Netns") == [], "the name is not ours any more")
    assert t.namespaces() == ["mine", "outside"] and os.stat("/run/netns/mine").st_ino == inode
    # One that is still ours goes.
    t.ctl("add-slave", "eth0", "ours/a")
    t.ctl("del-slave", "ours/a")
    wait_until(lambda: t.namespaces() == ["mine", "outside"], "ours goes")


def devices_of(path):
    return run("nsenter", f"--net={path}", "ip", "-o", "link").stdout


def test_process_stays(t):
    """The namespace of the last slave goes while processes are in it: when the command returns, the
    devices and their addresses are gone (kernel.md 16)."""
    t.lan("eth0")
    t.ipvld()
    names = [f"n{i}" for i in range(5)]
    t.apply(HEAD + "".join(slave("a", ns, f"10.138.36.{i + 2}/23") for i, ns in enumerate(names)))
    t.wait_ready()
    paths = [process_in(ns) for ns in names[:4]]
    t.ctl("del-slave", "n0/a")
    assert "n0" not in t.namespaces() and "a@" not in devices_of(paths[0]), devices_of(paths[0])
    t.ip("link add mine link eth0 up type ipvlan mode l2")
    t.ip("addr add 10.138.36.2/23 dev mine")
    t.ctl("del-master", "eth0")
    for path in paths:
        assert "a@" not in devices_of(path), devices_of(path)
    for i in range(3, 7):
        t.ip(f"addr add 10.138.36.{i}/23 dev mine")
    assert not set(names) & set(t.namespaces())


def test_mount_namespace_of_its_own(t):
    """As in the sandbox of data/systemd: what it mounts is seen by the host, and by itself."""
    t.lan("eth0")
    d = t.ipvld(start=False)
    os.environ["IPVL_MOUNT_NS"] = f"/proc/{os.getpid()}/ns/mnt"
    try:
        d.start(prefix=["unshare", "--mount", "--propagation", "slave", *setpriv(unit_capabilities())])
    finally:
        del os.environ["IPVL_MOUNT_NS"]
    assert os.readlink(f"/proc/{d.process.pid}/ns/mnt") != os.readlink("/proc/self/ns/mnt")
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "ns0/a", "addresses=10.138.36.2/23")
    t.wait_ready()
    t.ping("ns0", "10.138.36.1")
    t.ip("netns del ns0")
    wait_until(lambda: t.link("a", "ns0"), "it is made again, and seen by the host")
    t.ping("ns0", "10.138.36.1")
    t.ip("netns add other")
    t.ctl("add-slave", "eth0", "other/b")
    t.wait_ready()
    assert t.link("b", "other"), "one of the host's is seen by ipvld"
    t.ctl("del-slave", "ns0/a")
    wait_until(lambda: t.namespaces() == ["other", "outside"], "it is gone for the host too")
