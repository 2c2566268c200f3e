#!/bin/sh
# Unpacks RabbitMQ and the Erlang it runs on from the packages of Debian or Ubuntu, without installing
# anything and without being root.
# usage: unpack-rabbitmq.sh FOLDER [RELEASE]
#   RELEASE  a release of Debian, such as trixie, whose RabbitMQ is unpacked together with the libraries it
#            needs. Without it, RabbitMQ of this machine's own release is unpacked.
set -eu
folder=$1
release=${2:-}
downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT
cd "$downloads"
mkdir -p lists/partial archives/partial

# Uses package lists of its own, because those of the system may be missing, and only root may fetch them.
with_own_lists() {
  "$@" -o Dir::State::lists="$downloads/lists" -o Dir::Cache="$downloads" -o APT::Sandbox::User="$(id -un)"
}

with_release() {
  with_own_lists "$@" -o Dir::Etc::SourceList="$downloads/release.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::status=/dev/null
}

# Writes the package source of the release: the Debian mirror of this machine, which has all releases.
write_release_list() {
  own=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME") || {
    echo "This machine is not a Debian, so the mirror of $release is not known." >&2
    exit 1
  }
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' |
    sed -n "s/ $own\$//p" | head -n 1)
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb [signed-by=$keyring] $mirror $release main" >release.list
}

echo "Downloading RabbitMQ ${release:+of $release }(33 to 44 MB) into $folder" >&2
if [ -n "$release" ]; then
  write_release_list
  with_release apt-get -q update
  packages=$(with_release apt-get install --simulate --no-install-recommends rabbitmq-server |
    sed -n 's/^Inst \([^ ]*\).*/\1/p' |
    grep -E '^(erlang-|rabbitmq-server$|(libc6|libgcc-s1|libstdc\+\+6|libtinfo6|zlib1g|libzstd1|libsystemd0|libcap2|libssl3.*)$)')
  # Not quoted, because it is a list of names.
  with_release apt-get -q download $packages
else
  with_own_lists apt-get -q update
  packages=$(with_own_lists apt-cache depends --recurse --important rabbitmq-server |
    grep -E '^(erlang-|rabbitmq-server)' | grep -v -e '-hipe$' | sort -u)
  with_own_lists apt-get -q download $packages
fi
for package in *.deb; do
  dpkg-deb -x "$package" "$folder"
done

# Erlang's scripts contain the folder for which Erlang was built; they are changed to use the folder they are in.
erlang=$folder/usr/lib/erlang
sed -i 's|ROOTDIR=/usr/lib/erlang|ROOTDIR=$(cd "$(dirname "$(readlink -f "$0")")/.." \&\& pwd)|' \
  "$erlang/bin/erl" "$erlang/bin/start"
sed -i 's|ROOTDIR=/usr/lib/erlang|ROOTDIR=$(cd "$(dirname "$(readlink -f "$0")")/../.." \&\& pwd)|' \
  "$erlang"/erts-*/bin/erl

# Programs of another release may need a newer libc than this machine's, so each is started by the loader of
# that release. A script replaces the program; $UP leads from it to the unpacked root.
start_by_loader() {
  program=$1
  up=$(dirname "${program#"$folder"/}" | sed 's|[^/]*|..|g')
  mv "$program" "$program.elf"
  cat >"$program" <<SCRIPT
#!/bin/sh
program=\$(readlink -f "\$0")
root=\$(dirname "\$program")/$up
for libraries in "\$root"/usr/lib/*-linux-gnu*; do
  for loader in "\$libraries"/ld-linux*.so.*; do
    exec "\$loader" --argv0 "\$0" --library-path "\$libraries" "\$program.elf" "\$@"
  done
done
SCRIPT
  chmod +x "$program"
}

if [ -n "$release" ]; then
  find "$erlang" -type f -perm -u+x ! -name '*.so' | while read -r program; do
    if [ "$(head -c 4 "$program" | tail -c 3)" = ELF ]; then
      start_by_loader "$program"
    fi
  done
fi
