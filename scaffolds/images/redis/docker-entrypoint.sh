#!/bin/sh
# Starts redis-server as the user redis, open to the container's network as the official image's is.
# shellcheck source=../common/key-value.sh
. /usr/local/lib/key-value.sh

# `docker run redis --appendonly yes` and `docker run redis /my.conf` mean the server.
case "${1:-}" in
    -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ]; then
    drop_root redis "$@"
    start_server "$@"
fi

exec "$@"
