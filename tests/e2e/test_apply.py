#!/usr/bin/python3
"""apply and diff of several files, and --prune: test_apply.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]"""
import json
import os
import re
import sys
import unittest

from test_ctl import Case


def slave(netns, address="", more=""):
    return f"""\
version: 1
masters:
  - name: eno2
    mode: l2
    slaves:
      - {{name: a, netns: {netns}{', addresses: [' + address + ']' if address else ''}{more}}}
"""


class Several(Case):
    """Several files are one transaction."""

    def setUp(self):
        super().setUp()
        self.host.start()
        for n in 1, 2, 3, 4:
            self.host.write(f"{n}.yaml", slave(f"n{n}"))
        os.mkdir(self.host.path("dir"))
        self.host.write("dir/3.yaml", slave("n3"))
        self.host.write("dir/4.yaml", slave("n4"))

    def slaves(self):
        return sorted(r["netns"] for r in self.rows("Slave"))

    def sources(self):
        return {os.path.relpath(line.split()[0], os.path.realpath(self.host.dir)) if line.startswith("/")
                else line.split()[0] for line in self.ctl("--no-headings", "sources").splitlines()}

    def n_changes(self):
        return len(json.loads(self.ctl("-f", "json", "history", "1000")))

    def test_files(self):
        self.ctl("init")
        before = self.n_changes()
        self.assertEqual(self.ctl("apply", "-f", "1.yaml", "--file=2.yaml", "3.yaml").strip().splitlines()[0],
                         "eno2 added with 3 slaves")
        self.assertEqual((self.slaves(), self.sources()), (["n1", "n2", "n3"], {"1.yaml", "2.yaml", "3.yaml"}))
        self.assertEqual(self.n_changes() - before, 1)
        self.assertEqual(self.ctl("diff", "3.yaml", "2.yaml", "1.yaml"), "")
        self.assertEqual(self.ctl("diff", "1.yaml", "4.yaml", status=2).splitlines()[1].split()[:2], ["+", "n4/a"])

    def test_folder_file_and_standard_input(self):
        self.ctl("apply", "-f", "dir", "-f", "1.yaml", "-f", "-", "--source=pipe", stdin=slave("n9"))
        self.assertEqual((self.slaves(), self.sources()),
                         (["n1", "n3", "n4", "n9"], {"dir/3.yaml", "dir/4.yaml", "1.yaml", "pipe"}))
        os.unlink(self.host.path("dir/3.yaml"))
        self.ctl("apply", "dir", "2.yaml")
        self.assertEqual(self.slaves(), ["n1", "n2", "n4", "n9"], "a file that is gone declares nothing")

    def test_a_file_that_is_named_twice(self):
        self.ctl("apply", "dir", "dir/3.yaml", "./dir/../dir/4.yaml")
        self.assertEqual((self.slaves(), self.sources()), (["n3", "n4"], {"dir/3.yaml", "dir/4.yaml"}))

    def test_a_row_that_moves(self):
        """From one file to another of the same line: it is the same row, with other values."""
        self.ctl("apply", "1.yaml", "2.yaml")
        before = {r["netns"]: r["_uuid"] for r in self.rows("Slave")}
        self.host.write("1.yaml", slave("n2", more=", mtu: 1400"))
        self.host.write("2.yaml", slave("n1"))
        self.ctl("apply", "1.yaml", "2.yaml")
        self.assertEqual({r["netns"]: r["_uuid"] for r in self.rows("Slave")}, before, "exchanged")
        self.host.write("2.yaml", "version: 1\n")
        self.ctl("apply", "1.yaml", "2.yaml")
        self.assertEqual([(r["netns"], r["_uuid"], r["mtu"]) for r in self.rows("Slave")], [("n2", before["n2"], 1400)])

    def test_nothing_by_halves(self):
        self.host.write("2.yaml", slave("n2", more=", mtuu: 1400"))
        self.host.write("3.yaml", slave("n3", more=", mtuu: 1400"))
        said = self.refused("apply", "1.yaml", "2.yaml", "3.yaml", "dir")
        self.assertIn("2.yaml:6:30: unknown key `mtuu`", said)
        self.assertIn("3.yaml:6:30: unknown key `mtuu`", said)
        self.assertTrue(said.endswith("nothing was changed\n"), said)
        self.assertEqual(self.rows("Master"), [])

    def test_two_that_differ(self):
        self.host.write("2.yaml", slave("n2").replace("l2", "l3"))
        said = self.refused("apply", "1.yaml", "2.yaml")
        self.assertRegex(said, r"\A2\.yaml:3:11: master eno2 is declared differently in \S*/1\.yaml, line 3: mode is l2 there")
        self.host.write("2.yaml", slave("n1", more=", mtu: 1400"))
        self.assertRegex(self.refused("apply", "1.yaml", "2.yaml"),
                         r"\A2\.yaml:6:16: slave n1/a is declared differently in \S*/1\.yaml, line 6: ")

    def test_refusals(self):
        for words, said in (
                (["-f", "1.yaml", "none.yaml"], "cannot read none.yaml: No such file or directory"),
                (["1.yaml", "-"], "standard input needs a name that identifies its rows later; give it one with --source=NAME"),
                (["1.yaml", "2.yaml", "--source=x"], "--source=x names the rows of one file, and 2 are given"),
                (["dir", "--source=x"], "--source=x names the rows of one file, and dir is a folder"),
                (["-", "1.yaml", "-", "--source=x"], "standard input (-) is given twice")):
            for command in "apply", "diff":
                self.assertIn("ipvl-ctl: " + said, self.refused(command, *words))


