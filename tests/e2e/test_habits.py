#!/usr/bin/python3
"""What an operator types every day: test_habits.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]"""
import json
import os
import subprocess
import sys
import unittest

from test_ctl import CTL, LAB, SCHEMA, Case


class Edits(Case):
    """COLUMN+=VALUE and COLUMN-=VALUE."""

    def setUp(self):
        super().setUp()
        self.db = {"db": self.host.path("conf.db")}
        self.ctl("add-master", "eno2", "--", "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24", **self.db)

    def get(self, column):
        return self.ctl("get", "Slave", "ns1/a", column, **self.db).strip()

    def set(self, *words):
        self.ctl("set-slave", "ns1/a", *words, **self.db)

    def test_sets(self):
        self.set("addresses+=10.0.0.3/24,10.0.0.2/24")
        self.assertEqual(self.get("addresses"), "[10.0.0.2/24, 10.0.0.3/24]")
        self.set("addresses-=10.0.0.2/24", "addresses+=10.0.0.4/24")
        self.assertEqual(self.get("addresses"), "[10.0.0.3/24, 10.0.0.4/24]")
        self.set("addresses-=10.9.9.9/24")
        self.set("routes+=default via 10.0.0.1", "routes+=10.9.0.0/16")
        self.set("routes-=default via 10.0.0.1")
        self.assertEqual(self.get("routes"), "[10.9.0.0/16]")

    def test_default_has_the_family_of_the_addresses(self):
        self.set("addresses=2001:db8::2/64", "routes+=default")
        self.assertEqual(self.get("routes"), "[::/0]")

    def test_maps(self):
        self.set("sysctl+=ipv6.accept_ra=0", "sysctl+={ipv4.arp_announce=2}")
        self.set("sysctl+=ipv6.accept_ra=2")
        self.assertEqual(self.get("sysctl"), "{ipv4.arp_announce=2, ipv6.accept_ra=2}")
        self.set("sysctl-=ipv6.accept_ra=1")  # another value
        self.set("sysctl-=ipv4.arp_announce")
        self.assertEqual(self.get("sysctl"), "{ipv6.accept_ra=2}")

    def test_lists_with_an_order(self):
        self.set("nameservers=10.3.3.9", "search+=a.example")
        self.set("nameservers+=10.3.3.3,10.3.3.9", "search+=b.example,c.example")
        self.assertEqual(self.get("nameservers"), '"10.3.3.9 10.3.3.3"')
        self.set("nameservers-=10.3.3.9", "search-=b.example")
        self.assertEqual((self.get("nameservers"), self.get("search")), ("10.3.3.3", '"a.example c.example"'))
        self.set("nameservers-=10.3.3.3")
        self.assertEqual(self.get("nameservers"), '""')

    def test_addressing(self):
        """What is added is ipvl's; what is taken away makes nothing ipvl's."""
        self.ctl("add-slave", "eno2", "b", "addresses-=10.0.0.7/24", **self.db)
        self.assertEqual(self.ctl("get", "Slave", "b", "addressing", **self.db), "external\n")
        self.ctl("set-slave", "b", "addresses+=10.0.0.7/24", **self.db)
        self.assertEqual(self.ctl("get", "Slave", "b", "addressing", **self.db), "static\n")

    def test_other_commands(self):
        self.ctl("set-master", "eno2", "routes+=10.9.0.0/16 via 10.0.0.9", **self.db)
        self.ctl("set", "Master", "eno2", "external_ids+=owner=lab", "external_ids+=x=1", **self.db)
        self.assertEqual(self.ctl("get", "Master", "eno2", "routes", "external_ids", **self.db),
                         '["10.9.0.0/16 via 10.0.0.9"]\n{owner=lab, x=1}\n')

    def test_refusals(self):
        for words, said in (
                (["mtu+=1400"], "mtu+=1400: mtu has a single value; write mtu=VALUE"),
                (["netns-=ns1"], "netns-=ns1: netns has a single value; write netns=VALUE"),
                (["addresses+=10.0.0.3"], "addresses: \"10.0.0.3\" has no prefix length"),
                (["adresses+=10.0.0.3/24"], 'Slave has no column "adresses"; did you mean addresses?'),
                (["sysctl+=ipv6.accept_ra"], "sysctl+=ipv6.accept_ra: it is a map; write sysctl+=KEY=VALUE"),
                (["warnings+=x"], "Slave.warnings is a status column: only ipvld writes it"),
                (["addresses=10.0.0.3/24", "addresses+=10.0.0.4/24"], "addresses is given twice"),
                (["nameservers+=here"], "nameservers: "),
                (["+=10.0.0.3/24"], 'Slave has no column ""')):
            self.assertIn("ipvl-ctl: " + said, self.refused("set-slave", "ns1/a", *words, **self.db))
        self.assertEqual(self.get("addresses"), "[10.0.0.2/24]")


