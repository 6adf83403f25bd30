#!/bin/sh
# Starts valkey-server as the user valkey, open to the container's network as the official image's is.
# shellcheck source=../common/key-value.sh
. /usr/local/lib/key-value.sh

# `docker run valkey/valkey --appendonly yes` and `docker run valkey/valkey /my.conf` mean the server.
case "${1:-}" in
    redis-server)
        shift
        set -- valkey-server "$@"
        ;;
    -* | *.conf) set -- valkey-server "$@" ;;
esac

if [ "${1:-}" = valkey-server ]; then
    drop_root valkey "$@"
    # shellcheck disable=SC2086  # several options in one variable: words are wanted
    start_server "$@" ${VALKEY_EXTRA_FLAGS:-}
fi

exec "$@"
