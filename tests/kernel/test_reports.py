"""What users of ipvlan, macvlan and their tools reported elsewhere, tried on ipvl."""

import csv
import io
import json
import os
import socket
import struct
import subprocess

from ipvltest import libc, wait_until

ROUTER = "192.0.2.1"
RTM_NEWADDR, IFA_ADDRESS, IFA_LOCAL, IFA_PROTO = 20, 1, 2, 11  # Linux include/uapi/linux/if_addr.h


def lan(t, *outside, **more):
    t.lan("eth0", address=None, outside=outside or ("192.0.2.1/24", "2001:db8::1/64"), beyond=None, **more)


def second_lan(t, name, ns, *addresses):
    """Another card, and a namespace at its other end."""
    t.ip(f"netns add {ns}")
    t.ip(f"link add {name} type veth peer name lan0 netns {ns}")
    for device in ("lo", "lan0"):
        t.ip(f"link set {device} up", ns)
    for a in addresses:
        t.ip(f"addr add {a} dev lan0 nodad", ns)
    t.ip(f"link set {name} up")


def test_statistics(t):
    """The counters of masters and slaves are those of `ip -s link`, in every namespace."""
    t.lan("eth0")
    t.ipvld()
    t.apply(t.example("howto.yaml"))
    t.ping("ns0", "10.138.36.3")
    told = {r["name"]: r for r in csv.DictReader(io.StringIO(
        t.ctl("-f", "csv", "list-slaves", "--stats", "--columns=name,rx_packets,rx_bytes,tx_packets,tx_errors")))}
    (link,) = json.loads(t.ip("-j -s link show ipvl0", ns="ns0"))
    for way in "rx", "tx":
        counted = int(told["ns0/ipvl0"][way + "_packets"])
        assert 0 < counted <= link["stats64"][way]["packets"], (told, link)
    assert told["ns0/ipvl0"]["tx_errors"] == "0", told
    # A device that is made anew counts from 0, one that is not there has no counters.
    t.ctl("set-slave", "ns0/ipvl0", "enabled=false")
    told = {r["name"]: r for r in csv.DictReader(io.StringIO(t.ctl("-f", "csv", "list-slaves", "--stats")))}
    assert told["ns0/ipvl0"]["rx_packets"] == "", told


def one(slave, mode="l2"):
    """A document with slaves of eth0, as YAML's flow maps."""
    slaves = "".join(f"\n      - {s}" for s in ([slave] if isinstance(slave, str) else slave))
    return f"version: 1\nmasters:\n  - name: eth0\n    mode: {mode}\n    slaves:{slaves}\n"


def apply(t, text, status=0):
    """Returns all that was printed."""
    p = t.ctl_try("apply", "-f", t.yaml(text))
    assert p.returncode == status, f"exit status {p.returncode}\n{p.stdout}{p.stderr}"
    return p.stdout + p.stderr


def invalid(t, text):
    return t.refused("validate", t.yaml(text))


def routes(t, ns, family=4, table="main"):
    return t.ip(f"-{family} route show table {table}", ns)


def test_gateway_outside_the_prefix(t):
    """An IPv6 gateway outside the slave's own prefix, on the same link: `on-link` is the cure named."""
    lan(t, "2001:db8:5::1/48", "fe80::1/64")
    t.ipvld()
    slave = '{{name: ipvl1, netns: a, addresses: ["2001:db8:5:333::5/64"], routes: [{}]}}'
    assert "on-link: true" in invalid(t, one(slave.format('{to: "::/0", via: "2001:db8:5::1"}')))
    apply(t, one(slave.format('{to: "::/0", via: "2001:db8:5::1", on-link: true}')))
    t.wait_state("a/ipvl1", "ready")
    t.ping("a", "2001:db8:5::1")
    apply(t, one(slave.format('{to: default, via: "fe80::1"}')))
    assert "default via fe80::1 dev ipvl1" in routes(t, "a", 6)
    t.ping("a", "2001:db8:5::1")


