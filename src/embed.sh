#!/bin/sh
# Turns files into C strings: schemas/feedback_event.avsc becomes schema_feedback_event, src/sql/resolve.sql becomes sql_resolve,
# and the migrations, in order, the table migrations[]. Usage: embed.sh header|source FILE...
set -eu

name() {
	base=$(basename "${1%.*}" | tr - _)
	case $1 in
	schemas/sql/*) echo "migration_$base" ;;
	*.avsc) echo "schema_$base" ;;
	*) echo "sql_$base" ;;
	esac
}

header() {
	echo '/* Made by src/embed.sh. */'
	echo '#ifndef EMBED_H'
	echo '#define EMBED_H'
	for file; do
		echo "extern const char $(name "$file")[];"
	done
	echo 'struct migration { int version; const char *name, *sql; };'
	echo 'extern const struct migration migrations[]; /* in order; ends with a zeroed one */'
	echo '#endif'
}

source() {
	echo '/* Made by src/embed.sh. */'
	echo '#include "embed.h"'
	for file; do
		echo "const char $(name "$file")[] ="
		sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' "$file"
		echo ';'
	done
	echo 'const struct migration migrations[] = {'
	last=0
	for file; do
		case $file in schemas/sql/*)
			base=$(basename "${file%.sql}")
			number=$(echo "$base" | sed 's/^0*\([0-9]*\)_.*/\1/')
			[ "$number" -gt "$last" ] || { echo "$file: there is another migration $number" >&2; exit 1; }
			last=$number
			echo "{$number, \"$base\", $(name "$file")},"
			;;
		esac
	done
	echo '{0, 0, 0}};'
}

"$@"
