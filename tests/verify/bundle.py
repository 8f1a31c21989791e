#!/usr/bin/env python3
"""What an auditor is handed: bundles that veil makes hold, are whole, and say what they do not prove; an opened batch has no statement; a tie is answered to those who may ask.

usage: bundle.py VEIL VEIL_VERIFY VEIL_DEMO
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

VEIL, VERIFY, DEMO = (os.path.abspath(p) for p in sys.argv[1:4])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-bundle-"))
SITE = WORK / "site"
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)


def run(*args, by="op1"):
    full = {**os.environ, "VEIL_SITE": str(SITE), "VEIL_OPERATOR": by, "TMPDIR": str(WORK)}
    return subprocess.run([str(a) for a in args], env=full, cwd=WORK, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def must(*args, by="op1"):
    got = run(*args, by=by)
    if got.returncode != 0:
        point(False, " ".join(str(a) for a in args[1:5]), got.stderr + got.stdout)
    return got.stdout


def one(path, sql):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = db.execute(sql).fetchall()
    db.close()
    return found


lists = WORK / "lists"
must(DEMO, "--out", lists, "--seed", "3", "--experts", "400", "--projects", "8")
must(VEIL, "init", SITE, "--rehearsal")
for kind in ("disciplines", "organisations", "experts", "posts", "bans"):
    must(VEIL, "import", kind, lists / f"{kind}.csv")
sections = "".join("[" + s for s in (lists / "policy.ini").read_text().split("[")[1:] if not s.startswith(("batch]", "panel.", "share.", "team]", "draw]")))
(WORK / "p.ini").write_text("[batch]\ndemand=3\nreserves=1\nmax_load=4\nmethod=draw\nodds=0.5\nsmallest_set=0\n[panel.employer]\nattribute=employer\nmax=1\n" + sections)
for name in ("A", "评审B"):
    must(VEIL, "batch", "new", name, "--policy", WORK / "p.ini", "--projects", lists / "projects.csv", "--people", lists / "people.csv")
    must(VEIL, "batch", "freeze", name, "--as-of", "2026-03-01")
must(VEIL, "batch", "draw", "A")
must(VEIL, "ledger", "checkpoint")

KEY = SITE / "audit/auditor.key"
# --- bundles -------------------------------------------------------------------------------------------------------------

digest = must(VEIL, "audit", "bundle", "full", "A", "评审B", "--facts").strip()
files = sorted(str(p.relative_to(WORK / "full")) for p in (WORK / "full").rglob("*") if p.is_file())
point([f for f in files if not f.startswith("ledger/checkpoints/")] ==
      ["BUNDLE", "audit/A.audit", "audit/A.openings", "audit/评审B.audit", "audit/评审B.openings", "draw/A.veil", "draw/评审B.veil", "ledger/checkpoint", "ledger/ledger.db", "ledger/vkey"]
      and any(f.startswith("ledger/checkpoints/") for f in files), "a bundle has these files", files)
got = run(VERIFY, "bundle", "full", "--key", SITE / "ledger/vkey", "--audit-key", KEY)
point(got.returncode == 0 and digest in got.stdout and got.stdout.splitlines()[2].startswith("VERIFIED"), "it is verified, by sentences", got.stdout + got.stderr)
point("Conflicts of interest. Every exclusion follows" in got.stdout and "What was not proved" in got.stdout and "facts in the register were true" in got.stdout and "No witness was named" in got.stdout,
      "the sentences say what was proved and what not", got.stdout)
told = json.loads(run(VERIFY, "bundle", "full", "--json", "--audit-key", KEY).stdout)
point(told["verified"] and {"bundle", "records", "openings", "registry", "exclusions", "replay"} <= {s["step"] for s in told["steps"]} and len(told["unproved"]) >= 5, "the object says the same", told)
bare = must(VEIL, "audit", "bundle", "bare", "A").strip()
got = run(VERIFY, "bundle", "bare", "--lines")
point(got.returncode == 0 and "There is no audit file" in got.stdout and "exclusions" not in got.stdout and "odds and seed give exactly these people" in got.stdout, "without facts it says so, and replays the draw",
      got.stdout + got.stderr)
point(not list((WORK / "bare/audit").glob("*.audit")), "without --facts there are none")
got = run(VEIL, "audit", "bundle", "bare", "A")
point(got.returncode == 6 and "not overwritten" in got.stderr, "nothing is overwritten", got.stderr)
got = run(VEIL, "audit", "bundle", "none", "C")
point(got.returncode == 6 and not [p for p in WORK.iterdir() if p.name.startswith("none")], "a batch that there is not leaves nothing behind", got.stderr)
must(VEIL, "audit", "bundle", "log")
got = run(VERIFY, "bundle", "log")
point(got.returncode == 0 and "the log alone" in got.stdout, "a bundle of the log alone", got.stdout + got.stderr)
for name, what in (("A.veil", "draw"), ("A.audit", "audit")):
    got = run(VERIFY, *(["batch", f"full/{what}/{name}"] if what == "draw" else ["batch", "full/draw/A.veil", "--audit", f"full/audit/{name}"]), "--audit-key", KEY)
    point(got.returncode == 0, f"its parts are checked one by one: {name}", got.stderr)
got = run(VERIFY, "ledger", "full/ledger/ledger.db", "--statement", "full/audit/A.openings")
point(got.returncode == 0 and "there is no opening of it" in got.stdout, "the statement by itself", got.stdout + got.stderr)

# --- an opening ------------------------------------------------------------------------------------------------------------

source = (lists / "projects.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(",")[0]
must(VEIL, "batch", "codes", "评审B", "--project", source)
got = run(VERIFY, "ledger", SITE / "ledger/ledger.db", "--statement", "full/audit/评审B.openings")
point(got.returncode == 0, "a statement holds for the records that it speaks of, whatever came after", got.stdout + got.stderr)
must(VEIL, "audit", "bundle", "opened", "A", "评审B")
got = run(VERIFY, "bundle", "opened")
point(got.returncode == 0 and not (WORK / "opened/audit/评审B.openings").exists() and (WORK / "opened/audit/A.openings").exists() and "1 opening(s)" in got.stdout,
      "an opened batch has no statement, and the opening is told", got.stdout + got.stderr)

# --- a certificate of procedure ----------------------------------------------------------------------------------------------

code = one(SITE / "draw/A.veil", "SELECT code FROM project ORDER BY code LIMIT 1")[0][0]
sitting = one(SITE / "draw/A.veil", f"SELECT reviewer FROM assignment WHERE project = '{code}' AND role = 'panel'")[0][0]
must(VEIL, "batch", "replace", "A", "--project", code, "--reviewer", sitting, "--reason", "declined")
must(VEIL, "audit", "project", code, "--out", "cert")
text, told = (WORK / "cert").read_text(), json.loads((WORK / "cert.json").read_text())
codes = {c for c, in one(SITE / "draw/A.veil", "SELECT code FROM reviewer")} | {c for c, in one(SITE / "draw/A.veil", "SELECT code FROM project WHERE code <> '%s'" % code)}
point(not any(c in text or c in (WORK / "cert.json").read_text() for c in codes) and "declined" not in text, "it names no reviewer, no other project and no reason", text)
point(all(v == "<5" or v % 5 == 0 for v in told["exclusions"].values()) and told["vacancies"][0]["promoted"] is True and told["draws"][0]["panel"] == 3, "counts are in fives", told)
must(VEIL, "batch", "replace", "A", "--project", code, "--reviewer", one(SITE / "draw/A.veil", "SELECT promoted FROM event")[0][0], "--reason", "ill")
got = run(VERIFY, "batch", SITE / "draw/A.veil", "--procedure", "cert.json")
point(got.returncode == 0 and "ok    procedure" in got.stdout, "it is checked line by line, and holds for its size whatever came after", got.stdout + got.stderr)
got = run(VERIFY, "batch", SITE / "draw/A.veil", "--procedure", "cert.json", "--without-audit")
point(got.returncode == 0 and "is the certificate's word" in got.stdout, "without the audit file it says what it could not count", got.stdout + got.stderr)
plain = (WORK / "cert.json").read_text()
other = one(SITE / "draw/A.veil", "SELECT code FROM project ORDER BY code DESC LIMIT 1")[0][0]
for what, a, b, why in (("another origin", '"origin":"veil', '"origin":"evil', "its origin"), ("another batch", '"batch":"A"', '"batch":"B"', "its batch"), ("another project", code, other, "is not what"),
                        ("a project of nowhere", code, "P0", "its project is not in"), ("no rehearsal", '"rehearsal":true', '"rehearsal":false', "its rehearsal"),
                        ("another freeze", '"freeze":1', '"freeze":2', "its freeze"), ("another freeze record", '"freeze_record":', '"freeze_record":1', "its freeze_record"),
                        ("another day", '"freeze_day":"20', '"freeze_day":"19', "its freeze_day"), ("another date", '"as_of":"2026', '"as_of":"2025', "its as_of"),
                        ("another root", '"batch_root":"', '"batch_root":"0', "its batch_root"), ("another audit root", '"audit_root":"', '"audit_root":"0', "its audit_root"),
                        ("another registry root", '"registry_root":"', '"registry_root":"0', "its registry_root"), ("another policy", '"policy_sha256":"', '"policy_sha256":"0', "its policy_sha256"),
                        ("another demand", '"demand":3', '"demand":4', "its demand"), ("more candidates", '"candidates":', '"candidates":1', "its candidates"),
                        ("a rule's count twice", '"exclusions":{', '"exclusions":{"C01":5,', "its exclusions"), ("a waiver from nowhere", '"waivers":0', '"waivers":"<5"', "its waivers"),
                        ("another seed", '"seed":"', '"seed":"0', "its draws"), ("a larger panel", '"panel":3', '"panel":4', "its draws"), ("another method", '"method":"draw"', '"method":"fair"', "its draws"),
                        ("a place given up left out", told["vacancies"] and json.dumps(told["vacancies"][0], separators=(",", ":")), "", "its vacancies"),
                        ("nobody moved up", '"promoted":true', '"promoted":false', "its vacancies"), ("an opening from nowhere", '"openings":0', '"openings":1', "its openings"),
                        ("another size", f'"size":{told["size"]}', f'"size":{told["size"] + 1}', "its size"), ("another size signed", f"\\n{told['size']}\\n", f"\\n{told['size'] + 1}\\n", "the signature does not hold"),
                        ("another format", "veil-procedure/1", "veil-procedure/2", "no certificate of procedure"), ("a line more", '"demand"', '"name":"x",\n"demand"', "its demand"),
                        ("a line less", '"waivers":0,\n', "", "its waivers"), ("a blank more", '"demand":3', '"demand": 3', "its demand"), ("something behind it", "\n}\n", "\n}\n\n", "not written as"),
                        ("no object", "{\n", "[\n", "no certificate of procedure"), ("cut off", "\n}\n", "\n", "no certificate of procedure")):
    (WORK / "forged.json").write_text(plain.replace(a, b))
    got = run(VERIFY, "batch", SITE / "draw/A.veil", "--procedure", "forged.json")
    point(a in plain and got.returncode == 5 and why in got.stderr, f"certificate: {what}", got.stderr)
got = run(VEIL, "audit", "project", code, "--out", "cert")
point(got.returncode == 6 and "not overwritten" in got.stderr, "a certificate is not overwritten", got.stderr)
got = run(VEIL, "audit", "project", "A", one(SITE / "draw/评审B.veil", "SELECT code FROM project")[0][0], "--out", "none")
point((got.returncode, got.stderr) == (6, "veil: not available\n") and not (WORK / "none").exists(), "of a project of elsewhere there is none", got.stderr)

# --- ties ------------------------------------------------------------------------------------------------------------------

project, reviewer = [r.split(",")[:2] for r in must(VEIL, "batch", "conflicts", "A", "--csv").splitlines()[1:] if r.split(",")[2].startswith("C04")][0]
free = one(SITE / "draw/A.veil", f"SELECT reviewer FROM assignment WHERE project = '{project}'")[0][0]
site_ini = (SITE / "site.ini").read_text()
(SITE / "site.ini").write_text(site_ini + "\n[unmask]\nofficer_per_hour=7\nbatch_per_day=7\n")
pool_b = one(SITE / "draw/评审B.veil", "SELECT code FROM project")[0][0]


def ask(*args, by="op1"):
    first = run(VEIL, "audit", "tie", *args, "--reference", "2026/14", by=by)
    asked = first.stderr.split("request ")[1].split(" ")[0] if first.returncode == 6 and "request " in first.stderr else None
    if asked is None:
        return first, None
    again = run(VEIL, "audit", "tie", *args, "--reference", "2026/14", by=by)
    if again.returncode != 6:
        point(False, "answered without approval", again.stdout)
    must(VEIL, "approve", asked, by="op2")
    return first, run(VEIL, "audit", "tie", *args, "--reference", "2026/14", by=by)


_, got = ask("A", "--project", project, "--rule", "C04", "--reviewer", reviewer)
point(got and got.returncode == 0 and got.stdout == "yes\n", "an excluded pair is tied", got)
_, got = ask("A", "--project", project, "--rule", "C04", "--reviewer", free)
point(got and got.returncode == 0 and got.stdout == "no\n", "one who was drawn is not", got)
_, got = ask("--project", project, "--rule", "c04")
point(got and got.returncode == 0 and got.stdout == "no\n", "nobody who was given a place is, and the batch is found by the project", got)
_, got = ask("A", "--project", project, "--rule", "C16")
point(got and got.returncode == 0 and got.stdout == "off\n", "a rule that was off was not asked", got)
one_missing, missing = ask("A", "--project", pool_b, "--rule", "C04")
two_missing, nobody = ask("A", "--project", project, "--rule", "C04", "--reviewer", one(SITE / "draw/评审B.veil", "SELECT code FROM reviewer")[0][0])
words = [(g.returncode, g.stdout, g.stderr) for g in (missing, nobody)]
point(words[0] == words[1] == (6, "", "veil: not available\n"), "a project and a reviewer of elsewhere get one answer", words)
got = run(VEIL, "audit", "tie", "A", "--project", project, "--rule", "C04", "--person", "Zhang San", "--reference", "2026/15")
point(got.returncode == 2 and "Zhang" not in got.stderr, "a name is no code, and is not repeated", got.stderr)
_, got = ask("A", "--project", project, "--rule", "C05")
point(got and got.returncode == 0, "the seventh question", got)
first, _ = ask("A", "--project", project, "--rule", "C12")
point(first.returncode == 6 and "too much was asked" in first.stderr, "the eighth within an hour is one too many", first.stderr)
records = [r.decode() for r, in one(SITE / "ledger/ledger.db", "SELECT CAST(record AS BLOB) FROM leaf")]
point(sum("\nact audit.tie\n" in r for r in records) == 7 and sum("\nact audit.tie.refused\n" in r for r in records) == 1 and not any("yes" in r.split("\nsig")[0].split("\n")[7:] for r in records),
      "what was asked is logged, not what was answered")
got = run(VERIFY, "ledger", SITE / "ledger/ledger.db")
point(got.returncode == 0, "the log holds", got.stdout + got.stderr)
shutil.rmtree(WORK)
print(f"1..{number}")
sys.exit(1 if failed else 0)
