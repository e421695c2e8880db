#!/usr/bin/python3
"""The root file systems of suite `engines`: a small Debian each, with container engines.

    tests/engines/engines_root.py            makes those that are missing, in the cache folder
    tests/engines/engines_root.py 13         that of Debian 13

mmdebstrap takes the packages from the mirror of this machine's apt sources. Nothing of them runs on this
machine: the tests run them in a virtual machine (tests/kernel/run), read-only. ipvl itself is not in them."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "kernel"))
from debian_kernels import CACHE, CODENAMES, Missing, mirrors, output  # noqa: E402

# Raised when what is in the roots changes.
VERSION = 1
COMMON = "podman crun conmon containernetworking-plugins iproute2 iputils-ping procps busybox-static".split()
# 12: Podman 4.3 with its CNI back end, containerd 1.6. 13: Podman 5.4 with netavark 1.14.
PACKAGES = {"12": [*COMMON, "containerd", "runc"], "13": [*COMMON, "netavark", "nftables"]}
USELESS = ("usr/share/doc", "usr/share/locale", "usr/share/man", "usr/share/info", "usr/share/bash-completion", "var/cache/apt", "var/lib/apt/lists")


def path(release):
    return f"{CACHE}/engines-{release}-{VERSION}"


def find(release):
    """The root; Missing if it has not been made."""
    if not os.path.isdir(path(release)):
        raise Missing(f"the root file system {path(release)} is missing: scripts/install-deps engines")
    return path(release)


def make(release):
    """Takes a minute or two. Missing if it cannot be made; then nothing is left behind."""
    if os.geteuid() != 0:
        raise Missing("it needs root: sudo scripts/install-deps engines")
    if not shutil.which("mmdebstrap"):
        raise Missing("mmdebstrap is not installed: scripts/install-deps engines")
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="engines-", dir=CACHE) as work:
        root = f"{work}/root"
        output("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES[release])}",
               CODENAMES[release], f"{work}/root.tar", mirrors()[0])
        os.mkdir(root)
        output("tar", "-C", root, "--numeric-owner", "--exclude=./dev/*", "-xpf", f"{work}/root.tar")
        for name in USELESS:
            shutil.rmtree(f"{root}/{name}", ignore_errors=True)
        os.rename(root, path(release))


def main():
    releases = sys.argv[1:] or list(PACKAGES)
    if not set(releases) <= set(PACKAGES):
        sys.exit(__doc__)
    for release in releases:
        if os.path.exists(path(release)):
            continue
        print(f"Making a root file system of suite engines: {path(release)} (once).", flush=True)
        try:
            make(release)
        except (Missing, OSError, subprocess.SubprocessError) as e:
            sys.exit(f"engines_root: cannot make it: {e}")


if __name__ == "__main__":
    main()
