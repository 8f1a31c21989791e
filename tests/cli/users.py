#!/usr/bin/env python3
"""A site whose roles are users of the system: a batch from the lists to the checker, each command under its own uid, and what each uid cannot do.

usage: users.py VEIL VEIL_VERIFY LISTS       needs root, which gives the uids out; skips loudly without
"""
import errno
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

if os.geteuid() != 0:
    print("1..0 # SKIP not root: nothing was tested of roles as users of the system")
    sys.exit(0)

LISTS = pathlib.Path(sys.argv[3]).resolve()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-users-"))
WORK.chmod(0o711)
SITE, VEIL, VERIFY = WORK / "site", WORK / "veil", WORK / "veil-verify"
for program, to in ((sys.argv[1], VEIL), (sys.argv[2], VERIFY)):  # the build may lie where nobody but root comes
    shutil.copy(program, to)
    to.chmod(0o755)
shutil.copytree(LISTS, WORK / "lists")
for path in (WORK / "lists", *(WORK / "lists").rglob("*")):
    path.chmod(0o755 if path.is_dir() else 0o644)
UID = {"registrar": 20001, "requester": 20002, "drawer": 20003, "notifier": 20004, "auditor": 20005}
LEDGER = 20009
EVERYBODY = dict(UID, member=20006, stranger=20007)  # one who may append and has no role; one who has nothing
NAMES = ",".join(f"{r}={u}" for r, u in UID.items()) + f",ledger={LEDGER}"
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:2500].splitlines()), flush=True)


def run(who, *args, program=VEIL, site=None, umask=0o022, **env):
    """who: a role; root; or one without."""
    ids = {} if who == "root" else dict(user=EVERYBODY[who], group=EVERYBODY[who], extra_groups=[] if who == "stranger" else [LEDGER])
    full = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VEIL_SITE": str(site or SITE), "VEIL_OPERATOR": "op-" + who, **env}
    return subprocess.run([str(program), *map(str, args)], env=full, cwd="/", capture_output=True, text=True, stdin=subprocess.DEVNULL, umask=umask, timeout=60,
                          start_new_session=True, **ids)


def must(who, *args, **more):
    got = run(who, *args, **more)
    point(got.returncode == 0, f"{who}: " + " ".join(str(a) for a in args[:3]), f"{got.returncode}\n{got.stdout}{got.stderr}")
    return got.stdout


def refused(what, who, *args, status=6, says="", **more):
    got = run(who, *args, **more)
    point(got.returncode == status and says in got.stderr, what, f"{got.returncode}\n{got.stdout}{got.stderr}")
    return got


def as_user(who, act):
    """act() in a process of that user; its result as a number, the errno of its failure as a negative one."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([] if who == "stranger" else [LEDGER])
            os.setgid(EVERYBODY[who])
            os.setuid(EVERYBODY[who])
            act()
            os._exit(0)
        except OSError as e:
            os._exit(e.errno)
        except BaseException:
            os._exit(255)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def may(path, who, write):
    """What the layout says (docs/design/roles.md). A path that it does not speak of is nobody's: that fails the test."""
    parts = path.relative_to(SITE).parts
    own = {"registry": "registrar", "desk": "requester", "draw": "drawer", "notify": "notifier", "audit": "auditor"}
    if parts in ((), ("site.ini",), ("handover",)):
        return not write
    if parts[0] in own:
        return who == own[parts[0]]
    if parts[0] == "ledger":
        if len(parts) == 3 and parts[1] == "operators" and parts[2].endswith(".key"):
            return EVERYBODY[who] == path.lstat().st_uid
        if len(parts) == 3 and parts[1] == "operators":
            return who != "stranger" if not write else EVERYBODY[who] == path.lstat().st_uid
        kept = len(parts) == 3 and parts[1] == "checkpoints"  # replaced whole, by a rename; written into by nobody else
        if kept or parts[1:] in (("vkey",), ("checkpoint",), ("ledger.key",), ("witness.ini",), ("read-only",)):
            return who != "stranger" if not write else EVERYBODY[who] == path.lstat().st_uid
        return who != "stranger"
    if parts[0] == "handover":
        sender, reader = parts[1].split("-")
        return who == sender or (who == reader and not write)
    raise AssertionError(f"{path}: nothing says who may read it")


