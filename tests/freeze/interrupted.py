#!/usr/bin/env python3
"""Freeze and draw under kill -9 and full disks: nothing half-made, completed when run again, and never differently.

usage: interrupted.py VEIL VEIL_VERIFY VEIL_DEMO
"""
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

VEIL, VERIFY, DEMO = (os.path.abspath(p) for p in sys.argv[1:4])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="veil-kill-"))
ENV = dict(os.environ, VEIL_OPERATOR="op1", TMPDIR=str(WORK))
ENV.pop("VEIL_PASSPHRASE_FILE", None)
number = failed = 0


def point(good, what, detail=""):
    global number, failed
    number += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(detail)[:2000].splitlines()), flush=True)


def run(site, *args, limit=None):
    def prepare():
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    env = dict(ENV, VEIL_SITE=str(site))
    return subprocess.run([str(a) for a in args], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, preexec_fn=prepare)


def killed(site, after, *args):
    """Runs and kills after so many seconds; the exit code, negative if it was killed in time."""
    child = subprocess.Popen([str(a) for a in args], env=dict(ENV, VEIL_SITE=str(site)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             stdin=subprocess.DEVNULL)
    time.sleep(after)
    child.kill()
    return child.wait()


def acts(site):
    db = sqlite3.connect(f"file:{site}/ledger/ledger.db?mode=ro", uri=True)
    found = [r.decode().split("\nact ")[1].split("\n")[0] for (r,) in db.execute("SELECT CAST(record AS BLOB) FROM leaf ORDER BY seq")]
    db.close()
    return found


def prepare():
    lists, site = WORK / "lists", WORK / "base"
    steps = [(DEMO, "--out", lists, "--seed", "3", "--experts", "1500", "--projects", "60"), (VEIL, "init", site, "--rehearsal")]
    for kind, name in (("disciplines", "disciplines.csv"), ("organisations", "organisations.csv"), ("experts", "experts.csv"),
                       ("posts", "posts.csv"), ("works", "works.csv.gz"), ("relations", "relations.csv"), ("bans", "bans.csv")):
        steps.append((VEIL, "import", kind, lists / name))
    steps.append((VEIL, "batch", "new", "K", "--policy", lists / "policy.ini", "--projects", lists / "projects.csv", "--people", lists / "people.csv"))
    for step in steps:
        done = run(site, *step)
        if done.returncode:
            point(False, f"set-up: {step[1:3]}", done.stderr)
            print(f"1..{number}")
            sys.exit(1)
    return site


def whole(site):
    return run(site, VERIFY, "batch", site / "draw/K.veil").returncode == 0 and run(site, VERIFY, "ledger", site / "ledger/ledger.db").returncode == 0


def kills(base, random_source):
    freeze, draw = (VEIL, "batch", "freeze", "K", "--as-of", "2026-03-01"), (VEIL, "batch", "draw", "K")
    start = time.monotonic()
    probe = WORK / "probe"
    shutil.copytree(base, probe)
    run(probe, *freeze)
    span = time.monotonic() - start
    bad, killed_freezes, killed_draws = [], 0, 0
    for round_number in range(25):
        site = WORK / "site"
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(base, site)
        for _ in range(random_source.randrange(1, 4)):
            killed_freezes += killed(site, random_source.random() * span, *freeze) < 0
            if (site / "draw/K.veil").exists() != (site / "audit/K.audit").exists() and "batch.freeze" not in acts(site):
                bad.append("a file in place before its record")
        status = run(site, VEIL, "batch", "status", "K")
        if status.returncode != 0:
            bad.append(status.stderr)
        again = run(site, VEIL, "batch", "freeze", "K")
        if again.returncode not in (0, 6):
            bad.append(again.stderr)
        before = run(site, VEIL, "batch", "show", "K", "--candidates", "--csv").stdout
        killed_draws += killed(site, random_source.random() * 0.25, *draw) < 0
        done = run(site, *draw)
        if done.returncode not in (0, 6):
            bad.append(done.stderr)
        log = acts(site)
        if log.count("batch.freeze") != 1 or log.count("batch.freeze.intent") != 1 or log.count("batch.draw") != 1 or log.count("batch.draw.intent") != 1:
            bad.append(f"records: {log}")
        if run(site, VEIL, "batch", "show", "K", "--candidates", "--csv").stdout != before or not whole(site):
            bad.append("files changed or do not verify")
        if list(site.rglob("*.part*")):
            bad.append("leftovers")
    point(not bad, f"25 rounds, {killed_freezes} freezes and {killed_draws} draws killed: completed, one record each", bad[:3])


def full_disk(base):
    bad, refused = [], 0
    for limit in (20_000, 60_000, 100_000, 200_000, 400_000):
        site = WORK / "site"
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(base, site)
        done = run(site, VEIL, "batch", "freeze", "K", "--as-of", "2026-03-01", limit=limit)
        if done.returncode == 0:
            continue
        refused += 1
        if done.returncode != 1 or not done.stderr.startswith("veil: ") or done.stderr.count("\n") != 1:
            bad.append((limit, done.returncode, done.stderr))
        if (site / "draw/K.veil").exists():
            bad.append((limit, "a batch file stands after a failed freeze"))
        again = run(site, VEIL, "batch", "freeze", "K")
        if again.returncode != 0 or run(site, VEIL, "batch", "draw", "K").returncode != 0 or not whole(site):
            bad.append((limit, again.returncode, again.stderr, "is not completed afterwards"))
    point(refused >= 2 and not bad, f"a full disk ({refused} sizes) is a clear error, and the freeze is completed afterwards", bad[:3])


def main():
    base = prepare()
    kills(base, random.Random(2026))
    full_disk(base)
    print(f"1..{number}")
    shutil.rmtree(WORK)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
