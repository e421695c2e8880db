"""The example of the kernel's IPVLAN HOWTO (section 6), from its YAML file."""

import json
import os
import sqlite3
import subprocess
import sys

from ipvltest import DB


def start(t):
    t.lan("eth0")
    t.ipvld()
    t.apply(t.example("howto.yaml"))


def check(t):
    for ns, name, address in (("ns0", "ipvl0", "10.138.36.2/23"), ("ns1", "ipvl1", "10.138.36.3/23")):
        device = t.link(name, ns)
        assert {"UP", "LOWER_UP"} <= set(device["flags"]), device["flags"]
        assert t.mode(name, ns) == ("l2", "bridge")
        assert t.addresses(name, ns) == [address]
        assert [r["gateway"] for r in t.routes(name, ns)] == ["10.138.36.1"]
        assert "UP" in t.link("lo", ns)["flags"], "lo is down"
    for ns, sibling in (("ns0", "10.138.36.3"), ("ns1", "10.138.36.2")):
        t.ping(ns, sibling)
        t.ping(ns, "10.138.36.1")
        t.ping(ns, "110.242.68.66")
        t.ping(ns, "127.0.0.1")


def test_pings(t):
    """Both slaves ping each other, the router and what is behind it."""
    start(t)
    check(t)


def test_show(t):
    """`ipvl-ctl show` and `status` tell the truth about it."""
    start(t)
    show = t.ctl("show")
    for words in (("eth0", "l2", "bridge", "2 of 2 slaves ready"),
                  ("ns0/ipvl0", "10.138.36.2/23", "default via 10.138.36.1", "ready"),
                  ("ns1/ipvl1", "10.138.36.3/23", "default via 10.138.36.1", "ready")):
        assert any(all(w in line for w in words) for line in show.splitlines()), f"{words}\n{show}"
    t.ctl("status")


def test_columns_in_sqlite(t):
    """`sqlite3 conf.db` reads ordinary columns while the daemon runs."""
    start(t)
    with sqlite3.connect(f"file:{DB}?mode=ro", uri=True) as db:
        assert db.execute("select name, mode, flag from Master").fetchall() == [
            ("eth0", "l2", "bridge")]
        assert db.execute("select netns, name, addresses from Slave order by netns").fetchall() == [
            ("ns0", "ipvl0", '["10.138.36.2/23"]'), ("ns1", "ipvl1", '["10.138.36.3/23"]')]


def test_mark(t):
    """Our slaves carry one link group, not 0, and our routes our protocol."""
    start(t)
    groups = {t.ip("-d -o link show ipvl0", "ns0").split(" group ")[1].split()[0],
              t.ip("-d -o link show ipvl1", "ns1").split(" group ")[1].split()[0]}
    assert len(groups) == 1 and groups != {"default"} and groups != {"0"}, groups
    assert "proto 76" in t.ip("-N route show default", "ns0")


def test_commands(t):
    """The same by ipvl-ctl's commands alone, in one transaction."""
    t.lan("eth0")
    t.ipvld()
    t.ctl("add-master", "eth0", "mode=l2", "--",
          "add-slave", "eth0", "ipvl0", "netns=ns0", "addresses=10.138.36.2/23",
          "routes=default via 10.138.36.1", "--",
          "add-slave", "eth0", "ipvl1", "netns=ns1", "addresses=10.138.36.3/23",
          "routes=default via 10.138.36.1")
    check(t)
    assert "eth0" in t.ctl("list-masters")
    slaves = t.ctl("list-slaves", "eth0")
    assert "ns0/ipvl0" in slaves and "ns1/ipvl1" in slaves, slaves
    t.ctl("del-slave", "ns0/ipvl0")
    assert t.namespaces() == ["ns1", "outside"], "ours goes with its last slave"
    t.ctl("del-master", "eth0")
    assert t.namespaces() == ["outside"], t.namespaces()
    assert "UP" in t.link("eth0")["flags"], "a master is never set down"


def test_first_example(t):
    """docs/examples/first.yaml, IPv6 included."""
    t.lan("eth0")
    t.ipvld()
    t.apply(t.example("first.yaml"))
    t.ping("ns1", "10.138.36.3")
    t.ping("ns2", "10.138.36.1")
    t.ping("ns1", "2001:db8::3")


def names_of_links(t):
    return [d["ifname"] for d in json.loads(t.ip("-j link show"))]


def test_lab_example(t):
    """docs/examples/lab.yaml, on a host without a card: made, used, and gone without a trace."""
    before = names_of_links(t)
    t.ipvld()
    t.apply(t.example("lab.yaml"))
    t.ping("lab-a", "10.50.0.2")
    t.ping("lab-b", "2001:db8:50::1")
    t.ctl("del-master", "lab0")
    assert names_of_links(t) == before, names_of_links(t)
    assert t.namespaces() == [], t.namespaces()


DNS_SERVER = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.138.36.1", 53))
print("bound", flush=True)
while True:
    query, peer = s.recvfrom(512)
    end = query.index(b"\\0", 12) + 5               # the name, its type and its class: RFC 1035 4.1.2
    is_known = query[12:end - 4] == b"\\4name\\7example\\3net\\0"
    has_answer = is_known and query[end - 4:end - 2] == b"\\0\\1"
    head = query[:2] + (b"\\x85\\x80" if is_known else b"\\x85\\x83") + b"\\0\\1" + bytes([0, has_answer]) + bytes(4)
    answer = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4" + bytes([192, 0, 2, 7]) if has_answer else b""
    s.sendto(head + query[12:end] + answer, peer)
"""


def test_name_is_resolved(t):
    """A program under `ip netns exec` resolves a name by the server that the row names, and with its search domain."""
    t.lan("eth0")
    t.ipvld()
    with subprocess.Popen(["ip", "netns", "exec", "outside", sys.executable, "-c", DNS_SERVER], stdout=subprocess.PIPE,
                          text=True) as server:
        try:
            assert server.stdout.readline() == "bound\n"
            t.apply("""
                version: 1
                masters:
                  - name: eth0
                    mode: l2
                    slaves:
                      - name: ipvl0
                        netns: ns0
                        addresses: [10.138.36.2/23]
                        nameservers: {addresses: [10.138.36.1], search: [example.net]}
                """)
            for name in ("name.example.net", "name"):
                assert t.exec("ns0", "getent", "ahostsv4", name).stdout.startswith("192.0.2.7 "), name
            assert t.exec("ns0", "getent", "ahostsv4", "none.example.net", check=False).returncode == 2
        finally:
            server.kill()


def test_nameservers(t):
    """nameservers come into /etc/netns/NAME/resolv.conf, and go."""
    t.lan("eth0")
    t.ipvld()
    text = """
        version: 1
        masters:
          - name: eth0
            mode: l2
            slaves:
              - name: ipvl0
                netns: ns0
                addresses: [10.138.36.2/23]
                {}
        """
    t.apply(text.format("nameservers: {addresses: [10.3.3.3, 10.3.3.4], search: [example.net]}"))
    resolv = t.exec("ns0", "cat", "/etc/resolv.conf").stdout
    assert "nameserver 10.3.3.3\nnameserver 10.3.3.4\n" in resolv and "search example.net" in resolv
    t.apply(text.format(""))
    assert not os.path.exists("/etc/netns/ns0/resolv.conf")
