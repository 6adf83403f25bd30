#!/bin/sh
# Runs what is a command as such, and everything else (options, a script that is not executable) by node.
set -e

if [ "${1#-}" != "${1:-}" ] || [ -z "$(command -v "${1:-}")" ] || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
    set -- node "$@"
fi

exec "$@"