def test_gateway_by_a_host_route(t):
    """A /32 of its own and a gateway in no subnet, reached by an on-link host route."""
    lan(t, "198.51.100.1/32")
    t.ip("route add 192.0.2.10/32 dev lan0", "outside")
    t.ipvld()
    apply(t, one("{name: eth0, netns: a, addresses: [192.0.2.10/32],"
                 " routes: [{to: default, via: 198.51.100.1}, {to: 198.51.100.1/32}]}"))
    t.wait_state("a/eth0", "ready")
    t.ping("a", "198.51.100.1")
    t.ip("link set eth0 down", "a")
    t.ip("link set eth0 up", "a")
    wait_until(lambda: "default via 198.51.100.1" in routes(t, "a"), "both routes come back after down and up")
    t.ping("a", "198.51.100.1")
    t.ip("route del 198.51.100.1/32", "a")
    wait_until(lambda: "\n198.51.100.1 " in "\n" + routes(t, "a"), "the host route comes back")


def test_point_to_point(t):
    """/31 (RFC 3021), /30 and link-local IPv4; the address of a network itself is refused."""
    lan(t, "192.0.2.1/31", "169.254.1.214/30")
    t.ipvld()
    apply(t, one("{name: vrrp10, netns: a, addresses: [192.0.2.0/31, 169.254.1.213/30, 198.51.100.7/32],"
                 " routes: [{to: default, via: 192.0.2.1}]}"))
    assert len(t.ip("-4 -o addr show dev vrrp10", "a").splitlines()) == 3
    t.ping("a", "192.0.2.1")
    t.ping("a", "169.254.1.214")
    assert "network" in invalid(t, one("{name: vrrp10, addresses: [169.254.1.212/30]}"))


def test_two_gateways(t):
    """Two cards in one container, each with a gateway: a metric is asked for, not "File exists"."""
    lan(t)
    second_lan(t, "eth1", "outside1", "198.51.100.1/24")
    t.ipvld()

    def both(more):
        return one("{name: net0, netns: a, addresses: [192.0.2.10/24], routes: [{to: default, via: 192.0.2.1}]}"
                   ) + ("  - name: eth1\n    mode: l2\n    slaves:\n"
                        f"      - {{name: net1, netns: a, addresses: [198.51.100.10/24]{more}}}\n")
    said = t.refused("apply", "-f", t.yaml(both(", routes: [{to: default, via: 198.51.100.1}]")))
    assert "metric" in said and "a" not in t.namespaces(), said
    apply(t, both(", routes: [{to: default, via: 198.51.100.1, metric: 200}]"))
    assert len(t.ip("route show default", "a").splitlines()) == 2
    apply(t, both(""))
    defaults = t.ip("route show default", "a").splitlines()
    assert len(defaults) == 1 and "via 192.0.2.1" in defaults[0], defaults


def test_gateway_in_the_second_subnet(t):
    """A route by a gateway in the slave's second subnet; without that address it is refused, and works on."""
    lan(t, "192.0.2.1/24", "2001:db8::1/64", "198.51.100.1/24")
    t.ip("addr add 203.0.113.1/32 dev lo", "outside")
    t.ipvld()

    def doc(addresses):
        return one(f"{{name: eth0, netns: a, addresses: [{addresses}], routes: ["
                   '{to: 203.0.113.0/24, via: 198.51.100.1},'
                   ' {to: "2001:db8:7::/48", via: "2001:db8::1", metric: 120}]}')
    apply(t, doc('192.0.2.10/24, 198.51.100.10/24, "2001:db8::10/64"'))
    t.ping("a", "203.0.113.1")
    assert "metric 120" in routes(t, "a", 6)
    t.refused("apply", "-f", t.yaml(doc('192.0.2.10/24, "2001:db8::10/64"')))
    t.ping("a", "203.0.113.1")


