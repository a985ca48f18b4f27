#!/bin/sh
# lint.sh FILE...: what a compiler does not see, asked of these sources and headers, and of the tree that they stand in.
set -u
cd "$(dirname "$0")/.." || exit 1

for tool in clang-format clang-tidy shellcheck pkg-config; do
	command -v $tool >/dev/null || {
		echo "lint: $tool is missing"
		exit 1
	}
done
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
trap 'exit 1' HUP INT TERM

sh src/embed.sh header schemas/*.avsc schemas/sql/*.sql src/sql/*.sql >"$room/embed.h" || exit 1
echo '#define VERSION "lint"' >"$room/version.h"
flags="-std=c11 -D_GNU_SOURCE -Iinclude -I$room -include $room/version.h
	$(pkg-config --cflags rdkafka avro-c libpq libcurl jansson libsodium libpcre2-8)" || exit 1
export flags

# What clang-format would change.
formatted() {
	for file; do
		clang-format --dry-run -Werror "$file" 2>/dev/null || echo "$file: clang-format -i would change it"
	done
}

headers_stand_alone() {
	for file; do
		case $file in *.h)
			# shellcheck disable=SC2086 # a list of words
			${CC:-cc} $flags -Wall -Wextra -Werror -fsyntax-only -x c "$file"
			;;
		esac
	done
}

# The names of our own headers that a file includes.
included() {
	sed -n 's/^#include "\([a-z_0-9]*\)\.h"$/\1/p' "$1" | while read -r name; do
		[ ! -e "include/$name.h" ] || echo "$name"
	done
}

# The layer of include/NAME.h is where NAME.c lives. One without is as high as what it includes, or base.
layer_of() {
	for layer in base pii flow cmd; do
		if [ -e "src/$layer/$1.c" ]; then
			echo "$layer"
			return
		fi
	done
	layers=$(included "include/$1.h" | while read -r name; do layer_of "$name"; done)
	case $layers in
	*cmd*) echo cmd ;;
	*flow*) echo flow ;;
	*pii*) echo pii ;;
	*) echo base ;;
	esac
}

# cmd -> flow -> pii -> base, of the sources and of their headers.
dependencies_point_one_way() {
	for file in include/*.h src/*/*.c; do
		case $file in
		include/*) from=$(layer_of "$(basename "$file" .h)") ;;
		*) from=$(basename "$(dirname "$file")") ;;
		esac
		for name in $(included "$file"); do
			case $from:$(layer_of "$name") in
			base:pii | base:flow | base:cmd | pii:flow | pii:cmd | flow:cmd) echo "$file, in $from, includes $name.h, which is above it" ;;
			esac
		done
	done
}

# Statements are files: there is no text in C that could be formatted into one.
no_sql_in_c() {
	grep -nE '"[^"]*\<(SELECT|INSERT INTO|UPDATE|DELETE FROM|COPY)\>[^"]*"' src/*.c src/*/*.c |
		sed 's/$/   (a statement is a file in src\/sql)/'
}

sql_says_what_it_is() {
	for file in src/sql/*.sql schemas/sql/*.sql; do
		head -n 1 "$file" | grep -q '^-- [^ ]' || echo "$file does not begin with a comment"
	done
}

shell_is_sound() {
	find . \( -path ./build -o -path ./.git \) -prune -o -name '*.sh' -exec shellcheck -x .ci/run {} +
}

# The configuration is .clang-tidy. It ends with an error where it finds something.
tidy() {
	# shellcheck disable=SC2016 # for the inner shell
	printf '%s\n' "$@" | grep '\.c$' | xargs -n 1 -P 2 sh -c \
		'clang-tidy --quiet "$1" -- $flags 2>/dev/null || echo "$1: clang-tidy is not content"' tidy
}

# report NAME: a check that has left anything in $room/found has found something.
bad=0
report() {
	if [ -s "$room/found" ]; then
		echo "lint: $1:"
		cat "$room/found"
		bad=1
	fi
}

formatted "$@" >"$room/found" 2>&1
report 'layout'
headers_stand_alone "$@" >"$room/found" 2>&1
report 'a header does not compile alone'
dependencies_point_one_way >"$room/found" 2>&1
report 'a dependency points the wrong way'
no_sql_in_c >"$room/found" 2>&1
report 'SQL in C'
sql_says_what_it_is >"$room/found" 2>&1
report 'SQL without a comment'
shell_is_sound >"$room/found" 2>&1
report 'shellcheck'
tidy "$@" >"$room/found" 2>&1
report 'clang-tidy'
[ $bad -ne 0 ] || echo 'lint: nothing found'
exit $bad