class Terse(Case):
    """--no-headings and --bare."""

    def setUp(self):
        super().setUp()
        self.db = {"db": self.host.path("conf.db")}
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB), **self.db)
        self.ctl("set-slave", "ipvl2", "addresses+=10.138.36.4/23", "routes=default via 10.138.36.1,10.9.0.0/16",
                 **self.db)

    def test_no_headings(self):
        words = ["list-slaves", "--columns=name,addresses"]
        self.assertEqual(self.ctl("--no-headings", *words, **self.db),
                         "ns1/ipvl1  10.138.36.2/23\nns2/ipvl2  10.138.36.3/23, 10.138.36.4/23\n")
        self.assertEqual(self.ctl(*words, "--no-headings", "-f", "csv", **self.db).splitlines()[0],
                         "ns1/ipvl1,10.138.36.2/23")
        self.assertEqual(self.ctl("--no-headings", "--columns=name,mtu", "list", "Slave", "ipvl2", **self.db),
                         "ipvl2\n[]\n")
        self.assertEqual(self.ctl("--no-headings", "find", "Slave", "name=none", "-f", "csv", **self.db), "")

    def test_bare(self):
        self.assertEqual(self.ctl("--bare", "--columns=name,addresses,mtu", "list-slaves", **self.db),
                         "ns1/ipvl1\n10.138.36.2/23\n\n\nns2/ipvl2\n10.138.36.3/23,10.138.36.4/23\n\n")
        self.assertEqual(self.ctl("--bare", "get", "Slave", "ipvl2", "routes", "mtu", **self.db),
                         "10.9.0.0/16,default via 10.138.36.1\n\n")
        self.assertEqual(self.ctl("--bare", "--columns=name", "find", "Slave", "netns=ns2", **self.db), "ipvl2\n")

    def test_refusals(self):
        for words, said in (
                (["--bare", "show"], "option --bare is not valid for show; it is for commands that print records"),
                (["--no-headings", "status"], "option --no-headings is not valid for status"),
                (["--bare", "-f", "json", "list-slaves"], "--bare and --format=json exclude each other"),
                (["--bare", "-f", "csv", "list-slaves"], "--bare and --format=csv exclude each other"),
                (["--bare=yes", "list-slaves"], "--bare=yes takes no value")):
            self.assertIn(said, self.refused(*words, **self.db))


