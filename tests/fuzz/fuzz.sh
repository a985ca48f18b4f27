#!/bin/sh
# fuzz.sh replay: every target over its seeds and over what earlier runs have found worth keeping (corpus/), with the C compiler at hand.
# fuzz.sh run TARGET SECONDS: libFuzzer on one target, with clang. It begins with the same; new inputs stay in build/fuzz/corpus, so
#   that the next run goes on from there; what breaks the target is left as build/fuzz/TARGET-*.
# Both build under AddressSanitizer and UBSan, each in a build of its own.
set -eu
cd "$(dirname "$0")/../.."

FLAGS='-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all'

# build DIR COMPILER SANITIZERS SANITIZERS-OF-THE-TARGET [MAIN]: DIR/TARGET for every target.
build() {
	objects=$(for f in src/base/*.c src/pii/*.c src/flow/*.c; do echo "$1/${f%.c}.o"; done)
	objects="$objects $1/gen/embed.o"
	# shellcheck disable=SC2086 # a list
	make -s BUILD="$1" CC="$2" CFLAGS="$FLAGS -fsanitize=$3" $objects
	for target in tests/fuzz/*.c; do
		[ "$target" != tests/fuzz/replay.c ] || continue
		# shellcheck disable=SC2046,SC2086 # lists of words
		"$2" -std=c11 -Wall -Wextra -D_GNU_SOURCE $FLAGS -fsanitize="$4" -Iinclude -I"$1/gen" \
			-o "$1/$(basename "$target" .c)" "$target" ${5-} $objects \
			$(pkg-config --cflags --libs rdkafka avro-c libpq libcurl jansson libsodium libpcre2-8) -lm -pthread
	done
}

# kept TARGET: a folder with the corpus that is kept of it, empty where there is none.
kept() {
	rm -rf "build/kept/$1"
	mkdir -p "build/kept/$1"
	[ ! -f "tests/fuzz/corpus/$1.tar.gz" ] || tar -C build/kept -xzf "tests/fuzz/corpus/$1.tar.gz"
	echo "build/kept/$1"
}

case ${1-} in
replay)
	build build/asan "${CC:-cc}" address,undefined address,undefined tests/fuzz/replay.c # as make asan
	for seeds in tests/fuzz/seeds/*; do
		target=$(basename "$seeds")
		find "$seeds" "$(kept "$target")" -type f -exec "build/asan/$target" {} +
	done
	;;
run)
	build build/fuzz clang address,undefined,fuzzer-no-link address,undefined,fuzzer
	mkdir -p "build/fuzz/corpus/$2"
	"build/fuzz/$2" -max_total_time="$3" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
		-dict="tests/fuzz/$2.dict" -artifact_prefix="build/fuzz/$2-" \
		"build/fuzz/corpus/$2" "tests/fuzz/seeds/$2" "$(kept "$2")"
	;;
*)
	sed -n '2,5s/^# //p' "$0" >&2
	exit 2
	;;
esac
