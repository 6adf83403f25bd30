#!/bin/sh
# Starts redis-server as the user redis, open to the container's network as the official image's is.
set -e

# `docker run redis --appendonly yes` and `docker run redis /my.conf` mean the server.
case "${1:-}" in
    -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --clear-groups -- "$0" "$@"
fi

if [ "${1:-}" = redis-server ]; then
    shift
    # Debian's server refuses other hosts until a password is set; the official build does not.
    # A configuration file has to stay the first argument, and what it says itself stays.
    if [ -f "${1:-}" ]; then
        config=$1
        shift
        if grep -q '^[[:space:]]*protected-mode' "$config"; then
            set -- "$config" "$@"
        else
            set -- "$config" --protected-mode no "$@"
        fi
    else
        set -- --protected-mode no "$@"
    fi
    set -- redis-server "$@"
    # New files are for the server alone, unless the caller has chosen otherwise.
    if [ "$(umask)" = 0022 ]; then
        umask 0077
    fi
fi

exec "$@"