class Who(Case):
    """Which row, ipvlan or master has an address."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.ctl("apply", "-f", self.host.write("lab.yaml", LAB))

    def test_rows(self):
        self.assertEqual(self.ctl("who", "10.138.36.2"), "address         device     what           state\n"
                                                         "10.138.36.2/23  ns1/ipvl1  slave of eno2  ready\n")
        self.assertEqual(self.ctl("who", "10.138.36.2/23"), self.ctl("who", "10.138.36.2"))
        self.assertEqual(self.ctl("--bare", "who", "10.138.36.0/23").split("\n\n")[1].splitlines(),
                         ["10.138.36.3/23", "ns2/ipvl2", "slave of eno2", "ready"])
        self.ctl("set-slave", "ipvl2", "enabled=false")
        self.assertEqual([r["state"] for r in json.loads(self.ctl("-f", "json", "who", "10.138.36.3"))], ["disabled"])

    def test_file(self):
        db = self.host.path("image.db")
        self.ctl("apply", "-f", "lab.yaml", db=db)
        self.assertIn("ns1/ipvl1", self.ctl("who", "10.138.36.2", db=db))
        self.assertEqual(self.refused("who", "10.138.36.9", db=db), "ipvl-ctl: no row has 10.138.36.9\n")

    def test_refusals(self):
        for words, said in (
                (["10.138.36.9"], "no slave, no other ipvlan and no master has 10.138.36.9"),
                (["2001:db8::/64"], "no slave, no other ipvlan and no master has 2001:db8::/64"),
                (["eno2"], "eno2 is neither an address nor a subnet; `ipvl-ctl show eno2` shows a master, a slave or a namespace"),
                (["10.0.0.0/33"], "10.0.0.0/33 is neither an address nor a subnet"),
                ([], "who: too few arguments"), (["10.0.0.1", "10.0.0.2"], "who: too many arguments")):
            self.assertIn("ipvl-ctl: " + said, self.refused("who", *words))


class Edit(Case):
    """`export`, and `edit` with editors that are scripts."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.path = self.host.write("lab.yaml", LAB.replace("        addresses: [10.138.36.3/23]\n",
                                    "        addresses: [10.138.36.3/23]\n        enabled: false\n        drift: report\n"))
        self.ctl("apply", "-f", self.path)

    def edit(self, script, *words, status=0, editor="EDITOR"):
        """'script' has the file as $1. Returns what was printed, and complained about."""
        env = {k: v for k, v in os.environ.items() if k not in ("VISUAL", "EDITOR")}
        env.update({editor: "sh " + self.host.write("editor", script), "TMPDIR": self.host.dir})
        p = subprocess.run([CTL, "--db=unix:" + self.host.socket, *words], env=env, capture_output=True, text=True,
                           check=False)
        self.assertEqual(p.returncode, status, p.stdout + p.stderr)
        return p.stdout, p.stderr

    def left(self):
        return [name for name in os.listdir(self.host.dir) if name.startswith("ipvl-edit-")]

    def test_export(self):
        text = self.ctl("export")
        self.assertIn("        enabled: false\n        drift: report\n", text)
        path = self.host.write("again.yaml", text)
        self.assertEqual(self.ctl("diff", "-f", path, "--source=" + self.path), "")
        one = self.ctl("export", "ns1/")
        self.assertIn("name: eno2", one)
        self.assertNotIn("ipvl2", one)
        self.ctl("validate", self.host.write("one.yaml", one))
        self.assertIn("no such", self.refused("export", "ns9/x"))
        self.assertEqual(self.ctl("export", db=self.host.path("conf2.db"), status=1), "")

    def test_change(self):
        out, said = self.edit("sed -i 's/36.2/36.9/' $1", "edit", "ns1/ipvl1")
        self.assertRegex(out, r"^~ ns1/ipvl1 +addresses -10.138.36.2/23 \+10.138.36.9/23\n$")
        self.assertIn("lab.yaml declares ns1/ipvl1", said)
        self.assertEqual(self.states(), {"ns1/ipvl1": "ready", "ns2/ipvl2": "disabled"})
        self.assertEqual(self.ctl("get", "Slave", "ipvl1", "addresses"), "[10.138.36.9/23]\n")
        self.assertEqual(self.left(), [])

    def test_more_and_fewer(self):
        """Slaves that are added, removed and renamed, and a master."""
        out, _ = self.edit("sed -i -e 's/name: ipvl1/name: first/' -e '/name: ipvl2/,$d' $1;"
                           "echo '  - {name: eno3, slaves: [{name: x, netns: ns7}]}' >>$1", "edit", editor="VISUAL")
        self.assertEqual(sorted(line.split()[:2] for line in out.splitlines()),
                         [["+", "eno3"], ["+", "ns1/first"], ["+", "ns7/x"], ["-", "ns1/ipvl1"], ["-", "ns2/ipvl2"]])
        self.assertEqual(self.states(), {"ns1/first": "ready", "ns7/x": "ready"})

    def test_only_what_is_shown(self):
        """A master that goes from the text of one slave keeps its others; a row that was not in it is not touched."""
        self.edit("echo version: 1 >$1", "edit", "ns1/ipvl1")
        self.assertEqual(self.states(), {"ns2/ipvl2": "disabled"})
        _, said = self.edit("sed -i 's/name: ipvl1/name: ipvl2/; s/ns1/ns2/' $1", "edit", "eno2", status=0)
        self.ctl("add-slave", "eno2", "ns1/ipvl1", "addresses=10.138.36.2/23")
        _, said = self.edit("sed -i 's/name: ipvl1/name: ipvl2/; s/ns1/ns2/' $1", "edit", "ns1/ipvl1", status=1)
        self.assertIn("slave ns2/ipvl2 exists, and was not in the text", said)

    def test_nothing(self):
        for script in "true", "echo '# a comment' >>$1; sed -i '$d' $1", ": >$1", "sed -i 1d $1":
            self.assertEqual(self.edit(script, "edit"), ("nothing to change\n", ""), script)
        self.assertEqual(self.left(), [])

    def test_broken_and_mended(self):
        """The second editor finds the errors above the text, with the lines of the file."""
        out, said = self.edit("grep -q '^# ! .*:11:' $1 && sed -n 11p $1 >$(dirname $1)/line;"
                              "if [ -e $(dirname $1)/once ]; then cp $1 $(dirname $1)/seen; sed -i 's/mdoe/mode/; s/l2/l3/' $1;"
                              "else touch $(dirname $1)/once; sed -i 's/mode/mdoe/' $1; fi", "edit")
        with open(self.host.path("seen"), encoding="utf-8") as f:
            seen = f.read()
        number, = {int(line.split(":")[1]) for line in seen.splitlines() if line.startswith("# ! /")}
        self.assertIn("mdoe", seen.splitlines()[number - 1])
        self.assertIn("did you mean `mode`?", said)
        self.assertRegex(out, r"~ eno2 +mode l2 -> l3")
        self.assertEqual(self.left(), [])

    def test_refused_by_the_database(self):
        """What only the other rows forbid; unchanged it is kept."""
        _, said = self.edit("sed -i 's/10.138.36.2/10.138.36.3/' $1", "edit", "ns1/ipvl1", status=0)
        self.ctl("set-slave", "ipvl1", "addresses=10.138.36.2/23", "--", "set-slave", "ipvl2", "enabled=true")
        _, said = self.edit("sed -i 's/10.138.36.2/10.138.36.3/' $1", "edit", "ns1/ipvl1", status=1)
        self.assertIn("address 10.138.36.3 of ns1/ipvl1 is also an address of ns2/ipvl2", said)
        self.assertIn("ipvl-ctl: the text came back as it was refused: it is kept in " + self.host.dir, said)
        (name,) = self.left()
        with open(self.host.path(name), encoding="utf-8") as f:
            self.assertIn("10.138.36.3/23", f.read())
        self.assertEqual(self.ctl("get", "Slave", "ipvl1", "addresses"), "[10.138.36.2/23]\n")

    def test_another_client(self):
        _, said = self.edit(f"{CTL} --db=unix:{self.host.socket} set-slave ns1/ipvl1 mtu=1300; sed -i 's/36.2/36.9/' $1",
                            "edit", "ns1/ipvl1", status=1)
        self.assertIn("another client changed these rows meanwhile", said)
        self.assertEqual(len(self.left()), 1)
        self.assertEqual(self.ctl("get", "Slave", "ipvl1", "mtu", "addresses"), "1300\n[10.138.36.2/23]\n")

    def test_no_editor_is_chosen(self):
        """vi, if there is one."""
        tools = self.host.path("tools")
        os.mkdir(tools)
        env = {k: v for k, v in os.environ.items() if k not in ("VISUAL", "EDITOR")}
        env.update(PATH=tools, TMPDIR=self.host.dir)
        words = [CTL, f"--db=unix:{self.host.socket}", "edit"]
        for more in {}, {"EDITOR": ""}, {"VISUAL": "", "EDITOR": "vi"}:
            p = subprocess.run(words, env=env | more, capture_output=True, text=True, check=False)
            self.assertEqual((p.returncode, p.stdout), (1, ""))
            self.assertIn("ipvl-ctl: there is no editor `vi`; set EDITOR to one that is installed: EDITOR=nano\n", p.stderr)
        with open(os.path.join(tools, "vi"), "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nexec /bin/sed -i 's/mode: l2/mode: l3/' $1\n")
        os.chmod(os.path.join(tools, "vi"), 0o755)
        p = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn("mode l2 -> l3", p.stdout)

    def test_options_and_refusals(self):
        out, _ = self.edit("sed -i s/36.2/36.9/ $1", "--dry-run", "edit", "ipvl1")
        self.assertIn("steps, in this order", out)
        self.assertIn("disruptive", self.edit("sed -i s/36.2/36.9/ $1", "--no-disrupt", "edit", "ipvl1", status=1)[1])
        self.assertEqual(self.ctl("get", "Slave", "ipvl1", "addresses"), "[10.138.36.2/23]\n")
        self.assertIn("the editor `sh ", self.edit("exit 3", "edit", status=1)[1])
        self.assertIn("no such", self.edit("true", "edit", "ns9/x", status=1)[1])
        self.assertIn("edit cannot be combined with other commands", self.edit("true", "edit", "--", "show", status=1)[1])


