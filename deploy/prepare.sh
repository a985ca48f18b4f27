# shellcheck shell=sh
# What demo.sh and test.sh begin with; to be sourced. It makes a folder $tmp, which goes at the end
# together with the servers in it, and gives them:
#
#   step LABEL COMMAND...   run it quietly and say how long it took; show what it said and end if it fails
#   packages PART...        install what is missing of build, tests, psql, kafka, postgres, registry
#   serve SERVICE...        a private kafka, postgres, registry each, where the environment names none
#   at_end                  to be redefined: what else is to be done at the end
set -eu

deploy=$(cd "$(dirname "$0")" && pwd)
cd "$deploy/.."
tmp=$(mktemp -d "${TMPDIR:-/tmp}/afterword.XXXXXX")
ticker=

at_end() { :; }

leave() {
	status=$?
	trap '' INT TERM HUP
	[ -z "$ticker" ] || kill "$ticker" || :
	at_end
	sh "$deploy/services.sh" stop "$tmp" || :
	rm -rf "$tmp"
	exit "$status"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'echo; exit 130' INT
trap 'exit 143' TERM

since() {
	echo "$(($(date +%s) - $1)) s"
}

# On a terminal the seconds go by while a step works.
tick() {
	while sleep 1 && kill -0 $$ 2>/dev/null; do
		printf '\r==> %s ... %s' "$label" "$(since "$began")"
	done
}

step() {
	label=$1 began=$(date +%s)
	shift
	printf '==> %s ... ' "$label"
	if [ -t 1 ]; then
		tick &
		ticker=$!
	fi
	status=0
	"$@" >"$tmp/log" 2>&1 </dev/null || status=$?
	if [ -n "$ticker" ]; then
		kill "$ticker"
		wait "$ticker" 2>/dev/null || :
		ticker=
		printf '\r==> %s ... ' "$label"
	fi
	if [ "$status" != 0 ]; then
		echo "failed after $(since "$began")"
		tail -n 60 "$tmp/log" >&2
		exit 1
	fi
	since "$began"
}

# Where the environment says that a service is; nothing where it does not.
where() {
	case $1 in
	kafka) echo "${AFTERWORD_KAFKA_BOOTSTRAP_SERVERS:-}" ;;
	postgres) echo "${AFTERWORD_POSTGRES_HOST:-}" ;;
	registry) echo "${AFTERWORD_REGISTRY_URL:-}" ;;
	esac
}

packages() {
	wanted=
	for part; do
		[ -z "$(where "$part")" ] || continue
		case $part in
		build)
			wanted="$wanted gcc make pkg-config libc6-dev librdkafka-dev libavro-dev libpq-dev
				libcurl4-openssl-dev libjansson-dev libsodium-dev libpcre2-dev"
			;;
		tests)
			wanted="$wanted libcmocka-dev clang-format clang-tidy shellcheck valgrind kcat python3-pytest
				python3-psycopg python3-confluent-kafka python3-avro python3-hypothesis"
			;;
		psql) wanted="$wanted postgresql-client-15" ;;
		postgres) wanted="$wanted postgresql-15" ;;
		kafka | registry) wanted="$wanted openjdk-17-jre-headless maven" ;;
		esac
	done
	missing=
	# shellcheck disable=SC2086 # a list of words
	installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null) || :
	for package in $wanted; do
		case "$installed" in
		*"$package installed"*) ;;
		*) missing="$missing $package" ;;
		esac
	done
	[ -n "$missing" ] || return 0

	set -- sh "$deploy/packages.sh"
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null || ! sudo -v; then
			echo "these Debian packages are missing, and only root or sudo can install them:$missing" >&2
			exit 1
		fi
		set -- sudo "$@"
	fi
	# shellcheck disable=SC2086
	step 'installing Debian packages, a minute or two' "$@" $missing
}

serve() {
	for service; do
		case $service in
		kafka) name=Kafka ;;
		postgres) name=Postgres ;;
		registry) name='the schema registry' ;;
		esac
		if [ -n "$(where "$service")" ]; then
			echo "==> using $name at $(where "$service")"
			continue
		fi
		[ "$service" = postgres ] || step "fetching $name" sh "$deploy/services.sh" fetch "$service"
		step "starting $name" sh "$deploy/services.sh" start "$tmp" "$service"
		# shellcheck source=/dev/null
		. "$tmp/env"
	done
}
