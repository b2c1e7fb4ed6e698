#!/usr/bin/env bash
# The showcase as three processes behind one address, with the sessions of all of them in one Redis:
#
#     examples/showcase/fleet.sh   # http://localhost:3000; Ctrl-C ends all of it
#
# It needs `redis-server`, and `openssl`, which makes the secrets that are not set. One issuer serves all three: the
# development provider, in a process of its own, or the one that MONOCLOUD_AUTH_TENANT_DOMAIN, …_CLIENT_ID and
# …_CLIENT_SECRET name. PORT moves the address, with the five ports behind it, which are taken as well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

first=${PORT:-3000}
processes=($((first + 1)) $((first + 2)) $((first + 3)))
issuer=$((first + 4))
redis=$((first + 5))

cargo build --package showcase --features redis --bin showcase --example fleet

folder=$(mktemp -d)
trap 'trap - EXIT; kill $(jobs -p) 2>/dev/null; wait; rm -rf "$folder"' EXIT
trap exit INT TERM

# All of it is the same in each process, as it is on the machines of a site.
export MONOCLOUD_AUTH_APP_URL=http://localhost:$first
export MONOCLOUD_AUTH_REDIS_URL=redis://127.0.0.1:$redis
export MONOCLOUD_AUTH_MULTIPLE_INSTANCES=true
export MONOCLOUD_AUTH_COOKIE_SECRET=${MONOCLOUD_AUTH_COOKIE_SECRET:-$(openssl rand -hex 32)}
export MONOCLOUD_AUTH_TENANT_DOMAIN=${MONOCLOUD_AUTH_TENANT_DOMAIN:-http://127.0.0.1:$issuer}
export MONOCLOUD_AUTH_CLIENT_ID=${MONOCLOUD_AUTH_CLIENT_ID:-showcase}
export MONOCLOUD_AUTH_CLIENT_SECRET=${MONOCLOUD_AUTH_CLIENT_SECRET:-$(openssl rand -hex 32)}
export MONOCLOUD_AUTH_SCOPES=${MONOCLOUD_AUTH_SCOPES:-openid profile email offline_access}
export MONOCLOUD_AUTH_PAGE_NAME=Showcase

# It must not drop what it was given, which is its default.
redis-server --bind 127.0.0.1 --port "$redis" --save '' --dir "$folder" --maxmemory-policy noeviction >"$folder/redis.log" &
sleep 0.5
kill -0 $! 2>/dev/null || { cat "$folder/redis.log"; exit 1; }
for port in "${processes[@]}"; do
    PORT=$port cargo run --quiet --package showcase --features redis --bin showcase >"$folder/$port.log" &
    echo "showcase at $port: process $!"
done
cargo run --quiet --package showcase --features redis --example fleet -- "${processes[@]}" &
wait $!
