#!/usr/bin/env python3
"""A batch on a site that is no rehearsal, by the commands alone: keys, roles, a seed ceremony on a clock of the test's, an exception, the checker.

usage: ceremony.py VEIL VEIL_VERIFY LISTS CLOCK HARDNESS
"""
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

VEIL, VERIFY, LISTS, CLOCK, HARDNESS = (os.path.abspath(p) for p in sys.argv[1:6])
LISTS = pathlib.Path(LISTS)
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-ceremony-"))
SITE = WORK / "site"
number = failed = shift = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:2000].splitlines()), flush=True)


def run(*args, by=None, **more):
    env = dict(os.environ, VEIL_SITE=str(SITE), TMPDIR=str(WORK), LD_PRELOAD=f"{CLOCK}:{HARDNESS}", VEIL_TEST_CLOCK=str(shift))
    for name in ("VEIL_OPERATOR", "VEIL_OPERATOR_KEY", "VEIL_PASSPHRASE_FILE", "VEIL_OPERATOR_PASSPHRASE_FILE"):
        env.pop(name, None)
    if by is not None:
        env.update(VEIL_OPERATOR_KEY=str(WORK / f"{by}.key"), VEIL_OPERATOR_PASSPHRASE_FILE=str(WORK / f"{by}.pass"))
    if by == "reg":
        env["VEIL_PASSPHRASE_FILE"] = str(WORK / "site.pass")
    env.update(more)
    return subprocess.run([str(a) for a in args], env=env, cwd=WORK, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def must(*args, by=None, **more):
    got = run(*args, by=by, **more)
    point(got.returncode == 0, f"{by or 'anyone'}: " + " ".join(str(a) for a in args[1:5]), got.stderr + got.stdout)
    return got.stdout


def refused(what, *args, by=None, says="", status=6, **more):
    got = run(*args, by=by, **more)
    point(got.returncode == status and says in got.stderr, what, f"{got.returncode} {got.stderr}{got.stdout}")


def minute(minutes):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift, minutes=minutes)).strftime("%Y-%m-%dT%H:%MZ")


