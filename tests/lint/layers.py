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
LIBRARY = {
    "sqlite3.h": {"db", "tools/veil-verify"},
    "sodium.h": {"engine/base", "engine/blind", "engine/ledger"},
    "openssl": {"tools/veil-verify"},
    "uuid": {"tools/desk"},
}


def folder_of(path):
    relative = path.relative_to(TOP).as_posix()
    return next((f for f in sorted(MAY, key=len, reverse=True) if relative.startswith(f + "/")), None)


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