class Variable(Case):
    """IPVL_DB stands for --db."""

    def run_with(self, value, *words):
        return subprocess.run([CTL, f"--schema={SCHEMA}", *words], capture_output=True, text=True, check=False,
                              cwd=self.host.dir, env=dict(os.environ, IPVL_DB=value))

    def test_file_and_daemon(self):
        self.ctl("add-master", "eno2", db=self.host.path("conf2.db"))
        p = self.run_with("conf2.db", "--bare", "--columns=name", "list-masters")
        self.assertEqual((p.returncode, p.stdout), (0, "eno2\n"), p.stderr)
        self.host.start()
        p = self.run_with("unix:" + self.host.socket, "add-master", "eno3")
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual([r["name"] for r in self.rows("Master")], ["eno3"])
        # The option wins.
        p = self.run_with("nonsense:", "--db=conf2.db", "--bare", "--columns=name", "list-masters")
        self.assertEqual(p.stdout, "eno2\n", p.stderr)

    def test_wrong_values(self):
        p = self.run_with("tpc:127.0.0.1:6640", "show")
        self.assertEqual((p.returncode, p.stderr), (1, "ipvl-ctl: IPVL_DB=tpc:127.0.0.1:6640: unknown address type "
                                                       "tpc:; did you mean tcp:?\n"))
        p = self.run_with("none.db", "show")
        self.assertEqual(p.stderr, "ipvl-ctl: no such database file: none.db; `ipvl-ctl --db=none.db init` creates it\n")
        self.assertEqual(self.run_with("tpc:x", "--help").returncode, 0)
        self.assertIn("/run/ipvl/db.sock", self.run_with("", "--timeout=1", "init").stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
