"""ipvld as systemd would run it: with the capabilities of data/ipvld.service.in and no others."""

import re

from ipvltest import SOURCE, read_file


def unit():
    return read_file(f"{SOURCE}/data/ipvld.service.in")


def test_capabilities(t):
    """The capabilities of the unit are enough for everything, from making to taking away."""
    wanted = re.search(r"^CapabilityBoundingSet=(.*)", unit(), re.M)[1].lower().split()
    bounding = ",".join(["-all"] + ["+" + c.removeprefix("cap_") for c in wanted])
    t.lan("eth0")
    d = t.ipvld(start=False)
    d.start(prefix=["setpriv", "--no-new-privs", f"--bounding-set={bounding}", f"--inh-caps={bounding}"])
    effective = re.search(r"CapEff:\s+(\w+)", read_file(f"/proc/{d.pid()}/status"))[1]
    assert bin(int(effective, 16)).count("1") == len(wanted), effective
    t.apply(t.example("howto.yaml"))
    t.ctl("set-slave", "ns0/ipvl0", "mtu=1400", "sysctl={ipv6.accept_ra=0}",
          "nameservers=10.3.3.3")
    t.wait_ready()
    t.ping("ns0", "10.138.36.3")
    t.ip("link del ipvl0", "ns0")
    t.drift("ns0/ipvl0")
    t.wait_ready()
    t.ctl("del-master", "eth0")
    assert t.namespaces() == ["outside"], t.namespaces()
    d.stop()


def test_no_mount_namespace(t):
    """No option of the unit gives it a mount namespace of its own (the host would see dead files)."""
    forbidden = ("ProtectSystem", "ProtectHome", "Private", "ReadOnlyPaths", "ReadWritePaths",
                 "InaccessiblePaths", "BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem",
                 "ProtectKernel", "ProtectControlGroups", "ProtectProc", "ProcSubset", "MountFlags",
                 "MountAPIVFS", "RootDirectory", "RootImage", "DynamicUser", "LogNamespace",
                 "ProtectHostname", "NoExecPaths", "ExecPaths", "MountImages", "ExtensionImages",
                 "RestrictNamespaces", "JoinsNamespaceOf")
    for line in unit().splitlines():
        assert not line.startswith(forbidden), line
    assert "Type=notify" in unit()
    assert "ExecReload=/bin/kill -HUP $MAINPID" in unit()
