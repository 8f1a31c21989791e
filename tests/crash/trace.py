"""trace.py - runs a command under strace and gives back what it did to files, byte by byte and in order.

The recorder of the crash tests. strace is asked for whole buffers in hexadecimal, so that the replayer (disk.py) can write them again; nothing of the
program under test is changed for it. Only files below one folder count, and what is written to stdout or stderr (somebody has read that: it cannot be
taken back). A call that changes a file in a way this reader does not know stops the test: a state left out silently would be a proof of nothing.
"""
import os
import re
import subprocess

CALLS = ("openat,open,creat,close,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,"
         "unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,dup,dup2,dup3,fcntl,lseek,mmap,sendfile,copy_file_range,sync_file_range,syncfs")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|\?)(?: .*)?$", re.S)


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


def calls(lines):
    """(name, arguments, result), with calls that another thread's line interrupted put together again."""
    waiting = {}
    for line in lines:
        pid = line.split(" ", 1)[0]
        if line.rstrip("\n").endswith("<unfinished ...>"):
            waiting[pid] = line.rstrip("\n")[:-len("<unfinished ...>")].rstrip()
            continue
        resumed = re.match(r"^\d+ +<\.\.\. \w+ resumed>(.*)$", line, re.S)
        if resumed:
            line = waiting.pop(pid) + resumed.group(1)
        found = LINE.match(line.rstrip("\n"))
        if found and found.group(4) != "?":
            yield found.group(2), found.group(3), int(found.group(4))


