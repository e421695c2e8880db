#!/usr/bin/python3
"""`ipvl-ctl explain KEY`: what it says is tried. test_explain.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]"""
import json
import os
import re
import shlex
import sys
import unittest

from test_ctl import SCHEMA, Case

KEYS = os.path.join(os.path.dirname(SCHEMA), "ipvl.schema.json")
MASTER = ["add-master", "eth0", "mode=l2"]
SLAVE = ["add-slave", "eth0", "ns1/a", "addresses=10.0.0.2/24"]


def indented(lines, n):
    return "".join(f"{' ' * (n - 2)}{'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


def with_key(yaml, **others):
    """The lines of an object: this key, and others that it does not have."""
    key = yaml.split(":")[0]
    return [f"{k.replace('_', '-')}: {v}" for k, v in others.items() if k.replace("_", "-") != key] + [yaml]


class Explain(Case):
    def keys(self):
        with open(KEYS, encoding="utf-8") as f:
            schema = json.load(f)
        yield from (("file", key) for key in schema["properties"])
        for kind in "master", "pool", "slave", "route", "rule":
            yield from ((kind, key) for key in schema["definitions"][kind]["properties"])

    def rows(self, db):
        """What is configured, without what every row has for itself."""
        own = {"_uuid", "slaves", "sources", "leases"}
        return [sorted(({k: v for k, v in r.items() if k not in own} for r in json.loads(
            self.ctl("-f", "json", "list", t, db=db))), key=lambda r: r["name"]) for t in ("Master", "Slave", "Pool")]

    def file_of(self, kind, key, yaml, ctl):
        """A file with the key; the rest is what is there before the line of ipvl-ctl, or in it."""
        if kind == "file":
            return yaml if yaml.startswith("version") else "version: 1\n" + yaml
        if kind == "pool":
            return f"version: 1\npools: [{yaml}]\n"
        head = "version: 1\n" + ("pools: [{name: lan, subnets: [10.0.0.0/24]}]\n" if key == "pool" else "") + "masters:\n"
        slave = ["name: a", "netns: ns1", "addresses: [10.0.0.2/24]"]
        if ctl.startswith("add-master"):
            return head + indented(with_key(yaml, name="eth1"), 4)
        if kind == "master":
            master = head + indented(with_key(yaml, name="eth0", mode="l2"), 4)
            return master if yaml.startswith("slaves:") else master + "    slaves:\n" + indented(slave, 8)
        if kind in ("route", "rule"):
            slave += [f"{'routes' if kind == 'route' else 'routing-policy'}: [{yaml}]"]
        elif ctl.startswith("add-slave"):
            name = ctl.split()[2].split("/")
            slave = with_key(yaml, name=name[-1], **({"netns": "ns1"} if len(name) == 2 else {}))
            slave += ["handed-over: true"] if key == "transient" else []
            slave += re.findall(r"addresses(?==)", ctl) and ["addresses: [" + re.search(r"addresses=(\S+)", ctl)[1] + "]"]
        else:
            slave = with_key(yaml, name="a", netns="ns1", addresses="[10.0.0.2/24]")
        return head + "  - name: eth0\n    mode: l2\n    slaves:\n" + indented(slave, 8)

    def check(self, number, kind, key, yaml, ctl):
        words = shlex.split(ctl)
        db = {way: self.host.path(f"{number}-{way}.db") for way in ("yaml", "ctl")}
        if words[0] == "add-pool":
            self.ctl("init", db=db["ctl"])
        elif not (kind == "master" and words[1] == "eth1" or words[0] == "add-master"):
            self.ctl(*MASTER, db=db["ctl"])
        if key == "pool":
            self.ctl("add-pool", "lan", "subnets=10.0.0.0/24", db=db["ctl"])
        if words[0] == "add-pool":
            pass
        elif words[0] != "add-slave" and words[0] != "add-master" or kind == "master" and "shim" in ctl:
            self.ctl(*SLAVE, db=db["ctl"])
        self.ctl(*words, db=db["ctl"])
        path = self.host.write(f"{number}.yaml", self.file_of(kind, key, yaml, ctl))
        self.ctl("apply", "-f", path, db=db["yaml"])
        self.assertEqual(self.rows(db["ctl"]), self.rows(db["yaml"]), f"{yaml} | {ctl}")
        # The file that `export` writes has the key.
        exported = self.host.write(f"{number}-again.yaml", self.ctl("export", db=db["yaml"]))
        self.ctl("apply", "-f", exported, db=self.host.path(f"{number}-again.db"))
        self.assertEqual(self.rows(self.host.path(f"{number}-again.db")), self.rows(db["yaml"]), f"export of {yaml}")

    def test_both_forms_are_one(self):
        """For each key, its YAML and each line for ipvl-ctl make the same rows."""
        n = 0
        for kind, key in self.keys():
            text = self.ctl("explain", f"{kind}.{key}")
            self.assertTrue(text.startswith(f"{key}, of "), text)
            self.assertLessEqual(max(map(len, text.splitlines())), 80, text)
            yaml = re.search(r"(?m)^  YAML +(.*)$", text)[1]
            forms = re.search(r"(?m)^  ipvl-ctl  (.*\n(?: {12}.*\n)*)", text)[1].splitlines()
            for ctl in map(str.strip, forms):
                if ctl.startswith("set-slave ns1/a addressing=external"):
                    continue  # what stands for the key that is left out
                if ctl != "has no form of it":
                    self.check(n, kind, key, yaml, ctl)
                n += 1
        self.assertGreater(n, 40)

    def test_facts(self):
        """Values and default are those of the JSON Schema."""
        self.assertEqual(self.ctl("explain", "mtu").count("\n\n"), 2)
        self.assertEqual(self.ctl("explain", "slave.mtu"),
                         "mtu, of a slave\n  YAML      mtu: 1400\n  ipvl-ctl  set-slave ns1/a mtu=1400\n"
                         "  values    68 to 65535, or auto\n  default   auto\n"
                         "  auto: the master's, which it follows.\n")
        self.assertIn("  default   none: it is required\n", self.ctl("explain", "slave.name"))
        self.assertIn("  default   repair\n", self.ctl("explain", "master.drift"))

    def test_words(self):
        for word, opening in (("vlan_link", "vlan, of a master"), ("source_routing", "source-routing, of a slave"),
                              ("addressing", "addresses, of a slave"), ("weight", "via, of a route"),
                              ("route", "Keys of a route"), ("slave", "Keys of a slave")):
            self.assertTrue(self.ctl("explain", word).startswith(opening), word)
        for kind in "file", "master", "pool", "slave", "route", "rule":
            self.assertLessEqual(max(map(len, self.ctl("explain", kind).splitlines())), 80)
        for word, said in (("mut", "mut is not a mode, a flag or a key; did you mean mtu?"),
                           ("route.flag", "route.flag is not a mode, a flag or a key"),
                           ("slav.mtu", "slav.mtu is not a mode, a flag or a key"), ("", " is not a mode, a flag or a key")):
            self.assertIn("ipvl-ctl: " + said, self.refused("explain", word))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