class Prune(Case):
    """--prune: the files are all that there is."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.one = self.host.write("one.yaml", slave("n1", "10.0.0.1/24"))
        self.two = self.host.write("two.yaml", slave("n2", "10.0.0.2/24"))
        self.ctl("apply", self.one, self.two)
        self.ctl("add-master", "eno3", "--", "add-slave", "eno3", "n3/b", "--", "add-slave", "eno2", "n4/b")

    def slaves(self):
        return sorted(r["netns"] for r in self.rows("Slave"))

    def test_apply(self):
        self.ctl("apply", self.one)
        self.assertEqual(self.slaves(), ["n1", "n2", "n3", "n4"], "others are left alone without --prune")
        out = self.ctl("diff", self.one, "--prune", status=2)
        self.assertEqual([line.split()[:2] for line in out.splitlines()[:5]],
                         [["~", "eno2"], ["-", "n2/a"], ["-", "n4/b"], ["-", "eno3"], ["-", "n3/b"]], out)
        self.assertEqual(self.slaves(), ["n1", "n2", "n3", "n4"])
        self.ctl("apply", self.one, "--prune")
        self.assertEqual(self.said, f"ipvl-ctl: warning: {os.path.realpath(self.two)} still exists: "
                                    "its rows return when it is applied\n")
        self.assertEqual((self.slaves(), [r["name"] for r in self.rows("Master")]), (["n1"], ["eno2"]))
        self.assertEqual(self.rows("Master")[0]["sources"], [os.path.realpath(self.one)])
        self.assertEqual(self.ctl("diff", self.one, "--prune"), "")

    def test_what_others_declare_differently(self):
        """It is no conflict: they are to go. Rows stay the same rows."""
        before = {r["netns"]: r["_uuid"] for r in self.rows("Slave")}
        text = slave("n2", "10.0.0.9/24").replace("l2", "l3")
        third = self.host.write("third.yaml", text)
        self.assertIn("is declared differently", self.refused("apply", third))
        self.ctl("apply", "--prune", third)
        self.assertEqual([(r["netns"], r["_uuid"], r["addresses"]) for r in self.rows("Slave")],
                         [("n2", before["n2"], ["10.0.0.9/24"])])

    def test_row_of_the_command_line(self):
        """A row that no file declared is taken over."""
        self.host.write("two.yaml", slave("n4").replace("name: a", "name: b"))
        before = {r["netns"]: r["_uuid"] for r in self.rows("Slave")}
        self.ctl("apply", self.two, "--prune")
        self.assertEqual([(r["netns"], r["_uuid"]) for r in self.rows("Slave")], [("n4", before["n4"])])

    def test_config_dir(self):
        self.host.write("yaml/lab.yaml", slave("n7"))
        self.ctl("apply", "--prune")
        self.assertEqual(self.slaves(), ["n7"])

    def test_conditions(self):
        self.assertIn("disruptive", self.refused("apply", "--prune", "--no-disrupt", self.one))
        self.assertEqual(self.slaves(), ["n1", "n2", "n3", "n4"])
        self.ctl("try", "--prune", "-f", self.one, "--timeout=100000")
        self.assertEqual(self.slaves(), ["n1"])
        self.ctl("cancel")
        self.assertEqual(self.slaves(), ["n1", "n2", "n3", "n4"])

    def test_refusals(self):
        self.assertIn("option --prune is not valid for validate", self.refused("validate", "--prune", self.one))
        self.assertIn("--prune=x takes no value", self.refused("apply", "--prune=x", self.one))


def patched(text, diff):
    """What patch(1) makes of the text."""
    lines, out, at = text.splitlines(), [], 0
    for line in diff.splitlines():
        hunk = re.match(r"@@ -(\d+),(\d+) \+\d+,\d+ @@", line)
        if hunk:
            start = int(hunk[1]) - (hunk[2] != "0")
            out += lines[at:start]
            at = start
        elif line.startswith(("---", "+++")):
            continue
        elif line.startswith("steps,"):
            break
        elif line.startswith("+"):
            out.append(line[1:])
        else:
            assert lines[at] == line[1:], (lines[at], line)
            out += [line[1:]] if line[0] == " " else []
            at += 1
    return "".join(line + "\n" for line in out + lines[at:])


class Unified(Case):
    """diff -u: as diff -u of what export prints, and the plan."""

    def setUp(self):
        super().setUp()
        self.host.start()
        self.lab = self.host.write("lab.yaml", slave("n1", "10.0.0.1/24"))
        self.ctl("apply", self.lab)

    def test_diff(self):
        self.host.write("lab.yaml", slave("n1", "10.0.0.2/24").replace("l2", "l3"))
        before = self.ctl("export").split("\n", 1)[1]
        out = self.ctl("diff", "-u", self.lab, status=2)
        self.assertEqual(out.split("steps, in this order:\n")[0], """\
