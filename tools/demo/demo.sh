#!/usr/bin/env bash
# demo.sh BUILD - a whole batch on the generated pool: 40,296 invented experts, 2,000 projects, five reviewers each.
#
# Every command is printed before it runs, so that the output reads as a lesson. A rehearsal: one person holds all roles here.
set -euo pipefail
build=$(cd "$1" && pwd)
out=$build/demo
veil=$build/bin/veil
verify=$build/bin/veil-verify
lists=$out/lists
site=$out/site

rm -rf "$out"
mkdir -p "$out"
export VEIL_SITE=$site VEIL_OPERATOR=demo
unset VEIL_PASSPHRASE_FILE

say() { printf '\n$ %s\n' "${*//$out\//}" | sed "s|$build/bin/||g"; }

run() {
	say "$@"
	"$@"
}

printf 'Invented lists, seed 1; nobody in them is real.\n'
"$build/tools/demo/veil-demo" --out "$lists" --seed 1

run "$veil" init "$site" --rehearsal
run "$veil" import disciplines "$lists/disciplines.csv"
run "$veil" import organisations "$lists/organisations.csv"
run "$veil" import experts "$lists/experts.csv"
run "$veil" import posts "$lists/posts.csv"
run "$veil" import works "$lists/works.csv.gz"
run "$veil" import relations "$lists/relations.csv"
run "$veil" import bans "$lists/bans.csv"
run "$veil" batch new 2026A --policy "$lists/policy.ini" --projects "$lists/projects.csv" --people "$lists/people.csv"
run "$veil" batch freeze 2026A --as-of 2026-03-01
run "$veil" batch check 2026A
run "$veil" batch draw 2026A
# The first reviewer of the first project declines: his seat goes to the next reserve.
IFS=, read -r project reviewer _ < <("$veil" batch show 2026A --assignments --csv | sed -n 2p)
run "$veil" batch replace 2026A --project "$project" --reviewer "$reviewer" --reason declined
# Nothing that says who wrote a text goes out; then what each reviewer receives, and whom the notifier calls.
run "$veil" batch leaks 2026A
say "$veil" batch packets 2026A --out "$out/packets" --csv '>' "$out/packets.csv"
"$veil" batch packets 2026A --out "$out/packets" --csv > "$out/packets.csv"
run "$veil" batch contacts 2026A --out "$out/contacts.csv" --slips "$out/slips"
run "$veil" batch minutes 2026A --out "$out/minutes.html"
run "$veil" ledger checkpoint
run "$verify" batch "$site/draw/2026A.veil"
run "$verify" ledger "$site/ledger/ledger.db"

cat <<E2

What there is now:
  ${out#"$PWD"/}/minutes.html              the record of the draw: open it in a browser, print it on A4
  ${out#"$PWD"/}/site/draw/2026A.veil      what the drawer holds: codes and candidates
  ${out#"$PWD"/}/site/audit/2026A.audit    what the auditor holds: exclusions and their facts
  ${out#"$PWD"/}/site/ledger/              the log, its latest checkpoint and its public key
  ${out#"$PWD"/}/packets/                  what each reviewer receives, by codes of their own; packets.csv says which is about what
  ${out#"$PWD"/}/slips/                    for each person contacted, sealed: which packet is his
  ${out#"$PWD"/}/contacts.csv              whom the notifier calls: names and phones, no projects
  ${out#"$PWD"/}/lists/                    the invented lists; answer_key.csv says what a freeze must find

Go on from here, e.g.:
  export VEIL_SITE=${site#"$PWD"/}
  ${build#"$PWD"/}/bin/veil batch show 2026A --assignments --csv | head
  ${build#"$PWD"/}/bin/veil batch conflicts 2026A --csv | head
E2
