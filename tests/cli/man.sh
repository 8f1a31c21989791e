#!/bin/sh
# man.sh FOLDER - every man page is set without a warning, and none is missing.
set -eu
folder=$1 veil=$2
command -v groff >/dev/null || { echo "no groff here"; exit 77; }
status=0 n=0
for page in "$folder"/*.[0-9]; do
	n=$((n + 1))
	warnings=$(groff -man -Kutf8 -Tutf8 -ww -z "$page" 2>&1) || status=1
	if [ -n "$warnings" ]; then
		echo "$page: $warnings"
		status=1
	fi
done
"$veil" manual list | while read -r name; do
	page="$folder/veil-$(echo "$name" | tr ' ' '-').1"
	[ -s "$page" ] || { echo "no page $page"; exit 1; }
done || status=1
[ "$n" -ge 4 ] || { echo "only $n pages"; status=1; }
# what SEE ALSO and the text refer to exists
for page in "$folder"/*.[0-9]; do
	sed -n 's/^\.BR \(veil[a-z\\-]*\) (\([0-9]\)).*/\1.\2/p' "$page" | tr -d '\134' | while read -r other; do
		[ -s "$folder/$other" ] || { echo "${page##*/} refers to $other, which does not exist"; exit 1; }
	done || status=1
done
echo "$n pages"
exit $status
