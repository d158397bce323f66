#!/usr/bin/env bash
# A PostgreSQL of the tests' own: keeps its data in a folder and listens on a loopback port until standard input ends.
# User postgres, password as in $PGPASSWORD. Says "ready" when it is. In the end the folder is removed, unless there
# is a file "keep" in it; a folder that has a database already is used as it is.
#
#   bash tests/postgres.sh FOLDER PORT
set -euo pipefail
folder=$1 port=$2

# Where Debian has it, or wherever the path leads.
initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1)
bin=$(dirname "$(realpath "${initdb:-$(command -v initdb)}")")

(umask 077 && printf '%s\n' "$PGPASSWORD" >"$folder/password")

# It refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$folder" "$folder/password"
    as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
fi

cd "$folder"
if [ ! -e data ]; then
    "${as[@]}" "$bin/initdb" --pgdata=data --username=postgres --auth=scram-sha-256 --encoding=UTF8 --no-sync \
        --pwfile=password >&2
fi
"${as[@]}" "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c max_connections=200 </dev/null >&2 &
server=$!
for _ in $(seq 1200); do
    "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && break
    kill -0 "$server"
    sleep 0.05
done
"$bin/pg_isready" -h 127.0.0.1 -p "$port" >&2
echo ready
# The one who started this holds the other end, and lets go of it however it ends.
cat >/dev/null
kill -INT "$server"
wait "$server" || true
[ -e keep ] || rm -rf "$folder"
