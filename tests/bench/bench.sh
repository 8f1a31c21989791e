#!/usr/bin/env bash
# bench.sh BUILD [pool|match|odds|ledger|existence ...] - medians and ratios against peers in the same run; nothing here is a test.
set -euo pipefail
build=$1
shift
here=$(dirname "$0")
what=${1:-all}
[ $# -gt 0 ] && shift
case $what in
pool) exec python3 "$here/pool.py" "$build" "$@" ;;
match)
	python3 "$here/match.py" "$build" "$@"
	[ $# -gt 0 ] || "$here/match-odds.sh" "$build"
	;;
odds) exec "$here/match-odds.sh" "$build" "$@" ;;
ledger) exec python3 "$here/ledger.py" "$build" "$@" ;;
existence) exec python3 "$here/existence.py" "$build" "$@" ;;
all)
	python3 "$here/pool.py" "$build"
	python3 "$here/ledger.py" "$build"
	python3 "$here/existence.py" "$build"
	python3 "$here/match.py" "$build"
	"$here/match-odds.sh" "$build"
	;;
*)
	echo "usage: ./dev bench [pool|match|odds|ledger|existence]" >&2
	exit 2
	;;
esac
