#!/usr/bin/python3
"""What every command prints on terminals of 80, 120 and 200 columns: test_widths.py IPVL-CTL IPVLD-LAB SCHEMA

Held against golden/COMMAND.txt; `--update` as the last argument writes them. tests/unit/ctl/test_golden.c has those
of commands whose tables need more rows, or numbers that differ from run to run.
"""
import os
import re
import shutil
import sys
import tempfile
import unittest
import unittest.mock

UPDATE = sys.argv[-1] == "--update" and sys.argv.pop()
from test_ctl import CTL, LAB, TerminalCase  # noqa: E402

HERE = os.path.dirname(os.path.realpath(__file__))
GOLDEN = os.path.join(HERE, "golden")
UNIT_GOLDEN = os.path.join(HERE, "..", "unit", "ctl", "golden")
PLUGINS = os.path.join(os.path.dirname(CTL), "..", "datapath", "plugins")
WIDTHS = (80, 120, 200)

# One session on a host of its own for each width: the exit status, and what is typed.
SESSION = """
0 init
0 apply -f lab.yaml
0 wait-online
0 list-datapaths
0 why ns1/ipvl1
0 trace ns1/ipvl1 10.138.36.3
1 trace ns1/ipvl1 192.0.2.7
0 who 10.138.36.3
0 history
0 history -p
2 diff -f more.yaml --source=/…/lab.yaml
2 diff -u -f more.yaml --source=/…/lab.yaml
0 validate lab.yaml
0 export
0 get Slave ns1/ipvl1 addresses routes state
0 import
0 edit ns1/
0 repair eno2
0 announce eno2
0 try -- set-slave ns1/ipvl1 mtu=1400
0 confirm
0 try -- set-slave ns1/ipvl1 mtu=1300
0 cancel
0 undo
0 comment a remark
0 add-pool lan subnets=192.0.2.0/24,2001:db8::/64 gateway=192.0.2.1
0 set-pool lan excluded=192.0.2.9
0 list-pools
0 del-pool lan
0 add-master eno3 mode=l2
0 set-master eno3 flag=private
0 add-slave eno3 ns3/a
0 set-slave ns3/a addresses=192.0.2.2/24
0 wait-until Slave ns3/a state=ready
0 set Slave ns3/a external_ids:owner=lab
0 add Slave ns3/a external_ids room=7
0 remove Slave ns3/a external_ids room
0 clear Slave ns3/a external_ids
0 release ns3/a
0 adopt ns3/a
0 del-slave ns3/a
0 destroy Master eno3
0 add-master eno3
0 del-master eno3
0 cleanup
0 reload
0 forget /…/lab.yaml
1 create Host name=b
"""
# The pictures of `show`, again and again: tests/e2e/test_follow.py.
ELSEWHERE = {"watch"}

class Widths(TerminalCase):
    def plugins(self):
        """A folder whose name is as long in every checkout: two link types, and one that is refused."""
        folder = tempfile.mkdtemp(prefix="ipvl-", dir="/tmp")
        self.addCleanup(shutil.rmtree, folder)
        for name, plugin in (("ipvtap", "ipvtap"), ("macvlan", "macvlan"), ("mine", "macvlan")):
            shutil.copy(os.path.join(PLUGINS, plugin + ".so"), os.path.join(folder, name + ".so"))
        return folder

    def settle(self, text):
        text = re.sub(r"\d{4}-\d\d-\d\d ", "YYYY-MM-DD ", re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", text))
        text = re.sub(r"/tmp/ipvl-\w{8}(?=/\w+\.so)", "/tmp/ipvl-XXXXXXXX", text.replace(self.host.dir, "/…"))
        return re.sub(r"\(\d+ s ago\)", "(just now)", text)

    def play(self, columns):
        """{command: what it printed}"""
        told = {}
        self.host.start()
        self.host.write("lab.yaml", LAB)
        with open(self.host.write("more.yaml", LAB), "a", encoding="utf-8") as f:
            f.write("      - {name: eth0, netns: lab7, addresses: [10.138.36.9/23]}\n")
        with open(self.host.path("more.yaml"), encoding="utf-8") as f:
            self.host.write("more.yaml", f.read().replace("l2", "l3").replace("36.3/23", "36.4/23"))
        for line in SESSION.strip().splitlines():
            status, *words = line.split()
            text = self.on_terminal(*line.replace("/…", self.host.dir).split()[1:], columns=columns, status=int(status))
            text = f"== {columns} columns: {' '.join(words)}\n{self.settle(text)}" if text else ""
            told[words[0]] = told.get(words[0], "") + text
        self.host.stop()
        self.host.remove()
        self.host.__init__()
        return told

    @unittest.mock.patch.dict(os.environ, EDITOR="true", VISUAL="")
    def test_every_command(self):
        with unittest.mock.patch.dict(os.environ, IPVL_PLUGIN_DIR=self.plugins()):
            by_width = [self.play(columns) for columns in WIDTHS]
        for command in by_width[0]:
            text = "".join(told[command] for told in by_width)
            path = os.path.join(GOLDEN, command + ".txt")
            if command == "history" and os.getuid():
                continue  # the user is in it
            if UPDATE and text:
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
            right = ""
            if os.path.exists(path):
                with open(path, encoding="utf-8") as f:
                    right = f.read()
            self.assertEqual(text, right, command)
        self.check_all(set(by_width[0]))

    def check_all(self, played):
        """No command is without: a new one is put into SESSION, or gets a file of test_golden.c."""
        told = self.ctl("--help").split("\nCommands:\n")[1].split("\n\n")[0]
        for command in re.findall(r"(?m)^  ([a-z-]+)", told):
            if command in played or command in ELSEWHERE:
                continue
            path = os.path.join(UNIT_GOLDEN, command + ".txt")
            self.assertTrue(os.path.exists(path), f"{command} has no golden file: put it into SESSION")
            with open(path, encoding="utf-8") as f:
                widths = re.findall(r"(?m)^== (\d+) columns", f.read())
            self.assertEqual([int(w) for w in widths], list(WIDTHS), path)

if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
