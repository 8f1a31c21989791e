#!/bin/sh
# build-man.sh VEIL OUT STAMP HAND-WRITTEN... - every page of `veil manual list`, the overview and the hand-written ones, into OUT.
set -eu
veil=$1 out=$2 stamp=$3
shift 3
mkdir -p "$out"
rm -f "$out"/*.[0-9]
"$veil" manual page veil >"$out/veil.1"
"$veil" manual list | while read -r name; do
	page=veil-$(echo "$name" | tr ' ' '-')
	# shellcheck disable=SC2086 # the words of a command are words
	"$veil" manual page $name >"$out/$page.1"
done
for page in "$@"; do
	cp "$page" "$out/"
done
touch "$stamp"
