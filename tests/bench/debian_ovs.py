#!/usr/bin/python3
"""ovsdb-server of another release of Debian: fetched once, unpacked below the cache folder, never installed.

    tests/bench/debian_ovs.py 13       that of Debian 13, with its C library

As tests/kernel/debian_kernels.py does for kernels. It runs by the dynamic linker that came with it."""
import glob
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "kernel"))
import debian_kernels as debian  # noqa: E402

Missing = debian.Missing

LIBRARIES = "usr/lib/x86_64-linux-gnu"
PROGRAMS = {"ovsdb-server": "usr/sbin/ovsdb-server", "ovsdb-tool": "usr/bin/ovsdb-tool"}


def folder_of(release):
    return f"{debian.CACHE}/ovs-{release}"


def fetch(release):
    os.makedirs(debian.CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=debian.CACHE) as work:
        folder = f"{work}/unpacked"
        os.makedirs(folder)
        apt = debian.Apt(f"{work}/apt")
        apt.update(debian.CODENAMES[release])
        apt.run("apt-get", "-y", "--no-install-recommends", "--download-only", "install", "openvswitch-common")
        for package in glob.glob(f"{apt.folder}/archives/*.deb"):
            debian.output("dpkg", "-x", package, folder)
        for program in PROGRAMS.values():
            os.stat(f"{folder}/{program}")
        os.rename(folder, folder_of(release))


def command(release, program):
    """The words that start a program of that release, fetched where it must be. debian.Missing if it cannot."""
    folder = folder_of(release)
    if not os.path.isdir(folder):
        print(f"Fetching Debian {release}'s ovsdb-server into {debian.CACHE} (once).", file=sys.stderr)
        fetch(release)
    return [f"{folder}/{LIBRARIES}/ld-linux-x86-64.so.2", "--library-path", f"{folder}/{LIBRARIES}",
            f"{folder}/{PROGRAMS[program]}"]


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in debian.CODENAMES:
        sys.exit(__doc__)
    try:
        print(*command(sys.argv[1], "ovsdb-server"))
    except (debian.Missing, OSError) as e:
        sys.exit(f"debian_ovs: {e}")
