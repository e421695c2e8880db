"""A machine that boots a real systemd in user-mode-linux, with what `meson install` installs."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from patience import PATIENCE_S  # noqa: E402

import root_image  # noqa: E402

INSIDE = f"{HERE}/inside"
MODULES = "/usr/lib/uml/modules"
# A boot takes 20 s on two busy processors.
BOOT_S = 3 * PATIENCE_S


def wait_until(holds, what, limit=PATIENCE_S):
    """Returns what 'holds' returns as soon as that is true."""
    end = time.monotonic() + limit
    while True:
        result = holds()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.1)


def die_with_parent():
    """PR_SET_PDEATHSIG: even kill -9 of the test ends the machine."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Installed:
    """What is installed, in a folder: made once for all machines."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", folder],
                       check=True, stdout=subprocess.DEVNULL)
        self.unit("ipvl-agent.service", "sysinit.target")
        self.unit("ipvl-witness.service", "multi-user.target")

    def unit(self, name, wanted_by):
        units = f"{self.folder}/etc/systemd/system"
        os.makedirs(f"{units}/{wanted_by}.wants", exist_ok=True)
        shutil.copy(f"{INSIDE}/{name}", units)
        os.symlink(f"../{name}", f"{units}/{wanted_by}.wants/{name}")


class Machine:
    """'files' maps paths to texts, 'first' is a script that runs before the first boot: both change
    the root file system, whose changes outlive boot()s and power_cut()s."""

    def __init__(self, installed, folder, files=(), first="", release=None):
        self.folder, self.image = folder, root_image.find(release)
        self.process = None
        self.n_boots = self.n_commands = 0
        shutil.copytree(installed.folder, f"{folder}/installed", symlinks=True)
        self.build = installed.build
        for path, text in dict(files).items():
            self.put(f"installed{path}", text, 0o600)
        self.put("first", "systemctl --quiet enable ipvld.service\n" + first)
        for name in ("setup.sh", "agent.sh", "witness.sh"):
            shutil.copy(f"{INSIDE}/{name}", folder)

    def put(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(f"{self.folder}/{name}"), exist_ok=True)
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(f"{self.folder}/{name}", mode)

    def command(self):
        preload = f"{self.build}/tests/kernel/libuml_xstate.so"
        return ["unshare", "--pid", "--fork", "--kill-child",
                "env", *([f"LD_PRELOAD={preload}"] if os.path.exists(preload) else []),
                "linux.uml", f"ubd0={self.folder}/changes,{self.image}", "root=/dev/ubda", "rw",
                "init=/sbin/ipvl-boot", "mem=512M", "con=null", "con0=null,fd:1", "con1=null", "quiet",
                f"uml_dir={self.folder}/uml", f"IPVL_JOB={self.folder}", f"IPVL_MODULES={MODULES}",
                f"IPVL_BOOT=boot{self.n_boots}", "systemd.show_status=no", "console=tty0"]

    def start(self):
        """Switches it on, and waits for its first sign of life."""
        self.n_boots += 1
        self.n_commands = 0
        os.mkdir(f"{self.folder}/boot{self.n_boots}")
        with open(f"{self.folder}/console", "ab") as console:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=console,
                                            stderr=console, start_new_session=True,
                                            preexec_fn=die_with_parent)
        self.run("true", limit=BOOT_S)
        return self

    def boot(self):
        """The same, to the end of the boot."""
        self.start()
        self.run("systemctl is-system-running --wait || true", limit=BOOT_S)
        return self

    def begin(self, script):
        """Starts a script; returns what finish() takes."""
        self.n_commands += 1
        name = f"boot{self.n_boots}/{self.n_commands}"
        self.put(f"{name}.tmp", script + "\n")
        os.rename(f"{self.folder}/{name}.tmp", f"{self.folder}/{name}.sh")
        return name

    def read(self, name):
        try:
            with open(f"{self.folder}/{name}", encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def is_over(self, name):
        if self.process.poll() is not None:
            raise AssertionError("the machine has ended; its console:\n" + self.read("console")[-3000:])
        return self.read(f"{name}.rc")

    def finish(self, name, script, check=True, limit=PATIENCE_S):
        rc = int(wait_until(lambda: self.is_over(name), f"`{script}` ends", limit))
        out = self.read(f"{name}.out")
        assert not check or rc == 0, f"`{script}` ended with {rc}:\n{out}"
        return out if check else (rc, out)

    def run(self, script, check=True, limit=PATIENCE_S):
        """What it prints; with check=False its exit status and that."""
        return self.finish(self.begin(script), script, check, limit)

    def power_cut(self):
        """Whatever is not on the disk is lost."""
        if self.process is None:
            return
        while self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            time.sleep(0.02)
        self.process = None

    # --- what tests ask

    def property(self, unit, name):
        return self.run(f"systemctl show --value -p {name} {unit}").strip()

    def when(self, unit):
        """When it became active, in microseconds of the machine's clock."""
        return int(self.property(unit, "ActiveEnterTimestampMonotonic"))

    def journal(self, unit="ipvld"):
        return self.run(f"journalctl --no-pager -b -o cat -u {unit}")

    def witness(self):
        """What the service that needs the network has found."""
        return wait_until(lambda: self.read(f"boot{self.n_boots}/witness"), "the witness has started", BOOT_S)
