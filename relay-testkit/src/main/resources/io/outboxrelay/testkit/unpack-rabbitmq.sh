#!/bin/sh
# Unpacks RabbitMQ and the Erlang it runs on from the packages of Debian or Ubuntu, without installing
# anything and without being root.
# usage: unpack-rabbitmq.sh FOLDER
set -eu
folder=$1
downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT
cd "$downloads"
mkdir -p lists/partial archives/partial

# Lists of its own: those of the system may be missing, and only root may fetch them.
with_own_lists() {
  "$@" -o Dir::State::lists="$downloads/lists" -o Dir::Cache="$downloads" -o APT::Sandbox::User="$(id -un)"
}

echo "Downloading RabbitMQ (33 MB) into $folder" >&2
with_own_lists apt-get -q update
packages=$(with_own_lists apt-cache depends --recurse --important rabbitmq-server |
  grep -E '^(erlang-|rabbitmq-server)' | grep -v -e '-hipe$' | sort -u)
# Unquoted: a list of names without blanks.
with_own_lists apt-get -q download $packages
for package in *.deb; do
  dpkg-deb -x "$package" "$folder"
done

# Erlang's scripts name the folder it was built for; let them look where they are instead.
erlang=$folder/usr/lib/erlang
sed -i 's|ROOTDIR=/usr/lib/erlang|ROOTDIR=$(cd "$(dirname "$(readlink -f "$0")")/.." \&\& pwd)|' \
  "$erlang/bin/erl" "$erlang/bin/start"
sed -i 's|ROOTDIR=/usr/lib/erlang|ROOTDIR=$(cd "$(dirname "$(readlink -f "$0")")/../.." \&\& pwd)|' \
  "$erlang"/erts-*/bin/erl
