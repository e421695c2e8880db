"""`ipvl-ctl import`: a host that a script of `ip` commands made becomes a file."""

import glob
import json
import os

from ipvltest import EXAMPLES, WORK, skip, wait_until, write_file
from round_trip import NO_ROUND_TRIP

HOST = """
link add eth0 type dummy
link set eth0 up
addr add 10.0.0.1/24 dev eth0
link add eth1 type dummy
link set eth1 up
link add link eth1 name eth1.100 type vlan id 100
link set eth1.100 up
netns add lab1
netns add lab2
netns add lab3
link add v0 netns lab1 link eth0 type ipvlan mode l2 private
-n lab1 link set v0 up
-n lab1 addr add 10.0.0.2/24 dev v0
-n lab1 addr add 2001:db8::2/64 dev v0 nodad
-n lab1 route add default via 10.0.0.1 metric 50
-n lab1 route add 10.9.0.0/16 via 10.0.0.9 table 100 src 10.0.0.2
-n lab1 route add default via 2001:db8::1
-n lab1 route add blackhole 10.66.0.0/16
-n lab1 route add 10.6.0.0/16 advmss 1000 mtu 1300 nexthop via 10.0.0.1 weight 2 nexthop via 10.0.0.3
link add h0 link eth0 type ipvlan mode l2 private
addr add 10.0.0.7/24 dev h0
link add v1 netns lab2 link eth1.100 type ipvlan mode l3s
-n lab2 link set v1 addrgenmode none
-n lab2 link set v1 up mtu 1400
-n lab2 addr add 192.168.5.2/32 dev v1
-n lab2 route add default dev v1
"""

FILE = """# The ipvlan devices of this host, by `ipvl-ctl import`.
version: 1
masters:
  - name: eth0
    mode: l2
    flag: private
    slaves:
      # it is down, and ipvl sets it up
      - name: h0
        addresses: [10.0.0.7/24]
      - name: v0
        netns: lab1
        addresses: [10.0.0.2/24, "2001:db8::2/64"]
        routes:
          - {to: 10.9.0.0/16, via: 10.0.0.9, from: 10.0.0.2, table: 100}
          - {to: default, via: 10.0.0.1, metric: 50}
          - {to: 10.6.0.0/16, via: [{address: 10.0.0.1, weight: 2}, 10.0.0.3], mtu: 1300, advertised-mss: 1000}
          - {to: 10.66.0.0/16, type: blackhole}
          - {to: default, via: "2001:db8::1"}
  # another program's VLAN: `apply --adopt` takes it over; without the key `vlan`, ipvl uses it as it is
  - name: eth1.100
    mode: l3s
    flag: bridge
    vlan: {link: eth1, id: 100}
    slaves:
      - name: v1
        netns: lab2
        addresses: [192.168.5.2/32]
        routes:
          - {to: 0.0.0.0/0}
        mtu: 1400
        ipv6-address-generation: none
        sysctl: {ipv4.arp_announce: 2}
"""


def make(t, script):
    for line in filter(None, map(str.strip, script.splitlines())):
        t.ip(line)


def imported(t, *words):
    """The file, which can be read."""
    text = t.ctl("import", *words)
    t.ctl("validate", write_file(f"{WORK}/imported.yaml", text))
    return text


def everything(t):
    """What ipvl could change; not what the kernel does by itself meanwhile, such as link-local addresses."""
    places = ("h0", None), ("eth0", None), ("eth1.100", None), ("v0", "lab1"), ("v1", "lab2")
    return [(t.addresses(*p), t.routes(*p), t.routes(*p, family=6), t.link(*p)["group"], t.link(*p)["mtu"],
             t.link(*p)["flags"]) for p in places], t.namespaces()


def test_host(t):
    """Two masters, a VLAN, l2 private, l3s, IPv6, routes, a slave of the host's own: all of it, and nothing is changed."""
    make(t, HOST)
    t.sysctl("net.ipv4.conf.v1.arp_announce", 2, "lab2")
    t.ipvld()
    before = everything(t)
    assert imported(t) == FILE
    assert imported(t, "--foreign") == FILE
    assert everything(t) == before
    assert t.ctl("show").startswith("no masters yet")