def record(folder, command, env):
    """(exit status, stdout, operations). An operation is a tuple: its kind, then paths relative to the folder, offsets and bytes."""
    folder = os.path.realpath(folder)
    log = folder + ".strace"
    done = subprocess.run(["strace", "-f", "-qq", "-xx", "-s", "1000000000", "-e", "trace=" + CALLS, "-e", "signal=none", "-o", log, *command], env=env, cwd=folder,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(log, encoding="ascii", errors="replace") as lines:
        operations = list(Reader(folder).read(calls(lines)))
    os.unlink(log)
    return done.returncode, done.stdout, done.stderr.decode(), operations


class Reader:
    """Follows descriptors through open, dup and close, so that each operation can name its file."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}     # descriptor: [path below the folder or None, offset, appending]

    def path(self, word, at=None):
        """Relative to the folder, or None for what lies outside."""
        name = unhex(TEXT.search(word).group(1)).decode()
        if not name.startswith("/"):
            if at is None or "AT_FDCWD" in at:
                name = os.path.join(self.folder, name)
            else:
                base = self.files.get(int(at), [None])[0]
                if base is None:
                    return None
                name = os.path.join(self.folder, base, name)
        name = os.path.normpath(name)
        if name == self.folder:
            return "."
        return os.path.relpath(name, self.folder) if name.startswith(self.folder + "/") else None

    def read(self, found):
        for name, text, result in found:
            if result < 0:
                continue
            words = split(text)
            method = getattr(self, "do_" + name, None)
            if method is None:
                raise SystemExit(f"trace: {name} is a call that this reader does not know")
            operation = method(words, result)
            if operation is not None:
                yield operation

    def open_file(self, path, flags, descriptor):
        self.files[descriptor] = [path, 0, "O_APPEND" in flags]
        if path is None:
            return None
        if "O_TMPFILE" in flags:
            raise SystemExit("trace: O_TMPFILE is not known to this reader")
        if "O_CREAT" in flags:
            return ("create", path, "O_TRUNC" in flags)
        return ("truncate", path, 0) if "O_TRUNC" in flags else None

    def do_openat(self, w, result):
        return self.open_file(self.path(w[1], w[0]), w[2], result)

    def do_open(self, w, result):
        return self.open_file(self.path(w[0]), w[1], result)

    def do_creat(self, w, result):
        return self.open_file(self.path(w[0]), "O_CREAT|O_TRUNC", result)

    def do_close(self, w, result):
        self.files.pop(int(w[0]), None)

    def do_dup(self, w, result):
        self.files[result] = self.files.get(int(w[0]), [None, 0, False])

    do_dup2 = do_dup3 = do_dup

    def do_fcntl(self, w, result):
        if "F_DUPFD" in w[1]:
            self.do_dup(w, result)

    def do_lseek(self, w, result):
        if int(w[0]) in self.files:
            self.files[int(w[0])][1] = result

    def put(self, descriptor, data, offset=None):
        if descriptor in (1, 2) and descriptor not in self.files:
            return ("shown", descriptor, data)
        file = self.files.get(descriptor)
        if file is None or file[0] is None:
            return None
        at = file[1] if offset is None else offset
        if offset is None:
            if file[2]:
                at = None
            else:
                file[1] += len(data)
        return ("write", file[0], at, data)

    def do_write(self, w, result):
        return self.put(int(w[0]), unhex(TEXT.search(w[1]).group(1))[:result])

    def do_pwrite64(self, w, result):
        return self.put(int(w[0]), unhex(TEXT.search(w[1]).group(1))[:result], int(w[3]))

    def do_writev(self, w, result):
        return self.put(int(w[0]), b"".join(unhex(t) for t in TEXT.findall(w[1]))[:result])

    def do_pwritev(self, w, result):
        return self.put(int(w[0]), b"".join(unhex(t) for t in TEXT.findall(w[1]))[:result], int(w[3]))

    do_pwritev2 = do_pwritev

    def below(self, descriptor):
        file = self.files.get(descriptor)
        return None if file is None else file[0]

    def do_ftruncate(self, w, result):
        path = self.below(int(w[0]))
        return None if path is None else ("truncate", path, int(w[1]))

    def do_truncate(self, w, result):
        path = self.path(w[0])
        return None if path is None else ("truncate", path, int(w[1]))

    def do_fallocate(self, w, result):
        path = self.below(int(w[0]))
        return None if path is None else ("extend", path, int(w[2]) + int(w[3]))

    def do_fsync(self, w, result):
        path = self.below(int(w[0]))
        return None if path is None else ("sync", path)

    do_fdatasync = do_fsync

    def move(self, old, new):
        if old is None and new is None:
            return None
        if old is None or new is None:
            raise SystemExit("trace: a rename or link across the border of the folder")
        self.gone(new)
        for file in self.files.values():
            if file[0] == old:
                file[0] = new
        return ("rename", old, new)

    def gone(self, path):
        """What is open under this name keeps its bytes and has no name any more: writing there leaves no trace for anybody to find."""
        for file in self.files.values():
            if file[0] == path:
                file[0] = None

    def do_rename(self, w, result):
        return self.move(self.path(w[0]), self.path(w[1]))

    def do_renameat(self, w, result):
        return self.move(self.path(w[1], w[0]), self.path(w[3], w[2]))

    do_renameat2 = do_renameat

    def do_unlink(self, w, result):
        path = self.path(w[0])
        self.gone(path)
        return None if path is None else ("unlink", path)

    def do_unlinkat(self, w, result):
        path = self.path(w[1], w[0])
        self.gone(path)
        return None if path is None else ("rmdir" if "AT_REMOVEDIR" in w[2] else "unlink", path)

    def do_link(self, w, result):
        old, new = self.path(w[0]), self.path(w[1])
        if (old is None) != (new is None):
            raise SystemExit("trace: a link across the border of the folder")
        return None if old is None else ("link", old, new)

    def do_linkat(self, w, result):
        old, new = self.path(w[1], w[0]), self.path(w[3], w[2])
        return None if old is None else ("link", old, new)

    def do_mkdir(self, w, result):
        path = self.path(w[0])
        return None if path is None else ("mkdir", path)

    def do_mkdirat(self, w, result):
        path = self.path(w[1], w[0])
        return None if path is None else ("mkdir", path)

    def do_rmdir(self, w, result):
        path = self.path(w[0])
        return None if path is None else ("rmdir", path)

    def do_mmap(self, w, result):
        # What is written through shared memory is not seen here: only SQLite's -shm may be, which is made anew after a crash.
        path = self.below(int(w[4])) if w[4] != "-1" else None
        if path is not None and "MAP_SHARED" in w[3] and "PROT_WRITE" in w[2] and not path.endswith("-shm"):
            raise SystemExit(f"trace: {path} is written through shared memory")


def split(text):
    """The arguments of a call: commas outside of strings, brackets and braces."""
    words, depth, quoted, start = [], 0, False, 0
    if "[" not in text and "{" not in text:
        return [w.strip() for w in text.split(",")]
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif not quoted and c in "[{":
            depth += 1
        elif not quoted and c in "]}":
            depth -= 1
        elif not quoted and depth == 0 and c == ",":
            words.append(text[start:i].strip())
            start = i + 1
    words.append(text[start:].strip())
    return words
