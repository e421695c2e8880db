"""What rules of policy routing do with packets, which no scenario has."""

from ipvltest import wait_until

LAB = """
version: 1
masters:
  - name: eth0
    mode: l2
    slaves:
      - {{name: a, netns: ns1, addresses: [10.138.36.2/23], routes: [{{to: default, via: 10.138.36.1}}]}}
  - name: eth1
    mode: l2
    slaves:
      - name: b
        netns: ns1
        addresses: [198.51.100.10/24]
        routes: [{{to: default, via: 198.51.100.1, metric: 200}}]
        source-routing: {source_routing}
"""


def test_replies_leave_by_it(t):
    """A slave on a second network answers by its own gateway, if it has `source-routing`."""
    t.lan("eth0")
    t.ip("netns add beyond")
    t.ip("link add eth1 up type veth peer name lan1 netns beyond")
    for words in ("link set lo up", "link set lan1 up", "addr add 198.51.100.1/24 dev lan1",
                  "addr add 203.0.113.9/32 dev lo"):
        t.ip(words, "beyond")
    t.ipvld()

    def is_answered():
        return t.pings("beyond", "198.51.100.10", 1, 1, "-I", "203.0.113.9")

    t.apply(LAB.format(source_routing="false"))
    t.wait_ready()
    t.ping("beyond", "198.51.100.10")
    assert not is_answered(), "the reply leaves by the other slave, whose router does not know the way"
    t.apply(LAB.format(source_routing="true"))
    t.wait_ready()
    wait_until(is_answered, "the reply leaves by the slave that got the request")
    t.ip("rule del from 198.51.100.10", "ns1")
    t.drift("rule from 198.51.100.10 table 7635077 priority 31000 removed")
    wait_until(is_answered, "the rule is back")
    t.apply("version: 1\nmasters: []\n")
    wait_until(lambda: "ns1" not in t.namespaces(), "nothing is left")
