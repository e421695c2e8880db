"""The floors of the house: what each folder stands on. docs/architecture.md shows the same table (test `floors`)."""

import os

# A floor is a folder, or one file of it that stands elsewhere. It may use itself, what it stands on, and
# what that stands on; of another room, only the headers of that room's face.
STANDS_ON = {
    "lib": (),
    "lib/http": ("lib",),
    "ovsdb-lite/json": ("lib",),
    "ovsdb-lite/values": ("ovsdb-lite/json",),
    "ovsdb-lite/store": ("ovsdb-lite/values",),
    "ovsdb-lite/rows": ("ovsdb-lite/values",),
    "ovsdb-lite/history": ("ovsdb-lite/rows", "ovsdb-lite/store"),
    "ovsdb-lite/db": ("ovsdb-lite/history",),
    "ovsdb-lite/wire": ("ovsdb-lite/values",),
    "ovsdb-lite/exec": ("ovsdb-lite/db", "ovsdb-lite/wire"),
    "ovsdb-lite/monitor": ("ovsdb-lite/db",),
    "ovsdb-lite/server": ("ovsdb-lite/exec", "ovsdb-lite/monitor"),
    "ovsdb-lite/client": ("ovsdb-lite/db", "ovsdb-lite/wire"),
    "ovsdb-lite/program": ("ovsdb-lite/server",),
    "datapath/model_address": ("datapath/model_route",),
    "datapath/model_match": ("lib",),
    "datapath/model_route": ("lib",),
    "datapath/model_rule": ("lib",),
    "datapath/model_sysctl": ("lib",),
    "datapath/model_words": ("lib",),
    "datapath/model": (
        "datapath/model_address", "datapath/model_match", "datapath/model_rule", "datapath/model_sysctl",
        "datapath/model_words"),
    "datapath/link_type": ("datapath/model",),
    "datapath/plugins": ("datapath/link_type",),
    "datapath/plan": ("datapath/link_type",),
    "datapath": ("datapath/plan",),
    "datapath/sim/twin": ("datapath",),
    "datapath/sim": ("datapath/sim/twin",),
    "datapath/trace": ("datapath",),
    "datapath/kernel/netlink": ("datapath/link_type",),
    "datapath/kernel/files": ("datapath/kernel/netlink",),
    "datapath/kernel/state": ("datapath", "datapath/kernel/files"),
    "datapath/kernel/events": ("datapath/kernel/state",),
    "datapath/kernel/observe": ("datapath/kernel/events",),
    "datapath/kernel/execute": ("datapath/kernel/observe",),
    "datapath/kernel": ("datapath/kernel/execute",),
    "datapath/sample": ("datapath",),
    "datapath/plugin": ("datapath",),
    "datapath/plugin_static": ("datapath/plugin",),
    "datapath/registry": ("datapath/sim", "datapath/kernel", "datapath/plugin"),
    "config": ("ovsdb-lite/db", "datapath/plan"),
    "config/pool": ("config",),
    "config/valid": ("config/pool",),
    "config/yaml": ("config/valid",),
    "reconciler/wanted": ("config",),
    "reconciler/query": ("reconciler/wanted", "ovsdb-lite/server", "datapath"),
    "reconciler/announce": ("config", "ovsdb-lite/server", "datapath"),
    "reconciler/statistics": ("reconciler/query",),
    "reconciler/count": ("datapath/plan",),
    "reconciler/web": ("reconciler/statistics", "reconciler/count", "lib/http"),
    "reconciler/import": ("reconciler/query", "config/yaml"),
    "reconciler/doctor": ("reconciler/query",),
    "reconciler/who": ("reconciler/query",),
    "reconciler/trace": ("reconciler/query", "datapath/trace"),
    "reconciler/systemd": ("lib",),
    "reconciler/files": ("ovsdb-lite/server", "config/yaml", "reconciler/systemd"),
    "reconciler/rollback": ("reconciler/files",),
    "reconciler/datapaths": ("reconciler/query", "datapath/registry"),
    "reconciler/notices": ("config",),
    "reconciler/status": ("reconciler/notices",),
    "reconciler/queue": ("reconciler/wanted",),
    "reconciler/drift": ("reconciler/wanted", "datapath"),
    "reconciler/settle": ("reconciler/status", "reconciler/queue", "reconciler/drift"),
    "reconciler": (
        "reconciler/wanted", "reconciler/announce", "reconciler/datapaths", "reconciler/doctor", "reconciler/import",
        "reconciler/statistics", "reconciler/web", "reconciler/trace", "reconciler/who", "reconciler/rollback", "reconciler/settle",
        "datapath/registry"),
    "ctl/output": ("config/yaml",),
    "ctl/line": ("ctl/output",),
    "ctl/session": ("ctl/line", "ovsdb-lite/client"),
    "ctl/text": ("ctl/session",),
    "ctl/files": ("ctl/session",),
    "ctl/past": ("ctl/text",),
    "ctl/picture": ("ctl/text",),
    "ctl/commands": ("ctl/files", "ctl/past", "ctl/picture"),
    "ctl": ("ctl/commands", "ovsdb-lite/exec", "datapath/plugin"),
    "engines": ("engines/cni", "engines/netavark", "engines/docker"),
    "engines/attachment": ("config/pool", "ovsdb-lite/client"),
    "engines/cni": ("engines/attachment",),
    "engines/netavark": ("engines/attachment",),
    "engines/docker": ("engines/attachment", "lib/http"),
}

# What other rooms may include.
FACES = {
    "lib": ("*",),
    "ovsdb-lite": (
        "json/json.h", "json/json_parse.h", "values/datum.h", "values/schema.h", "values/uuid.h",
        "rows/database.h", "rows/table.h", "rows/txn.h", "history/history.h", "db/db.h",
        "wire/error_object.h", "exec/exec.h", "exec/rbac.h", "server/server.h", "server/server_options.h",
        "client/client.h", "client/replica.h"),
    "datapath": ("model.h", "datapath.h", "apply.h", "link_type.h", "plugin.h", "registry.h", "plan/plan.h", "plan/plan_text.h", "sim/sim.h",
        "sim/twin/twin_request.h", "trace/trace.h"),
    "config": ("*",),
    "reconciler": (),
    "ctl": (),
    "engines": (),
}


def floor_of(path):
    """The floor that a source or a header stands on; None outside the house."""
    stem = os.path.splitext(path)[0]
    while stem:
        if stem in STANDS_ON:
            return stem
        stem = os.path.dirname(stem)
    return None


def below(floor):
    """All floors that 'floor' may use, itself among them."""
    found, left = set(), [floor]
    while left:
        f = left.pop()
        if f not in found:
            found.add(f)
            left += STANDS_ON[f]
    return found
