#!/bin/sh
# Every test, from nothing: installs what is missing, builds, starts private servers where the environment
# names none, and ends with a line "N passed, N failed". With CI=true warnings are errors.
# shellcheck source=deploy/prepare.sh
. "$(dirname "$0")/prepare.sh"

passed=0 failed=0 broken='' beside=''

# room NAME: the folder of a suite: what it says, its report, its exit code
room() {
	printf '%s/%s\n' "$tmp" "$(echo "$1" | tr ' ' -)"
}

# run NAME COMMAND...
run() {
	room=$(room "$1")
	shift
	status=0
	PYTEST_ADDOPTS="--junitxml=$room/junit.xml ${PYTEST_ADDOPTS:-}" "$@" </dev/null || status=$?
	echo "$status" >"$room/status"
}

# count NAME: a suite that has run, by its "unit:" line or pytest's report
count() {
	room=$(room "$1") good=0 bad=0
	while read -r g b; do
		good=$((good + ${g:-0})) bad=$((bad + ${b:-0}))
	done <<-EOF
		$(sed -n 's/^unit: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$room/out")
		$(junit "$room/junit.xml")
	EOF
	if [ "$(cat "$room/status" 2>/dev/null)" != 0 ] && [ "$bad" = 0 ]; then
		bad=1 broken="$broken, $1"
	fi
	passed=$((passed + good)) failed=$((failed + bad))
}

suite() {
	echo "==> $1"
	mkdir -p "$(room "$1")"
	run "$@" 2>&1 | tee "$(room "$1")/out"
	count "$1"
}

# suite_beside NAME COMMAND...: starts one, in a process group of its own; suite_join NAME waits for it
suite_beside() {
	room=$(room "$1")
	mkdir -p "$room"
	shift
	PYTEST_ADDOPTS="--junitxml=$room/junit.xml ${PYTEST_ADDOPTS:-}" setsid "$@" </dev/null >"$room/out" 2>&1 &
	beside=$!
}

suite_join() {
	status=0
	wait "$beside" || status=$?
	beside=''
	echo "==> $1"
	cat "$(room "$1")/out"
	echo "$status" >"$(room "$1")/status"
	count "$1"
}

at_end() {
	[ -z "$beside" ] || kill -- "-$beside" || :
}

# The counts of pytest's report: errors are failures, a skipped test is neither.
junit() {
	[ -e "$1" ] || return 0
	tr '>' '\n' <"$1" | awk '
		/<testsuite / {
			for (i = 1; i <= NF; i++)
				if (split($i, a, "=") == 2) { gsub(/"/, "", a[2]); n[a[1]] = a[2] }
			bad = n["errors"] + n["failures"]
			print n["tests"] - bad - n["skipped"], bad
		}'
}

make() {
	command make -j"$(nproc)" ${warnings:+"$warnings"} "$@"
}

warnings=''
[ "${CI:-}" != true ] || warnings=WERROR=1

packages build tests kafka postgres registry
serve kafka postgres registry
suite 'lint' make lint
suite 'unit tests' make all test
suite 'instructions of an event' make stages
suite 'unit tests under ASan and UBSan' make asan
suite 'seeds of the fuzzers' env ${warnings:+"$warnings"} sh tests/fuzz/fuzz.sh replay
# tests wait more than they work, so two suites at a time
suite_beside 'integration tests under ASan and UBSan' \
	make it AFTERWORD_BIN="$PWD/build/asan/afterword" WORLDS_N=15 ${warnings:+"$warnings"}
suite 'integration tests' make it
suite_join 'integration tests under ASan and UBSan'

[ -z "$broken" ] || echo "broken:${broken#,}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
