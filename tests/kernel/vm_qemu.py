"""--vm=qemu of ./run: Debian's stock kernel on emulated CPUs. Unlike user-mode-linux it has more than
one CPU and makes deletions wait for RCU, as real machines do.

The kernel is that of debian_kernels.py. The machine's root is this machine's, read-only by virtio-9p,
with a tmpfs above it; the job's folder is shared writably."""

import lzma
import os
import shutil

import debian_kernels
from debian_kernels import Missing, output

MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_rng")

INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /host /over /new
$b mount -t proc proc /proc
for m in $($b cat /modules/order); do $b insmod /modules/$m; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose root /host
$b mount -t tmpfs tmpfs /over
$b mkdir /over/upper /over/work
$b mount -t overlay -o lowerdir=/host,upperdir=/over/upper,workdir=/over/work overlay /new
$b umount /proc
exec $b switch_root /new "$IPVL_SETUP"
"""


def cpio(entries):
    """An archive in cpio's "newc" form (Linux Documentation/driver-api/early-userspace/buffer-format)
    of (name, mode, content)."""
    out = bytearray()
    for number, (name, mode, content) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + content
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def make_initramfs(folder, release, path):
    busybox = shutil.which("busybox")
    if not busybox:
        raise Missing("busybox is not installed: scripts/install-deps qemu")

    def read(name):
        with (lzma.open if name.endswith(".xz") else open)(name, "rb") as f:
            return f.read()

    def plain(name):
        return os.path.basename(name).removesuffix(".xz")

    listed = output("/sbin/modprobe", "-d", folder, "-S", release, "-a", "--show-depends", *MODULES)
    files = list(dict.fromkeys(line.split()[1] for line in listed.splitlines()
                               if line.startswith("insmod ")))
    entries = [("bin", 0o40755, b""), ("dev", 0o40755, b""), ("modules", 0o40755, b""),
               ("bin/busybox", 0o100755, read(busybox)), ("init", 0o100755, INIT.encode()),
               ("modules/order", 0o100644, " ".join(map(plain, files)).encode())]
    entries += [(f"modules/{plain(f)}", 0o100644, read(f)) for f in files]
    with open(path, "wb") as f:
        f.write(cpio(entries))


def command(job, setup, args):
    program = shutil.which("qemu-system-x86_64")
    if not program:
        raise Missing("QEMU is not installed: scripts/install-deps qemu")
    folder = debian_kernels.find("qemu", args.kernel or debian_kernels.default_release())
    release = os.listdir(f"{folder}/lib/modules")[0]
    make_initramfs(folder, release, f"{job}/initramfs")
    # tsc=reliable: a clock that is found unstable makes the kernel patch its own code, while the other CPU runs
    # it, which QEMU's emulation does not survive. But it is not the one that tells the time: the kernel measures
    # its rate while it boots, and is wrong by far where this machine is busy. The rate of the HPET is known.
    clock = "" if args.icount else "clocksource=hpet "
    words = (f"console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable {clock}random.trust_cpu=on nokaslr"
             f" rdinit=/init IPVL_VM=qemu IPVL_JOB={job} IPVL_SETUP={setup} IPVL_TTY={int(args.tty)}"
             f" IPVL_MODULES={folder}/lib/modules")
    # Each at its own end of one cable.
    cards = [word for n, model in enumerate(("e1000", "virtio-net-pci") if args.cards else ())
             for word in ("-netdev", f"hubport,id=card{n},hubid=0", "-device", f"{model},netdev=card{n},romfile=")]
    share = "local,security_model=none,multidevs=remap"
    # One instruction is one nanosecond, and a wait for a timer takes none of this machine's time. Two CPUs hang so,
    # and a read by 9p may take any time, up to the next timer.
    cpus = (["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-smp", "1"] if args.icount
            else ["-accel", "tcg,thread=multi", "-smp", str(args.cpus)])
    return [program, *cpus, "-cpu", "max",
            "-m", f"{args.memory}M", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", f"{folder}/boot/vmlinuz-{release}", "-initrd", f"{job}/initramfs",
            "-append", words,
            "-fsdev", f"{share},id=root,path=/,readonly=on",
            "-device", "virtio-9p-pci,fsdev=root,mount_tag=root",
            "-fsdev", f"{share},id=job,path={job}",
            "-device", "virtio-9p-pci,fsdev=job,mount_tag=job",
            "-device", "virtio-rng-pci", *cards,
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"]
