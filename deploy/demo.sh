#!/bin/sh
# Afterword from nothing: installs what is missing, builds, starts a private Kafka and Postgres where the
# environment names none, publishes deploy/sample, runs the pool, and asks what a data team would ask.
# shellcheck source=deploy/prepare.sh
. "$(dirname "$0")/prepare.sh"
started=$(date +%s)
sample=deploy/sample

# On servers that are lent to us everything gets a name of its own, and goes again at the end.
lent_kafka=$(where kafka)
lent_postgres=$(where postgres)
own=afterword_demo_$(date +%Y%m%d_%H%M%S)
export AFTERWORD_SCHEMA="${lent_postgres:+$own}"
export AFTERWORD_SCHEMA="${AFTERWORD_SCHEMA:-afterword}"
export AFTERWORD_TOPICS_INTERACTIONS="${lent_kafka:+$own.}interactions"
export AFTERWORD_TOPICS_FEEDBACK="${lent_kafka:+$own.}feedback"
export AFTERWORD_TOPICS_DLQ="${lent_kafka:+$own.}feedback.dlq"
export AFTERWORD_KAFKA_GROUP_ID="${lent_kafka:+$own.}afterword"
new_roles=
migrated=

at_end() {
	if [ -n "$migrated" ] && [ -n "$lent_postgres" ]; then
		echo "drop schema if exists $own cascade; ${new_roles:+drop role $new_roles;}" | sql || :
	fi
	if [ -n "$migrated" ] && [ -n "$lent_kafka" ]; then
		echo "Afterword deletes no topics: $own.interactions, $own.feedback and $own.feedback.dlq stay."
	fi
}

publish() {
	build/afterword publish "$@" --framing single-object
}

# psql on standard input, on the server and in the schema that the worker is told of
sql() (
	for keyword in HOST PORT USER PASSWORD SSLMODE SSLROOTCERT SSLCERT SSLKEY; do
		value=
		eval "value=\${AFTERWORD_POSTGRES_$keyword:-}"
		case $value in
		'') ;;
		file:*) export "PG$keyword=$(cat "${value#file:}")" ;;
		*) export "PG$keyword=$value" ;;
		esac
	done
	export PGDATABASE="${AFTERWORD_POSTGRES_DBNAME:-${PGDATABASE:-}}" PGCLIENTENCODING=UTF8
	{
		echo "set client_min_messages to warning; set search_path to $AFTERWORD_SCHEMA; set timezone to 'UTC';"
		cat
	} | psql -X -q -v ON_ERROR_STOP=1 -P pager=off -P footer=off "$@"
)

show() {
	printf '%s\n\n' "$1"
	{
		cat <<-'EOF'
			-- one line of at most so many columns; characters of other scripts than Latin may take two
			create function pg_temp.cut(t text, columns int) returns text language sql as $$
				select case when length(line) > fits then left(line, fits - 1) || '…' else line end
				from (select translate(t, E'\r\n', '  '),
					columns / case when octet_length(t) > 2 * length(t) then 2 else 1 end) x (line, fits)
			$$;
		EOF
		cat
	} | sql
}

# The pool stops by itself once it has stored what the topics hold.
pool() {
	step "$1" build/afterword run --drain
	sql -At <<-'EOF'
		select '    ' || count(*) filter (where status = 'resolved') || ' pieces of feedback resolved, '
			|| count(*) filter (where status = 'pending') || ' pending'
		from (select distinct tenant, event_id, status from feedback_joined) e
	EOF
}

packages build psql kafka postgres
step 'building' make -j"$(nproc)"
serve kafka postgres

if [ -n "$lent_postgres" ]; then
	new_roles=$(sql -At <<-'EOF'
		select string_agg(r, ', ') from unnest(array['afterword_reader', 'afterword_writer']) r
		where not exists (select from pg_roles where rolname = r)
	EOF
	)
fi
migrated=yes
step 'afterword migrate' build/afterword migrate

head -n 50 $sample/interactions.jsonl >"$tmp/early.jsonl"
tail -n +51 $sample/interactions.jsonl >"$tmp/late.jsonl"
step 'publishing all feedback' publish feedback $sample/feedback.jsonl
step 'publishing half of the interactions' publish interactions "$tmp/early.jsonl"
pool 'afterword run'
step 'publishing the other half, late' publish interactions "$tmp/late.jsonl"
head -n 1 $sample/interactions.jsonl >"$tmp/misplaced.jsonl"
step 'publishing one to the wrong topic' publish interactions "$tmp/misplaced.jsonl" \
	-o topics.interactions="$AFTERWORD_TOPICS_FEEDBACK" -o topics.feedback="$AFTERWORD_TOPICS_INTERACTIONS"
pool 'afterword run'
echo

show 'Feedback and the answers that it belongs to (some of feedback_joined):' <<'EOF'
with kinds as (
	select distinct on (slug, resolution) * from feedback_joined
	where status = 'resolved' and not retracted
	order by slug, resolution, (text is null), event_id
), few as (
	select *, row_number() over (partition by slug order by md5(event_id)) as n from kinds
)
select slug || coalesce(' ' || value, '') as feedback,
	pg_temp.cut(text, 26) as text,
	resolution as "found by",
	pg_temp.cut(input, 24) as question,
	pg_temp.cut(output, 24) as answer
from few
where n <= 2
order by occurred_at
EOF

show 'How it was found:' <<'EOF'
select status, resolution, count(distinct (tenant, event_id)) as events, count(*) as rows,
	count(distinct (tenant, event_id)) filter (where kind = 'explicit') as explicit,
	count(distinct (tenant, event_id)) filter (where kind = 'implicit') as implicit
from feedback_joined
group by status, resolution
order by status desc, events desc
EOF

show 'A trace alone belongs to every answer in it:' <<'EOF'
select event_id, slug || coalesce(' ' || value, '') as feedback, weight, trace_id, interaction_id, ended_at
from feedback_joined
where (tenant, event_id) = (select tenant, event_id from feedback_joined
	where resolution = 'trace' and slug = 'score'
	group by tenant, event_id having count(*) > 2
	order by max(value) desc, event_id limit 1)
order by ended_at
EOF

show 'What people took with them:' <<'EOF'
select slug as feedback, pg_temp.cut(text, 48) as text, copied_from as "from",
	round(copied_share * 100) || ' %' as share, interaction_id
from feedback_joined
where copied_share is not null
order by md5(event_id)
limit 6
EOF

show 'What is pending, and why:' <<'EOF'
select why, count(*) as events,
	array_to_string((array_agg(event_id order by event_id))[1:3], ', ') as "for example"
from pending_feedback
group by why
order by why
EOF

show 'What could not be stored (the dead-letter topic has it whole):' <<'EOF'
select topic, partition, "offset", reason, detail from rejected
EOF

cat <<EOF
Done in $(since "$started"). With a broker and a database of your own, say where they are in my.conf
(worker.conf lists every option):

    kafka.bootstrap.servers = broker:9092
    postgres.host = database
    postgres.dbname = feedback

and then

    build/afterword migrate -c my.conf    creates the tables
    build/afterword check   -c my.conf    looks whether all is as it should be
    build/afterword run     -c my.conf    runs the pool
EOF
