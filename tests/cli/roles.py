#!/usr/bin/env python3
"""Role x command, generated from the table: on a site that is no rehearsal every command is run by an operator of every role, by one revoked and by nobody.

usage: roles.py VEIL ROLES.MD

Default deny: a command whose row does not say its role or its folders fails, so does a folder that no role is known to open.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VEIL, PAGE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-roles-"))
SITE = WORK / "site"
ROLES = ("registrar", "requester", "drawer", "notifier", "auditor", "custodian")
number = failed = 0
(WORK / "pass").write_text("correct horse battery\n")


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:3000].splitlines()), flush=True)


def run(*args, key=None, passphrase=False, handle=None):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "VEIL_SITE": str(SITE), "TMPDIR": str(WORK)}
    if passphrase:
        env["VEIL_PASSPHRASE_FILE"] = str(WORK / "pass")
    if key:
        env["VEIL_OPERATOR_KEY"] = str(WORK / f"{key}.key")
    if handle:
        env["VEIL_OPERATOR"] = handle
    return subprocess.run([VEIL, *map(str, args)], env=env, cwd=WORK, capture_output=True, text=True, stdin=subprocess.DEVNULL, start_new_session=True, timeout=60)


def state():
    """Every file of the site, its bytes and its mode."""
    found = hashlib.sha256()
    for path in sorted(SITE.rglob("*")):
        found.update(f"{path.relative_to(SITE)} {path.lstat().st_mode}\n".encode() + (path.read_bytes() if path.is_file() else b""))
    return found.hexdigest()


table = run("manual", "roles").stdout
rows = [tuple(cell.strip().strip("`") for cell in line.strip("|").split("|")) for line in table.splitlines()[2:]]
listed = run("manual", "list").stdout.splitlines()
point([r[0] for r in rows] == listed and len(rows) > 50, "every command has a row", set(listed) ^ {r[0] for r in rows})
point("NOT SAID" not in table and all(r[1] in (*ROLES, "anyone") for r in rows), "every row says who and what", [r for r in rows if r[1] not in (*ROLES, "anyone") or "NOT SAID" in r[2]])
page = PAGE.read_text(encoding="utf-8")
point(page.endswith(table), f"{PAGE.name} has these rows (`veil manual roles` prints them)", table)

# What a role opens. Beyond its own folder and the ledger only what crosses between roles (docs/design/roles.md), command by command.
OWN = {"registrar": "registry/", "requester": "desk/", "drawer": "draw/", "notifier": "notify/", "auditor": "audit/", "custodian": None, "anyone": None}
CROSSES = {
    "batch freeze": {"draw/", "audit/", "notify/", "desk/"}, "batch draw": {"notify/", "desk/"}, "batch replace": {"notify/", "desk/"}, "batch strike": {"notify/", "desk/"},
    "batch withdraw": {"notify/", "desk/"},
    "batch cycles": {"draw/"}, "audit tie": {"draw/"}, "audit project": {"draw/"}, "audit bundle": {"draw/"}, "batch status": {"draw/"}, "escrow part": {"registry/"},
    "init": {"desk/", "draw/", "notify/", "audit/"}, "batch contacts": {"notify/"}, "batch packets": {"draw/", "desk/"}, "batch content": {"desk/"}, "batch answer": {"notify/", "draw/"}, "batch leaks": {"desk/"},
}
for command, role, opens in rows:
    folders = set() if opens == "none" else set(opens.split(", "))
    beyond = folders - {OWN[role], "ledger/"} - CROSSES.get(command, set())
    if beyond:
        point(False, f"{command}: nothing says that the {role} may open {', '.join(sorted(beyond))}", "say why in docs/design/roles.md and add it to CROSSES")
point(True, "no row opens another role's folder but where something crosses")

# --- a real site with one operator a role
for role in (*ROLES, "gone", "nobody"):
    done = run("operator", "key", "--out", WORK / f"{role}.key", passphrase=True)
    if role == "registrar":
        made = run("init", SITE, "--operator", "registrar", key="registrar", passphrase=True)
        point(made.returncode == 0, "a site that is no rehearsal", made.stderr)
    elif role != "nobody":
        added = run("operator", "add", role, "--roles", "auditor" if role == "gone" else role, "--public-key", done.stdout.strip(), key="registrar", passphrase=True)
        point(added.returncode == 0, f"operator {role}", added.stderr)
point(run("operator", "revoke", "gone", key="registrar", passphrase=True).returncode == 0, "one is revoked")

before = state()
wrong, tried, refusals = [], 0, 0
for command, role, opens in rows:
    if opens == "none" or command == "init":
        continue  # no site is opened, or there is none yet
    n = int(re.search(r"\d+", run("manual", "arguments", *command.split()).stdout or "1").group())
    words = [*command.split(), *["X"] * n]
    for who in (*ROLES, "gone", "nobody"):
        got = run(*words, key=who)
        tried += 1
        allowed = who in ROLES and (role == "anyone" or who == role)
        denied = got.returncode == 6 and ("takes the role" in got.stderr or "no operator" in got.stderr)
        refusals += denied
        if not allowed and not (denied and got.stdout == "" and got.stderr.count("\n") == 1):
            wrong.append(f"{who} runs {command}: exit {got.returncode} {got.stderr.strip()}{got.stdout[:80]}")
        if allowed and denied:
            wrong.append(f"{who} may not run {command}: {got.stderr.strip()}")
    got = run(*words, handle="registrar;drawer")
    if got.returncode != 6 and not (role == "anyone" and got.returncode in (0, 2, 3, 5)):
        wrong.append(f"a made-up handle runs {command}: exit {got.returncode} {got.stderr.strip()}")
point(not wrong, f"{tried} pairs of role and command, {refusals} denied", "\n".join(wrong))
# Commands of `anyone` that print need no signature, and those that sign have asked for a passphrase in vain: nothing may have changed but checkpoints.
changed = run("operator", "list", "--csv")
point(changed.returncode == 0 and changed.stdout.count("\n") == 8, "and no operator has come or gone", changed.stdout)

# A custodian is nobody here: with the escrow file he needs no site, and one that the environment names is not asked.
(WORK / "no.escrow").write_text("no escrow file\n")
got = run("escrow", "part", "X", "--escrow", WORK / "no.escrow", "--custodian-key", WORK / "none.key", "--out", WORK / "x.part", key="nobody")
point("takes the role" not in got.stderr and "no operator" not in got.stderr and got.returncode in (5, 6) and "escrow" in got.stderr, "a custodian with an escrow file is asked for no role", got.stderr)

print(f"1..{number}")
shutil.rmtree(WORK, ignore_errors=True)
sys.exit(1 if failed else 0)