def test_left_out(t):
    """What has no key is a comment with the reason, never an error."""
    make(t, HOST + """
        -n lab1 route add 10.8.0.0/16 via 10.0.0.1 tos 0x10
        -n lab1 route add multicast 224.1.0.0/16 dev v0
        -n lab1 route add 10.7.0.0/16 via 10.0.0.1 proto 12
        -n lab1 route add 10.5.0.0/16 via 10.0.0.1 initcwnd 20
        -n lab1 route add 10.4.0.0/16 via inet6 2001:db8::9
        link add d0 netns lab3 link eth1.100 type ipvlan mode l3s
        -n lab3 link set d0 up
        -n lab3 addr add 192.168.6.2/24 dev d0 valid_lft 10000 preferred_lft 5000
        link add p0 netns lab3 link eth1.100 type ipvlan mode l3s
        -n lab3 link set p0 up
        -n lab3 addr add 192.168.7.2 peer 192.168.7.3/32 dev p0
        link add q0 netns lab3 link eth1.100 type ipvlan mode l3s
        -n lab3 link set q0 up
        -n lab3 addr add 192.168.8.2/24 dev q0
        -n lab3 route add 10.3.0.0/16 nexthop via 192.168.8.1 dev q0 nexthop via 192.168.6.1 dev d0
        """)
    write_file("/etc/netns/lab3/resolv.conf", "nameserver 192.0.2.53\n")
    t.ipvld()
    text = imported(t)
    for line in ("route 10.8.0.0/16 via 10.0.0.1 is left out: it has a TOS",
                 "route multicast 224.1.0.0/16 is left out: its type has no key",
                 "route 10.7.0.0/16 via 10.0.0.1 is left out: its protocol is bird, whose program keeps it",
                 "route 10.5.0.0/16 via 10.0.0.1 is left out: it has a value for TCP or for hops",
                 "is left out: it has a gateway of the other family",
                 "nexthop via 192.168.8.1 is left out: its gateways are on several devices",
                 "`addresses` is left out: 192.168.6.2/24 expires, as those of DHCP do",
                 "`peer 192.168.7.3` is left out: 192.168.7.2/32 cannot have the peer 192.168.7.3: an ipvlan receives",
                 "`nameservers` is left out: ipvl did not write /etc/netns/lab3/resolv.conf"):
        n = sum(x.lstrip().startswith("# ") and line in x for x in text.splitlines())
        assert n == 1, f"{n} times: {line}\n{text}"
    assert "      - name: d0\n        netns: lab3\n      " in text, text


def test_ipvtap(t):
    """An ipvtap beside ipvlans: a row has one datapath for all slaves of its master."""
    make(t, HOST)
    t.ip("link add t0 netns lab3 link eth0 type ipvtap mode l2 private", check=False)
    if not t.link("t0", "lab3"):
        skip("this kernel has no ipvtap")
    t.ipvld()
    text = imported(t)
    assert "\n# lab3/t0 is left out: a master has one datapath, and others on it have another\n" in text, text


def test_nameless(t):
    """A namespace that lost its name: nothing in a file could stand for it."""
    make(t, HOST)
    t.ipvld()
    t.exec("lab1", "sh", "-c", "sleep 10000 >&- 2>&- &")
    t.ip("netns del lab1")
    wait_until(lambda: "v0 is left out: its namespace has no name below /run/netns" in imported(t), "a comment")
    assert "name: h0" in imported(t)


def test_namespaces_of_masters(t):
    """A master in a namespace, and slaves beside it, elsewhere, and where no text leads to."""
    make(t, """
        netns add far
        netns add near
        -n far link add eth7 type dummy
        -n far link set eth7 up
        -n far link add v0 link eth7 type ipvlan mode l3
        -n far link add v1 netns near link eth7 type ipvlan mode l3
        -n far link add v2 link eth7 type ipvlan mode l3
        """)
    t.ip(f"-n far link set v2 netns {os.getpid()}")
    t.ipvld()
    text = imported(t)
    assert "# v2 is left out: it is in the host's namespace, and its master is not\n" in text, text
    assert "  - name: eth7\n    netns: far\n    mode: l3\n" in text, text
    assert "- name: v0\n      #" in text and "- name: v1\n        netns: near\n" in text, text


def test_round_trip(t):
    """Of what ipvl made from a file, import makes the same file again: nothing would change."""
    for master in "eth0", "eno2":
        t.ip(f"link add {master} type dummy")
        t.ip(f"link set {master} up")
        t.ip(f"addr add 10.138.36.58/23 dev {master}")
    t.ipvld()
    for path in sorted(glob.glob(f"{EXAMPLES}/*.yaml")):
        if os.path.basename(path) in NO_ROUND_TRIP:
            continue
        if os.path.basename(path) == "vrf.yaml":
            t.ip("netns add ns1")
            t.ip("link add red up type vrf table 10", ns="ns1")
        t.ctl("apply", "-f", path)
        text = imported(t)
        assert "# ipvl made it" in text, text
        assert "# The ipvlan devices of this host, by `ipvl-ctl import`.\nversion: 1\n" == imported(t, "--foreign")
        write_file(f"{WORK}/imported.yaml", text)
        p = t.ctl_try("diff", "-f", f"{WORK}/imported.yaml", f"--source={path}")
        assert p.returncode == 0, f"{path}\n{text}\n{p.stdout}{p.stderr}"
        t.ctl("forget", path)


def test_who(t):
    """A row's address, one that another program added, a foreign ipvlan's, and the master's own."""
    t.lan("eth0")
    t.ipvld()
    t.ctl("add-master", "eth0", "mode=l2", "--", "add-slave", "eth0", "ns1/a", "addresses=10.138.36.2/23", "--",
          "add-slave", "eth0", "ns1/b")
    t.ip("addr add 10.138.36.9/23 dev b", ns="ns1")
    t.ip("netns add other")
    t.ip("link add v0 netns other link eth0 type ipvlan mode l2")
    t.ip("addr add 10.138.36.7/23 dev v0", ns="other")
    found = [(r["address"], r["device"], r["what"]) for r in json.loads(t.ctl("-f", "json", "who", "10.138.36.0/23"))]
    assert found == [("10.138.36.2/23", "ns1/a", "slave of eth0"),
                     ("10.138.36.7/23", "other/v0", "ipvlan on eth0, of another program"),
                     ("10.138.36.9/23", "ns1/b", "slave on eth0, by another program"),
                     ("10.138.36.58/23", "eth0", "the master's own")], found
    t.ctl("who", "10.138.36.1", status=1)
