#!/usr/bin/python3
"""Kernels of Debian releases, for ./run: fetched once, unpacked below the cache folder, never installed.

    tests/kernel/debian_kernels.py uml 13       user-mode-linux of Debian 13, its modules and its libraries
    tests/kernel/debian_kernels.py qemu 12      the stock kernel of Debian 12 and its modules
    tests/kernel/debian_kernels.py qemu         that of this machine's release

The mirror is that of this machine's own apt sources. apt fetches, and verifies by Debian's archive
keys, with sources, lists and state in a folder that is deleted afterwards: apt's own stay as they are."""

import glob
import os
import re
import shutil
import subprocess
import struct
import sys
import tempfile

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "ipvl")
CODENAMES = {"12": "bookworm", "13": "trixie"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Written last. It holds the folder's path, which the program of user-mode-linux holds too.
COMPLETE = "complete"
PT_INTERP = 3

# Read after the machine's own configuration, whose proxies stay in force, its hooks and pins not.
APT_CONF = """
#clear APT::Update;
#clear APT::Default-Release;
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Dir::State "{apt}";
Dir::State::status "{apt}/status";
Dir::Cache "{apt}";
Dir::Etc::sourcelist "{apt}/debian.sources";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "-";
"""

SOURCES = """Types: {types}
URIs: {mirror}
Suites: {suite}
Components: main
Architectures: amd64
Signed-By: {keyring}
"""


class Missing(Exception):
    """What a kernel needs is not here; the text is one sentence: what, and what to do."""


def output(*words, **how):
    """What a command prints. Missing holds the last of its errors if it fails."""
    try:
        p = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                           env={**os.environ, "LC_ALL": "C.UTF-8"}, **how)
    except FileNotFoundError as e:
        raise Missing(f"{words[0]} is not installed") from e
    if p.returncode != 0:
        lines = p.stderr.strip().splitlines() or [f"exit status {p.returncode}"]
        errors = [line for line in lines if line.startswith("E: ")] or lines
        raise Missing(f"{words[0]}: {errors[0].removeprefix('E: ').strip()}")
    return p.stdout


def own_release():
    """"12" on Debian 12; None elsewhere."""
    try:
        with open("/etc/os-release", encoding="utf-8") as f:
            fields = dict(line.rstrip().split("=", 1) for line in f if "=" in line)
    except OSError:
        return None
    return fields.get("VERSION_ID", "").strip('"') if fields.get("ID") == "debian" else None


def default_release():
    """The one for QEMU, if none is chosen."""
    release = own_release()
    return release if release in CODENAMES else "12"


def folder_of(kind, release):
    return f"{CACHE}/{kind}-{release}"


def find(kind, release):
    """The folder of a kernel that is complete; else Missing."""
    folder = folder_of(kind, release)
    try:
        with open(f"{folder}/{COMPLETE}", encoding="utf-8") as f:
            if f.read() == folder:
                return folder
    except OSError:
        pass
    name = {"uml": "user-mode-linux", "qemu": "stock kernel"}[kind]
    raise Missing(f"the {name} of Debian {release} is not in {CACHE}: scripts/install-deps {kind}{release}")


# --- apt

def mirrors():
    """The archives of this machine's apt sources that have a release of Debian, in their order. Which of
    them is Debian's own, the signature decides."""
    suites = "|".join([*CODENAMES.values(), "oldoldstable", "oldstable", "stable", "testing", "sid"])
    uris = output("apt-get", "--print-uris", "update")
    found = re.findall(rf"^'(\S+?)/*/dists/(?:{suites})/InRelease'", uris, re.M)
    if not found:
        raise Missing("the apt sources of this machine name no mirror of Debian")
    return list(dict.fromkeys(found))


