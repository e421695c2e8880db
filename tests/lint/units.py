#!/usr/bin/python3
"""The unit of ipvld: each capability has its reason above it, and systemd-analyze finds the sandbox tight."""

import os
import re
import shutil
import subprocess
import sys

import lint

# `systemd-analyze security` counts from 0 to 10, --threshold from 0 to 100.
MOST = 40


def capabilities(unit):
    with open(unit, encoding="utf-8") as f:
        lines = f.read().splitlines()
    found = [i for i, line in enumerate(lines) if line.startswith("CapabilityBoundingSet=")]
    if not found:
        return ["no CapabilityBoundingSet="]
    return [f"line {i + 1}: {lines[i]}: one capability, below a comment with its reason" for i in found
            if not lines[i - 1].startswith("# ") or len(lines[i].split()) != 1]


def security(unit):
    p = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST}", unit],
                       capture_output=True, text=True, check=False)
    if p.returncode == 0:
        return []
    words = re.findall(r"Overall exposure level.*|.*[Uu]nrecognized option.*", p.stdout + p.stderr)
    return words or [p.stderr or f"exit status {p.returncode}"]


def main():
    unit = f"{sys.argv[1]}/data/systemd/ipvld.service"
    if not os.path.exists(unit):
        lint.skip_all("built without systemd")
    results = [("each capability has its reason", capabilities(unit))]
    if shutil.which("systemd-analyze"):
        results.append((f"the exposure is at most {MOST / 10}", security(unit)))
    lint.report(results)


if __name__ == "__main__":
    main()
