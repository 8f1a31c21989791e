#!/usr/bin/env python3
"""help.py VEIL - holds every command, present and future, to one contract of help and manual.

The list comes from the program itself: a command that is added is checked without a change here.
"""
import pathlib
import subprocess
import sys

VEIL = sys.argv[1]
failures = []


def run(*args):
    return subprocess.run([VEIL, *args], stdin=subprocess.DEVNULL, capture_output=True)


def check(what, holds):
    if not holds:
        failures.append(what)
        print("not ok:", what)


def check_help(args):
    got = run(*args)
    name = "veil " + " ".join(args)
    text = got.stdout.decode("utf-8", "strict")
    check(f"{name}: exit 0, got {got.returncode}", got.returncode == 0)
    check(f"{name}: nothing on stderr", got.stderr == b"")
    check(f"{name}: opens with usage", text.startswith("usage: veil"))
    check(f"{name}: ends with a newline", text.endswith("\n"))
    return text


listed = run("manual", "list")
check("manual list: exit 0", listed.returncode == 0)
commands = listed.stdout.decode().splitlines()
check("manual list names commands", len(commands) > 0)
check("manual list: no repeats", len(commands) == len(set(commands)))

overview = check_help(["--help"])
page_of_all = run("manual", "page", "veil").stdout.decode()
for command in commands:
    words = command.split()
    text = check_help([*words, "--help"])
    check(f"{command}: help names it", text.startswith("usage: veil " + command))
    check(f"{command}: help has exit status", "Exit status:" in text)
    check(f"{command}: help has the role", "Role: " in text)
    check(f"{command}: stands in the overview", any(l.strip().startswith(command + " ") or l.strip() == command
                                                    for l in overview.splitlines()))
    page = run("manual", "page", *words)
    check(f"{command}: has a page", page.returncode == 0 and page.stdout.startswith(b".TH VEIL"))
    roff = page.stdout.decode("utf-8", "strict")
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"):
        check(f"{command}: page has {section}", f"\n.SH {section}\n" in roff)
    check(f"{command}: stands in veil(1)", "\n\\fB%s\\fR\n" % command.replace("-", "\\-") in page_of_all)
    check(f"{command}: same page twice", run("manual", "page", *words).stdout == page.stdout)
    # An option that nobody has is a usage error, for every command, before anything is opened.
    bad = run(*words, "--no-such-option")
    check(f"{command}: unknown option exits 2, got {bad.returncode}", bad.returncode == 2)
    check(f"{command}: unknown option prints to stderr only", bad.stdout == b"" and bad.stderr.count(b"\n") == 1)

nouns = {c.split()[0] for c in commands if len(c.split()) > 1}
for noun in sorted(nouns):
    text = check_help([noun, "--help"])
    for command in commands:
        if command.split()[0] == noun:
            check(f"{noun} --help lists {command}", f"  {command}" in text)

for args in (["nonsense"], ["batch", "nonsense"], ["nonsense", "--help"], ["manual", "page", "nonsense"], ["manual"], ["manual", "page"], []):
    got = run(*args)
    name = "veil " + " ".join(args)
    check(f"{name}: exit 2, got {got.returncode}", got.returncode == 2)
    check(f"{name}: nothing on stdout", got.stdout == b"")
    check(f"{name}: one line on stderr", got.stderr.startswith(b"veil: ") and got.stderr.count(b"\n") == 1)

# Shared options are understood before the command as after it; a command's own are not, and that is said.
for words in (["batch", "status", "X"], ["ledger", "witness", "status"], ["approve", "list"]):
    after = run(*words, "--site", "/nonexistent", "--quiet")
    for before in (["--site", "/nonexistent", "-q", *words], ["--quiet", "--site=/nonexistent", *words], ["--site", "/nonexistent", *words, "--quiet"]):
        got = run(*before)
        check("veil " + " ".join(before) + ": as with the options behind", (got.returncode, got.stdout, got.stderr) == (after.returncode, after.stdout, after.stderr))
    check("veil " + " ".join(words) + ": it is the site that is missing, not the command", b"unknown command" not in after.stderr)
check("--site before a group's help", run("--site", "x", "batch", "--help").stdout == run("batch", "--help").stdout)
check("--csv before the overview", run("--csv", "--help").stdout == run("--help").stdout)
for args, says in ((["--out", "f", "batch", "show", "X"], b"stand after it"), (["--site"], b"no command"), (["--site", "x"], b"no command"),
                   (["-q", "batch"], b"a further word"), (["--site", "x", "batch", "nonsense"], b"no command nonsense"),
                   (["--site", "batch", "status", "X"], b"unknown command status"), (["--quiet=1", "batch", "status", "X"], b"stand after it")):
    got = run(*args)
    check(f"veil {' '.join(args)}: exit 2 and {says.decode()}", got.returncode == 2 and says in got.stderr and got.stdout == b"" and got.stderr.count(b"\n") == 1)

for variable in ("VEIL_SITE", "VEIL_PASSPHRASE_FILE", "VEIL_OPERATOR"):
    check(f"veil(1) names {variable}", variable in page_of_all)
for status in range(8):
    check(f"veil(1) has exit status {status}", f"\n\\fB{status}\\fR\n" in page_of_all)

if not pathlib.Path("/dev/full").is_char_device():
    print("skipped: no device /dev/full on this machine")
else:
    with open("/dev/full", "wb") as full:
        got = subprocess.run([VEIL, "--help"], stdout=full, stderr=subprocess.PIPE)
    check("a full disk is a failure", got.returncode == 1 and got.stderr.startswith(b"veil: "))

print(f"{len(commands)} commands, {len(failures)} failures")
sys.exit(1 if failures else 0)
