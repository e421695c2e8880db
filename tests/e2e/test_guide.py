#!/usr/bin/python3
"""The commands of docs/guide are run, and their output is what the pages have.

Usage: test_guide.py IPVL-CTL IPVLD-LAB SCHEMA [--update | unittest's arguments]. With --update it is written into them.
"""
import glob
import os
import re
import subprocess
import sys
import unittest

from test_ctl import CTL, Case

GUIDE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "docs", "guide")
BLOCK = re.compile(r"(?:^`(\S+\.yaml)`:\n\n)?^```(\w+)\n(.*?)^```\n", re.M | re.S)
UPDATE = "--update" in sys.argv


class Guide(Case):
    def run_block(self, text):
        """The commands of a block, each with what it prints."""
        out = ""
        for command in re.findall(r"(?m)^\$ (.*)$", text):
            p = subprocess.run(command, shell=True, cwd=self.host.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, check=False,
                               env=dict(os.environ, IPVL_DB="unix:" + self.host.socket,
                                        PATH=os.path.dirname(CTL) + ":" + os.environ["PATH"]))
            out += f"$ {command}\n{p.stdout}".replace(os.path.realpath(self.host.dir), "/etc/ipvl")
        return out

    def check(self, path):
        with open(path, encoding="utf-8") as f:
            page = f.read()
        self.host.start(lab="wlan0")

        def block(m):
            name, language, text = m.groups()
            if name:
                self.host.write(name, text)
                self.ctl("validate", name)
            return m[0].replace(text, self.run_block(text)) if language == "console" else m[0]
        made = BLOCK.sub(block, page)
        if UPDATE:
            with open(path, "w", encoding="utf-8") as f:
                f.write(made)
        self.assertEqual(made, page)


def add_pages():
    for path in glob.glob(GUIDE + "/*.md"):
        name = os.path.basename(path)[:-3].replace("-", "_").lower()
        setattr(Guide, "test_" + name, lambda self, path=path: self.check(path))


add_pages()
if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *(a for a in sys.argv[4:] if a != "--update")])
