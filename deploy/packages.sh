#!/bin/sh
# packages.sh NAME...: installs Debian packages, as root. Postgres comes without the cluster "main"
# that Debian would make and start with it.
set -eu

conf=/etc/postgresql-common/createcluster.d/afterword.conf
case " $* " in
*' postgresql-15 '*)
	trap 'rm -f "$conf"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir -p "${conf%/*}"
	echo 'create_main_cluster = false' >"$conf"
	;;
esac

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
