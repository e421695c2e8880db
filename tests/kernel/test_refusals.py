"""What can never work is refused before anything changes, in a sentence; so is all other misuse."""

import os
import re
import shutil
import signal

from ipvltest import BUILD, DB, PATIENCE_S, SOCKET, SOURCE, Rpc, Skip, read_file, run, wait_until, write_file

GOOD = """
    version: 1
    masters:
      - name: eth0
        mode: l2
        slaves:
          - name: ipvl1
            netns: ns1
            addresses: [10.138.36.2/23]
          - name: ipvl2
            netns: ns2
            addresses: [192.168.9.3/24]
"""


def start(t):
    t.lan("eth0")
    t.ipvld()
    t.apply(GOOD)


def snapshot(t):
    rows = {table: sorted(str(sorted(r.items())) for r in t.rows(table))
            for table in ("Host", "Master", "Slave", "Netns", "Drift")}
    devices = [t.link("ipvl1", "ns1"), t.link("ipvl2", "ns2")]
    return rows, devices, t.addresses("ipvl2", "ns2"), t.namespaces()


def refused_file(t, text, place, *words):
    """`apply` of 'text' must fail, name FILE:place and all 'words', and change nothing."""
    before = snapshot(t)
    path = t.yaml(text)  # the same file as the good one: another would be a second source
    said = t.refused("apply", "-f", path)
    assert re.search(rf"lab\.yaml:{place}\b", said), said
    for word in words:
        assert word in said, f"{word!r} is missing in\n{said}"
    assert "nothing was changed" in said, said
    assert t.refused("validate", path), "validate accepts it"
    assert snapshot(t) == before, "something changed"
    return said


def refused_command(t, words, *expected):
    before = snapshot(t)
    said = t.refused(*words)
    for word in expected:
        assert word in said, f"{word!r} is missing in\n{said}"
    assert snapshot(t) == before, "something changed"


def refused_transaction(t, table, where, row, *expected):
    """The same by a bare client: `constraint violation`, with the reason in the details."""
    before = snapshot(t)
    result = t.transact({"op": "update", "table": table, "where": where, "row": row})
    errors = [r for r in result if r and "error" in r]
    assert errors and errors[0]["error"] == "constraint violation", result
    for word in expected:
        assert word in errors[0]["details"], errors
    assert snapshot(t) == before, "something changed"


def test_gateway(t):
    """A default route via a gateway outside every subnet of the slave."""
    start(t)
    said = refused_file(t, GOOD + """\
            routes:
              - {to: default, via: 10.138.36.66}
""", "13:32", "10.138.36.66", "ns2/ipvl2", "192.168.9.3/24")
    assert "^" in said, "no caret under the place"
    refused_command(t, ["set-slave", "ns2/ipvl2", "routes=default via 10.138.36.66"],
                    "10.138.36.66", "192.168.9.3/24")
    refused_transaction(t, "Slave", [["name", "==", "ipvl2"]],
                        {"routes": ["set", ["default via 10.138.36.66"]]}, "10.138.36.66")


def test_one_address_on_two_slaves(t):
    """One address on two slaves of a master, whatever the prefix."""
    start(t)
    refused_file(t, GOOD.replace("192.168.9.3/24", "10.138.36.2/24"), "11", "10.138.36.2",
                 "ns1/ipvl1")
    refused_command(t, ["set-slave", "ns2/ipvl2", "addresses=10.138.36.2/24"], "10.138.36.2")
    refused_transaction(t, "Slave", [["name", "==", "ipvl2"]],
                        {"addresses": ["set", ["10.138.36.2/24"]]}, "10.138.36.2")


def test_forbidden_names(t):
    """Names that the kernel refuses, expands or cannot keep."""
    start(t)
    for name in ("a/b", "s%d", "sixteen-bytes-xx", "all", "..", "with space"):
        refused_file(t, GOOD.replace("ipvl2", f'"{name}"'), "9", name)
    refused_command(t, ["add-slave", "eth0", "s%d", "netns=ns3"], "s%d")
    refused_transaction(t, "Slave", [["name", "==", "ipvl2"]], {"name": "s%d"}, "s%d")


def test_canonical_texts(t):
    """A bare client's other spelling of a route or address is refused, and the right one named."""
    start(t)
    where = [["name", "==", "ipvl1"]]
    refused_transaction(t, "Slave", where, {"routes": ["set", ["default dev ipvl1"]]}, "default")
    refused_transaction(t, "Slave", where, {"addresses": ["set", ["2001:DB8::2/64"]]},
                        "2001:db8::2/64")


def test_status_is_the_daemons(t):
    """A client that writes a status column gets `permission error`."""
    start(t)
    result = t.transact({"op": "update", "table": "Slave", "where": [], "row": {"state": "error"}})
    assert any(r and r.get("error") == "permission error" for r in result), result


