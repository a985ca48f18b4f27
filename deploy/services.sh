#!/bin/sh
# Private servers for trials and tests: on free loopback ports, everything they write under DIR.
#
#   services.sh fetch [kafka] [registry]                  download once, into the user's cache folder
#   services.sh start DIR [kafka] [postgres] [registry]   fetch, start, wait until ready, add to DIR/env
#   services.sh stop DIR                                  stop what was started in DIR, and wait for it
#
# A server that the environment names already is left alone; DIR/env exports where the others are.
# Postgres gets POSTGRES_OPTIONS, by default what tests want: speed, not durability.
# Each has its DIR/NAME.log and DIR/NAME.pid.
set -eu

kafka=4.3.0
registry=2.6.13.Final
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/afterword
kafka_home=$cache/kafka-$kafka
registry_home=$cache/apicurio-${registry%.Final}
postgres_home=/usr/lib/postgresql/15/bin
java=/usr/lib/jvm/java-17-openjdk-$(dpkg --print-architecture)/bin/java

die() {
	echo "services: $*" >&2
	exit 1
}

# Does the environment say where NAME is?
given() {
	case $1 in
	kafka) [ -n "${AFTERWORD_KAFKA_BOOTSTRAP_SERVERS:-}" ] ;;
	postgres) [ -n "${AFTERWORD_POSTGRES_HOST:-}" ] ;;
	registry) [ -n "${AFTERWORD_REGISTRY_URL:-}" ] ;;
	*) die "there is no service '$1', only kafka, postgres, registry" ;;
	esac
}

# ---- fetch: into a folder of its own, renamed when all is there

maven() {
	MAVEN_OPTS="${MAVEN_OPTS:-} -XX:-UsePerfData" mvn -B -q --strict-checksums -Dmaven.repo.local="$tmp/repository" "$@"
}

fetch_kafka() {
	maven -f "$here/kafka/pom.xml" "$plugin:copy-dependencies" -Dkafka="$kafka" \
		-DincludeScope=runtime -DoutputDirectory="$tmp/whole"
}

fetch_registry() {
	maven "$plugin:copy" -Dartifact="io.apicurio:apicurio-registry-app:$registry:tar.gz:all" \
		-DoutputDirectory="$tmp"
	mkdir "$tmp/whole"
	tar -xzf "$tmp/apicurio-registry-app-$registry-all.tar.gz" -C "$tmp/whole"
}

fetch() {
	case $1 in
	kafka) home=$kafka_home ;;
	registry) home=$registry_home ;;
	*) die "'$1' cannot be fetched, only kafka, registry" ;;
	esac
	if given "$1" || [ -d "$home" ]; then
		return
	fi
	mkdir -p "$cache"
	tmp=$(mktemp -d "$cache/fetch.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	"fetch_$1"
	mv -T "$tmp/whole" "$home" || [ -d "$home" ] # another one was quicker
	rm -rf "$tmp"
}

# ---- start

# launch NAME READY COMMAND...: away from our terminal, waiting until NAME's log says READY.
# A signal meanwhile is only noted, so that no server is started and not known.
launch() {
	name=$1 ready=$2 log=$dir/$1.log
	shift 2
	: >"$log"
	setsid "$@" >>"$log" 2>&1 </dev/null &
	pid=$!
	echo "$pid" >"$dir/$name.pid"
	tries=1200
	until grep -q "$ready" "$log"; do
		tries=$((tries - 1))
		if [ -n "$signalled" ] || [ "$tries" = 0 ] || ! kill -0 "$pid" 2>/dev/null; then
			stop_one "$name"
			return 1
		fi
		sleep 0.1
	done
}

port() {
	shuf -n 1 -i 20000-29999 # below those that the kernel lends to clients
}

start_kafka() {
	broker=127.0.0.1:$(port) controller=127.0.0.1:$(port)
	cat "$here/kafka/server.properties" - >"$dir/kafka/server.properties" <<-EOF
		listeners=PLAINTEXT://$broker,CONTROLLER://$controller
		controller.quorum.bootstrap.servers=$controller
		log.dirs=$dir/kafka/data
	EOF
	set -- "$java" -Djava.io.tmpdir="$dir/kafka" -Dorg.apache.logging.log4j.level=INFO -cp "$kafka_home/*"
	"$@" kafka.tools.StorageTool format -t afterword-demo-cluster --standalone \
		-c "$dir/kafka/server.properties" >"$dir/kafka.log" 2>&1 || return 1
	launch kafka 'Kafka Server started' "$@" kafka.Kafka "$dir/kafka/server.properties" || return 1
	echo "export AFTERWORD_KAFKA_BOOTSTRAP_SERVERS=$broker" >>"$dir/env"
}

