"""Namespaces by whatever text: one namespace has one name, and what is none is told."""

from ipvltest import wait_until

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
    assert "there is a slave tt/a already" in said, said
    answer = t.transact({"op": "update", "table": "Slave", "where": [["name", "==", "b"]],
                         "row": {"netns": "/run/netns/tt"}})
    assert answer[-1]["error"] == "constraint violation", answer
    assert 'write "tt"' in answer[-1]["details"], answer
    t.ctl("set-slave", "/run/netns/tt/b", "mtu=1400")
    wait_until(lambda: t.link("b", "tt")["mtu"] == 1400, "it is the same row")
