"""`ipvl-ctl doctor`: faults that are planted are found, with what to do."""

import json

from ipvltest import run, wait_until

ONE = """\
version: 1
masters:
  - name: eth0
    mode: l2
    slaves:
      - {name: a, netns: ns1, addresses: [10.0.0.2/24]}
"""


def findings(t, status):
    """The findings by topic, without those of the kernel's version, which depend on the kernel."""
    found = json.loads(t.ctl("-f", "json", "doctor", status=status))["findings"]
    return {f["topic"]: f for f in found if f["topic"] != "kernel"}


def levels(t, status):
    return {topic: f["level"] for topic, f in findings(t, status).items()}


def is_kernel_well(t):
    p = t.ctl_try("-f", "json", "doctor")
    return all(f["level"] in ("ok", "note") for f in json.loads(p.stdout)["findings"] if f["topic"] == "kernel")


def test_well(t):
    """Nothing is wrong on a fresh host; a namespace that ipvl makes is shared."""
    t.lan("eth0")
    t.ipvld()
    t.apply(ONE)
    t.wait_ready()
    status = 0 if is_kernel_well(t) else 2
    found = findings(t, status)
    assert [f["level"] for f in found.values() if f["topic"] != "names"] == ["ok"] * 7, found
    assert found["names"]["level"] in ("ok", "note"), found


def test_private_mount(t):
    """/run/netns does not propagate any more."""
    t.lan("eth0")
    t.ipvld()
    t.apply(ONE)
    t.wait_ready()
    run("mount", "--make-private", "/run/netns")
    found = findings(t, 2)["mounts"]
    assert found["level"] == "warning" and "does not propagate" in found["text"], found
    run(*found["cure"].split())
    assert findings(t, 0 if is_kernel_well(t) else 2)["mounts"]["level"] == "ok"


def test_macvlan(t):
    """A macvlan was on the master first."""
    t.lan("eth0")
    t.ip("link add macv0 link eth0 type macvlan")
    t.ipvld()
    t.apply(ONE, status=1)
    found = findings(t, 2)["masters"]
    assert found["level"] == "error" and "eth0 is in use by macvlan" in found["text"], found
    t.ip("link del macv0")
    wait_until(lambda: findings(t, 0 if is_kernel_well(t) else 2)["masters"]["level"] == "ok", "it is free")


def test_capabilities(t):
    """A drop-in took a capability away."""
    t.lan("eth0")
    d = t.ipvld(start=False)
    d.start(prefix=("setpriv", "--bounding-set", "-net_raw"))
    found = findings(t, 2)["privileges"]
    assert found["level"] == "warning" and "CAP_NET_RAW" in found["text"], found


def test_no_daemon(t):
    """It never ran, and it was killed."""
    found = findings(t, 2)
    assert found["daemon"]["level"] == "error" and "systemctl start ipvld" in found["daemon"]["cure"], found
    assert found["database"]["level"] in ("note", "ok"), found
    t.lan("eth0")
    d = t.ipvld()
    d.kill()
    found = findings(t, 2)
    assert found["daemon"]["level"] == "error" and "onnection refused" in found["daemon"]["text"], found
    assert found["database"]["level"] == "ok", found