def matrix(what):
    wrong, tried = [], 0
    for path in [SITE, *sorted(SITE.rglob("*"))]:
        folder = path.is_dir()
        for who in EVERYBODY:
            for write in (False, True):
                flags = (os.O_RDONLY if not write else os.O_WRONLY) | os.O_NONBLOCK
                if folder and write:
                    def act(p=path):
                        name = p / ".planted"
                        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                        os.unlink(name)
                elif folder:
                    act = lambda p=path: os.listdir(p)
                else:
                    act = lambda p=path, f=flags: os.close(os.open(p, f))
                got, expected = as_user(who, act), may(path, who, write)
                tried += 1
                if (got == 0) != expected or (got != 0 and got not in (errno.EACCES, errno.EPERM)):
                    wrong.append(f"{who} {'writes' if write else 'reads'} {path.relative_to(SITE)}: {errno.errorcode.get(got, got)}, expected {'yes' if expected else 'no'}")
    point(not wrong, f"{what}: {tried} tries to open, each as the layout says", "\n".join(wrong))


# --- making it
for text, status, says in (("registrar=20001", 2, "each once"), (NAMES + ",drawer=20008", 2, "each once"), (NAMES.replace("drawer=20003", "drawer=20001"), 6, "same user"),
                           (NAMES.replace("drawer=20003", "drawer=0"), 6, "root"), (NAMES.replace("drawer=20003", "drawer=20003:20001"), 6, "same own group"),
                           (NAMES.replace("ledger=20009", "ledger=20003"), 6, "ledger's group"), (NAMES.replace("drawer=20003", "drawer=no-such-user"), 6, "no user of this system"),
                           (NAMES.replace("drawer=", "painter="), 2, "each once"), (NAMES.replace("drawer=20003", "drawer=a\nb"), 2, "each once")):
    refused(f"init --users {text[:60]!r}", "root", "init", SITE, "--rehearsal", "--users", text, status=status, says=says)
point(not SITE.exists(), "none of them left anything")
must("root", "init", SITE, "--rehearsal", "--users", NAMES, umask=0)
other = WORK / "other"
other.mkdir(mode=0o777)
other.chmod(0o777)
script = must("registrar", "init", other / "site", "--rehearsal", "--users", NAMES)
refused("before root has given the folders away the drawer opens nothing", "drawer", "batch", "status", "K", site=other / "site")
(WORK / "give.sh").write_text(script)
point(subprocess.run(["sh", WORK / "give.sh"]).returncode == 0, "the script that is printed where this is not root")


def shape(site):
    return sorted((re.sub(r"op-(root|registrar)", "op", str(p.relative_to(site))), oct(p.lstat().st_mode), p.lstat().st_uid, p.lstat().st_gid) for p in [site, *site.rglob("*")])


point(shape(SITE) == shape(other / "site"), "gives the same layout", (shape(SITE), shape(other / "site")))
matrix("a new site")

# --- a batch, each command by its own user, under the most careless umask
for kind in ("disciplines", "organisations", "experts", "posts", "works", "relations", "bans"):
    must("registrar", "import", kind, WORK / "lists" / f"{kind}.csv", umask=0)
must("registrar", "batch", "new", "K", "--policy", WORK / "lists/policy.ini", "--projects", WORK / "lists/projects.csv", "--people", WORK / "lists/people.csv", umask=0)
must("registrar", "batch", "freeze", "K", "--as-of", "2026-03-01", umask=0)
for who in ("requester", "notifier", "auditor"):
    point("frozen" in must(who, "batch", "status", "K"), f"{who} learns the state from the ledger")
must("drawer", "batch", "check", "K", umask=0)
must("drawer", "batch", "draw", "K", umask=0)
rows = must("drawer", "batch", "show", "K", "--assignments", "--csv").splitlines()[1:]
project, reviewer = rows[0].split(",")[:2]
must("drawer", "batch", "replace", "K", "--project", project, "--reviewer", reviewer, "--reason", "ill", umask=0)
must("auditor", "batch", "conflicts", "K", "--csv", umask=0)
must("auditor", "batch", "explain", "K", "--project", project, "--reviewer", reviewer)
must("auditor", "batch", "cycles", "K")
outboxes = SITE / "handover"
must("auditor", "batch", outboxes / "drawer-auditor/K.veil", "--audit", outboxes / "registrar-auditor/K.audit", "--ledger", SITE / "ledger/ledger.db", "--audit-key",
     SITE / "audit/auditor.key", program=VERIFY)
must("requester", "batch", "leaks", "K", "--waive", "all", "--reason", "invented texts")
must("requester", "batch", "packets", "K", "--out", SITE / "desk/packets")
leaving = outboxes / "registrar-notifier"
must("registrar", "batch", "contacts", "K", "--out", leaving / "K.csv", "--slips", leaving / "K.slips", umask=0)
point(as_user("notifier", lambda: [open(p).read() for p in (leaving / "K.csv", *(leaving / "K.slips").iterdir())]) == 0, "the notifier reads the contacts and the slips")
point(as_user("drawer", lambda: open(leaving / "K.csv").read()) == errno.EACCES, "the drawer does not")
must("requester", "batch", "settle", "K")
point("settled" in must("notifier", "batch", "status", "K"), "everybody sees that it is settled")
matrix("after a batch")
loose = [str(p) for p in SITE.rglob("*") if p.lstat().st_mode & 0o002 or (p.lstat().st_mode & 0o004 and p.relative_to(SITE).parts[0] in ("registry", "desk", "draw", "notify", "audit"))]
point(not loose, "no umask makes a file of a role readable for the world", loose)