def test_ovsdb_client(t):
    """Stock ovsdb-client is answered, and refused with the reason."""
    start(t)
    if not os.path.exists("/usr/bin/ovsdb-client"):
        raise Skip("ovsdb-client (package openvswitch-common) is not installed")
    server = f"unix:{SOCKET}"
    assert "ipvl" in run("ovsdb-client", "list-dbs", server).stdout
    assert '"Slave"' in run("ovsdb-client", "get-schema", server, "ipvl").stdout
    assert "ipvl2" in run("ovsdb-client", "dump", server, "ipvl", "Slave", "name").stdout
    out = run("ovsdb-client", "transact", server, """["ipvl", {"op": "update", "table": "Slave",
        "where": [["name", "==", "ipvl2"]],
        "row": {"routes": ["set", ["default via 10.138.36.66"]]}}]""").stdout
    assert "constraint violation" in out and "10.138.36.66" in out, out


def test_yaml(t):
    """Broken and misspelt files: every error with its place, all at once, and a suggestion."""
    start(t)
    refused_file(t, "version: 1\nmasters: [\n", r"\d+")
    said = refused_file(t, GOOD.replace("addresses: [10.138.36.2/23]", "adresses: [10.138.36.2/23]")
                        .replace("mode: l2", "mode: l4"), "4:11", "l4", "adresses", "addresses")
    assert re.search(r"lab\.yaml:8:", said), "the second error is missing"
    said = refused_file(t, GOOD.replace("10.138.36.2/23", "10.138.36.2"), "8", "10.138.36.2")
    assert "prefix" in said.lower() or "/23" in said or "length" in said, said
    refused_file(t, GOOD + "            netns: ns3\n", "12", "netns")
    missing = t.refused("apply", "-f", "/run/test/absent.yaml")
    assert "absent.yaml" in missing and "No such file" in missing, missing


def test_commands(t):
    """Unknown master, wrong mode, unknown column, slave and command."""
    start(t)
    refused_command(t, ["add-slave", "eth7", "x", "netns=ns3"], "eth7")
    refused_command(t, ["set-master", "eth0", "mode=l4"], "l4", "l3s")
    refused_command(t, ["set-master", "eth0", "moed=l2"], "moed")
    refused_command(t, ["set-slave", "ns9/x", "mtu=1400"], "ns9/x")
    refused_command(t, ["add-master", "eth0"], "eth0")
    refused_command(t, ["frobnicate"], "frobnicate")
    refused_command(t, ["add-slave", "eth0"])
    # One line is one transaction: the first half is not done.
    refused_command(t, ["add-slave", "eth0", "x", "netns=ns3", "--", "set-master", "eth7", "mode=l2"],
                    "eth7")


def test_no_daemon(t):
    """Without ipvld: which socket was tried, and what to do."""
    said = t.refused("show")
    assert SOCKET in said and "ipvld" in said, said


def test_second_daemon(t):
    """A second ipvld on the same file is told who has it, and the first goes on."""
    start(t)
    first = t.daemons[0]
    second = t.ipvld(name="second", remote="/run/test/second.sock", start=False)
    second.start(ready=False)
    assert second.process.wait(PATIENCE_S) == 1
    assert str(first.pid()) in second.log() and DB in second.log(), second.log()
    assert first.is_running() and t.all_ready()


def test_no_permission(t):
    """Without the right to the socket, or to the kernel's network."""
    start(t)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"]
    # The checkout may be where only root can look, as in /root.
    ctl, ipvld, schema = (shutil.copy(f, "/run/test") for f in (
        f"{BUILD}/ctl/ipvl-ctl", f"{BUILD}/reconciler/ipvld", f"{SOURCE}/schemas/ipvl.ovsschema"))
    assert run(*nobody, ctl, "--version").stdout.startswith("ipvl-ctl ")
    p = run(*nobody, ctl, "show", check=False)
    assert p.returncode == 1 and "ermission denied" in p.stderr and SOCKET in p.stderr, p
    os.chmod("/run/test", 0o777)
    p = run(*nobody, ipvld, "--schema", schema, "--db", "/run/test/n.db", "--remote", "punix:/run/test/n.sock",
            check=False)
    assert p.returncode == 1 and "CAP_NET_ADMIN" in p.stderr, p.stderr