def test_one_address_for_two(t):
    """A rolling update: refused by name; a stand-by may be written; swapping is one apply."""
    lan(t)
    t.ipvld()

    def doc(blue, green):
        return one([f"{{name: eth0, netns: {ns}, enabled: {on}, addresses: [192.0.2.10/24]}}"
                    for ns, on in (("blue", blue), ("green", green))])
    said = t.refused("apply", "-f", t.yaml(doc("true", "true")))
    assert "blue" in said and "green" in said, said
    apply(t, doc("true", "false"))
    t.ping("outside", "192.0.2.10")
    apply(t, doc("false", "true"))
    assert (t.state("green/eth0"), t.state("blue/eth0")) == ("ready", "disabled")
    t.ping("outside", "192.0.2.10")
    assert "blue" not in t.namespaces() or "192.0.2.10" not in t.ip("addr", "blue")


def test_address_held_unseen(t):
    """The old container's ipvlan holds the address in a namespace that only a process keeps."""
    lan(t)
    t.ipvld()
    t.ip("netns add old")
    t.ip("link add w0 link eth0 type ipvlan mode l2")
    t.ip("link set w0 netns old up")
    t.ip("link set w0 up", "old")
    t.ip("addr add 192.0.2.10/24 dev w0", "old")
    holder = subprocess.Popen(["ip", "netns", "exec", "old", "cat"], stdin=subprocess.PIPE)
    wait_until(lambda: not os.path.samefile(f"/proc/{holder.pid}/ns/net", "/proc/self/ns/net"), "it is inside")
    t.ip("netns del old")
    said = apply(t, one("{name: eth0, netns: new, addresses: [192.0.2.10/24, 192.0.2.11/24],"
                        " routes: [{to: default, via: 192.0.2.1}]}"), status=1)
    assert "192.0.2.10" in said and "eth0" in said, said
    assert "192.0.2.11/24" in t.addresses("eth0", "new"), "the other address is there all the same"
    holder.kill()
    holder.wait()
    t.wait_state("new/eth0", "ready")
    t.ping("outside", "192.0.2.10")


def vlan_outside(t, number):
    t.ip(f"link add link lan0 name lan0.{number} type vlan id {number}", "outside")
    t.ip(f"link set lan0.{number} up", "outside")
    t.ip(f"addr add {ROUTER}/24 dev lan0.{number}", "outside")


def test_card_below_a_vlan(t):
    """The card below a VLAN is unplugged and comes back: the VLAN and all on it is made again."""
    lan(t, "198.51.100.1/24")
    vlan_outside(t, 3)
    t.ipvld()
    apply(t, one("{name: eth0, netns: a, addresses: [192.0.2.10/24], routes: [{to: default, via: 192.0.2.1}]}")
          .replace("name: eth0\n", "name: trunk.3\n    vlan: {link: eth0, id: 3}\n    mtu: 1400\n"))
    t.ping("a", ROUTER)
    t.ip("link del eth0")
    t.wait_state("a/eth0", "waiting")
    t.ip("netns del outside")
    lan(t, "198.51.100.1/24")
    vlan_outside(t, 3)
    t.wait_state("a/eth0", "ready")
    t.ping("a", ROUTER)
    assert t.link("trunk.3")["mtu"] == 1400
    t.ip("link del trunk.3")
    t.ping("a", ROUTER)


def test_card_below_a_vlan_is_down(t):
    """A VLAN on a card that is down at boot: the card is set up as well."""
    lan(t, "198.51.100.1/24")
    t.ip("link set eth0 down")
    vlan_outside(t, 11)
    t.ipvld()
    apply(t, one("{name: eth0, netns: a, addresses: [192.0.2.10/24], routes: [{to: default, via: 192.0.2.1}]}")
          .replace("name: eth0\n", "name: eth0.11\n    vlan: {link: eth0, id: 11}\n"))
    assert "UP" in t.link("eth0")["flags"]
    t.ping("a", ROUTER)


