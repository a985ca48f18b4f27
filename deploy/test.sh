#!/bin/sh
# Every test, from nothing: installs what is missing, builds, starts private servers where the environment
# names none, and ends with a line "N passed, N failed". With CI=true warnings are errors.
# shellcheck source=deploy/prepare.sh
. "$(dirname "$0")/prepare.sh"

passed=0 failed=0 broken=

# suite NAME COMMAND...: what it says is shown; its own count is read from its "unit:" line or pytest's report
suite() {
	name=$1
	shift
	echo "==> $name"
	rm -f "$tmp/junit.xml"
	{
		status=0
		"$@" </dev/null || status=$?
		echo "$status" >"$tmp/status"
	} 2>&1 | tee "$tmp/out"
	good=0 bad=0
	while read -r g b; do
		good=$((good + ${g:-0})) bad=$((bad + ${b:-0}))
	done <<-EOF
		$(sed -n 's/^unit: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$tmp/out")
		$(junit)
	EOF
	if [ "$(cat "$tmp/status")" != 0 ] && [ "$bad" = 0 ]; then
		bad=1 broken="$broken, $name"
	fi
	passed=$((passed + good)) failed=$((failed + bad))
}

# The counts of pytest's report: errors are failures, a skipped test is neither.
junit() {
	[ -e "$tmp/junit.xml" ] || return 0
	tr '>' '\n' <"$tmp/junit.xml" | awk '
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

warnings=
[ "${CI:-}" != true ] || warnings=WERROR=1
export PYTEST_ADDOPTS="--junitxml=$tmp/junit.xml ${PYTEST_ADDOPTS:-}"

packages build tests kafka postgres registry
serve kafka postgres registry
suite 'lint' make lint
suite 'unit tests' make test
suite 'unit tests under ASan and UBSan' make asan
suite 'integration tests' make it
suite 'integration tests under ASan and UBSan' make it AFTERWORD_BIN="$PWD/build/asan/afterword" WORLDS_N=15

[ -z "$broken" ] || echo "broken:${broken#,}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
