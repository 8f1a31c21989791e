#!/usr/bin/env python3
"""The power fails at every moment of every durable step, and nothing that was acknowledged is lost.

usage: crash.py VEIL VEIL_VERIFY

Each command below is run once under the recorder (trace.py). Its operations are then replayed one by one, and before each of them the disk is left in
the states that it could be in (disk.py). Of every state we ask:

  whole        every database opens, recovers by its own journal and passes SQLite's integrity check; the ledger verifies
  kept         records that had been acknowledged are there: a record counts as acknowledged as soon as the command has done anything else after it,
               to another file or on the screen
  completed    the command, run again, completes what was begun or says that it is done; each act that happens once happened once; the files verify
  logged       whoever had seen a name left the record of the opening

States that differ only in what recovery throws away are completed once. A completion is mostly programs that run: os.cpu_count() of them go side by side,
each in a folder of its own, and their findings are read in the order of the moments.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from disk import Disk
from trace import record

VEIL, VERIFY = (os.path.abspath(p) for p in sys.argv[1:3])
MEMORY = "/dev/shm"
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-crash-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
SITE = WORK / "site"
ENV = dict(os.environ, VEIL_OPERATOR="op1", TMPDIR=str(WORK))
ENV.pop("VEIL_PASSPHRASE_FILE", None)
ENV.pop("VEIL_SITE", None)
NAME = "审查人{}{}"
LEAST = 4000
TORN = 2        # random states a moment
number = failed = states = completed = 0
WORKERS = os.cpu_count() or 1
POOL = concurrent.futures.ThreadPoolExecutor(WORKERS)


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)


def veil(site, *args, who="op1", program=VEIL):
    return subprocess.run([program, *map(str, args)], env=dict(ENV, VEIL_SITE=str(site), VEIL_OPERATOR=who), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)


def must(*args, who="op1"):
    done = veil(SITE, *args, who=who)
    if done.returncode:
        point(False, "set-up: veil " + " ".join(map(str, args[:3])), done.stderr)
    return done


# --- databases, as SQLite finds them after the crash -----------------------------------------------------------------------------------

class Databases:
    """Recovers a database with what lies beside it; the same bytes are recovered once."""

    def __init__(self):
        self.folder = WORK / "recover"
        self.folder.mkdir()
        self.known = {}

    def recover(self, data, beside):
        """(bytes after recovery, leaves or None, what is wrong or None)"""
        key = (hash(data), len(data), tuple(sorted((s, hash(d)) for s, d in beside.items())))
        if key not in self.known:
            for old in self.folder.iterdir():
                old.unlink()
            path = self.folder / "x"
            path.write_bytes(data)
            for suffix, d in beside.items():
                (self.folder / ("x" + suffix)).write_bytes(d)
            self.known[key] = self.look(path)
        return self.known[key]

    def look(self, path):
        try:
            db = sqlite3.connect(path)
            wrong = [r for (r,) in db.execute("PRAGMA integrity_check")]
            tables = {r for (r,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            leaves = [bytes(r) for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")] if "leaf" in tables else None
            db.close()
        except sqlite3.DatabaseError as e:
            return b"", None, str(e)
        return path.read_bytes(), leaves, None if wrong == ["ok"] else str(wrong[:3])


DATABASES = Databases()
BESIDE = ("-journal", "-wal")


def recovered(state):
    """(the state with its databases recovered, leaves of the ledger, what is wrong)"""
    found, leaves, wrong = {}, [], []
    for path, data in state.items():
        if data is None or path.endswith(("-shm",) + BESIDE):
            if data is not None and not any(path == p + s for p in state for s in BESIDE + ("-shm",)):
                found[path] = data
            continue
        if path.endswith((".db", ".veil")):
            data, records, bad = DATABASES.recover(data, {s: state[path + s] for s in BESIDE if state.get(path + s)})
            if bad:
                wrong.append(f"{path}: {bad}")
            if path == "ledger/ledger.db":
                leaves = records or []
        found[path] = data
    return found, leaves, wrong


def write(state, modes, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for path in sorted(p for p, d in state.items() if d is None):
        (folder / path).mkdir(exist_ok=True, parents=True)
    for path, data in state.items():
        if data is not None:
            (folder / path).parent.mkdir(exist_ok=True, parents=True)
            (folder / path).write_bytes(data)
    for path, mode in modes.items():
        if (folder / path).exists():
            (folder / path).chmod(mode)


def acts(leaves):
    return [re.search(rb"\nact ([^\n]*)", r).group(1).decode() for r in leaves]


# --- one command --------------------------------------------------------------------------------------------------------------------------

class Case:
    """made: what the command leaves for others to take, below the folder: after it was run again it is there, and whole.
    promise: what is in a file of the folder, however the power goes, once anything was shown: (path, bytes).
    out: a file outside of the folder that the command writes; each run of it again gets its own."""

    def __init__(self, what, *command, who="op1", again=(0, 6), once=(), verify="A", secret=None, fresh=False, folder=None, made=(), promise=None, out=None):
        self.what, self.command, self.who, self.again, self.once, self.verify, self.secret, self.fresh = what, command, who, again, once, verify, secret, fresh
        self.folder, self.made, self.promise, self.out, self.shown = folder or SITE, made, promise, out, False
        self.problems, self.running = [], []
        self.free = threading.Semaphore(2 * WORKERS)    # a state waiting to be completed is megabytes
        self.seen, self.done, self.kept, self.acknowledged = set(), set(), [], []
        self.source = random.Random(hashlib.sha256(what.encode()).digest())

    def run(self):
        global states, completed
        if self.fresh:
            SITE.mkdir(mode=0o700)
        disk = Disk(self.folder)
        env = dict(ENV, VEIL_SITE=str(SITE), VEIL_OPERATOR=self.who)
        DATABASES.known.clear()     # megabytes for every state
        status, _, errors, operations = record(self.folder, [VEIL, *map(str, self.command)], env)
        if status not in (0,):
            point(False, f"{self.what}: recorded", f"exit {status}: {errors}")
            return
        modes = {**disk.modes, **Disk(self.folder).modes}
        self.final = Disk(self.folder).killed()
        last_ledger = self.acknowledge(disk, None)
        self.before = len(self.acknowledged)
        for i, operation in enumerate(operations + [("exit",)]):
            self.moment(i, disk, modes)
            if operation[0] in ("exit", "shown") or not operation[1].startswith("ledger/ledger.db"):
                last_ledger = self.acknowledge(disk, last_ledger)
            if operation[0] == "shown" and self.secret and self.secret.encode() in operation[2] and "unmask.open" not in acts(self.acknowledged):
                self.problems.append(f"moment {i}: shown without a record")
            self.shown |= operation[0] == "shown"
            if operation[0] != "exit":
                disk.do(operation)
        self.moment(len(operations), disk, modes)
        for done in self.running:
            self.problems += done.result()
        states += len(self.seen)
        completed += len(self.done)
        final = self.final
        if {p: d for p, d in disk.killed().items() if not p.endswith("-shm")} != {p: d for p, d in final.items() if not p.endswith("-shm")}:
            differing = [p for p in set(final) | set(disk.killed()) if final.get(p, 0) != disk.killed().get(p, 0)]
            self.problems.append(f"the recorder missed something: {differing[:5]}")
        point(not self.problems and len(self.seen) > 1, f"{self.what}: {len(self.seen)} states at {len(operations)} operations, {len(self.done)} of them completed",
              "\n".join(self.problems[:6]))

    def acknowledge(self, disk, last):
        now = [(p, hash(d)) for p, d in disk.killed().items() if p.startswith("ledger/ledger.db")]
        if now != last:
            self.acknowledged = recovered({p: d for p, d in disk.killed().items() if p.startswith("ledger/ledger.db")})[1]
        return now

    def moment(self, i, disk, modes):
        for kind, state in [("killed", disk.killed()), ("synced", disk.synced()), ("names", disk.only_names())] + [("torn", disk.torn(self.source)) for _ in range(TORN)]:
            key = hash(frozenset((p, None if d is None else hash(d)) for p, d in state.items()))
            if (key, len(self.acknowledged)) in self.seen:
                continue
            self.seen.add((key, len(self.acknowledged)))
            found, leaves, wrong = recovered(state)
            if wrong:
                self.problems.append(f"moment {i}, {kind}: {wrong}")
                continue
            if leaves[:len(self.acknowledged)] != self.acknowledged:
                self.problems.append(f"moment {i}, {kind}: {len(self.acknowledged)} records were acknowledged, {len(leaves)} are there: {acts(self.acknowledged)[-3:]}")
                continue
            if self.promise and self.shown and self.promise[1] not in (found.get(self.promise[0]) or b""):
                self.problems.append(f"moment {i}, {kind}: shown, and {self.promise[0]} does not hold it")
            key = hash(frozenset((p, None if d is None or self.thrown_away(p, leaves) else hash(d)) for p, d in found.items()))
            if key not in self.done:
                self.done.add(key)
                self.free.acquire()
                self.running.append(POOL.submit(self.complete, f"moment {i}, {kind}", state, modes))

    def thrown_away(self, path, leaves):
        """Files in the making are begun anew until the freeze's record names them: what they hold makes no difference."""
        return ".part" in path and "batch.freeze" not in acts(leaves[self.before:])

    def complete(self, moment, state, modes):
        """Runs the command again on the raw state, in a folder of this worker: recovery is the program's own. What is wrong, line by line."""
        try:
            site = WORK / f"again-{threading.get_ident()}"
            write(state, modes, site)
            return [f"{moment}: {problem}" for problem in self.completion(site)]
        finally:
            self.free.release()

    def completion(self, site):
        elsewhere = {str(self.folder): str(site), **({str(self.out): f"{site}.out"} if self.out else {})}
        words = [str(word) for word in self.command]
        for old, new in elsewhere.items():
            words = [word.replace(old, new) for word in words]
        done = veil(site, *words, who=self.who)
        if done.returncode not in self.again:
            return [f"run again, exit {done.returncode}: {done.stderr.strip()[:300]}"]
        if self.fresh and done.returncode:
            return []       # a site that never was
        problems = []
        left = [p.name for p in site.rglob("*") if ".part" in p.name]
        if left:
            problems.append(f"left over: {left}")
        made = {p for p in self.final if any(p == m or p.startswith(m + "/") for m in self.made)}
        there = {p for p in made if (site / p).exists()}
        if made and (not there or (done.returncode == 0 and there != made)):
            problems.append(f"run again, exit {done.returncode}, and {sorted(made - there)[:2]} are not there")
        for path in sorted(there):
            if self.final[path] and len((site / path).read_bytes().rstrip(b"\0")) < len(self.final[path].rstrip(b"\0")) // 2:
                problems.append(f"run again, exit {done.returncode}, and {path} is not whole")
                break
        if self.folder != SITE:
            return problems
        ledger = veil(site, "ledger", site / "ledger/ledger.db", program=VERIFY)
        if ledger.returncode:
            problems.append(f"the ledger does not verify: {ledger.stderr.strip()[:300]}")
        file = site / f"draw/{self.verify}.veil"
        if file.exists():
            batch = veil(site, "batch", file, program=VERIFY)
            if batch.returncode:
                problems.append(f"the batch does not verify: {batch.stderr.strip()[:300]}")
        db = sqlite3.connect(site / "ledger/ledger.db")
        log = acts([bytes(r) for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")])
        db.close()
        for act, times in self.once:
            if log.count(act) != times:
                problems.append(f"{log.count(act)} records of {act}, not {times}")
        return problems


# --- a batch's life -------------------------------------------------------------------------------------------------------------------------

def lists():
    where = WORK / "lists"
    where.mkdir()
    rows = ["id,name,phone,organisation,disciplines,keywords"]
    rows += [f"E{i:03},{NAME.format('甲乙丙丁戊己庚辛壬癸'[i % 10], i)},1380000{i:04},单位{i:02},CN:1100=1,激光;材料" for i in range(24)]
    (where / "experts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["id,title,keywords,disciplines,organisation"] + [f"P{i},激光材料研究之{i}（lab@example.cn）,激光,CN:1100=1,申报单位{i}" for i in range(3)]
    (where / "projects.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    rows = ["project,name,role,organisation"] + [f"P{i},申请人{i},applicant,申报单位{i}" for i in range(3)]
    (where / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (where / "staff.csv").write_text("handle,person\nop7,S1\n", encoding="utf-8")
    (where / "p.policy").write_text("[batch]\ndemand=3\nreserves=1\nodds=0.5\nsmallest_set=6\n[close]\ncomplaint_days=0\nretention_years=0\n", encoding="utf-8")
    return where


def seats():
    text = veil(SITE, "batch", "show", "A", "--assignments", "--csv").stdout.splitlines()[1:]
    return [line.split(",")[:2] for line in text]


def request_of(done):
    return re.search(r"approve ([0-9a-f]{16})", done.stdout + done.stderr).group(1)


def key_pair(i):
    path = WORK / f"c{i}.key"
    return veil(SITE, "custodian", "key", "--rehearsal", "--out", path).stdout.strip()


def life():
    where = lists()
    Case("init", "init", SITE, "--rehearsal", again=(0, 2, 3, 6), fresh=True).run()
    must("ledger", "checkpoint")
    for i in range(3):
        must("custodian", "add", f"c{i}", "--public-key", key_pair(i), "--threshold", 2)
    intake(where)
    ceremony(where)
    drawn(where)
    handed_over()
    witnessed()
    audited()
    afterwards(where)


def intake(where):
    Case("import experts", "import", "experts", where / "experts.csv", again=(0,)).run()
    Case("import staff", "import", "staff", where / "staff.csv", again=(0,)).run()
    Case("expert suspend", "expert", "suspend", "E023").run()
    Case("batch new", "batch", "new", "A", "--policy", where / "p.policy", "--projects", where / "projects.csv", "--people", where / "people.csv").run()
    Case("freeze", "batch", "freeze", "A", "--as-of", "2026-03-01", once=[("batch.freeze.intent", 1), ("batch.freeze", 1)]).run()
    again = ("batch", "freeze", "A", "--again", "--reason", "errors in the list", "--as-of", "2026-03-02")
    must("approve", request_of(veil(SITE, *again)), who="op2")
    Case("freeze again", *again, once=[("batch.freeze.intent", 2), ("batch.freeze", 2)]).run()


def ceremony(where):
    must("batch", "new", "B", "--policy", where / "p.policy", "--projects", where / "projects.csv", "--people", where / "people.csv")
    must("batch", "freeze", "B", "--as-of", "2026-03-01")
    seed, at = ("batch", "seed", "B"), time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(time.time() + 7200))
    Case("seed plan", *seed, "plan", "--parties", "op1,op2", "--beacon", "lottery", "--beacon-time", at, once=[("batch.seed.plan", 1)]).run()
    for n, who in enumerate(("op1", "op2"), 1):
        Case(f"seed commit by {who}", *seed, "commit", "--secret-file", SITE / f"{who}.secret", who=who, once=[("batch.seed.commit", n)]).run()
    Case("seed reveal", *seed, "reveal", "--secret-file", SITE / "op1.secret", once=[("batch.seed.reveal", 1)]).run()


def drawn(where):
    Case("draw", "batch", "draw", "A", once=[("batch.draw.intent", 1), ("batch.draw", 1)]).run()
    (project, reviewer), (other, second) = seats()[0], seats()[-1]
    Case("replace", "batch", "replace", "A", "--project", project, "--reviewer", reviewer, "--reason", "declined", once=[("batch.vacancy", 1)]).run()
    Case("strike", "batch", "strike", "A", "--project", other, "--reviewer", second, once=[("batch.vacancy", 2)]).run()
    Case("withdraw a project", "batch", "withdraw", "A", "--project", seats()[5][0], once=[("batch.vacancy", 3)]).run()
    leaving = seats()[0][1]
    Case("withdraw a reviewer", "batch", "withdraw", "A", "--reviewer", leaving).run()
    Case("top-up", "batch", "draw", "A", "--top-up", "--reason", "vacancies", once=[("batch.draw.intent", 2), ("batch.draw", 2)]).run()
    Case("round", "batch", "draw", "A", "--round", "--add", "1", "--reason", "a further opinion", once=[("batch.draw.intent", 3), ("batch.draw", 3)]).run()


def handed_over():
    out = SITE / "out"      # below the recorded folder, so that its names and bytes are in the states too
    out.mkdir()
    Case("leaks waived", "batch", "leaks", "A", "--waive", "all", "--reason", "agreed", once=[("batch.leaks.waive", 1)]).run()
    Case("packets", "batch", "packets", "A", "--out", out / "packets", made=["out/packets"]).run()
    Case("contacts", "batch", "contacts", "A", "--out", out / "contacts.csv", "--slips", out / "slips", made=["out/contacts.csv", "out/slips"]).run()
    answer = WORK / "declined"
    done = veil(SITE, "answer", next((out / "packets").iterdir()), "--out", answer, "--decline", "all")
    point(done.returncode == 0, "set-up: an answer", done.stderr)
    Case("answer", "batch", "answer", "A", "--file", answer, again=(0, 3)).run()
    shutil.rmtree(out)


def witnessed():
    """The site's side, and a witness's state, which must last before his signature is seen."""
    witness, export = WORK / "witness", WORK / "export"
    key = must("ledger", "witness", "key", "--state", witness, "--name", "w.example", "--log", SITE / "ledger/vkey", "--plain").stdout.strip()
    Case("heartbeat", "ledger", "heartbeat").run()
    must("ledger", "checkpoint")
    must("ledger", "export", export)
    size = export.with_name("export.checkpoint").read_text(encoding="utf-8").split("\n")[1]
    Case("witness", "ledger", "witness", "--state", witness, "--first", export, "--out", WORK / "line", again=(0,), folder=witness, out=WORK / "line").run()
    for path in (SITE / "ledger/checkpoints").glob("*.note"):
        if int(path.stem) < int(size):
            path.unlink()
    must("ledger", "witnesses", "--quorum", 0, "--key", key)
    Case("cosign", "ledger", "cosign", WORK / "line", again=(0,), promise=(f"ledger/checkpoints/{size}.note", b"w.example")).run()
    must("ledger", "heartbeat")
    must("ledger", "checkpoint")
    (WORK / "proof").write_text(must("ledger", "prove", "--from", size).stdout, encoding="utf-8")
    Case("witness again", "ledger", "witness", "--state", witness, WORK / "proof", again=(0,), folder=witness,
         promise=("state", f"size {(WORK / 'proof').read_text(encoding='utf-8').split(chr(10) * 2)[1].split(chr(10))[1]}\n".encode())).run()
    must("ledger", "witnesses", "--quorum", 0)


def audited():
    out = SITE / "out"
    out.mkdir()
    Case("audit bundle", "audit", "bundle", out / "bundle", "A", "--facts", made=["out/bundle"]).run()
    project = seats()[0][0]
    Case("audit project", "audit", "project", "A", project, "--out", out / "project.txt", made=["out/project.txt", "out/project.txt.json"]).run()
    shutil.rmtree(out)
    public = must("auditor", "key", "--rehearsal", "--out", WORK / "a.key").stdout.strip().splitlines()[-1]
    Case("auditor add", "auditor", "add", "aud2", "--public-key", public, once=[("auditor.add", 1)]).run()
    (WORK / "pass").write_text("the passphrase of an exercise\n", encoding="utf-8")
    ENV["VEIL_OPERATOR_PASSPHRASE_FILE"] = str(WORK / "pass")
    public = must("operator", "key", "--out", WORK / "o.key").stdout.strip().splitlines()[-1]
    del ENV["VEIL_OPERATOR_PASSPHRASE_FILE"]
    Case("operator add", "operator", "add", "op9", "--roles", "auditor", "--public-key", public).run()
    Case("unmask request", "unmask", "request", "--batch", "A", "--reviewer", codes()["E008"], "--field", "name", "--purpose", "complaint", "--reference", "2026/013",
         again=(0,)).run()


def afterwards(where):
    Case("ledger checkpoint", "ledger", "checkpoint", again=(0,)).run()
    must("ledger", "checkpoint")
    code = codes()
    asked = must("unmask", "request", "--batch", "A", "--reviewer", code["E007"], "--field", "name", "--purpose", "complaint", "--reference", "2026/014").stdout.strip()
    Case("approve", "approve", asked, who="op2", once=[("approve", 2)]).run()
    Case("unmask", "unmask", "open", asked, once=[("unmask.open", 1)], secret=NAME.format("辛", 7)).run()
    Case("keys rotate", "keys", "rotate", again=(0,)).run()
    Case("custodian replace", "custodian", "replace", "c0", "--public-key", key_pair(3), "--as", "d0").run()
    Case("settle", "batch", "settle", "A", once=[("batch.settle", 1)]).run()
    must("approve", request_of(veil(SITE, "batch", "close", "A")), who="op2")
    Case("close", "batch", "close", "A", once=[("batch.close.intent", 1), ("batch.close", 1)]).run()
    must("approve", request_of(veil(SITE, "escrow", "destroy", "A")), who="op2")
    Case("escrow destroy", "escrow", "destroy", "A", once=[("escrow.destroy", 1)]).run()


def replayed(*operations):
    """What the file `name` may hold after the power went behind the last of these operations; None: it is not there."""
    folder = WORK / "model"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "name").write_bytes(b"old")
    disk, source = Disk(folder), random.Random(1)
    for operation in operations:
        disk.do(operation)
    return {s.get("name") for s in [disk.killed(), disk.synced(), disk.only_names()] + [disk.torn(source) for _ in range(40)]}


def model():
    """The replayer finds the faults that it is there to find: without them, that nothing was found would mean nothing."""
    careless = [("create", "new", False), ("write", "new", 0, b"n" * 1000), ("rename", "new", "name")]
    point({b"", b"old"} < replayed(*careless), "renamed without a sync: it may be empty or old")
    careful = careless[:2] + [("sync", "new"), careless[2]]
    point(replayed(*careful) == {b"old", b"n" * 1000}, "synced first: it is old or new, never half")
    point(replayed(*careful, ("sync", ".")) == {b"n" * 1000}, "with its folder synced it is new")
    inplace = [("write", "name", 0, b"n" * 1000)]
    point(b"n" * 512 in replayed(*inplace) and len(replayed(*inplace)) >= 3, "written in place: it may be cut at a sector")
    point(replayed(("unlink", "name")) == {b"old", None}, "removed without a sync of the folder: it may be back")
    status, shown, _, operations = record(WORK / "model", ["sh", "-c", "printf new > other; mv other name; echo done"], ENV)
    point(status == 0 and [o[0] for o in operations if o[0] in ("create", "write", "rename", "shown")] == ["create", "write", "rename", "shown"],
          "the recorder sees what a shell does", operations)


def codes():
    text = veil(SITE, "batch", "codes", "A", "--all", "--csv").stdout.splitlines()[1:]
    return {line.split(",")[3]: line.split(",")[0] for line in text}


def main():
    model()
    life()
    point(states >= LEAST, f"{states} states replayed, {completed} of them completed by running the command again; at least {LEAST} were asked for")
    print(f"1..{number}")
    shutil.rmtree(WORK, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
