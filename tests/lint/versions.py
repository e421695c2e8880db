#!/usr/bin/python3
"""All packages have the version of meson.build."""

import re

import lint

PLACES = {
    "debian/changelog": r"\Aipvl \(([^)]+)\)",
    "packaging/rpm/ipvl.spec": r"(?m)^Version:\s*(\S+)$",
    "packaging/alpine/APKBUILD": r"(?m)^pkgver=(\S+)$",
}


def first(pattern, path):
    m = re.search(pattern, lint.read(path))
    return m[1] if m else None


if __name__ == "__main__":
    right = first(r"(?m)^\s*version: '([^']+)'", "meson.build")
    found = {path: first(pattern, path) for path, pattern in PLACES.items()}
    found["packaging/rpm/ipvl.spec, %changelog"] = (first(r"(?m)^\* .* - (\S+)-\d+$", "packaging/rpm/ipvl.spec"))
    lint.report([("each package has the version of meson.build",
                  [f"{path}: {version}, meson.build has {right}" for path, version in found.items() if version != right])])