# --- each command is its role's
for who, command, owner in (("registrar", ("batch", "draw", "K"), "drawer"), ("drawer", ("batch", "freeze", "K"), "registrar"), ("notifier", ("batch", "conflicts", "K"), "auditor"),
                            ("auditor", ("import", "experts", WORK / "lists/experts.csv"), "registrar"), ("drawer", ("batch", "codes", "K", "--all"), "registrar"),
                            ("member", ("batch", "show", "K", "--assignments"), "drawer")):
    got = refused(f"{who} runs no {' '.join(map(str, command[:2]))}", who, *command, says=f"this command is the {owner}'s")
    point(not got.stdout and str(UID[owner]) in got.stderr, "and is told whose it is, nothing else", got.stdout)
refused("root runs none", "root", "batch", "draw", "K", says="root runs no command")
got = [refused(f"a stranger: {name}", "stranger", "batch", "status", name).stderr for name in ("K", "none")]
point(got[0].replace("K", "none") == got[1], "a stranger is told the same of what is there and what is not", got)

# --- what is planted in an outbox
box = outboxes / "registrar-drawer"
before = (SITE / "draw/K.veil").read_bytes()


def plant(who, path, make):
    def act():
        if os.path.lexists(path):
            os.unlink(path)
        make(path)
    return as_user(who, act)


point(plant("registrar", box / "L.veil", lambda p: os.symlink(SITE / "draw/K.veil", p)) == 0, "the registrar plants a link to the drawer's own file")
refused("which the drawer does not follow", "drawer", "batch", "check", "L", says="not a plain file")
point(plant("registrar", box / "L.veil", os.mkfifo) == 0, "a FIFO")
refused("at which the drawer does not wait", "drawer", "batch", "check", "L", says="not a plain file")
point(plant("registrar", box / "L.veil", os.mkdir) == 0, "a folder")
refused("which is no file", "drawer", "batch", "check", "L")
as_user("registrar", lambda: os.rmdir(box / "L.veil"))
shutil.copy(box / "K.veil", WORK / "handed.veil")
(WORK / "handed.veil").chmod(0o644)
point(plant("registrar", box / "L.veil", lambda p: shutil.copyfile(WORK / "handed.veil", p)) == 0, "another batch's file")
as_user("registrar", lambda: os.chmod(box / "L.veil", 0o644))
refused("which is not the one in the ledger", "drawer", "batch", "check", "L", status=5, says="not the file of the latest freeze")
point(plant("registrar", box / "K.veil", lambda p: shutil.copyfile(WORK / "handed.veil", p)) == 0, "the same file once more, after the draw")
as_user("registrar", lambda: os.chmod(box / "K.veil", 0o644))
must("drawer", "batch", "show", "K", "--summary")
point((SITE / "draw/K.veil").read_bytes() == before, "what was drawn stays drawn, byte for byte")
for who, path in (("drawer", box), ("auditor", outboxes / "drawer-auditor"), ("notifier", outboxes / "registrar-notifier"), ("registrar", outboxes / "drawer-registrar")):
    point(as_user(who, lambda p=path: os.symlink("/etc/passwd", p / "x")) == errno.EACCES, f"{who} plants nothing in {path.name}, which he reads")
point(as_user("drawer", lambda: os.link(SITE / "registry/registry.db", SITE / "draw/x")) == errno.EACCES, "no hard link to what one may not open")
for who in UID:
    point(as_user(who, lambda: os.rename(SITE / "draw", SITE / "draw2")) in (errno.EACCES, errno.EPERM), f"{who} moves no folder away")

# --- what is planted in the ledger, which all write
registry = (SITE / "registry/registry.db").read_bytes()
journal = SITE / "ledger/ledger.db-journal"
for what, make in (("a link to the registry", lambda p: os.symlink(SITE / "registry/registry.db", p)), ("a FIFO", os.mkfifo)):
    point(plant("member", journal, make) == 0, f"{what} in the place of the ledger's journal")
    got = run("registrar", "batch", "status", "K")
    point(got.returncode in (0, 1, 5, 6), "stops a command at most", got.stderr)
    got = run("registrar", "expert", "suspend", "0" * 32)
    point(got.returncode in (1, 3, 5, 6) and (SITE / "registry/registry.db").read_bytes() == registry, "and nothing of the registry is lost", got.stderr)
    as_user("member", lambda: os.unlink(journal))