def test_address_of_the_master(t):
    """A slave is given the address of the master itself: told before and after; the host keeps it."""
    lan(t)
    t.ip("addr add 192.0.2.5/24 dev eth0")
    t.ip("addr add 2001:db8::5/64 dev eth0 nodad")
    t.ipvld()
    t.ping(None, ROUTER)
    text = one(["{name: eth0, netns: a, addresses: [192.0.2.5/24]}",
                "{name: eth0, netns: b, addresses: [192.0.2.6/24]}"])
    told = "eth0 already has 192.0.2.5"
    assert told in t.ctl("diff", "-f", t.yaml(text), status=2)
    assert told in apply(t, text, status=1)
    t.ping(None, ROUTER)
    t.ping("outside", "192.0.2.6")


def test_duplicate_that_goes(t):
    """Somebody on the LAN has the IPv6 address; when he has gone, the slave has it by itself."""
    lan(t)
    t.ip("addr add 2001:db8::10/64 dev lan0 nodad", "outside")
    t.ipvld()
    t.ctl_try("apply", "-f", t.yaml(one('{name: eth0, netns: a, addresses: ["2001:db8::10/64", 192.0.2.10/24]}')))
    row = t.wait_state("a/eth0", "error")
    assert "2001:db8::10" in row["message"], row["message"]
    t.ip("addr del 2001:db8::10/64 dev lan0", "outside")
    t.wait_state("a/eth0", "ready")
    assert "dadfailed" not in t.ip("-6 addr", "a") and "tentative" not in t.ip("-6 addr", "a")


def test_master_that_is_not_there(t):
    """A typing error: told plainly, and refused under --strict."""
    lan(t)
    t.ipvld()
    text = one("{name: eth0, netns: a, addresses: [192.0.2.10/24]}").replace("name: eth0\n    mode", "name: eht0\n    mode")
    assert "eht0" in t.refused("apply", "--strict", "-f", t.yaml(text))
    assert "a" not in t.namespaces()
    assert "eht0" in apply(t, text)
    t.wait_state("a/eth0", "waiting")
    t.ctl("status", "--check", status=2)


def test_mtu_too_small_for_ipv6(t):
    """The master's MTU falls below 1280 for a moment: IPv6 is thrown out, and comes back whole."""
    lan(t)
    t.events_only()
    apply(t, one('{name: eth0, netns: a, addresses: [192.0.2.10/24, "2001:db8::10/64"], routes: ['
                 '{to: default, via: 192.0.2.1}, {to: "::/0", via: "2001:db8::1"}], sysctl: {ipv6.accept_ra: 0}}'))
    t.ping("a", "2001:db8::1")
    t.ip("link set eth0 mtu 1200")
    wait_until(lambda: t.state("a/eth0") != "ready", "meanwhile the row is not ready")
    t.ip("link set eth0 mtu 1500")
    t.wait_state("a/eth0", "ready")
    t.ping("a", "2001:db8::1")
    assert "default via 2001:db8::1" in routes(t, "a", 6)
    assert t.sysctl("net.ipv6.conf.eth0.accept_ra", ns="a") == "0"
    assert t.link("eth0", "a")["mtu"] == 1500


