#!/bin/sh
# Afterword from nothing, in a minute: installs what is missing, builds, starts a private Kafka and Postgres where
# the environment names none, publishes deploy/sample, runs the pool, and shows what is in the tables then.
# shellcheck source=deploy/prepare.sh
. "$(dirname "$0")/prepare.sh"
start=$(date +%s)
name=afterword_demo_$$

at_end() {
	if [ -n "$schema_made" ]; then
		sql -c "drop schema if exists $name cascade" ${roles_made:+-c "drop role $roles_made"} >/dev/null || :
	fi
	if [ -n "$topics_made" ]; then
		echo "These topics stay on your broker: $topics_made"
	fi
}

afterword() {
	command build/afterword "$@"
}

sql() {
	psql -X -q -v ON_ERROR_STOP=1 -P pager=off "$@"
}

show() {
	echo
	echo "$1"
	sql
}