def test_no_ipvlan(t):
    """A kernel without ipvlan: ipvld says so and ends, with nothing half-done."""
    if os.environ.get("IPVL_VM") != "uml":
        raise Skip("it takes the module away from the kernel, which must be ours alone")
    t.lan("eth0")
    loader = read_file("/proc/sys/kernel/modprobe")
    write_file("/proc/sys/kernel/modprobe", "/bin/false")
    run("modprobe", "-d", "/mnt/modules", "-r", "ipvtap", "ipvlan")
    try:
        path = t.yaml(GOOD)
        p = run(*t.ipvld(start=False).command(), f"--config-dir={os.path.dirname(path)}", check=False)
        t.said.append(p.stderr)
        assert p.returncode == 1 and "has no ipvlan" in p.stderr, p.stderr
        assert len(p.stderr.strip().splitlines()) == 1, p.stderr
        assert t.namespaces() == ["outside"], t.namespaces()
    finally:
        write_file("/proc/sys/kernel/modprobe", loader)
        run("modprobe", "-d", "/mnt/modules", "ipvlan")
    t.ipvld()
    t.apply(GOOD)


def test_full_disk(t):
    """A full disk: the transaction fails with a sentence, what was stays; room, and it works."""
    os.makedirs("/run/test/disk")
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/run/test/disk")
    t.lan("eth0")
    t.ipvld(db="/run/test/disk/conf.db")
    t.apply(GOOD)
    ballast = os.open("/run/test/disk/ballast", os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(ballast, b"x" * 4096)
    except OSError:
        os.close(ballast)
    failed = None
    for n in range(200):
        p = t.ctl_try("set-slave", "ns1/ipvl1", f"external_ids={{a={'x' * 3000}{n}}}")
        if p.returncode != 0:
            failed = p
            break
    assert failed and failed.returncode == 1, "the disk never filled"
    assert re.search(r"disk|space|full", failed.stderr, re.I), failed.stderr
    assert t.daemons[0].is_running() and t.link("ipvl1", "ns1")
    t.ctl("show")
    os.unlink("/run/test/disk/ballast")
    t.daemons[0].stop()
    t.daemons[0].start()
    t.wait_ready()
    t.ctl("set-slave", "ns1/ipvl1", "mtu=1400")


def test_garbage(t):
    """Who sends garbage is cut off; the others do not notice."""
    start(t)
    rpc = Rpc()
    rpc.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
    try:
        assert rpc.socket.recv(4096) is not None
        while rpc.socket.recv(4096):
            pass
    except ConnectionError:
        pass
    assert t.all_ready()


def test_lock_file(t):
    """What is left of a killed daemon keeps nobody out."""
    start(t)
    t.daemons[0].kill()
    t.daemons[0].start()
    t.wait_ready()


def test_config_dir(t):
    """In the config-dir a broken file keeps its last rows, is shown, and the others are applied."""
    t.lan("eth0")
    good = t.yaml(GOOD, "good.yaml")
    write_file("/etc/ipvl/10-good.yaml", read_file(good))
    d = t.ipvld()
    t.wait_ready()
    d.stop()
    write_file("/etc/ipvl/10-good.yaml", read_file(good).replace("mode: l2", "mode: l9"))
    write_file("/etc/ipvl/20-more.yaml", read_file(good).split("    slaves:")[0] + """\
    slaves:
      - {name: ipvl3, netns: ns3, addresses: [10.138.36.4/23]}
""")
    d.start()
    t.wait_ready()
    assert t.link("ipvl1", "ns1") and t.link("ipvl3", "ns3")
    status = t.ctl_try("status")
    assert "10-good.yaml" in status.stdout + status.stderr, status
    os.unlink("/etc/ipvl/20-more.yaml")
    d.stop()
    d.start()
    assert not t.link("ipvl3", "ns3") if "ns3" in t.namespaces() else True


def test_reload(t):
    """SIGHUP: files that were changed, added, renamed and removed; what stays is not touched."""
    t.lan("eth0")
    good = read_file(t.yaml(GOOD, "good.yaml"))
    write_file("/etc/ipvl/10-good.yaml", good)
    d = t.ipvld()
    t.wait_ready()
    device = t.link("ipvl1", "ns1")["ifindex"]
    os.rename("/etc/ipvl/10-good.yaml", "/etc/ipvl/20-renamed.yaml")
    write_file("/etc/ipvl/30-more.yaml", good.split("    slaves:")[0] + """\
    slaves:
      - {name: ipvl3, netns: ns3, addresses: [10.138.36.4/23]}
""")
    os.kill(d.pid(), signal.SIGHUP)
    wait_until(lambda: "ns3" in t.namespaces() and t.link("ipvl3", "ns3"), "the new file's slave is there")
    t.wait_ready()
    assert t.link("ipvl1", "ns1")["ifindex"] == device, "it was made anew"
    os.unlink("/etc/ipvl/30-more.yaml")
    for number in signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP:
        os.kill(d.pid(), number)
    wait_until(lambda: "ns3" not in t.namespaces(), "the removed file's slave is gone")
    assert t.link("ipvl1", "ns1")["ifindex"] == device, "it was made anew"
    t.ctl("reload")