start_registry() {
	number=$(port)
	launch registry 'Listening on' \
		env QUARKUS_HTTP_HOST=127.0.0.1 QUARKUS_HTTP_PORT="$number" "$java" -Djava.io.tmpdir="$dir/registry" \
		-jar "$registry_home/apicurio-registry-app-$registry-runner.jar" || return 1
	echo "export AFTERWORD_REGISTRY_URL=http://127.0.0.1:$number/apis/ccompat/v7" >>"$dir/env"
}

# Postgres refuses to run as root. That user gets through folders which are closed to it, and into none
# else; the password keeps the machine's other users out. Ids sort differently in this locale than by
# bytes, as they do in many a database.
start_postgres() {
	options=${POSTGRES_OPTIONS:--c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=2GB}
	number=$(port)
	password=$(head -c 18 /dev/urandom | base64)
	echo "$password" >"$dir/postgres/password"
	set --
	if [ "$(id -u)" = 0 ]; then
		set -- setpriv --reuid=postgres --regid=postgres --init-groups
		chown -R postgres "$dir/postgres"
		chmod 711 "$dir"
		"$@" test -e "$dir/postgres/password" 2>/dev/null ||
			set -- "$@" --inh-caps=+dac_read_search --ambient-caps=+dac_read_search \
				--securebits=+no_setuid_fixup
	fi
	"$@" "$postgres_home/initdb" -D "$dir/postgres/data" -U postgres -E UTF8 --no-sync \
		-A scram-sha-256 --pwfile="$dir/postgres/password" \
		--locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US >"$dir/postgres.log" 2>&1 || return 1
	# shellcheck disable=SC2086 # a list of words
	launch postgres 'ready to accept connections' "$@" "$postgres_home/postgres" -D "$dir/postgres/data" \
		-p "$number" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$dir/postgres" \
		$options || return 1
	PGPASSWORD=$password "$postgres_home/createdb" -h 127.0.0.1 -p "$number" -U postgres afterword || return 1
	cat >>"$dir/env" <<-EOF
		export AFTERWORD_POSTGRES_HOST=127.0.0.1
		export AFTERWORD_POSTGRES_PORT=$number
		export AFTERWORD_POSTGRES_DBNAME=afterword
		export AFTERWORD_POSTGRES_USER=postgres
		export AFTERWORD_POSTGRES_PASSWORD=$password
	EOF
}

# Another program may take the port first: then once more, on another, from an empty folder.
start() {
	if given "$1"; then
		return
	fi
	[ ! -e "$dir/$1.pid" ] || die "$1 runs already in $dir"
	[ "$1" = postgres ] || (fetch "$1")
	for attempt in 1 2 3 4 5; do
		rm -rf "${dir:?}/$1"
		mkdir "$dir/$1"
		if "start_$1"; then
			return
		fi
		[ -z "$signalled" ] || exit "$signalled"
		grep -q -i 'in use' "$dir/$1.log" || break
	done
	echo "services: $1 did not start (attempt $attempt); the end of $dir/$1.log:" >&2
	tail -n 20 "$dir/$1.log" >&2
	exit 1
}

# ---- stop

# Is the process that NAME's file names still ours, and not long gone or another's?
alive() {
	grep -q -s -a -F -e "$dir" "/proc/$(cat "$dir/$1.pid")/cmdline"
}

stop_one() {
	case $1 in
	postgres) signal=INT ;; # do not wait for its clients
	*) signal=TERM ;;
	esac
	tries=200
	while alive "$1"; do
		kill -"$signal" "$(cat "$dir/$1.pid")" 2>/dev/null || break
		tries=$((tries - 1))
		[ "$tries" != 0 ] || signal=KILL
		sleep 0.1
	done
	rm -f "$dir/$1.pid"
}

stop() {
	for file in "$dir"/*.pid; do
		if [ -e "$file" ]; then
			stop_one "$(basename "$file" .pid)"
		fi
	done
	rm -f "$dir/env"
}

usage() {
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
}

case ${1:-} in
fetch | start | stop) what=$1 ;;
help | --help)
	usage
	exit
	;;
*)
	usage >&2
	exit 2
	;;
esac
shift
if [ "$what" != fetch ]; then
	dir=${1:-}
	case $dir in
	/*) shift ;;
	*) die "DIR must be an absolute path" ;;
	esac
	[ -d "$dir" ] || die "there is no folder '$dir'"
	cd "$dir"
fi
case $what in
fetch)
	for service; do fetch "$service"; done
	;;
start)
	umask 077
	signalled=
	trap 'signalled=130' INT
	trap 'signalled=143' TERM
	export JDK_JAVA_OPTIONS='-Xmx512m -XX:+UseSerialGC -XX:-UsePerfData -Djava.net.preferIPv4Stack=true'
	for service; do start "$service"; done
	;;
stop)
	stop
	;;
esac