def leaves():
    db = sqlite3.connect(f"file:{SITE}/ledger/ledger.db?mode=ro", uri=True)
    found = [bytes(r) for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")]
    db.close()
    return found


def fields(leaf):
    return dict(line.split(" ", 1) for line in leaf.decode().splitlines()[1:])


def lp(value):
    return len(value).to_bytes(4, "little") + value


# --- keys and roles
(WORK / "site.pass").write_text("of the registry\n")
public = {}
for who in ("reg", "reg2", "draw", "chief", "inspect", "audit", "ghost"):
    (WORK / f"{who}.pass").write_text(f"{who}'s own\n")
    public[who] = must(VEIL, "operator", "key", "--out", WORK / f"{who}.key", VEIL_OPERATOR_PASSPHRASE_FILE=str(WORK / f"{who}.pass")).strip()
point(oct((WORK / "reg.key").stat().st_mode & 0o777) == "0o600", "a key's mode")
refused("a key is never overwritten", VEIL, "operator", "key", "--out", WORK / "reg.key", VEIL_OPERATOR_PASSPHRASE_FILE=str(WORK / "reg.pass"))
line = must(VEIL, "auditor", "key", "--out", WORK / "auditor.key", VEIL_AUDITOR_PASSPHRASE_FILE=str(WORK / "audit.pass")).strip()
must(VEIL, "init", SITE, "--operator", "reg", by="reg")
refused("who is nobody adds nobody", VEIL, "operator", "add", "x", "--roles", "drawer", "--public-key", public["draw"])
for who, roles in (("reg2", "registrar"), ("draw", "drawer"), ("chief", "requester"), ("inspect", "auditor"), ("audit", "auditor")):
    must(VEIL, "operator", "add", who, "--roles", roles, "--public-key", public[who], by="reg")
listed = json.loads(must(VEIL, "operator", "list", "--json"))["operators"]
point([o["handle"] for o in listed] == ["reg", "reg2", "draw", "chief", "inspect", "audit"], "operators", listed)
refused("the drawer imports nothing", VEIL, "import", "experts", LISTS / "experts.csv", by="draw", says="role registrar")
refused("another's passphrase", VEIL, "import", "experts", LISTS / "experts.csv", by="reg", says="passphrase",
        VEIL_OPERATOR_PASSPHRASE_FILE=str(WORK / "draw.pass"))
for kind in ("disciplines", "organisations", "experts", "posts", "works", "relations", "bans"):
    must(VEIL, "import", kind, LISTS / f"{kind}.csv", by="reg")
refused("from here on an operator takes two", VEIL, "operator", "add", "ghost", "--roles", "auditor", "--public-key", public["ghost"], by="reg",
        says="waits for another operator")
must(VEIL, "batch", "new", "K", "--policy", LISTS / "policy.ini", "--projects", LISTS / "projects.csv", "--people", LISTS / "people.csv", by="reg")
refused("the drawer freezes nothing", VEIL, "batch", "freeze", "K", by="draw", says="role registrar")
refused("no freeze that no auditor could read", VEIL, "batch", "freeze", "K", "--as-of", "2026-03-01", by="reg", says="veil auditor add")
refused("a mistyped line", VEIL, "auditor", "add", "audit", "--public-key", line[:-10] + ("B" if line[-10] == "A" else "A") + line[-9:], by="reg", status=2, says="mistyped")
refused("the auditor does not name himself", VEIL, "auditor", "add", "audit", "--public-key", line, by="audit", says="role registrar")
must(VEIL, "auditor", "add", "audit", "--public-key", line, by="reg")
refused("one key is one auditor's", VEIL, "auditor", "add", "audit2", "--public-key", line, by="reg")
got = run(VEIL, "batch", "freeze", "K", "--as-of", "2026-03-01", by="reg")
point(got.returncode == 0 and "no custodians" in got.stderr, "frozen, with a warning that nobody could open it later", got.stderr)
sealed = (SITE / "audit/K.audit").read_bytes()
point(sealed.startswith(b"VEILSEAL") and b"SQLite" not in sealed and b"exclusion" not in sealed, "the audit file lies sealed")
point(not list(SITE.rglob("*.part")) and not list(SITE.rglob("*-journal*audit*")), "and nothing of it lies about")
refused("it opens with no key", VEIL, "batch", "conflicts", "K", by="audit", says="--auditor-key")
refused("nor with another passphrase", VEIL, "batch", "conflicts", "K", by="audit", says="wrong passphrase", VEIL_AUDITOR_KEY=str(WORK / "auditor.key"),
        VEIL_AUDITOR_PASSPHRASE_FILE=str(WORK / "draw.pass"))
AUDITOR = {"VEIL_AUDITOR_KEY": str(WORK / "auditor.key"), "VEIL_AUDITOR_PASSPHRASE_FILE": str(WORK / "audit.pass")}
point("C0" in must(VEIL, "batch", "conflicts", "K", "--csv", by="audit", **AUDITOR), "the auditor reads it")
stranger = must(VEIL, "auditor", "key", "--rehearsal", "--quiet", "--out", WORK / "stranger.key").strip()
refused("another auditor does not", VEIL, "batch", "conflicts", "K", by="audit", says="not sealed to this key", VEIL_AUDITOR_KEY=str(WORK / "stranger.key"))
refused("the registrar draws nothing", VEIL, "batch", "draw", "K", by="reg", says="role drawer")
refused("no draw without a ceremony", VEIL, "batch", "draw", "K", by="draw", says="seed")
refused("nor with a seed of one's own", VEIL, "batch", "draw", "K", "--seed", "0" * 64, by="draw")

# --- the ceremony
seed = (VEIL, "batch", "seed", "K")
point(json.loads(must(*seed, "status", "--json"))["state"] == "none", "no plan")
refused("a beacon of the past", *seed, "plan", "--parties", "chief,inspect,audit", "--beacon", "lottery", "--beacon-time", minute(-1), by="draw")
must(*seed, "plan", "--parties", "chief,inspect,audit", "--beacon", "福利彩票 3D 第2026060期", "--beacon-time", minute(60), by="draw")
refused("the drawer is no party", *seed, "commit", by="draw", says="no party")
for who in ("chief", "inspect", "audit"):
    must(*seed, "commit", "--secret-file", WORK / f"{who}.secret", by=who)
point(oct((WORK / "chief.secret").stat().st_mode & 0o777) == "0o600", "a secret's mode")
secrets = {who: (WORK / f"{who}.secret").read_text().strip() for who in ("chief", "inspect", "audit")}
point(not any(s.encode() in b"".join(leaves()) for s in secrets.values()), "no secret in the ledger before its reveal")
must(*seed, "reveal", "--secret-file", WORK / "chief.secret", by="chief")
refused("somebody else's secret", *seed, "reveal", "--secret-file", WORK / "audit.secret", by="inspect", says="not the secret")
must(*seed, "reveal", "--secret-file", WORK / "audit.secret", by="audit")
refused("too early", *seed, "beacon", "471", by="draw", says="has not come")
status = json.loads(must(*seed, "status", "--json"))
point(status["state"] == "committed" and "inspect" in status["next"], "status names who is awaited", status)
refused("the draw waits for it", VEIL, "batch", "draw", "K", by="draw", says="not finished")
shift += 61 * 60
refused("too late", *seed, "reveal", "--secret-file", WORK / "inspect.secret", by="inspect", says="time has come")
must(*seed, "beacon", "４７ 1", by="draw")
refused("not twice by one", *seed, "beacon", "47 1", by="draw", says="entered this value already")
refused("differently", *seed, "beacon", "417", by="audit", says="another value")
must(*seed, "beacon", " 47   1", by="audit")
status = json.loads(must(*seed, "status", "--json"))
point(status["state"] == "ready", "ready", status)
records = [fields(leaf) for leaf in leaves()]
freeze = next((leaf for leaf in leaves() if b"\nact batch.freeze\n" in leaf))
text = (lp(b"K") + lp(fields(freeze)["freeze-id"].encode()) + lp(b"1") + lp(hashlib.sha256(b"\0" + freeze).digest())
        + lp(bytes.fromhex(secrets["chief"])) + lp(bytes.fromhex(secrets["audit"])) + lp(b"47 1"))
point(status["seed"] == hmac.new(b"veil/seed/1", text, hashlib.sha256).hexdigest(), "the seed by five lines of Python")
point([r["party"] for r in records if r["act"] == "batch.seed.missing"] == ["inspect"], "who kept silent is named")
must(VEIL, "batch", "draw", "K", by="draw")
refused("one draw a freeze", VEIL, "batch", "draw", "K", by="draw", says="drawn already")
must(VEIL, "batch", "minutes", "K", "--out", WORK / "m.html", by="draw")
point("ceremony" in (WORK / "m.html").read_text(), "the minutes say how the seed was made")
out = must(VERIFY, "ledger", SITE / "ledger/ledger.db")
refused("the checker asks for the auditor's key", VERIFY, "batch", SITE / "draw/K.veil", status=1)
refused("another's key opens nothing", VERIFY, "batch", SITE / "draw/K.veil", "--audit-key", WORK / "stranger.key", status=1)
for what, at in (("the magic's end", 10), ("a reader's key", 60), ("his sealed key", 100), ("the first chunk", 300), ("the last", len(sealed) - 20)):
    (WORK / "K.audit").write_bytes(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1:])
    got = run(VERIFY, "batch", SITE / "draw/K.veil", "--audit", WORK / "K.audit", "--audit-key", WORK / "auditor.key", **AUDITOR)
    point(got.returncode in (1, 5) and (at != 300 or got.returncode == 5), f"altered in {what}", f"{got.returncode} {got.stdout}{got.stderr}")
