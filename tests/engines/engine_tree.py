"""A root file system with container engines, as a place in the machine of a test: commands run in it, and
`ipvl-cni` is where its engines look for plug-ins."""

import os
import shutil

from ipvltest import BUILD, run, skip, write_file

# Where the machine's own files are in the root: ipvl is linked with its libraries, not with the engines'.
OUTSIDE = "/mnt"
LIBRARIES = "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"
PLUGINS = "/run/plugins"
OWN = "/var/lib/engines"  # the place of a test
CONTAINERS_CONF = f"""[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "crun"
[network]
network_backend = "{{backend}}"
cni_plugin_dirs = ["{PLUGINS}", "/usr/lib/cni"]
netavark_plugin_dirs = ["{PLUGINS}"]
network_config_dir = "/var/lib/networks"
[containers]
log_driver = "k8s-file"
pids_limit = 0
seccomp_profile = "unconfined"
apparmor_profile = "unconfined"
cgroups = "disabled"
"""
STORAGE_CONF = """[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
"""


class Tree:
    """Made inside the namespaces of a test, with which it goes."""

    def __init__(self, release, backend):
        there, self.root = os.environ.get(f"IPVL_ENGINES_{release}"), f"{OWN}/root"
        if not there:
            skip(f"the engines of Debian {release} are not here: scripts/install-deps engines")
        os.makedirs(OWN, exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", OWN)
        os.mkdir(self.root)
        run("mount", "--bind", there, self.root)  # the root of a container's runtime has to be a mount
        for name in ("tmp", "var", "root"):
            run("mount", "-t", "tmpfs", "tmpfs", f"{self.root}/{name}")
        shutil.copytree(f"{self.root}/etc", f"{OWN}/etc", symlinks=True)
        for name, there in ((f"{OWN}/etc", "etc"), ("/", OUTSIDE[1:]), ("/dev", "dev")):
            run("mount", "--rbind" if name == "/dev" else "--bind", name, f"{self.root}/{there}")
        # What the engine mounts below /run, as the names of namespaces, ipvld has to find.
        run("mount", "--make-shared", "/run")
        run("mount", "--rbind", "/run", f"{self.root}/run")
        run("mount", "-t", "proc", "proc", f"{self.root}/proc")
        run("mount", "-t", "sysfs", "sysfs", f"{self.root}/sys")
        run("mount", "-t", "cgroup2", "cgroup2", f"{self.root}/sys/fs/cgroup")
        os.makedirs(f"{OWN}/etc/containers", exist_ok=True)
        write_file(f"{OWN}/etc/containers/containers.conf", CONTAINERS_CONF.format(backend=backend))
        write_file(f"{OWN}/etc/containers/storage.conf", STORAGE_CONF)
        write_file(f"{OWN}/etc/resolv.conf", "")
        for name in ("lib/networks", "tmp", "lib/cni"):
            os.makedirs(f"{self.root}/var/{name}")
        os.makedirs(PLUGINS, exist_ok=True)
        libraries = ":".join(OUTSIDE + path for path in LIBRARIES)
        for name in ("ipvl", "ipvl-cni"):
            write_file(f"{PLUGINS}/{name}", f'#!/bin/sh\nexec {OUTSIDE}/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --argv0 {name} --library-path {libraries} '
                       f'{OUTSIDE}{BUILD}/engines/ipvl-cni "$@"\n')
            os.chmod(f"{PLUGINS}/{name}", 0o755)

    def run(self, *words, whole=False, **how):
        """What a command prints; 'whole': the CompletedProcess."""
        p = run("chroot", self.root, "env", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *words, **how)
        return p if whole else p.stdout.strip()

    def make_image(self):
        """An image with a shell, without a registry."""
        image = f"{self.root}/tmp/image"
        os.makedirs(f"{image}/bin")
        for name in ("proc", "sys", "dev", "etc", "tmp"):
            os.mkdir(f"{image}/{name}")
        shutil.copy(f"{self.root}/bin/busybox", f"{image}/bin/busybox")
        for name in ("sh", "ping", "ip", "sleep"):
            os.symlink("busybox", f"{image}/bin/{name}")
        self.run("tar", "-C", "/tmp/image", "-cf", "/tmp/image.tar", ".")
