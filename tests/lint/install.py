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
    expect(os.path.join(options["systemd_unit_dir"] or "lib/systemd/system", "ipvld.service"))
    expect(os.path.join(options["iproute2_dir"] or os.path.join(options["sysconfdir"], "iproute2"),
                        "rt_protos.d/ipvl.conf"))
    for page in man.PAGES if shutil.which("scdoc") else ():
        expect(os.path.join(options["mandir"], "man" + page[-1], page))
    lint.report([("everything is installed, and where it belongs", complaints)])


if __name__ == "__main__":
    main()
