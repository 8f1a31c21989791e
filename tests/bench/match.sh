#!/usr/bin/env bash
# match.sh BUILD [RUNS] - veil's matcher against LEMON's NetworkSimplex and CostScaling on the same instance files: medians and ratios.
# Graph building counts on both sides, reading the file on neither. Objectives must be equal to the last unit. Needs g++ and liblemon-dev.
set -euo pipefail
build=$1 runs=${2:-3}
here=$(cd "$(dirname "$0")/match" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
top=$here/../../..
read -ra glib <<<"$(pkg-config --cflags --libs glib-2.0)"

gcc -O2 -o "$work/generate" "$here/generate.c" -lm
g++ -O2 -o "$work/lemon" "$here/solve-lemon.cc"
gcc -O2 -D_GNU_SOURCE -I "$top/include" -o "$work/veil" "$here/solve-veil.c" "$build/engine/match/libveil-match.a" "$build/engine/base/libveil-base.a" "${glib[@]}"

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
timed() { # name command...: leaves the median in $seconds and "status objective" in $result
	local lines=()
	for ((i = 0; i < runs; i++)); do lines+=("$("$@")"); done
	seconds=$(printf '%s\n' "${lines[@]}" | awk '{print $3}' | median)
	result=$(printf '%s\n' "${lines[@]}" | awk '{print $1, $2}' | sort -u)
}

status=0
printf '%-34s %9s %9s %7s %9s %7s  %s\n' instance veil simplex ratio scaling ratio objective
while read -r label kind projects reviewers candidates demand max min; do
	"$work/generate" "$kind" "$projects" "$reviewers" "$candidates" "$demand" "$max" "$min" 1 "$work/instance"
	timed "$work/veil" "$work/instance"
	veil=$seconds veil_result=$result
	timed "$work/lemon" ns "$work/instance"
	ns=$seconds ns_result=$result
	timed "$work/lemon" cs "$work/instance"
	cs=$seconds verdict=$result
	if [ "$veil_result" != "$ns_result" ] || [ "$veil_result" != "$verdict" ]; then
		verdict="DIFFERENT: $veil_result / $ns_result / $verdict"
		status=1
	fi
	awk -v l="$label" -v v="$veil" -v n="$ns" -v c="$cs" -v o="$verdict" \
		'BEGIN {printf "%-34s %8.3fs %8.3fs %6.1fx %8.3fs %6.1fx  %s\n", l, v, n, n / v, c, c / v, o}'
done <<'INSTANCES'
text,10000x40000,load<=8 text 10000 40000 300 5 8 0
topics,10000x40000,load<=8 topics 10000 40000 300 5 8 0
topics,10000x40000,load<=2 topics 10000 40000 300 5 2 0
topics-0.001,10000x40000,load<=2 steps 10000 40000 300 5 2 0
minimum-loads,98%,5000x3500 tight 5000 3500 300 5 0 3
topics,30000x40000,load<=8 topics 30000 40000 300 5 8 0
topics,30000x40000,load<=5 topics 30000 40000 300 5 5 0
topics,10000x40000,load<=1 topics 10000 40000 300 5 1 0
INSTANCES
exit $status
