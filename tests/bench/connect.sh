#!/bin/sh
# connect.sh fetch DIR       Kafka Connect with the JDBC sink of Debezium and an Avro converter, once, into DIR
# connect.sh run DIR FILE...  a worker of one process with these files of properties: its own, then the connector's
set -eu

kafka=4.3.0
debezium=3.6.0.Final
converter=2.6.13.Final
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1

java=/usr/lib/jvm/java-17-openjdk-$(dpkg --print-architecture)/bin/java
here=$(cd "$(dirname "$0")" && pwd)
what=$1 dir=$2
shift 2

maven() {
	MAVEN_OPTS="${MAVEN_OPTS:-} -XX:-UsePerfData" mvn -B -q --strict-checksums "$@"
}

# Into a folder of its own, renamed when all is there.
fetch() {
	[ ! -d "$dir" ] || return 0
	mkdir -p "$(dirname "$dir")"
	tmp=$(mktemp -d "$dir.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	maven -f "$here/connect.pom.xml" "$plugin:copy-dependencies" -Dkafka="$kafka" -Dconverter="$converter" \
		-DincludeScope=runtime -DoutputDirectory="$tmp/whole/worker"
	maven "$plugin:copy" -Dartifact="io.debezium:debezium-connector-jdbc:$debezium:tar.gz:plugin" -DoutputDirectory="$tmp"
	mkdir "$tmp/whole/plugins"
	tar -xzf "$tmp/debezium-connector-jdbc-$debezium-plugin.tar.gz" -C "$tmp/whole/plugins"
	mv -T "$tmp/whole" "$dir"
}

case $what in
fetch) fetch ;;
run)
	exec "$java" -Xmx2g -XX:-UsePerfData -Djava.net.preferIPv4Stack=true -Dorg.apache.logging.log4j.level=WARN \
		-cp "$dir/worker/*" org.apache.kafka.connect.cli.ConnectStandalone "$@"
	;;
esac
