"""Many slaves, each in its namespace: made, shown, left alone, one repaired, all removed. Times and memory.

A hundred here; a thousand by `tests/kernel/run --memory 2048 test_scale.thousand`."""

import re
import time

from ipvltest import by_name_only, read_file, wait_until
from test_crash import as_wanted, config


def rss_kib(d):
    return int(re.search(r"VmRSS:\s+(\d+)", read_file(f"/proc/{d.pid()}/status"))[1])


def timed(what, action):
    begin = time.monotonic()
    action()
    print(f"{what}: {time.monotonic() - begin:.2f} s")


def sleeps(d, port_watch):
    """Nothing wakes it for some seconds. On a busy machine they are longer than the port watch's interval."""
    begin, before = time.monotonic(), d.wake_ups()
    time.sleep(3)
    woken = d.wake_ups() - before
    return woken <= (time.monotonic() - begin) / port_watch if port_watch else woken == 0


def rest(t, d, seconds, port_watch):
    """While nothing happens, with the port watch at that interval; 0: off."""
    t.ctl("set", "Host", ".", f"other_config:port-watch={port_watch}")
    # The commit is on the disk, the program that made it is gone: also on a busy machine, where the threads that
    # do it may come to run late.
    wait_until(lambda: sleeps(d, port_watch), "it sleeps")
    took, wake_ups, _ticks = d.rest(seconds)
    print(f"wake-ups in {took:.1f} s: {wake_ups}, with the port watch at {port_watch}")
    return took, wake_ups


def check_idle(t, d, seconds):
    """Nothing wakes it but the port watch; the audit comes at five minutes."""
    took, wake_ups = rest(t, d, seconds, 0)
    assert wake_ups == 0, f"{wake_ups} wake-ups in {took:.1f} s with the port watch off"
    took, wake_ups = rest(t, d, seconds, 5)
    assert wake_ups <= took / 5 + 1, f"{wake_ups} wake-ups in {took:.1f} s with the port watch each 5 s"


def go(t, n, idle_s):
    t.lan("eth0", address="10.138.255.58/16", outside=("10.138.255.1/16",))
    d = t.ipvld()
    # Announcements go on for seconds (test_announce.py has them).
    t.ctl("set", "Host", ".", "other_config:announce=off")
    path = t.yaml(config(n))
    print(f"{n} slaves; ipvld's memory before: {rss_kib(d)} KiB")
    timed("apply until all are ready", lambda: t.ctl("apply", "-f", path))
    t.all_ready()
    as_wanted(t, n)
    t.ping("lab0", f"10.138.{(n - 1) // 250}.{(n - 1) % 250 + 2}")
    check_idle(t, d, idle_s)
    timed("the same again", lambda: t.ctl("apply", "-f", path))
    timed("show", lambda: t.ctl("show"))
    assert f"{n} of {n} slaves ready" in t.ctl("show")
    index = t.ifindex("eth0", f"lab{n // 2}")
    t.ip("link del eth0", f"lab{n // 2}")
    timed("one deleted slave repaired", lambda: wait_until(
        lambda: t.ifindex("eth0", f"lab{n // 2}") not in (None, index), "it is back"))
    t.wait_ready()
    print(f"the repair by its own measure: {t.rows('Drift')[0]['took_ms']} ms")
    timed("ready after a restart", lambda: (d.kill(), d.start(), t.wait_ready()))
    print(f"ipvld's memory with all: {rss_kib(d)} KiB")
    timed("remove all", lambda: (t.ctl("del-master", "eth0"), wait_until(
        lambda: t.namespaces() == ["outside"], "all is gone")))
    print(f"ipvld's memory after: {rss_kib(d)} KiB")


def test_hundred(t):
    """100 slaves in 100 namespaces."""
    go(t, 100, 10)


@by_name_only
def test_thousand(t):
    """1,000 slaves in 1,000 namespaces."""
    go(t, 1000, 60)
