#!/usr/bin/python3
"""The root file system of suite `boot`: a small Debian with systemd, NetworkManager and what ipvl needs.

    tests/boot/root_image.py            makes it, once, in the cache folder: of this machine's release
    tests/boot/root_image.py 13         that of Debian 13

mmdebstrap takes the packages from the mirror of this machine's apt sources. The kernel is
user-mode-linux, with its modules from this machine. ipvl itself is not in it: each machine of a test
gets what `meson install` installs."""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "kernel"))
from debian_kernels import CACHE, CODENAMES, Missing, default_release, mirrors, output  # noqa: E402

# Raised when what is in the image changes.
VERSION = 2
SIZE = "800M"
PACKAGES = (
    "systemd systemd-sysv udev dbus kmod iproute2 iputils-ping procps util-linux sqlite3 network-manager"
    " libevent-2.1-7 libevent-openssl-2.1-7 libssl3 libsqlite3-0 libmnl0 libyaml-0-2 libsystemd0").split()
# What a test machine does not need, and would wait for.
MASKED = (
    "e2scrub_reap.service e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer"
    " fstrim.timer getty@.service systemd-logind.service systemd-timesyncd.service wpa_supplicant.service"
    " ModemManager.service systemd-networkd-wait-online.service").split()
DISABLED = "NetworkManager.service NetworkManager-wait-online.service NetworkManager-dispatcher.service".split()
# The first process: all else comes from the folder of the job, so that it can change without a new image.
INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -o remount,rw /
mkdir -p /job /lib/modules
mount -t hostfs -o ro,"$IPVL_MODULES" none /lib/modules
mount -t hostfs -o "$IPVL_JOB" none /job
. /job/setup.sh
"""


def path(release):
    return f"{CACHE}/boot-{release}-{VERSION}.img"


def find(release=None):
    """The image; Missing if it has not been made."""
    where = path(release or default_release())
    if not os.path.exists(where):
        raise Missing(f"the root file system {where} is missing: scripts/install-deps boot{release or ''}")
    return where


def write(folder, name, text, mode=0o644):
    with open(f"{folder}/{name}", "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(f"{folder}/{name}", mode)


def trim(root):
    for name in ("usr/share/doc", "usr/share/locale", "usr/share/man", "usr/share/info", "var/cache/apt",
                 "var/lib/apt/lists", "usr/lib/udev/hwdb.d", "etc/udev/hwdb.bin", "usr/lib/udev/hwdb.bin"):
        where = f"{root}/{name}"
        if os.path.isdir(where):
            shutil.rmtree(where)
            os.mkdir(where)
        elif os.path.exists(where):
            os.unlink(where)


def make(release):
    """Takes about a minute. Missing if it cannot be made; then nothing is left behind."""
    if os.geteuid() != 0:
        raise Missing("it needs root: sudo scripts/install-deps boot")
    for program in ("mmdebstrap", "mkfs.ext4", "tar"):
        if not shutil.which(program):
            raise Missing(f"{program} is not installed: scripts/install-deps boot")
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="boot-", dir=CACHE) as work:
        root = f"{work}/root"
        output("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}",
               CODENAMES[release], f"{work}/root.tar", mirrors()[0])
        os.mkdir(root)
        output("tar", "-C", root, "--numeric-owner", "-xpf", f"{work}/root.tar")
        trim(root)
        output("systemctl", "--quiet", f"--root={root}", "mask", *MASKED)
        output("systemctl", "--quiet", f"--root={root}", "disable", *DISABLED)
        write(root, "sbin/ipvl-boot", INIT, 0o755)
        write(root, "etc/fstab", "")
        write(root, "etc/hostname", "boot\n")
        # A kept journal has a past of its own after a power cut.
        os.makedirs(f"{root}/var/log/journal", exist_ok=True)
        output("mkfs.ext4", "-q", "-F", "-L", "root", "-d", root, f"{work}/image", SIZE)
        os.rename(f"{work}/image", path(release))


def main():
    release = (sys.argv[1:] or [default_release()])[0]
    if len(sys.argv) > 2 or release not in CODENAMES:
        sys.exit(__doc__)
    if os.path.exists(path(release)):
        return
    print(f"Making the root file system of suite boot: {path(release)} (once).", flush=True)
    try:
        make(release)
    except (Missing, OSError, subprocess.SubprocessError) as e:
        sys.exit(f"root_image: cannot make it: {e}")


if __name__ == "__main__":
    main()
