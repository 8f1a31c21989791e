"""disk.py - what a disk may hold after the power went at some moment.

The replayer of the crash tests. It applies recorded operations one by one to files in memory and keeps apart what a sync has made lasting: the bytes of
a file by a sync of the file, a name (creation, rename, removal) by a sync of its folder. Before every operation it gives states that a disk could be in:

  killed   everything that was done is there: the process died, the machine did not
  synced   nothing is there that no sync has covered: the laziest disk
  names    all names as they were last, bytes only as far as synced: a file that was renamed into place is found empty or old
  torn     names up to some moment, and of the bytes that were not synced a random choice, one write cut at a sector

The model is the cautious one of Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014): unsynced writes reach the disk in any order, or
not, or in part; names of one folder only in order. Sectors of 512 bytes are whole or not written.
"""
import os

SECTOR = 512


class File:
    __slots__ = ("bytes", "lasting", "pending")

    def __init__(self, data=b""):
        self.bytes = bytearray(data)
        self.lasting = bytes(data)
        self.pending = []       # operations on bytes since the last sync


def apply(data, operation):
    kind = operation[0]
    if kind == "write":
        _, at, more = operation
        if len(data) < at:
            data.extend(bytes(at - len(data)))
        data[at:at + len(more)] = more
    elif kind == "truncate":
        size = operation[1]
        if size < len(data):
            del data[size:]
        else:
            data.extend(bytes(size - len(data)))


class Disk:
    def __init__(self, folder):
        self.names = {}         # path: File, or None for a folder
        for where, folders, files in os.walk(folder):
            below = os.path.relpath(where, folder)
            for name in folders:
                self.names[os.path.normpath(os.path.join(below, name))] = None
            for name in files:
                with open(os.path.join(where, name), "rb") as f:
                    self.names[os.path.normpath(os.path.join(below, name))] = File(f.read())
        self.modes = {os.path.relpath(os.path.join(w, n), folder): os.stat(os.path.join(w, n)).st_mode & 0o777
                      for w, d, f in os.walk(folder) for n in d + f}
        self.lasting = dict(self.names)
        self.pending = []       # operations on names since the sync of their folder

    # --- operations ------------------------------------------------------------------------------------------------------------------

    def change_bytes(self, path, operation):
        file = self.names.get(path)
        if file is None:        # removed while it was open: nobody finds it again
            return
        apply(file.bytes, operation)
        file.pending.append(operation)

    def change_names(self, operation):
        rename(self.names, operation)
        self.pending.append(operation)

    def do(self, operation):
        kind, path = operation[0], operation[1]
        if kind == "create":
            if path not in self.names:
                self.change_names(("set", path, File()))
            elif operation[2]:
                self.change_bytes(path, ("truncate", 0))
        elif kind == "write":
            at = len(self.names[path].bytes) if operation[2] is None and path in self.names else operation[2]
            self.change_bytes(path, ("write", at, operation[3]))
        elif kind in ("truncate", "extend"):
            if kind == "truncate" or path in self.names and operation[2] > len(self.names[path].bytes):
                self.change_bytes(path, ("truncate", operation[2]))
        elif kind == "sync":
            self.sync(path)
        elif kind == "mkdir":
            self.change_names(("set", path, None))
        elif kind == "link":
            self.change_names(("set", operation[2], self.names[path]))
        elif kind == "rename":
            self.change_names(operation)
        elif kind in ("unlink", "rmdir"):
            self.change_names(("unlink", path))
        elif kind != "shown":
            raise SystemExit(f"disk: {kind} is not known")

    def sync(self, path):
        file = self.names.get(path)
        if file is not None:
            file.lasting, file.pending = bytes(file.bytes), []
            return
        kept = []
        for operation in self.pending:
            folders = {os.path.dirname(p) or "." for p in operation[1:] if isinstance(p, str)}
            if path in folders:
                rename(self.lasting, operation)
            else:
                kept.append(operation)
        self.pending = kept

    # --- states ----------------------------------------------------------------------------------------------------------------------

    # A file that nothing is pending for gives the same object every time: whoever compares states need not compare its bytes.

    def killed(self):
        return {p: None if f is None else bytes(f.bytes) if f.pending else f.lasting for p, f in self.names.items()}

    def synced(self):
        return orphans_dropped({p: None if f is None else f.lasting for p, f in self.lasting.items()})

    def only_names(self):
        return {p: None if f is None else f.lasting for p, f in self.names.items()}

    def torn(self, source):
        names = dict(self.lasting)
        for operation in self.pending[:source.randint(0, len(self.pending))]:
            rename(names, operation)
        seen = {}
        for path, file in names.items():
            if file is None:
                seen[path] = None
                continue
            if not file.pending:
                seen[path] = file.lasting
                continue
            data = bytearray(file.lasting)
            chosen = [o for o in file.pending if source.random() < 0.5]
            cut = source.randrange(len(chosen)) if chosen and source.random() < 0.5 else -1
            for i, o in enumerate(chosen):
                if i == cut and o[0] == "write":
                    end = (o[1] + source.randint(0, len(o[2]))) // SECTOR * SECTOR
                    o = ("write", o[1], o[2][:max(0, end - o[1])])
                apply(data, o)
            seen[path] = bytes(data)
        return orphans_dropped(seen)


def rename(names, operation):
    """One operation on names; one that no longer makes sense because an earlier one was lost leaves the names as they are."""
    kind, path = operation[0], operation[1]
    if kind == "set":
        names[path] = operation[2]
    elif kind == "unlink":
        names.pop(path, None)
    elif kind == "rename" and path in names:
        for old in [p for p in names if p == path or p.startswith(path + "/")]:
            names[operation[2] + old[len(path):]] = names.pop(old)


def orphans_dropped(state):
    """A file in a folder that was not kept cannot be reached."""
    def reached(path):
        folder = os.path.dirname(path)
        return folder == "" or (state.get(folder, 0) is None and reached(folder))
    return {p: d for p, d in state.items() if reached(p)}
