#!/usr/bin/python3
"""The page in a headless Chromium: test_page.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]

Exit status 77: Chromium is not installed. Screenshots go to the folder IPVL_SCREENSHOTS, if it is set. IPVL_AXE is the
file axe.min.js of axe-core (`npm pack axe-core`), which Debian does not have: with it axe judges the page, too.
"""
import json
import os
import signal
import sys
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "e2e"), HERE]
import browser  # noqa: E402

if not browser.PROGRAM:
    print("skipped: not installed: scripts/install-deps page")
    sys.exit(77)

from test_ctl import PATIENCE_S  # noqa: E402
from test_web import Web  # noqa: E402

LAB = """\
version: 1
masters:
  - name: eno2
    mode: l2
    slaves:
      - {name: ipvl1, netns: ns1, addresses: [10.138.36.2/23, "2001:db8::2/64"], routes: [{to: 0.0.0.0/0}]}
      - {name: ipvl2, netns: ns2, addresses: [10.138.36.3/23], routes: [{to: default, via: 10.138.36.1}], mtu: 9000}
      - {name: web, netns: ns2, addresses: [10.138.36.4/23]}
      - {name: dhcp0, netns: ns3}
      - {name: eth0, netns: lab7, addresses: [10.138.36.9/23]}
      - {name: old, netns: ns4, addresses: [10.138.36.10/23], enabled: false}
      - {name: shim0, addresses: [10.138.36.250/32]}
  - name: eno3.100
    mode: l3s
    flag: private
    vlan: {link: eno3, id: 100}
    slaves:
      - {name: a, netns: blue, addresses: [192.0.2.3/24]}
  - name: wlp3s0
    slaves:
      - {name: eth0, netns: red, addresses: [198.51.100.7/24]}
"""
SIZES = {"desktop": (1280, 900, False), "phone": (390, 844, True)}
with open(os.path.join(HERE, "checks.js"), encoding="utf-8") as checks:
    CHECKS = checks.read()


