#!/usr/bin/env python3
"""The registry's keys on a real site: two officers, a changed passphrase, a rotation that is cut off, a lost passphrase; and unmasking there.

usage: keys.py VEIL COSIGN VEIL_VERIFY HARDNESS
"""
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import time

from custody import NAMES, VEIL, WORK, acts, custodians, finish, lists, parts, point, records, says, veil, with_parts

COSIGN, VERIFY = os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
os.environ["LD_PRELOAD"] = os.path.abspath(sys.argv[4])     # for every child


def secret(name, text):
    path = WORK / name
    path.write_text(text + "\n")
    return str(path)


FIRST, SECOND, NEW, NEW_2, OPERATOR = (secret(n, n + " horse battery") for n in ("first", "second", "new", "new2", "operator"))
ENV = {"VEIL_PASSPHRASE_FILE": FIRST, "VEIL_PASSPHRASE_FILE_2": SECOND, "VEIL_OPERATOR_PASSPHRASE_FILE": OPERATOR}


def operator(name):
    path = WORK / f"{name}.operator"
    public = veil(None, "operator", "key", "--out", path, env=ENV).stdout.strip()
    return path, public


def env_of(key, **more):
    return dict(ENV, VEIL_OPERATOR_KEY=str(key), **more)


def real_site():
    site, source = WORK / "site", lists(WORK / "lists")
    one, public = operator("op1")
    line = veil(None, "auditor", "key", "--rehearsal", "--out", WORK / "auditor.key").stdout.strip()
    veil(None, "init", site, "--two-officers", "--auditor-key", line, env=env_of(one))
    keys = {"op1": env_of(one)}
    for name, roles in (("op2", "auditor"), ("op3", "drawer"), ("op4", "requester")):
        path, public = operator(name)
        veil(site, "operator", "add", name, "--roles", roles, "--public-key", public, env=keys["op1"])
        keys[name] = env_of(path)
    for handle, _, public in custodians(3):
        veil(site, "custodian", "add", handle, "--public-key", public, env=keys["op1"])
    veil(site, "import", "experts", source / "experts.csv", env=keys["op1"])
    veil(site, "batch", "new", "A", "--policy", source / "p.policy", "--projects", source / "projects.csv", "--people", source / "people.csv", env=keys["op1"])
    veil(site, "batch", "freeze", "A", "--as-of", "2026-03-01", env=keys["op1"], what="a real site freezes with two officers' passphrases")
    return site, keys


def opens(site, env):
    """A command that needs the registry's keys, and nothing but them."""
    return veil(site, "expert", "find", "E001", env=env, status=None) if False else subprocess.run(
        [VEIL, "expert", "find", "13800000001", "--csv"], env=dict(os.environ, VEIL_SITE=str(site), VEIL_OPERATOR="op1", **env), capture_output=True, text=True,
        stdin=subprocess.DEVNULL, start_new_session=True)


def two_officers(site, env):
    point("E001" in opens(site, env).stdout, "both passphrases open the registry")
    for name, other in (("VEIL_PASSPHRASE_FILE", NEW), ("VEIL_PASSPHRASE_FILE_2", FIRST)):
        done = opens(site, dict(env, **{name: other}))
        point(done.returncode == 6 and "wrong passphrase" in done.stderr, f"not with a wrong {name}", done.stderr)
    one = dict(env)
    del one["VEIL_PASSPHRASE_FILE_2"]
    done = opens(site, one)
    point(done.returncode == 6 and "VEIL_PASSPHRASE_FILE_2" in done.stderr, "not one officer alone; the message says what is missing", done.stderr)


