#!/usr/bin/env python3
"""ledger.py BUILD [RECORDS] - appends beside SQLite's own insert loops; then a long log: opened, proven, verified. Nothing here is a test."""
import pathlib
import subprocess
import sys
import tempfile
import time

build = pathlib.Path(sys.argv[1])
records = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
veil, verify, bench = build / "tools/veil/veil", build / "tools/veil-verify/veil-verify", build / "tests/bench/ledger-bench"


def numbers(*args):
    done = subprocess.run([str(a) for a in (bench, *args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return {line.split()[0]: float(line.split()[1]) for line in done.stdout.splitlines()}


def seconds(*args):
    start = time.monotonic()
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True)
    took = time.monotonic() - start
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return took


subprocess.run(["ninja", "-C", str(build), "tests/bench/ledger-bench", "tools/veil/veil", "tools/veil-verify/veil-verify"], check=True, stdout=subprocess.DEVNULL)
with tempfile.TemporaryDirectory(dir=build) as tmp:
    site = pathlib.Path(tmp) / "site"
    subprocess.run([str(veil), "init", str(site), "--rehearsal"], check=True, stdout=subprocess.DEVNULL)
    n = numbers("append", site, 50)
    sync = n["fdatasync"]
    print("one record, durable (in turns of four in one run)")
    for key, what in (("fdatasync", "400 bytes and fdatasync, nothing else"), ("sqlite-wal", "SQLite insert loop, WAL, FULL"), ("sqlite-truncate", "SQLite insert loop, TRUNCATE, FULL"),
                      ("append", "veil: signed record, tree, index, checkpoint"), ("append-group", "veil: the same, 16 in a group")):
        print(f"  {what:46s} {n[key]:8.2f} ms {1000 / n[key]:8.0f} /s   {n[key] / sync:5.1f} syncs' time   {n['sqlite-truncate'] / n[key]:5.1f} x SQLite TRUNCATE")
    f = numbers("fill", site, records)
    o = numbers("open", site, 20)
    p = numbers("prove", site, 200)
    print(f"a log of {p['size']:,.0f} signed records (written in {f['fill'] / 1000:.0f} s, {(site / 'ledger/ledger.db').stat().st_size / 1e6:.0f} MB)")
    print(f"  opened, operators and stakes read               {o['open']:8.2f} ms (best {o['open-best']:.2f})")
    print(f"  consistency proof to the latest, mean of 200    {p['prove']:8.2f} ms, at most {p['prove-hashes']:.0f} hashes")
    print(f"  veil ledger checkpoint (every record and hash)  {seconds(veil, 'ledger', 'checkpoint', '--site', site):8.2f} s")
    note = max((site / "ledger/checkpoints").glob("*.note"), key=lambda path: int(path.stem))
    print(f"  veil-verify ledger --checked (no signature)     {seconds(verify, 'ledger', site / 'ledger/ledger.db', '--key', site / 'ledger/vkey', '--checked', note):8.2f} s")
    print(f"  veil-verify ledger (every signature too)        {seconds(verify, 'ledger', site / 'ledger/ledger.db', '--key', site / 'ledger/vkey'):8.2f} s")
