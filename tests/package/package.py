"""Builds the Debian package from a clean copy of the tree, and gives hosts to install it on: folders with Debian in
them, never this machine."""

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, "tests", "kernel"))
import debian_kernels  # noqa: E402

PROGRAMS = ("dpkg-buildpackage", "dh", "lintian", "mmdebstrap", "unshare")
CLONE_NEWNS = 0x00020000
OLDER = "0.0.9"
# What stands in for systemd's client: maintainer scripts call it where /run/systemd/system is there.
SYSTEMCTL = """#!/bin/sh
echo "$*" >>/run/systemctl.log
case "$*" in
--root=*) SYSTEMD_OFFLINE=1 exec systemctl.real "$@" ;;
*is-enabled*) echo enabled ;;
esac
"""


def run(*words, check=True, **how):
    p = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       check=False, errors="replace", **how)
    if check and p.returncode != 0:
        lines = p.stdout.splitlines()[-40:]
        raise AssertionError("\n".join([f"{' '.join(words)}: exit status {p.returncode}", *lines]))
    return p.stdout


def need_programs():
    missing = [p for p in PROGRAMS if not shutil.which(p)]
    if missing:
        raise unittest.SkipTest(f"not installed: {', '.join(missing)} (scripts/install-deps package)")
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root can make a host to install on")
    # The mounts of the hosts, for this process and its children only.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0 or subprocess.run(["mount", "--make-rprivate", "/"], check=False).returncode:
        raise unittest.SkipTest("no mount namespace of its own can be had here")


def copy_tree(folder):
    """The files of the project, without what is built. Git has the list; a release has no git."""
    if os.path.exists(f"{SOURCE}/.git"):
        names = run("git", "-c", f"safe.directory={SOURCE}", "ls-files", "-co", "--exclude-standard", "-z", cwd=SOURCE)
        for name in names.split("\0"):
            if os.path.lexists(f"{SOURCE}/{name}") and name:
                os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
                shutil.copy2(f"{SOURCE}/{name}", f"{folder}/{name}", follow_symlinks=False)
    else:
        shutil.copytree(SOURCE, folder, symlinks=True, dirs_exist_ok=True,
                        ignore=lambda f, names: [n for n in names if f == SOURCE and n.startswith("build")])


def build_environment(folder):
    """Without what this build was configured with, and with ccache where it is installed."""
    environment = {k: v for k, v in os.environ.items() if k not in ("CC", "CFLAGS", "LDFLAGS")}
    environment["LC_ALL"] = "C.UTF-8"
    if os.path.isdir("/usr/lib/ccache"):
        environment.update(PATH="/usr/lib/ccache:" + os.environ["PATH"], CCACHE_BASEDIR=folder, CCACHE_NOHASHDIR="1")
    return environment


def unpacked(package, folder):
    """A package of this machine's release, unpacked below 'folder', not installed."""
    path = f"{folder}/{package}"
    if not os.path.isdir(path):
        os.makedirs(f"{folder}/fetched", exist_ok=True)
        run("apt-get", "-q", "download", package, cwd=f"{folder}/fetched")
        run("dpkg", "-x", next(f"{folder}/fetched/{n}" for n in os.listdir(f"{folder}/fetched") if n.startswith(package + "_")),
            path + ".new")
        os.rename(path + ".new", path)
    return path


def build(folder):
    """Builds the package in 'folder'; returns the path of its .changes file."""
    copy_tree(f"{folder}/ipvl")
    environment = build_environment(folder)
    environment["DEB_BUILD_OPTIONS"] = f"nocheck parallel={os.cpu_count()}"
    run("dpkg-buildpackage", "-us", "-uc", cwd=f"{folder}/ipvl", env=environment)
    return next(f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".changes"))


def deb(folder):
    return next(f"{folder}/{n}" for n in os.listdir(folder) if re.match(r"ipvl_.*\.deb\Z", n))