def passphrase(site, env):
    before = (site / "registry/registry.key").read_bytes()
    veil(site, "keys", "passphrase", "--two-officers", env=dict(env, VEIL_NEW_PASSPHRASE_FILE=NEW, VEIL_NEW_PASSPHRASE_FILE_2=NEW), status=6,
         what="two officers with one passphrase are one officer")
    point((site / "registry/registry.key").read_bytes() == before, "and nothing changed")
    veil(site, "keys", "passphrase", "--two-officers", env=dict(env, VEIL_NEW_PASSPHRASE_FILE=NEW, VEIL_NEW_PASSPHRASE_FILE_2=NEW_2), what="new passphrases")
    point(opens(site, env).returncode == 6, "the old ones open nothing")
    changed = dict(env, VEIL_PASSPHRASE_FILE=NEW, VEIL_PASSPHRASE_FILE_2=NEW_2)
    point("E001" in opens(site, changed).stdout, "the new ones do")
    return changed


def codes_of(site, env):
    return veil(site, "batch", "codes", "A", "--project", "P2", "--csv", env=env).stdout


def rotation(site, env):
    before, old_key = codes_of(site, env), (site / "registry/registry.key").read_bytes()
    old_part = parts(site, "A", [0, 1])
    public = veil(site, "keys", "rotate", env=env, what="the keys are rotated").stdout.strip()
    point(codes_of(site, env) == before, "codes stay what they were")
    point("E001" in opens(site, env).stdout, "and what was sealed opens")
    says(veil(site, "escrow", "open", "A", *with_parts(old_part), env=env, status=6), "sealed to another key", what="a part sealed to the old key is named")
    point(f"to {public}" in (site / "registry/A.escrow").read_text(), "escrow files name the new key")
    veil(site, "escrow", "open", "A", *with_parts(parts(site, "A", [0, 1])), env=env, what="and parts made from them open")
    new_key = (site / "registry/registry.key").read_bytes()
    (site / "registry/registry.key").write_bytes(old_key)
    point(opens(site, env).returncode == 5, "the old key file opens nothing any more")
    (site / "registry/registry.key").write_bytes(new_key)