checkpoint = (SITE / "ledger/checkpoint").read_bytes()
for what, make in (("a link to a key", lambda p: os.symlink(SITE / "registry/registry.key", p)), ("a FIFO", os.mkfifo)):
    point(plant("member", SITE / "ledger/checkpoint", make) == 0, f"{what} in the place of the checkpoint")
    got = run("registrar", "batch", "status", "K")
    point(got.returncode in (5, 6) and "VEILKEYS" not in got.stdout + got.stderr, "is no checkpoint", f"{got.returncode} {got.stderr}")


def restore(path):
    path.write_bytes(checkpoint)


point(plant("member", SITE / "ledger/checkpoint", restore) == 0 and run("registrar", "batch", "status", "K").returncode == 0, "put back, all goes on")
# --- a second freeze goes the same way
must("registrar", "batch", "new", "M", "--policy", WORK / "lists/policy.ini", "--projects", WORK / "lists/projects.csv", "--people", WORK / "lists/people.csv")
must("registrar", "batch", "freeze", "M", "--as-of", "2026-03-01")
must("drawer", "batch", "draw", "M")
got = refused("a new freeze takes another", "registrar", "batch", "freeze", "M", "--again", "--reason", "a late list", says="waits for another operator")
must("requester", "approve", re.search(r"request ([0-9a-f]{16})", got.stderr).group(1))
must("registrar", "batch", "freeze", "M", "--again", "--reason", "a late list")
must("drawer", "batch", "draw", "M")
point((SITE / "draw/M.F1.veil").exists() and (outboxes / "drawer-registrar/M.F1.drawn").exists() and (outboxes / "drawer-registrar/M.drawn").exists(), "the earlier freeze's files stay beside",
      list(SITE.rglob("M.*")))
matrix("after two freezes")

# --- lists that the drawer and the registrar hand over: neither a link nor a FIFO in their place holds the reader, or has him read something else
for sender, reader, name, command in (("drawer", "registrar", "drawer-registrar/M.drawn", ("batch", "contacts", "M", "--out", SITE / "registry/contacts.csv")),
                                      ("registrar", "requester", "registrar-requester/M.content", ("batch", "leaks", "M"))):
    path = outboxes / name
    kept = path.read_bytes()
    for what, make in (("a link to the reader's own", lambda p: os.symlink(SITE / ("registry/registry.key" if reader == "registrar" else "desk"), p)), ("a FIFO", os.mkfifo), ("a folder", os.mkdir)):
        point(plant(sender, path, make) == 0, f"{what} in the place of {name}")
        got = refused("is no list", reader, *command, says="not a plain file")
        point("VEILKEYS" not in got.stdout + got.stderr, "and nothing of it is shown", got)
        as_user(sender, lambda: os.rmdir(path) if path.is_dir() and not path.is_symlink() else os.unlink(path))

    def put_back(p):
        p.write_bytes(kept)
        os.chmod(p, 0o640)
    point(plant(sender, path, put_back) == 0, "it is put back")
must("registrar", "batch", "contacts", "M", "--out", SITE / "registry/contacts.csv")
(SITE / "registry/contacts.csv").unlink()
point(plant("requester", outboxes / "requester-drawer/M.answers", os.mkfifo) == 0, "a FIFO in the place of the answers")
must("drawer", "batch", "show", "M", "--answers")
as_user("requester", lambda: os.unlink(outboxes / "requester-drawer/M.answers"))

# --- what is done with the log by others than who made the site
must("auditor", "ledger", "heartbeat")
must("auditor", "ledger", "checkpoint")
note = SITE / "ledger/checkpoint"
shutil.copy(note, WORK / "kept.note")
(WORK / "kept.note").chmod(0o644)
refused("only the registrar restores", "drawer", "ledger", "restore", says="this command is the registrar's")
got = run("registrar", "ledger", "restore")
point((SITE / "ledger/read-only").exists(), "the registrar makes the ledger read-only", got)
for who in ("registrar", "requester", "drawer", "auditor", "notifier"):
    point(as_user(who, lambda: os.close(os.open(SITE / "ledger/read-only", os.O_RDONLY))) == 0, f"which {who} can see")
refused("and is held to", "requester", "batch", "settle", "M", says="the ledger is read-only")
matrix("a ledger that is read-only")
must("registrar", "ledger", "restore", "--note", WORK / "kept.note")
must("requester", "batch", "settle", "M")

print(f"1..{number}")
shutil.rmtree(WORK, ignore_errors=True)
sys.exit(1 if failed else 0)