--- now
+++ then
@@ -1,9 +1,9 @@
 version: 1
 masters:
   - name: eno2
-    mode: l2
+    mode: l3
     flag: bridge
     slaves:
       - name: a
         netns: n1
-        addresses: [10.0.0.1/24]
+        addresses: [10.0.0.2/24]
""")
        self.assertIn("  ~ set mode of eno2: l2 -> l3 ", out)
        self.ctl("apply", self.lab)
        self.assertEqual(patched(before, out), self.ctl("export").split("\n", 1)[1])
        self.assertEqual(self.ctl("diff", "--unified", self.lab), "")

    def test_hunks(self):
        """Far from each other, each with its master."""
        self.ctl("add-master", "eno3", *(word for n in range(9) for word in ("--", "add-slave", "eno3", f"m{n}/a")))
        self.host.write("x.yaml", "version: 1\nmasters: [{name: eno3, slaves: [{name: a, netns: m2, mtu: 1400}, "
                                  "{name: a, netns: m8, mtu: 1400}]}]\n")
        before = self.ctl("export").split("\n", 1)[1]
        out = self.ctl("diff", "-u", "x.yaml", status=2)
        self.assertEqual([line for line in out.splitlines() if line.startswith("@@")],
                         ["@@ -17,6 +17,7 @@ - name: eno3", "@@ -29,3 +30,4 @@ - name: eno3"])
        self.ctl("apply", "x.yaml")
        self.assertEqual(patched(before, out), self.ctl("export").split("\n", 1)[1])

    def test_outcome(self):
        self.host.write("x.yaml", slave("lab7", "10.0.0.9/24").replace("name: a", "name: eth0"))
        out = self.ctl("diff", "-u", "x.yaml", status=2)
        self.assertIn("\n+ lab7/eth0\n     will be in conflict: lab7 already has a veth called eth0", out)

    def test_what_has_no_key(self):
        """A second file that declares the same."""
        self.host.write("x.yaml", slave("n1", "10.0.0.1/24"))
        self.assertRegex(self.ctl("diff", "-u", "x.yaml", status=2), r"\A~ eno2  +sources \+\S+/x.yaml .*\n~ n1/a ")

    def test_file(self):
        """Of a database file there is no plan."""
        db = self.host.path("image.db")
        self.ctl("init", db=db)
        out = self.ctl("diff", "-u", self.lab, status=2, db=db)
        self.assertTrue(out.startswith("--- now\n+++ then\n@@ -1,1 +1,9 @@\n version: 1\n+masters:\n"), out)

    def test_refusals(self):
        self.assertIn("diff --unified is plain text; leave out --format=json",
                      self.refused("-f", "json", "diff", "-u", self.lab))
        self.assertIn("option --unified is not valid for apply", self.refused("apply", "-u", self.lab))
        self.assertIn("--unified=3 takes no value", self.refused("diff", "--unified=3", self.lab))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