def as_version(package, version, folder):
    """The same package with another number."""
    parts = f"{folder}/{version}"
    run("dpkg-deb", "-R", package, parts)
    with open(f"{parts}/DEBIAN/control", encoding="utf-8") as f:
        control = f.read()
    with open(f"{parts}/DEBIAN/control", "w", encoding="utf-8") as f:
        f.write(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control))
    path = f"{folder}/older_{version}.deb"
    run("dpkg-deb", "-b", "--root-owner-group", parts, path)
    shutil.rmtree(parts)
    return path


def base_system(package):
    """A folder with Debian and what the package depends on, made once and kept below the cache folder. Read only."""
    release = debian_kernels.own_release()
    if release not in debian_kernels.CODENAMES:
        raise unittest.SkipTest("this machine is not one of the releases of Debian that the package is for")
    depends = run("dpkg-deb", "-f", package, "Depends")
    names = {re.match(r"[\w.+-]+", alternative.strip())[0] for alternative in depends.split(",")}
    names = sorted(names | {"systemd", "iproute2", "sqlite3"})
    path = f"{debian_kernels.CACHE}/base-{release}-{hashlib.sha256(' '.join(names).encode()).hexdigest()[:8]}"
    if not os.path.exists(path):
        os.makedirs(debian_kernels.CACHE, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=debian_kernels.CACHE) as work:
            try:
                run("mmdebstrap", "--variant=minbase", f"--include={','.join(names)}", debian_kernels.CODENAMES[release],
                    f"{work}/base", debian_kernels.mirrors()[0])
            except (debian_kernels.Missing, AssertionError) as e:
                raise unittest.SkipTest(f"cannot make a base system: {str(e).splitlines()[-1]}") from e
            os.rename(f"{work}/base", path)
    return path


class Host:
    """A Debian in a folder. Commands run in it as root, without a network, with processes of their own. What is
    written is in memory, and the mounts are of this process alone (need_programs)."""

    def __init__(self, base):
        self.folder = tempfile.mkdtemp(prefix="ipvl-package-")
        run("mount", "-t", "tmpfs", "tmpfs", self.folder)
        for name in "upper", "work", "root":
            os.mkdir(f"{self.folder}/{name}")
        self.root = f"{self.folder}/root"
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir={base},upperdir={self.folder}/upper,workdir={self.folder}/work", self.root)
        os.makedirs(self.path("/run/systemd/system"))
        self.write("/usr/local/bin/systemctl", SYSTEMCTL, 0o755)
        os.rename(self.path("/bin/systemctl"), self.path("/bin/systemctl.real"))
        os.symlink("/usr/local/bin/systemctl", self.path("/bin/systemctl"))

    def remove(self):
        run("umount", self.root)
        run("umount", self.folder)
        os.rmdir(self.folder)

    def path(self, name):
        return self.root + name

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def run(self, command, **how):
        """A line of sh. The folders /dev and /proc are there while it runs."""
        inside = f"mount --bind /dev {self.root}/dev && mount -t proc proc {self.root}/proc && exec chroot {self.root} sh -ec \"$0\""
        return run("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-ec", inside, command,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}, **how)

    def install(self, package):
        """By dpkg, as apt does. Returns what it asked of systemd."""
        shutil.copy(package, self.path("/tmp/ipvl.deb"))
        return self.dpkg("-i /tmp/ipvl.deb")

    def dpkg(self, words):
        self.write("/run/systemctl.log", "")
        self.run(f"dpkg {words}")
        return self.read("/run/systemctl.log").splitlines()

    def files(self):
        """All files and folders, but for what dpkg, apt and the temporary folders keep."""
        own = re.compile(r"/(var/(lib/dpkg|cache|log)|run|tmp|proc|dev|sys)(/|\Z)")
        found = set()
        for folder, folders, names in os.walk(self.root):
            inner = folder.removeprefix(self.root)
            folders[:] = [f for f in folders if not own.match(f"{inner}/{f}")]
            found |= {f"{inner}/{n}" for n in folders + names if not own.match(f"{inner}/{n}")}
        return found
