#!/usr/bin/env bash
# lint.sh BUILD - what a reviewer should not have to say: layers, spelling, shell, and clang-tidy's findings.
set -uo pipefail
build=$1
cd "$(dirname "$0")/../.." || exit 1
status=0
python3 tests/lint/layers.py || status=1
codespell --ignore-words-list "ot,te,fo,ba,som,nd,aas,wasn,iif,nnumber" --skip "./build*,./.git,*.csv,vocab-*.c,test-text.c" . || status=1
git ls-files -z '*.sh' | xargs -0 shellcheck -x dev .ci/run || status=1
git ls-files 'engine/*.c' 'db/*.c' 'tools/*.c' | xargs -P "$(nproc)" -n 8 clang-tidy -p "$build" --quiet 2>/dev/null | grep -E 'warning:|error:' | sort -u
[ "${PIPESTATUS[2]:-1}" = 0 ] && status=1
exit $status