class Page(Web):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser(PATIENCE_S)
        cls.addClassCleanup(cls.browser.close)

    def show(self, size="desktop", scheme="light"):
        width, height, phone = SIZES[size]
        self.browser.size(width, height, scheme, phone)
        self.browser.open(f"http://127.0.0.1:{self.port}/")
        self.browser.wait_for("document.querySelector('#summary li') && document.querySelector('#live').textContent == 'live'")

    def full(self):
        """Every state that the simulator knows, an error in a file, and drift."""
        os.environ["IPVL_LAB_THIEF"] = "ns1/ipvl1 10.138.36.2/23"
        self.addCleanup(os.environ.pop, "IPVL_LAB_THIEF")
        os.makedirs(self.host.path("yaml"))
        self.host.write("yaml/broken.yaml", "version: 1\nmasters: 7\n")
        self.start()
        self.host.run("apply", "-f", self.host.write("lab.yaml", LAB))
        self.get("/metrics/slaves")
        self.until(lambda: self.rows("Drift"), "drift")

    def text(self, selector):
        return self.browser.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def until_page(self, script):
        return self.browser.wait_for(script)

    def test_what_is_there(self):
        self.full()
        self.show()
        self.assertEqual(self.text("#summary").split(), "3 masters 9 slaves 1 conflict 1 waiting 6 ready 1 disabled".split())
        faults = self.text("#faults")
        for words in ("broken.yaml:2:10: `masters` must be a list", "lab7/eth0 conflict", "lab7 already has a veth",
                      "waiting for wlp3s0 to appear", "mtu 9000 is above the 1500 of eno2"):
            self.assertIn(words, faults)
        picture = self.text("#picture")
        for words in ("l2 bridge \u00b7 up \u00b7 mtu 1500", "5 of 7 slaves ready", "VLAN 100 on eno3", "2001:db8::2/64",
                      "default via 10.138.36.1", "addresses by another program"):
            self.assertIn(words, picture)
        self.assertEqual(self.browser.run("document.querySelectorAll('#slaves tbody tr').length"), 9)
        self.assertIn("ns1/ipvl1\taddress 10.138.36.2/23 removed, route default removed\tnot known\tback", self.text("#drift"))
        self.assertRegex(self.text("footer"), r"ipvld \S+ on Linux ")
        self.assertEqual(self.browser.run("document.title"), "(5) 127.0.0.1 \u00b7 ipvl")

    def test_every_width_and_scheme(self):
        """Nothing is loaded from elsewhere, nothing is wider than the screen, and no check of accessibility fails."""
        self.full()
        for size in SIZES:
            for scheme in ("light", "dark"):
                with self.subTest(size=size, scheme=scheme):
                    self.show(size, scheme)
                    self.assertEqual(self.browser.run(CHECKS), [])
                    self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), SIZES[size][0])
                    self.assertEqual([u for u in self.browser.urls() if not u.startswith(f"http://127.0.0.1:{self.port}/")], [])
                    self.assertEqual(self.browser.complaints(), [])
                    folder = os.environ.get("IPVL_SCREENSHOTS")
                    self.browser.run("scrollTo(0, 0)")
                    if folder:
                        os.makedirs(folder, exist_ok=True)
                        self.browser.screenshot(os.path.join(folder, f"{size}-{scheme}.png"))
                    if "IPVL_AXE" in os.environ:
                        self.assertEqual(self.axe(), [])

    def axe(self):
        """What axe finds, of whatever weight."""
        with open(os.environ["IPVL_AXE"], encoding="utf-8") as f:
            self.browser.run(f.read() + "; null")
        found = self.browser.run("axe.run().then(r => ({passes: r.passes.length, wrong: r.violations.map("
                                 "v => `${v.impact} ${v.id}: ${v.nodes.map(n => n.target)}`)}))")
        print(f"# axe: {found['passes']} rules hold", file=sys.stderr)
        self.assertGreater(found["passes"], 10)
        return found["wrong"]

    def test_a_change_is_seen(self):
        self.start()
        self.ctl("add-master", "eno2", "mode=l2", "--", "add-slave", "eno2", "ns1/a", "addresses=10.0.0.2/24")
        self.show()
        self.browser.run("""new Promise(done => {
            window.seen = 0;
            new MutationObserver(() => {
                if (!window.seen && document.querySelector('#picture').innerText.includes('10.0.0.7/24'))
                    window.seen = Date.now();
            }).observe(document.querySelector('#picture'), {childList: true, subtree: true});
            done();
        })""")
        begin = time.time()
        self.ctl("set-slave", "ns1/a", "addresses=10.0.0.7/24")
        seen = self.until_page("window.seen")
        print(f"# a change was seen {seen - 1000 * begin:.0f} ms after ipvl-ctl was started", file=sys.stderr)
        self.assertIn("l2 bridge", self.text(".bar"))
        self.ctl("set-master", "eno2", "mode=l3")
        self.until_page("document.querySelector('.bar').innerText.includes('l3 bridge')")
        self.ctl("del-slave", "ns1/a")
        self.until_page("!document.querySelector('.slave')")
        self.ctl("del-master", "eno2")
        self.until_page("document.querySelector('#picture').innerText.includes('No masters yet')")

    def test_daemon_goes_and_comes(self):
        self.start()
        self.ctl("add-master", "eno2")
        self.show()
        self.host.process.send_signal(signal.SIGKILL)
        self.until_page("document.querySelector('#live').innerText.includes('no connection')")
        self.assertIn("eno2", self.text("#picture"))
        self.host.stop()
        self.host.start(options=["--http", f"tcp:127.0.0.1:{self.port}"])
        self.ctl("add-master", "eno3")
        self.until_page("document.querySelector('#live').innerText == 'live' && document.querySelectorAll('.master').length == 2")

    def test_texts_are_texts(self):
        self.start()
        self.ctl("add-master", "<b>x</b>")
        self.show()
        self.assertEqual(self.text(".bar h3"), "<b>x</b>")
        self.assertFalse(self.browser.run("!!document.querySelector('main h3 b')"))

    def test_many_slaves(self):
        """What is drawn has a limit, and the filter finds the rest."""
        slaves = "".join(f"      - {{name: eth0, netns: n{i}, addresses: [10.0.{i >> 8}.{i & 255}/16]}}\n" for i in range(1, 2001))
        os.makedirs(self.host.path("yaml"))
        self.host.write("yaml/many.yaml", "version: 1\nmasters:\n  - name: eno2\n    mode: l2\n    slaves:\n" + slaves)
        self.start()
        self.show()
        self.assertEqual(self.text("#summary").split()[2:4], ["2000", "slaves"])
        self.assertEqual(self.browser.run("document.querySelectorAll('.frame').length"), 48)
        self.assertIn("and 1952 namespaces more", self.text("#picture"))
        self.assertEqual(self.text("#more"), "Show more (1900 slaves left)")
        self.browser.run("document.querySelector('#more button').click()")
        self.until_page("document.querySelectorAll('#slaves tbody tr').length == 600")
        self.browser.run("document.querySelector('#filter').focus()")
        self.browser.call("Input.insertText", text="10.0.7.8/ ready")
        self.until_page("document.querySelectorAll('.slave').length == 1")
        self.assertIn("n1800", self.text(".frame"))
        self.assertLess(self.browser.run("document.querySelectorAll('*').length"), 2000)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
