#!/usr/bin/python3
"""`meson install` puts everything where design and man pages say, from this prefix."""

import json
import os
import shutil
import subprocess
import sys

import lint
import man

WHERE = {
    "sbindir": ("ipvld",),
    "bindir": ("ipvl-ctl", "ovsdb-lite"),
    "datadir": ("ipvl/ipvl.ovsschema", "bash-completion/completions/ipvl-ctl", "zsh/vendor-completions/_ipvl-ctl",
                "fish/vendor_completions.d/ipvl-ctl.fish"),
}
# The option of a folder, its default, and a file in it.
SYSTEMD = (
    ("systemd_unit_dir", "lib/systemd/system", "ipvld.service"),
    ("systemd_unit_dir", "lib/systemd/system", "ipvl-wait-online.service"),
    ("systemd_unit_dir", "lib/systemd/system", "ipvl-docker.service"),
    ("systemd_unit_dir", "lib/systemd/system", "ipvl-docker.socket"),
    ("systemd_network_dir", "lib/systemd/network", "05-ipvl.network"),
    ("sysusers_dir", "lib/sysusers.d", "ipvl.conf"),
    ("tmpfiles_dir", "lib/tmpfiles.d", "ipvl.conf"),
    ("udev_rules_dir", "lib/udev/rules.d", "60-ipvl.rules"),
)


def main():
    build = sys.argv[1]
    meson = shutil.which("meson")
    if not meson:
        lint.skip_all("meson is not in PATH")

    def introspect(what):
        return json.loads(subprocess.run([meson, "introspect", what, build], capture_output=True,
                                         text=True, check=True).stdout)

    options = {o["name"]: o["value"] for o in introspect("--buildoptions")}
    installed = set(introspect("--installed").values())
    complaints = []

    def expect(path):
        path = os.path.join(options["prefix"], path)
        if path not in installed:
            complaints.append(f"{path} is not installed")

    for option, names in WHERE.items():
        for name in names:
            expect(os.path.join(options[option], name))
    expect("lib/cni/ipvl-cni")
    expect("lib/netavark/ipvl")
    expect("sbin/ipvl-docker")
    for option, default, name in SYSTEMD if options["systemd"] != "disabled" else ():
        expect(os.path.join(options[option] or default, name))
    expect(os.path.join(options["iproute2_dir"] or os.path.join(options["sysconfdir"], "iproute2"),
                        "rt_protos.d/ipvl.conf"))
    for page in man.PAGES if shutil.which("scdoc") else ():
        expect(os.path.join(options["mandir"], "man" + page[-1], page))
    lint.report([("everything is installed, and where it belongs", complaints)])


if __name__ == "__main__":
    main()
