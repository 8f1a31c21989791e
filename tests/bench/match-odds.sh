#!/usr/bin/env bash
# match-odds.sh BUILD [RUNS] - veil's odds (method draw) against the piecewise-linear twin of the same model in LEMON: medians of processor time and ratios in one run.
# The peer takes steps of 0.1; its perturbed sum can only be smaller. With VEIL_TEST_DATA the published instance aamas2015 comes first. Needs g++ and liblemon-dev.
set -euo pipefail
build=$1 runs=${2:-3}
here=$(cd "$(dirname "$0")/match" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
top=$here/../../..
read -ra libraries <<<"$(pkg-config --cflags --libs glib-2.0 gio-2.0 libsodium icu-uc icu-i18n)"

gcc -O2 -o "$work/generate" "$here/generate.c" -lm
g++ -O2 -o "$work/lemon" "$here/odds-lemon.cc"
gcc -O2 -D_GNU_SOURCE -I "$top/include" -o "$work/veil" "$here/odds-veil.c" "$build/engine/draw/libveil-draw.a" "$build/engine/match/libveil-match.a" \
	"$build/engine/base/libveil-base.a" "${libraries[@]}"

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
column() { printf '%s\n' "${lines[@]}" | cut -d ' ' -f "$1"; }
repeat() {
	lines=()
	for ((i = 0; i < runs; i++)); do lines+=("$("$@")"); done
}

printf '%-44s %9s %9s %9s %7s  %s\n' instance odds draw lemon ratio 'expected, perturbed sum: veil | lemon'
row() { # label cap perturbation
	local odds drawn best ours theirs solver
	repeat "$work/veil" "$2" 0 "$3" "$work/instance"
	odds=$(column 4 | median) drawn=$(column 5 | median) ours=$(column 2,3 | head -1)
	best='' theirs=''
	for solver in ns cs; do
		repeat "$work/lemon" "$solver" 10 "$2" "$3" "$work/instance"
		best=$(printf '%s\n' "$best" "$(column 4 | median)" | awk 'NF' | sort -n | head -1)
		theirs=$(column 2,3 | head -1)
	done
	awk -v l="$1" -v o="$odds" -v d="$drawn" -v p="$best" -v a="$ours" -v b="$theirs" 'BEGIN {printf "%-44s %8.3fs %8.3fs %8.3fs %6.1fx  %s | %s\n", l, o, d, p, p / o, a, b}'
}

published=${VEIL_TEST_DATA:-}/published/aamas2015
if [ -d "$published" ]; then
	python3 "$here/published.py" "$published" "$work/instance"
	row 'aamas2015, odds<=0.8, beta 0.1' 8000 100000
fi
"$work/generate" topics 10000 40000 300 5 8 0 1 "$work/instance"
row 'topics,10000x40000,load<=8, odds<=0.2' 2000 500000
"$work/generate" topics 14676 12415 300 4 6 0 1 "$work/instance"
row 'topics,14676x12415,load<=6, odds<=0.2' 2000 500000
