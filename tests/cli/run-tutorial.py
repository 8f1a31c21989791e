#!/usr/bin/env python3
"""run-tutorial.py TUTORIAL FOLDER-OF-PROGRAM... - a document whose examples are run is never wrong.

Every block fenced as ```console is played, in order, in one shell, in a fresh folder with a copy of the `lists` beside the tutorial:
`$ command` lines (`> ` continues one) and below them what the command prints, stdout and stderr together.
`...` stands for any text inside a line, and alone on a line for any lines. A block fenced ```console skip is not run.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MARK = "=-=-= end of command"


def blocks(text):
    """(line number, [(command, [expected lines])]) of each block."""
    fence = None
    commands = []
    for number, line in enumerate(text.splitlines(), 1):
        if fence is None:
            if re.fullmatch(r"```console\s*", line):
                fence, commands = number, []
        elif line.startswith("```"):
            yield fence, commands
            fence = None
        elif line.startswith("$ "):
            commands.append((number, line[2:], []))
        elif line.startswith("> ") and commands and not commands[-1][2]:
            commands[-1] = (commands[-1][0], commands[-1][1] + "\n" + line[2:], [])
        elif commands:
            commands[-1][2].append(line)
        else:
            raise SystemExit(f"line {number}: output without a command")
    if fence is not None:
        raise SystemExit(f"line {fence}: the fence is never closed")


def pattern(expected):
    out = ""
    for line in expected:
        if line.strip() == "...":
            out += r"(?:.*\n)*?"
        else:
            out += ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    return out


class Shell:
    def __init__(self, folder, path):
        env = {"PATH": os.pathsep.join([*path, os.environ["PATH"]]), "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC", "TMPDIR": str(folder)}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        self.bash = subprocess.Popen(["bash", "--norc"], cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace")
        self.bash.stdin.write("__status=0\n")

    def run(self, command):
        quoted = "'" + command.replace("'", "'\\''") + "'"
        self.bash.stdin.write(f"(exit $__status); eval {quoted} </dev/null; __status=$?; printf '%s\\n' '{MARK}'\n")
        self.bash.stdin.flush()
        out = []
        for line in self.bash.stdout:
            if line.rstrip("\n").endswith(MARK):
                rest = line.rstrip("\n")[:-len(MARK)]
                return "".join(out) + (rest + "\n" if rest else "")
            out.append(line)
        raise SystemExit(f"the shell ended in: {command}")


def main():
    tutorial = pathlib.Path(sys.argv[1]).resolve()
    path = [str(pathlib.Path(p).resolve()) for p in sys.argv[2:]]
    failures = n = 0
    with tempfile.TemporaryDirectory(prefix="veil-tutorial-") as scratch:
        shutil.copytree(tutorial.parent / "lists", pathlib.Path(scratch) / "lists")
        shell = Shell(scratch, path)
        for _, commands in blocks(tutorial.read_text(encoding="utf-8")):
            for line, command, expected in commands:
                got = shell.run(command)
                n += 1
                if re.fullmatch(pattern(expected), got):
                    continue
                failures += 1
                print(f"{tutorial.name}:{line}: $ {command}\n--- expected\n" + "\n".join(expected) + f"\n--- got\n{got}---")
    print(f"{n} commands, {failures} failures")
    return 1 if failures or not n else 0


if __name__ == "__main__":
    sys.exit(main())