class Apt:
    """apt with one suite of Debian, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.conf = f"{folder}/apt.conf"
        os.makedirs(f"{folder}/lists/partial")
        os.makedirs(f"{folder}/archives/partial")
        self.put("status", "")
        self.put("apt.conf", APT_CONF.format(apt=folder))

    def put(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as f:
            f.write(text)

    def run(self, program, *words, **how):
        return output(program, "-q", "-c", self.conf, *words, **how)

    def update(self, suite, types="deb"):
        """Takes the first of the mirrors that has the suite, signed by Debian."""
        if not os.path.exists(KEYRING):
            raise Missing(f"{KEYRING} is missing: apt install debian-archive-keyring")
        problems = []
        for mirror in mirrors():
            self.put("debian.sources", SOURCES.format(types=types, mirror=mirror, suite=suite, keyring=KEYRING))
            try:
                self.run("apt-get", "update")
                return
            except Missing as e:
                problems.append(str(e))
        raise Missing(problems[0])


def fetch_uml(apt, folder):
    """All that the package depends on comes with it: the C library."""
    apt.run("apt-get", "-y", "--no-install-recommends", "--download-only", "install", "user-mode-linux")
    for package in glob.glob(f"{apt.folder}/archives/*.deb"):
        output("dpkg", "-x", package, folder)


def fetch_qemu(apt, folder):
    """Not what the package depends on: initramfs-tools and the like are for an installation."""
    depends = apt.run("apt-cache", "depends", "--important", "linux-image-amd64")
    names = re.findall(r"Depends: (linux-image-\d\S*-amd64)", depends)
    if not names:
        raise Missing("the archive has no linux-image-amd64")
    apt.run("apt-get", "download", names[0], cwd=f"{apt.folder}/archives")
    for package in glob.glob(f"{apt.folder}/archives/*.deb"):
        output("dpkg", "-x", package, folder)
    if not os.path.exists(f"{folder}/lib"):  # modprobe -d and depmod -b of Debian 12 read lib/modules only
        os.symlink("usr/lib", f"{folder}/lib")
    output("/sbin/depmod", "-b", folder, os.listdir(f"{folder}/lib/modules")[0])


# --- the program of user-mode-linux

def uml_program(folder):
    return f"{folder}/usr/bin/linux.uml"


def uml_libraries(folder):
    return f"{folder}/usr/lib/x86_64-linux-gnu"


def set_interpreter(program, interpreter):
    """Writes another dynamic linker into a 64-bit ELF file (elf(5), PT_INTERP): the path is appended. Called
    as a program, with linux.uml as its argument, the linker would move the heap, below which
    user-mode-linux lays its memory."""
    with open(program, "rb") as f:
        data = bytearray(f.read())
    table, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    path = interpreter.encode() + b"\0"
    for header in range(table, table + size * count, size):
        if struct.unpack_from("<I", data, header)[0] == PT_INTERP:
            struct.pack_into("<Q", data, header + 8, len(data))   # p_offset
            struct.pack_into("<Q", data, header + 32, len(path))  # p_filesz
            break
    else:
        raise Missing(f"{program} has no dynamic linker")
    with open(program, "wb") as f:
        f.write(data + path)


# ---

def fetch(kind, release):
    """Fetches and unpacks a kernel. Missing if that cannot be done; then nothing is left behind."""
    final = folder_of(kind, release)
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=CACHE) as work:
        folder = f"{work}/unpacked"
        os.makedirs(folder)
        apt = Apt(f"{work}/apt")
        apt.update(CODENAMES[release])
        {"uml": fetch_uml, "qemu": fetch_qemu}[kind](apt, folder)
        if kind == "uml":
            set_interpreter(uml_program(folder), uml_libraries(final) + "/ld-linux-x86-64.so.2")
        with open(f"{folder}/{COMPLETE}", "w", encoding="utf-8") as f:
            f.write(final)
        shutil.rmtree(final, ignore_errors=True)
        os.rename(folder, final)


def main():
    kind, release = (sys.argv[1:] + [default_release()])[:2] if len(sys.argv) > 1 else ("", "")
    if kind not in ("uml", "qemu") or len(sys.argv) > 3:
        sys.exit(__doc__)
    if release not in CODENAMES:
        sys.exit(f"debian_kernels: no such release of Debian: {release} ({', '.join(CODENAMES)})")
    if kind == "uml" and release == own_release():
        return  # apt has installed it
    try:
        find(kind, release)
        return
    except Missing:
        pass
    print(f"Fetching Debian {release}'s kernel for {kind} into {CACHE} (once).", flush=True)
    try:
        fetch(kind, release)
    except (Missing, OSError) as e:
        sys.exit(f"debian_kernels: cannot fetch Debian {release}'s kernel for {kind}: {e}")


if __name__ == "__main__":
    main()
