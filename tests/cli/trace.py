#!/usr/bin/env python3
"""What each command really opens: every one is run under strace, and every file of the site that it opens, makes, renames or removes lies in a folder that its row declares.

usage: trace.py VEIL LISTS

Commands that the walk below does not know are run with as many words as they ask for at least: a new one is traced from its first day, and named at the end.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VEIL, LISTS = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
if shutil.which("strace") is None:
    print("1..0 # SKIP there is no strace: nothing was traced")
    sys.exit(0)
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-trace-"))
SITE, TRACE = WORK / "site", WORK / "trace"
CALLS = "open,openat,openat2,creat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,truncate"
number = failed = 0
walked, beyond = set(), {}


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)


def plain(*args):
    return subprocess.run([VEIL, *args], capture_output=True, text=True).stdout


declared = {}
for line in plain("manual", "roles").splitlines()[2:]:
    name, _, opens = (cell.strip().strip("`") for cell in line.strip("|").split("|"))
    declared[name] = set() if opens == "none" else {folder.strip("/") for folder in opens.split(", ")}


def command_of(args):
    words = [str(a) for a in args]
    return max((n for n in declared if words[:len(n.split())] == n.split()), key=len)


def go(*args, status=(0,), who="op1", **env):
    name = command_of(args)
    walked.add(name)
    full = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VEIL_SITE": str(SITE), "VEIL_OPERATOR": who, "TMPDIR": str(WORK), **env}
    # The sanitizers' leak check cannot run under a tracer.
    full["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    done = subprocess.run(["strace", "-f", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(TRACE), VEIL, *map(str, args)], env=full, cwd=WORK, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, start_new_session=True)
    if status is not None and done.returncode not in status:
        point(False, "veil " + " ".join(map(str, args[:3])), f"exit {done.returncode}\n{done.stdout}{done.stderr}")
    for path in re.findall(r'"((?:[^"\\]|\\.)*)"', TRACE.read_text(errors="replace")):
        path = os.path.realpath(os.path.dirname(os.path.join(WORK, path))) + "/" + os.path.basename(path)
        if not path.startswith(str(SITE) + "/") or path == str(SITE / "site.ini") or os.path.basename(path).startswith(".site.ini."):
            continue
        folder = path[len(str(SITE)) + 1:].split("/")[0]
        if folder not in declared[name]:
            beyond.setdefault(name, set()).add(path[len(str(SITE)) + 1:])
    return done


def request_of(done):
    return re.search(r"\b([0-9a-f]{16})\b", done.stdout + done.stderr).group(1)


policy = (LISTS / "policy.ini").read_text(encoding="utf-8") + "\n[close]\ncomplaint_days=0\nretention_years=0\n"
(WORK / "p.policy").write_text(policy, encoding="utf-8")
go("init", SITE, "--rehearsal")
go("operator", "key", "--out", "k", VEIL_PASSPHRASE_FILE=str(LISTS / "policy.ini"))
go("operator", "add", "op3", "--roles", "drawer")
go("operator", "list")
go("operator", "revoke", "op3")
line = go("auditor", "key", "--rehearsal", "--out", "a.key").stdout.strip()
go("auditor", "add", "second", "--public-key", line)
go("auditor", "list")
go("auditor", "remove", "second")
for i in (1, 2, 3):
    line = go("custodian", "key", "--rehearsal", "--out", f"c{i}.key").stdout.strip()
    go("custodian", "add", f"c{i}", "--public-key", line) if i < 3 else go("custodian", "replace", "c2", "--public-key", line, "--as", "c3")
go("custodian", "list")
for kind in ("disciplines", "organisations", "experts", "posts", "works", "relations", "bans"):
    go("import", kind, LISTS / f"{kind}.csv")
go("keys", "escrow")
go("keys", "rotate")
found = go("expert", "find", "E01", "--csv", status=None).stdout
ids = re.findall(r"\b[0-9a-f]{32}\b", found) or ["0" * 32]
go("expert", "show", ids[0], status=None)
go("expert", "suspend", "0" * 32, status=None)
go("expert", "merge", "0" * 32, "1" * 32, status=None)
go("batch", "new", "K", "--policy", WORK / "p.policy", "--projects", LISTS / "projects.csv", "--people", LISTS / "people.csv")
go("batch", "status", "K")
go("batch", "waive", "K", "--project", "X01", "--expert", "E01", "--rule", "C13", "--reason", "a test 1", status=None)
go("batch", "freeze", "K", "--as-of", "2026-03-01")
go("batch", "status", "K")
go("batch", "check", "K")
go("batch", "seed", "K", "status", status=None)
go("batch", "draw", "K")
rows = go("batch", "show", "K", "--assignments", "--csv").stdout.splitlines()[1:]
project, reviewer = rows[0].split(",")[:2]
go("batch", "exception", "K", "--project", project, "--reason", "few experts", status=None)
go("batch", "replace", "K", "--project", project, "--reviewer", reviewer, "--reason", "ill")
project2, reviewer2 = rows[-1].split(",")[:2]
go("batch", "strike", "K", "--project", project2, "--reviewer", reviewer2, status=None)
go("batch", "withdraw", "K", "--reviewer", reviewer2, status=None)
go("batch", "conflicts", "K")
go("batch", "cycles", "K")
go("batch", "explain", "K", "--project", project, "--reviewer", reviewer)
go("batch", "codes", "K", "--all")
go("batch", "minutes", "K", "--out", WORK / "m.html")
go("audit", "opened", "K")
go("audit", "bundle", WORK / "bundle", "K", "--facts", status=None)
go("audit", "project", "K", project, "--out", WORK / "cert", status=None)
tie = ("audit", "tie", "K", "--project", project, "--rule", "C04", "--reference", "2026/1")
go("approve", request_of(go(*tie, status=(6,))), who="op2")
go(*tie)
asked = go("unmask", "request", "--batch", "K", "--reviewer", reviewer, "--field", "name", "--purpose", "complaint", "--reference", "2026/014", status=None)
go("approve", "list")
request = request_of(asked)
go("approve", request, who="op2", status=None)
go("ledger", "checkpoint")
go("unmask", "open", request, status=None)
go("ledger", "prove", "0")
go("ledger", "export", WORK / "copy.db")
go("ledger", "witnesses", "--quorum", "0", status=None)
go("batch", "settle", "K")
asked = go("batch", "close", "K", status=None)
if "approve" in asked.stderr:
    go("approve", request_of(asked), who="op2")
    go("batch", "close", "K")
go("escrow", "part", "K", "--custodian-key", "c1.key", "--out", WORK / "c1.part", status=None)
go("escrow", "open", "K", "--part", WORK / "c1.part", status=None)
go("escrow", "destroy", "K", status=None)
go("keys", "passphrase", status=None, VEIL_NEW_PASSPHRASE_FILE=str(LISTS / "policy.ini"))
go("keys", "recover", status=None)
go("policy", "show")
go("match", "--scores", "/nowhere", "--out", WORK / "x.csv", status=None)

shallow = sorted(set(declared) - walked)
for name in shallow:
    words = plain("manual", "arguments", *name.split()).strip() or "0"
    go(*name.split(), *["K"] * int(words), status=None)
point(set(declared) == walked, f"{len(walked)} commands were traced")
point(not beyond, "each opens what its row declares and nothing else of the site", "\n".join(f"{n}: {', '.join(sorted(p))}" for n, p in sorted(beyond.items())))
if shallow:
    print("# traced only as far as the least words lead: " + ", ".join(shallow))
print(f"1..{number}")
shutil.rmtree(WORK, ignore_errors=True)
sys.exit(1 if failed else 0)
