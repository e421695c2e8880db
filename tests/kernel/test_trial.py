"""A change on trial goes back: when it cuts its own operator off, when ipvld dies, when the machine does."""

import contextlib
import re
import sqlite3
import subprocess

from ipvltest import BUILD, DB, PATIENCE_S, SOURCE, run, wait_until

# No test waits for its end.
LONG = "--timeout=100000"


def start(t, *args):
    t.lan("eth0")
    d = t.ipvld(*args)
    t.apply(t.example("howto.yaml"))
    t.wait_ready()
    return d


def pass_time():
    """While nothing runs."""
    with contextlib.closing(sqlite3.connect(DB)) as db:
        assert db.execute('UPDATE "Trial" SET deadline = 1').rowcount == 1
        db.commit()


def test_operator_cut_off(t):
    """A change that cuts the connection over which it was made: nobody can confirm it."""
    start(t, "--remote", "punix:/run/ipvl/db.sock", "--remote", "ptcp:6640:10.138.36.58")
    words = ["ip", "netns", "exec", "outside", f"{BUILD}/ctl/ipvl-ctl", "--db=tcp:10.138.36.58:6640",
             f"--schema={SOURCE}/schemas/ipvl.ovsschema"]
    t.ping("outside", "10.138.36.58")
    assert "2 of 2 slaves ready" in run(*words, "show").stdout
    # To the operator by a router that there is not: the host's answers are lost.
    with subprocess.Popen([*words, "try", "--timeout=10", "--", "set-master", "eth0",
                           "routes=10.138.36.1 via 10.138.36.77"], stderr=subprocess.PIPE, text=True) as operator:
        wait_until(lambda: [r.get("gateway") for r in t.routes("eth0")] == ["10.138.36.77"], "the operator is cut off")
        wait_until(lambda: t.routes("eth0") == [], "it went back")
        t.ping("outside", "10.138.36.58")
        said = operator.communicate(timeout=PATIENCE_S)[1]
    # Whether the answer to the change was still received decides how it says so.
    assert operator.returncode == 1 and re.search("taken back within 10 s|on trial until .*: `ipvl-ctl confirm`", said), said
    assert "not confirmed within 10 s" in run(*words, f"--timeout={PATIENCE_S:.0f}", "history", "1").stdout


def test_daemon_killed(t):
    """kill -9: the next ipvld goes back, in the kernel too."""
    d = start(t)
    t.ctl("try", LONG, "--", "set-master", "eth0", "mode=l3", "--", "del-slave", "ns1/ipvl1", "--",
          "add-slave", "eth0", "ns2/ipvl2", "addresses=10.138.36.4/23")
    assert t.mode("ipvl0", "ns0") == ("l3", "bridge")
    assert t.link("ipvl2", "ns2") and "ns1" not in t.namespaces()
    d.kill()
    pass_time()
    d.start()
    t.wait_ready()
    assert t.mode("ipvl0", "ns0") == ("l2", "bridge")
    assert t.addresses("ipvl1", "ns1") == ["10.138.36.3/23"] and "ns2" not in t.namespaces()
    t.ping("ns0", "10.138.36.3")
    t.ping("ns1", "110.242.68.66")


def test_machine_restarted(t):
    """A machine that boots after the deadline never has what was on trial."""
    d = start(t)
    t.ctl("try", LONG, "--", "set-slave", "ns1/ipvl1", "addresses=10.138.36.9/23")
    d.kill()
    for ns in ("ns0", "ns1", "outside"):
        t.ip(f"netns del {ns}")
    wait_until(lambda: t.link("eth0") is None, "the network of yesterday is gone")
    t.lan("eth0")
    pass_time()
    d.start()
    t.wait_ready()
    assert t.addresses("ipvl1", "ns1") == ["10.138.36.3/23"]
    t.ping("ns0", "10.138.36.3")
    t.no_ping("ns0", "10.138.36.9")


def test_confirmed(t):
    """It stays, over a crash and a restart."""
    d = start(t)
    t.ctl("try", LONG, "--", "set-master", "eth0", "flag=private")
    t.ctl("confirm")
    d.kill()
    d.start()
    t.wait_ready()
    assert t.mode("ipvl0", "ns0") == ("l2", "private")
    t.no_ping("ns0", "10.138.36.3")
