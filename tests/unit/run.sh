#!/bin/sh
# Runs each unit test program; ends with "unit: N passed, N failed".
set -u
passed=0 failed=0
for program; do
	out=$("$program" 2>&1)
	rc=$?
	p=$(echo "$out" | grep -c '^\[       OK \]')
	f=$(echo "$out" | grep -c '^\[  FAILED  \] [^0-9]')
	[ $rc -eq 0 ] || { echo "$out"; [ "$f" -gt 0 ] || f=1; }
	echo "$(basename "$program"): $p passed"
	passed=$((passed + p)) failed=$((failed + f))
done
echo "unit: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
