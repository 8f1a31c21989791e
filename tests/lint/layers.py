#!/usr/bin/env python3
"""Arrows go one way: which folder may include and link what (docs/design/architecture.md).

Reads the #include lines of every C file. A header of another room is include/veil/<name>.h; which room that is, stands in ROOM.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]

# public header -> the room that answers for it
ROOM = {
    "base": "engine/base", "text": "engine/base", "hash": "engine/base", "idmap": "engine/base",
    "io": "engine/io", "policy": "engine/io",
    "facts": "engine/facts", "conflict": "engine/conflict", "affinity": "engine/affinity",
    "match": "engine/match", "odds": "engine/match", "draw": "engine/draw", "seed": "engine/draw",
    "blind": "engine/blind", "handover": "engine/blind", "leak": "engine/blind", "sealed": "engine/blind", "ledger": "engine/ledger",
    "report": "engine/report",
    "batch": "db", "audit": "db", "registry": "db", "ledger-store": "db",
}

BASE = {"engine/base"}
# folder -> rooms whose headers it may include (besides its own)
MAY = {
    "engine/base": set(),
    "engine/io": BASE,
    "engine/facts": BASE,
    "engine/conflict": BASE | {"engine/facts", "engine/io:policy"},
    "engine/affinity": BASE | {"engine/facts", "engine/conflict", "engine/io:policy"},
    "engine/match": BASE,
    "engine/draw": BASE | {"engine/match"},
    "engine/blind": BASE,
    "engine/ledger": BASE,
    "engine/report": BASE,
    "db": None,          # any public header of the engine
    "tools/desk": None,
    "tools/veil": None,
    "tools/veil-verify": set(),
    "tools/demo": set(),
}
# tools/desk is one library of many rooms: which of the others each may include (besides its own)
DESK = {
    "site": set(),
    "ceremony": {"site"},
    "solve": set(),
    "match": {"solve"},
    "import": {"site", "solve"},
    "witness": {"site", "ceremony"},
    "custody": {"site", "ceremony", "import", "witness"},
    "handover": {"site", "import", "custody", "solve"},
    "freeze": {"site", "ceremony", "import", "custody", "handover", "solve"},
    "draw": {"site", "ceremony", "solve", "handover", "freeze"},
    "audit": {"site", "ceremony", "draw"},
}
# and those of engine/match: the plain problem knows nothing of rules and odds
MATCH = {"": set(), "rules": {""}, "odds": {"", "rules"}}
# and those of the auditor's checker, in the order in which it is to be read
VERIFY = {
    "base": set(), "log": {"base"}, "problem": {"base"}, "judge": {"problem"}, "match": {"judge"}, "freeze": {"log", "problem"}, "batch": {"freeze", "judge"}, "bundle": {"batch"},
    "": {"base", "log", "problem", "judge", "match", "freeze", "batch", "bundle"},
}
LIBRARY = {
    "sqlite3.h": {"db", "tools/veil-verify"},
    "sodium.h": {"engine/base", "engine/blind", "engine/ledger"},
    "openssl": {"tools/veil-verify"},
    "uuid": {"tools/desk"},
}


def folder_of(path):
    relative = path.relative_to(TOP).as_posix()
    return next((f for f in sorted(MAY, key=len, reverse=True) if relative.startswith(f + "/")), None)


def check_rooms(path, folder, name, where, faults):
    """The rooms inside one library."""
    rooms = {"tools/desk": DESK, "engine/match": MATCH, "tools/veil-verify": VERIFY}.get(folder)
    if rooms is None or name.startswith("veil/"):
        return
    own = path.relative_to(TOP / folder).parent.as_posix()
    own = "" if own == "." else own
    other = name.rpartition("/")[0]
    if own not in rooms:
        faults.append(f"{where}: {folder}/{own} is no room; add it to layers.py")
    elif other != own and other in rooms and other not in rooms[own]:
        faults.append(f"{where}: {folder}/{own} must not know {folder}/{other}")


def check(path, folder, faults):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if not found:
            continue
        name = found.group(1)
        where = f"{path.relative_to(TOP)}:{number}"
        for library, rooms in LIBRARY.items():
            if (name == library or name.startswith(library + "/")) and folder not in rooms:
                faults.append(f"{where}: {name} belongs to {', '.join(sorted(rooms))} only")
        if '"' in line:
            check_rooms(path, folder, name, where, faults)
        if name.startswith("veil/"):
            header = name[5:-2]
            room = ROOM.get(header)
            allowed = MAY[folder]
            if room is None:
                faults.append(f"{where}: {name} is in no room; add it to ROOM")
            elif allowed is None:
                continue
            elif room != folder and room not in allowed and f"{room}:{header}" not in allowed:
                faults.append(f"{where}: {folder} must not know {name} ({room})")
        elif "/" in name and name.startswith(".."):
            faults.append(f"{where}: reaches into another folder: {name}")


def main():
    faults = []
    n = 0
    for top in ("engine", "db", "tools", "include"):
        for path in sorted((TOP / top).rglob("*.[ch]")):
            folder = folder_of(path)
            if folder:
                check(path, folder, faults)
                n += 1
    print("\n".join(faults) if faults else f"{n} files keep their layers")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
