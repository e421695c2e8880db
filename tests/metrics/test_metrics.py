#!/usr/bin/python3
"""What Prometheus says of the metrics, the alerts and the dashboard.

Usage: test_metrics.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]. Exit status 77: it is not installed.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
DATA = os.path.join(SOURCE, "data", "monitoring")
sys.path.insert(0, os.path.join(SOURCE, "tests", "e2e"))

if not shutil.which("promtool") or not shutil.which("prometheus"):
    print("skipped: not installed: scripts/install-deps metrics")
    sys.exit(77)

from test_ctl import PATIENCE_S  # noqa: E402
from test_web import Web, samples  # noqa: E402


def promtool(*words, stdin=None, cwd=None):
    p = subprocess.run(["promtool", *words], input=stdin, capture_output=True, text=True, cwd=cwd,
                       timeout=PATIENCE_S, check=False)
    return p.returncode, p.stdout + p.stderr


def documented():
    """All names of docs/monitoring.md, and what a histogram has behind its name."""
    with open(os.path.join(SOURCE, "docs", "monitoring.md"), encoding="utf-8") as f:
        names = set(re.findall(r"^\| `(\w+)` \| (?:gauge|counter|histogram|info) ", f.read(), re.M))
    return names | {f"{n}_bucket" for n in names if n.endswith("_seconds")}


class Pages(Web):
    def build(self):
        self.start()
        self.ctl("add-master", "eno2", "mode=l2", "--", "add-slave", "eno2", "ns1/a", "--", "add-slave", "eno2", "b")

    def test_promtool_accepts_both(self):
        self.build()
        for path in ("/metrics", "/metrics/slaves"):
            text = self.get(path).text
            self.assertEqual(promtool("check", "metrics", stdin=text), (0, ""), path)

    def test_prometheus_scrapes_both(self):
        """In OpenMetrics, which it prefers. Its own values are those of the page."""
        self.build()
        folder = tempfile.mkdtemp(prefix="ipvl-prometheus-")
        self.addCleanup(shutil.rmtree, folder)
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        with open(os.path.join(folder, "prometheus.yml"), "w", encoding="utf-8") as f:
            json.dump({"global": {"scrape_interval": "200ms", "scrape_timeout": "200ms"}, "scrape_configs": [
                {"job_name": job, "metrics_path": path, "static_configs": [{"targets": [f"127.0.0.1:{self.port}"]}]}
                for job, path in (("ipvl", "/metrics"), ("ipvl-slaves", "/metrics/slaves"))]}, f)
        with open(os.path.join(folder, "log"), "wb") as log:
            process = subprocess.Popen(
                ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                 f"--web.listen-address=127.0.0.1:{port}"], cwd=folder, stdout=log, stderr=log)
        self.addCleanup(process.wait, PATIENCE_S)
        self.addCleanup(process.terminate)

        def ask(path):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=PATIENCE_S) as r:
                    return json.load(r)["data"]
            except OSError:
                return None

        def values(query):
            found = ask("query?query=" + query)
            return {json.dumps(r["metric"]): float(r["value"][1]) for r in found["result"]} if found else {}

        self.until(lambda: len(values("ipvl_slave_ready")) == 2 and values("ipvl_masters"), "it has scraped")
        targets = ask("targets")["activeTargets"]
        self.assertEqual([(t["health"], t["lastError"]) for t in targets], [("up", "")] * 2)
        self.assertEqual(set(values("ipvl_slave_transmit_drop_total").values()), {3})
        self.assertEqual(sum(values("ipvl_slaves").values()), 2)
        kinds = {n: m[0]["type"] for n, m in ask("metadata").items() if n.startswith("ipvl_")}
        self.assertEqual((kinds["ipvl_slave_receive_bytes"], kinds["ipvl_build"], kinds["ipvl_pass_duration_seconds"]),
                         ("counter", "info", "histogram"))
        served = samples(self.get("/metrics").text)
        self.assertEqual(values("ipvl_sessions_accepted_total").popitem()[1], served["ipvl_sessions_accepted_total"])


class Files(unittest.TestCase):
    def test_alerts(self):
        status, text = promtool("check", "rules", os.path.join(DATA, "ipvl.rules.yml"))
        self.assertEqual(status, 0, text)
        self.assertIn("4 rules found", text)
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(os.path.join(DATA, "ipvl.rules.yml"), folder)
            shutil.copy(os.path.join(SOURCE, "tests", "metrics", "ipvl.rules.test.yml"), folder)
            status, text = promtool("test", "rules", "ipvl.rules.test.yml", cwd=folder)
        self.assertEqual(status, 0, text)

    def test_names_of_alerts(self):
        """Each is explained, uses metrics that are, and has a test."""
        with open(os.path.join(DATA, "ipvl.rules.yml"), encoding="utf-8") as f:
            rules = f.read()
        with open(os.path.join(SOURCE, "tests", "metrics", "ipvl.rules.test.yml"), encoding="utf-8") as f:
            tested = f.read()
        with open(os.path.join(SOURCE, "docs", "monitoring.md"), encoding="utf-8") as f:
            page = f.read()
        for name in re.findall(r"alert: (\w+)", rules):
            self.assertIn(f"### {name}\n", page)
            self.assertIn(f"alertname: {name}\n        exp_alerts", tested)
        self.assertLessEqual(set(re.findall(r"\bipvl_\w+", rules)), documented())

    def test_dashboard(self):
        """Prometheus understands each query, and each metric in them is there."""
        with open(os.path.join(DATA, "ipvl.dashboard.json"), encoding="utf-8") as f:
            dashboard = json.load(f)
        queries = [t["expr"] for p in dashboard["panels"] for t in p.get("targets", ())]
        queries += [a["expr"] for a in dashboard["annotations"]["list"] if "expr" in a]
        self.assertGreater(len(queries), 20)
        self.assertEqual(len({p["id"] for p in dashboard["panels"]}), len(dashboard["panels"]))
        variables = {v["name"] for v in dashboard["templating"]["list"]}
        text = json.dumps(dashboard)
        self.assertLessEqual(set(re.findall(r"\$\{?([a-z]\w*)", text)), variables)
        self.assertLessEqual(set(re.findall(r"\b(?:ipvl|process)_\w+", text)), documented())
        rules = {"groups": [{"name": "dashboard", "rules": [
            {"record": f"q{i}", "expr": q.replace("$__rate_interval", "5m")} for i, q in enumerate(queries)]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as f:
            json.dump(rules, f)
            f.flush()
            status, out = promtool("check", "rules", f.name)
        self.assertEqual(status, 0, out)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