def rotation_cut_off(site, env):
    """Killed once the new keys lie beside the old ones, and once the registry was written: completed by the next run; in between nothing opens."""
    bad = cut = 0
    full = dict(os.environ, VEIL_SITE=str(site), VEIL_OPERATOR="op1", **env)
    before, registry, following = codes_of(site, env), site / "registry/registry.db", site / "registry/registry.key.next"
    for wait_for_registry in (False, True):
        stamp = registry.stat().st_mtime_ns
        child = subprocess.Popen([VEIL, "keys", "rotate"], env=full, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        while child.poll() is None and not (following.exists() and (not wait_for_registry or registry.stat().st_mtime_ns != stamp)):
            time.sleep(0.0002)
        child.kill()
        child.wait()
        if following.exists():
            cut += 1
            half = opens(site, env)
            bad += half.returncode != 6 or "keys rotate" not in half.stderr
            veil(site, "keys", "rotate", env=env)
        bad += codes_of(site, env) != before or "E001" not in opens(site, env).stdout
    point(bad == 0, f"a rotation that is cut off is completed ({cut} of 2 were)", bad)


def lost_passphrase(site, env):
    veil(site, "keys", "escrow", env=env, what="the registry's keys go to the custodians, asked for")
    officer = WORK / "officer.key"
    public = veil(None, "custodian", "key", "--rehearsal", "--out", officer).stdout.strip()
    veil(None, "escrow", "part", "registry", "--escrow", site / "registry/registry.escrow", "--custodian-key", custodians(1)[0][1], "--out", WORK / "r.part",
         status=2, what="a part of the registry's keys is sealed to whom one names")
    files = parts(site, "registry", [0, 2], to=public)
    recover = dict(env, VEIL_NEW_PASSPHRASE_FILE=FIRST, VEIL_NEW_PASSPHRASE_FILE_2=SECOND)
    for name in ("VEIL_PASSPHRASE_FILE", "VEIL_PASSPHRASE_FILE_2"):
        del recover[name]
    says(veil(site, "keys", "recover", "--key", officer, *with_parts(files[:1]), "--two-officers", env=recover, status=6), "2 of 3", what="one custodian is too few")
    veil(site, "keys", "recover", "--key", officer, *with_parts(files), "--two-officers", env=recover, what="two bring the keys back under new passphrases")
    point(opens(site, env).returncode == 6, "the lost ones are worth nothing")
    back = dict(env, VEIL_PASSPHRASE_FILE=FIRST, VEIL_PASSPHRASE_FILE_2=SECOND)
    point("E001" in opens(site, back).stdout, "the new ones open the registry")
    return back


def damaged(site, env):
    path = site / "registry/registry.key"
    good = path.read_bytes()
    for what, bytes_ in (("cut", good[:100]), ("a flipped bit", good[:90] + bytes([good[90] ^ 1]) + good[91:]), ("empty", b""), ("a text", b"hello\n" * 40)):
        path.write_bytes(bytes_)
        done = opens(site, env)
        point(done.returncode == 5 and "registry.key" in done.stderr and "restore it from a copy" in done.stderr and done.stderr.count("\n") == 1 and not done.stdout,
              f"a key file that is {what}: one line that says which file and what to do", done.stderr)
    path.write_bytes(good)


def unmasking(site, keys, env):
    """On a real site nothing opens before witnesses are named, and naming them takes another operator."""
    env_1, env_2 = env, keys["op2"]
    code = next(csv.DictReader(io.StringIO(codes_of(site, env_1))))["code"]
    ask = ("unmask", "request", "--batch", "A", "--project", code, "--field", "name", "--purpose", "court", "--reference", "2026-7")
    request = veil(site, *ask, env=env_1).stdout.strip()
    says(veil(site, "approve", request, env=keys["op4"], who="op4", status=6), "roles", what="a requester may not approve an unmasking")
    veil(site, "approve", request, env=env_2, who="op2", what="an auditor may")
    says(veil(site, "unmask", "open", request, env=env_1, status=6), "names no witnesses", what="without witnesses nothing opens")
    witness = subprocess.run([COSIGN, "key", "w0.example.gov", "60"], capture_output=True, text=True).stdout.strip()
    veil(site, "ledger", "witnesses", "--quorum", "0", env=env_1, status=2, what="a real site has no quorum of 0")
    asked = veil(site, "ledger", "witnesses", "--quorum", "1", "--key", witness, env=env_1, status=6)
    veil(site, "approve", asked.stderr.split("veil approve ")[1].split("`")[0], env=env_2, who="op2")
    veil(site, "ledger", "witnesses", "--quorum", "1", "--key", witness, env=env_1, what="named with another operator's approval")
    veil(site, "ledger", "checkpoint", env=env_1)
    note = site / f"ledger/checkpoints/{len(records(site))}.note"
    subprocess.run([COSIGN, "sign", str(note), "w0.example.gov", "60", str(int(time.time()))], check=True)
    says(veil(site, "unmask", "open", request, env=keys["op3"], who="op3", status=6), "registrar", what="the drawer opens nothing")
    done = veil(site, "unmask", "open", request, "--json", env=env_1, what="cosigned, it opens")
    point(json.loads(done.stdout)["unmasked"][0]["value"] == "申请人三", "the applicant of that project", done.stdout)
    veil(site, "batch", "codes", "A", "--all", env=env_1, status=6, what="never all codes of a real site")
    listed = veil(site, "audit", "opened", "A", "--csv", env=env_2, who="op2").stdout
    point("unmask.open" in listed and "batch.codes" in listed, "the auditor sees both kinds of opening", listed)
    veil(site, "ledger", "export", WORK / "copy.db", env=env_1)
    checked = subprocess.run([VERIFY, "ledger", str(WORK / "copy.db"), "--key", str(WORK / "copy.db.vkey")], capture_output=True, text=True)
    point(checked.returncode == 0, "veil-verify finds the ledger whole", checked.stdout + checked.stderr)


made, operators = real_site()
first = operators["op1"]
two_officers(made, first)
now = passphrase(made, first)
rotation(made, now)
rotation_cut_off(made, now)
now = lost_passphrase(made, now)
damaged(made, now)
unmasking(made, operators, now)
finish()