for cut in (0, 7, 8, 55, 56, 200, 65536, len(sealed) - 1):
    (WORK / "K.audit").write_bytes(sealed[:cut])
    refused(f"cut off at {cut}", VERIFY, "batch", SITE / "draw/K.veil", "--audit", WORK / "K.audit", "--audit-key", WORK / "auditor.key", status=5, **AUDITOR)
out = must(VERIFY, "batch", SITE / "draw/K.veil", "--audit-key", WORK / "auditor.key", **AUDITOR)
point(all(fields(leaf).get("sig") for leaf in leaves()), "every record is signed")

# --- a second freeze takes two, and a revoked operator does nothing more
again = (VEIL, "batch", "freeze", "K", "--again", "--reason", "a party protested", "--as-of", "2026-03-01")
refused("a new freeze is asked for", *again, by="reg", says="waits for another operator")
request = json.loads(must(VEIL, "approve", "list", "--json"))["requests"][0]["id"]
refused("not approved by a drawer", VEIL, "approve", request, by="draw", says="roles")
refused("nor by who asks", VEIL, "approve", request, by="reg", says="who asks")
must(VEIL, "operator", "revoke", "reg2", "--reason", "left", by="reg")
refused("nor by who was revoked", VEIL, "approve", request, by="reg2", says="no operator")
must(VEIL, "approve", request, by="audit")
must(*again, by="reg")
refused("the new freeze needs its own ceremony", VEIL, "batch", "draw", "K", by="draw", says="seed")
must(VERIFY, "ledger", SITE / "ledger/ledger.db")

# --- nothing of anybody
canaries = [line.split(",")[1] for line in (LISTS / "experts.csv").read_text(encoding="utf-8-sig").splitlines()[1:] if line.count(",") > 5]
blob = b"".join(p.read_bytes() for p in SITE.rglob("*") if p.is_file()) + (WORK / "m.html").read_bytes()
point(len(canaries) > 15 and not any(c.encode() in blob for c in canaries), "no name in any file of the site")
point(not any((WORK / f"{w}.pass").read_text().strip().encode() in blob for w in public), "no passphrase either")
print(f"1..{number}")
sys.exit(1 if failed else 0)
