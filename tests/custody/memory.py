#!/usr/bin/env python3
"""THREATS 2.26: no core file, no reading of the process by its own user, secrets in locked memory.

usage: memory.py VEIL
"""
import os
import pathlib
import pty
import resource
import signal
import subprocess
import sys
import time

from custody import VEIL, WORK, finish, point

SECRET = "canary-passphrase-7391"
# The leak checker of an instrumented build has to read its own process.
INSTRUMENTED = b"__asan_init" in pathlib.Path(VEIL).read_bytes()
# Root may read everything and owns everything: as root the program is run by nobody, if nobody can reach it.
NOBODY = 65534 if os.getuid() == 0 else None
if NOBODY:
    try:
        subprocess.run([VEIL, "--version"], user=NOBODY, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        NOBODY = None


def waiting_for_its_passphrase():
    """A command stopped where it has just asked for the passphrase; its child id and the terminal."""
    core = WORK / "core"
    core.mkdir(exist_ok=True)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(core)
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY) if os.getuid() == 0 else resource.getrlimit(resource.RLIMIT_CORE))
        os.environ.pop("VEIL_PASSPHRASE_FILE", None)
        if NOBODY:
            os.setuid(NOBODY)
        os.execv(VEIL, [VEIL, "custodian", "key", "--out", str(WORK / f"never-{os.getpid()}.key")])
    shown = b""
    while b"assphrase" not in shown:
        shown += os.read(terminal, 1000)
    return pid, terminal


def status(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return line.split()[1]
    return ""


pid, terminal = waiting_for_its_passphrase()
limits = pathlib.Path(f"/proc/{pid}/limits").read_text() if os.access(f"/proc/{pid}/limits", os.R_OK) else ""
core_line = [line for line in limits.splitlines() if line.startswith("Max core file size")]
point(not core_line or core_line[0].split()[4:6] == ["0", "0"], "no core file may be written", core_line)
owner = os.stat(f"/proc/{pid}/mem").st_uid
if not INSTRUMENTED and (NOBODY or os.getuid() != 0):
    point(owner == 0, "its memory belongs to root and not to its own user: not dumpable", owner)
# A passphrase half typed and the first one entered lie in memory now.
os.write(terminal, (SECRET + "\n").encode())
time.sleep(0.3)
locked = int(status(pid, "VmLck") or 0)
point(locked > 0, "secrets lie in locked memory", f"{locked} kB")
os.kill(pid, signal.SIGSEGV)
_, how = os.waitpid(pid, 0)
point(os.WIFSIGNALED(how) and not os.WCOREDUMP(how), "killed by a fault, it leaves no core", how)
point(not [p for p in (WORK / "core").iterdir()], "nor a file")

pid, terminal = waiting_for_its_passphrase()
if os.getuid() != 0 and not INSTRUMENTED:
    attach = subprocess.run([sys.executable, "-c", f"open('/proc/{pid}/mem', 'rb').read(1)"], capture_output=True, text=True)
    point("PermissionError" in attach.stderr, "its own user cannot read its memory", attach.stderr)
os.write(terminal, (SECRET + "\n").encode())
time.sleep(0.3)
os.write(terminal, b"another one\n")
_, how = os.waitpid(pid, 0)
point(os.WEXITSTATUS(how) == 6, "two passphrases that differ make no key")
point(not list(WORK.glob("never-*")), "and no file")
finish()
