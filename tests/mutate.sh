#!/bin/sh
# mutate.sh [WORD]: shows that the random worlds can fail. Breaks one rule at a time in a copy of the tree, and counts the worlds
# until one of them notices (of N, default 300, from SEED on). WORD: only the lines below that have it. Needs servers, as `make worlds` does.
set -eu
cd "$(dirname "$0")/.."
word=${1:-}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
trap 'exit 1' HUP INT TERM

# WHAT|FILES|SED: lines of these files are edited, and WHAT is true then
while IFS='|' read -r what files edit; do
	case $what in
	'' | '#'*) continue ;;
	*"$word"*) ;;
	*) continue ;;
	esac
	rm -rf "$room/tree"
	mkdir "$room/tree"
	cp -r Makefile include src schemas tests "$room/tree"
	for file in $files; do
		sed -i -E "$edit" "$room/tree/$file"
		if cmp -s "$file" "$room/tree/$file"; then
			echo "$what: nothing in $file looks like that any more"
			exit 1
		fi
	done
	make -C "$room/tree" -j2 >"$room/said" 2>&1 || {
		cat "$room/said"
		exit 1
	}
	began=$(date +%s)
	if SHRINK_SECONDS=0 make -C "$room/tree" worlds N="${N:-300}" SEED="${SEED:-0}" \
		PYTEST_ARGS='-x --deselect tests/it/test_80_worlds.py::test_worlds_are_worth_it' >"$room/said" 2>&1 </dev/null; then
		echo "$what: NOT caught by ${N:-300} worlds"
	else
		seed=$(sed -n 's/^seed \([0-9]*\): \(.*\)/\1 \2/p' "$room/said" | head -n 1)
		[ -n "$seed" ] || tail -n 20 "$room/said"
		echo "$what: caught by world $((${seed%% *} - ${SEED:-0} + 1)) after $(($(date +%s) - began)) s: ${seed#* }" | sed "s/ after step .*//"
	fi
done <<'EOF'
the barrier does not wait|src/sql/settle_wait.sql|s/pg_advisory_xact_lock/pg_try_advisory_xact_lock/
of equal ends the smaller id wins|schemas/sql/0001_tables.sql|s/k.interaction_id DESC/k.interaction_id ASC/
ids are ordered by language|schemas/sql/0001_tables.sql|s/k.interaction_id DESC/k.interaction_id COLLATE "en-x-icu" DESC/
an interaction may end when the event happens|schemas/sql/0001_tables.sql|s/k.ended_at < best_interaction.before/k.ended_at <= best_interaction.before/
of interactions the copy that comes last wins|src/flow/interactions.c src/sql/interaction_replace.sql|s/greater\(&b->interactions\[i\], &stored\) \?/true ?/;s/^(	WHERE) \(i.revision.*/\1 (true, true, true)/;s/< \(q.revision.*/= (true, true, true)/
of events the latest copy counts|src/flow/events.c src/sql/event_earlier.sql|s/return a < b \|\|/return a > b ||/;s/< (\(coalesce\(f.record_time)/> \1/
of events the first copy counts|src/flow/events.c|s/v.earlier = best/v.earlier = NULL/
a retract counts only for what came before|schemas/sql/0002_views.sql|s/(r.retracts = f.event_id)\) AS retracted/\1 AND r.received_at > f.received_at) AS retracted/
settling stops before the next end|src/sql/settle.sql|s/f.occurred_at <= r.until/f.occurred_at < r.until/
settling begins a microsecond late|src/sql/settle.sql|s/f.occurred_at > r.after/f.occurred_at > r.after + interval '1 microsecond'/
settling forgets who holds a changed interaction|src/flow/settle.c|s/!c->greatest \|\| c->fresh/true/
old match keys stay|src/flow/interactions.c|s/rc = unkey\(/rc = 0 \&\& unkey(/
a new mask has no keys of what is there|src/sql/mask_add.sql|s/WHERE k.match_key IS NOT NULL/WHERE false/
acknowledged before it is stored|src/flow/worker.c|s/^	if \(b->len > 0\) \{$/&\n		consumer_ack(\&w->consumer, b);/
EOF
