#!/bin/sh
# embed.sh SQL C - a schema as a C string: sql/registry-0001.sql becomes veil_sql_registry_0001.
set -eu
name=$(basename "$1" .sql | tr -c 'a-zA-Z0-9\n' '_')
{
	printf 'extern const char veil_sql_%s[];\nconst char veil_sql_%s[] =\n' "$name" "$name"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/\t"/' -e 's/$/\\n"/' "$1"
	printf ';\n'
} > "$2"
