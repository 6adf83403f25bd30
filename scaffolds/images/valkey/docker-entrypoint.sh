#!/bin/sh
# Starts valkey-server as the user valkey, open to the container's network as the official image's is.
set -e

# `docker run valkey/valkey --appendonly yes` and `docker run valkey/valkey /my.conf` mean the server.
case "${1:-}" in
    redis-server)
        shift
        set -- valkey-server "$@"
        ;;
    -* | *.conf) set -- valkey-server "$@" ;;
esac

if [ "${1:-}" = valkey-server ] && [ "$(id -u)" = 0 ]; then
    find . ! -user valkey -exec chown valkey '{}' +
    exec setpriv --reuid=valkey --regid=valkey --clear-groups -- "$0" "$@"
fi

if [ "${1:-}" = valkey-server ]; then
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
    set -- valkey-server "$@"
    # New files are for the server alone, unless the caller has chosen otherwise.
    if [ "$(umask)" = 0022 ]; then
        umask 0077
    fi
    # shellcheck disable=SC2086  # several options in one variable: words are wanted
    exec "$@" ${VALKEY_EXTRA_FLAGS:-}
fi

exec "$@"
