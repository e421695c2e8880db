"""What a container engine does around a plug-in: namespaces made before, and nothing left after."""


def make(t, *namespaces):
    for ns in namespaces:
        t.ip(f"netns add {ns}")
        t.ip("link set lo up", ns)


def assert_nothing_left(t, namespaces=("c1", "c2")):
    for table in ("Slave", "Lease", "Master"):
        assert t.rows(table) == [], table
    assert t.namespaces() == sorted([*namespaces, "outside"]), "those that ipvl did not make stay"
    for ns in (None, *namespaces):
        assert not [d for d in t.ipj("link show", ns) if d.get("linkinfo", {}).get("info_kind") == "ipvlan"]