def add_marked_address(address, device, protocol):
    """With IFA_PROTO, as keepalived's (18): iproute2 6.1 cannot. In this process' network namespace."""
    def attribute(kind, data):
        return struct.pack("HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)
    packed = socket.inet_aton(address)
    body = struct.pack("BBBBI", socket.AF_INET, 32, 0x80, 0, socket.if_nametoindex(device))
    body += attribute(IFA_LOCAL, packed) + attribute(IFA_ADDRESS, packed)
    body += attribute(IFA_PROTO, struct.pack("B", protocol))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        s.bind((0, 0))
        s.send(struct.pack("IHHII", 16 + len(body), RTM_NEWADDR, 0x605, 1, 0) + body)
        assert struct.unpack("i", s.recv(4096)[16:20])[0] == 0


def inside(ns, action):
    """Runs it in namespace 'ns', in a process of its own."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            fd = os.open(f"/run/netns/{ns}", os.O_RDONLY)
            assert libc.setns(fd, 0x40000000) == 0
            action()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_virtual_address(t):
    """An address that keepalived marks as its own stays on a slave of ours, and ours stay too."""
    lan(t)
    t.events_only()
    apply(t, one(["{name: eth0, netns: a, addresses: [192.0.2.10/24]}",
                  "{name: eth0, netns: b, addresses: [192.0.2.11/24]}"]))
    inside("a", lambda: add_marked_address("192.0.2.100", "eth0", 18))
    t.events_are_handled("b", "192.0.2.11/24", "eth0")
    assert t.addresses("eth0", "a") == ["192.0.2.10/24", "192.0.2.100/32"]
    t.ping("outside", "192.0.2.100")


def test_slave_of_the_host(t):
    """The host reaches its own slaves through one that it keeps for itself, by host routes."""
    lan(t)
    t.ip("addr add 192.0.2.5/24 dev eth0")
    t.ipvld()
    apply(t, one(["{name: eth0, netns: a, addresses: [192.0.2.10/24], routes: [{to: default, via: 192.0.2.1}]}",
                  "{name: eth0, netns: b, addresses: [192.0.2.11/24], routes: [{to: default, via: 192.0.2.1}]}",
                  "{name: shim0, addresses: [192.0.2.250/32], routes: [{to: 192.0.2.10, from: 192.0.2.250},"
                  " {to: 192.0.2.11/32, from: 192.0.2.250}]}"]))
    t.ping(None, "192.0.2.10")
    t.ping(None, "192.0.2.11")
    t.ping("a", "192.0.2.250")
    t.ping(None, ROUTER)
    t.ip("link set shim0 down")
    t.ip("link set shim0 up")
    t.ping(None, "192.0.2.10")


def test_two_subnets_on_one_card(t):
    """A compose file with two subnets and two gateways on one card, in l2, then in l3."""
    lan(t, "192.0.2.254/24", "198.51.100.254/24", "203.0.113.1/24")
    t.ip("addr add 203.0.113.5/24 dev eth0")
    t.ipvld()

    def doc(mode, first, second):
        return one([f"{{name: eth0, netns: web, addresses: [192.0.2.10/24], routes: [{first}]}}",
                    f"{{name: eth0, netns: db, addresses: [198.51.100.10/24], routes: [{second}]}}",
                    "{name: eth0, netns: both, addresses: [192.0.2.11/24, 198.51.100.11/24],"
                    f" routes: [{first}]}}"], mode)
    by_gateway = "{to: default, via: 192.0.2.254}", "{to: default, via: 198.51.100.254}"
    apply(t, doc("l2", *by_gateway))
    t.ping("web", "192.0.2.254")
    t.ping("web", "198.51.100.10")
    t.ping("both", "198.51.100.10")
    apply(t, doc("l3", "{to: default}", "{to: default}"))
    t.ping("web", "198.51.100.10")
    for words in ("addr del 192.0.2.254/24 dev lan0", "addr del 198.51.100.254/24 dev lan0",
                  "route add 192.0.2.0/24 via 203.0.113.5", "route add 198.51.100.0/24 via 203.0.113.5"):
        t.ip(words, "outside")
    t.ping("outside", "198.51.100.10")
    apply(t, doc("l3", *by_gateway))
    t.ping("web", "198.51.100.10")


def test_pasted_from_other_tools(t):
    """Addresses without a length, netplan's files and keys: the line, and the way out."""
    said = invalid(t, one("{name: eth0, netns: a, addresses: [192.0.2.10]}"))
    assert ":6:" in said and "length" in said, said
    said = invalid(t, "network:\n  version: 2\n  vlans:\n    eth0.11: {id: 11, link: eth0}\n")
    assert ":1:" in said, said
    said = invalid(t, one("{name: eth0, netns: a, addresses: [192.0.2.10/24], gateway4: 192.0.2.1}", "L2"))
    assert ":4:" in said and "l2" in said and "routes" in said, said
    netns = "cni-bf21b517-613f-f985-4fda-9f5159bc587b"
    t.ctl("validate", t.yaml(one(f"{{name: net1, netns: {netns}, addresses: [192.0.2.10/24]}}")))


def test_address_moves_from_the_card(t):
    """The host's own address moves from the card to a slave that the host keeps. The default route goes
    with the last address, and the kernel reports no loss of it."""
    lan(t)
    t.ip("addr add 192.0.2.5/24 dev eth0")
    t.ip("route add default via 192.0.2.1")
    t.ip("addr add 203.0.113.1/32 dev lo", "outside")
    t.events_only()
    said = apply(t, one(["{name: host0, addresses: [192.0.2.5/24], routes: [{to: default, via: 192.0.2.1}]}",
                         "{name: eth0, netns: a, addresses: [192.0.2.10/24]}"]), status=1)
    assert "eth0" in said, said
    t.ip("addr flush dev eth0 scope global")
    wait_until(lambda: "default via 192.0.2.1 dev host0" in t.ip("route"), "address and route are made")
    t.wait_state("/host0", "ready")
    t.ping(None, "203.0.113.1")
    t.ping(None, "192.0.2.10")
    t.ctl("del-master", "eth0")
    assert t.link("eth0") and t.link("host0") is None


def test_ipv6_alone(t):
    """A CNI .conflist with IPv6 alone, one /48, the default route on-link."""
    lan(t, "2001:db8:100::1/48")
    t.ipvld()
    apply(t, one(['{name: eth0, netns: p1, addresses: ["2001:db8:100:d6::3/48"], routes: [{to: "::/0"}],'
                  ' nameservers: {addresses: ["2001:db8:100::1"]}}',
                  '{name: eth0, netns: p2, addresses: ["2001:db8:100:d6::4/48"], routes: [{to: "::/0"}]}']))
    t.ping("p1", "2001:db8:100:d6::4")
    t.ping("p1", "2001:db8:100::1")
    assert "default dev eth0" in routes(t, "p1", 6)
    with open("/etc/netns/p1/resolv.conf", encoding="utf-8") as f:
        assert "2001:db8:100::1" in f.read()


class Journal:
    """The socket of systemd-journald, and standard error of a daemon that is connected to it."""

    def __init__(self, log_path):
        os.makedirs("/run/systemd/journal")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("/run/systemd/journal/socket")
        self.socket.setblocking(False)
        self.entries = []
        with open(log_path, "a", encoding="utf-8") as f:
            st = os.fstat(f.fileno())
        os.environ["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino}"

    def read(self):
        while True:
            try:
                data = self.socket.recv(1 << 20).decode()
            except BlockingIOError:
                return self.entries
            self.entries.append(dict(line.split("=", 1) for line in data.splitlines()))

    def of(self, **fields):
        """As `journalctl FIELD=VALUE …`."""
        return [e for e in self.read() if all(e.get(k) == v for k, v in fields.items())]


def test_journal(t):
    """Each event is an entry with its keys as fields; nothing of it is on standard error."""
    lan(t)
    d = t.ipvld(start=False)
    journal = Journal(d.log_path)
    d.start()
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "ns1/ipvl1", "addresses=192.0.2.2/24")
    t.ip("addr del 192.0.2.2/24 dev ipvl1", ns="ns1")
    drift, = wait_until(lambda: journal.of(IPVL_OBJECT="ns1/ipvl1", IPVL_EVENT="drift_repaired"), "an entry")
    assert drift["PRIORITY"] == "4" and drift["IPVL_FOUND"].startswith("address 192.0.2.2/24 removed"), drift
    assert drift["IPVL_BY"].startswith("`ip` (pid "), drift
    assert drift["MESSAGE"].startswith("event=drift_repaired object=ns1/ipvl1 found=\"address 192"), drift
    made, = journal.of(IPVL_OBJECT="ns1/ipvl1", IPVL_EVENT="state_changed", IPVL_TO="ready")
    assert (made["PRIORITY"], made["SYSLOG_IDENTIFIER"]) == ("6", "ipvld"), made
    assert journal.of(IPVL_EVENT="ready"), journal.read()
    assert d.log() == "", d.log()
