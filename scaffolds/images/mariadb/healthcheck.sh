#!/bin/bash
# The official image's health check: healthcheck.sh --connect --innodb_initialized. Every named test has to pass.
set -eo pipefail

defaults="${MARIADB_DATA_DIRECTORY:-/var/lib/mysql}/.my-healthcheck.cnf"
client() {
    if [ -r "$defaults" ]; then
        mariadb --defaults-file="$defaults" --skip-column-names --batch --execute="$1"
    else # data that was made elsewhere has no account for this
        mariadb --skip-column-names --batch --execute="$1"
    fi
}

connect() { # over TCP: the temporary server of the first start does not listen there
    local answer
    answer=$(mariadb-admin --no-defaults --host=127.0.0.1 --protocol=tcp --connect-timeout=3 ping 2>&1) && return 0
    # Refused for want of a password: the server is there, which is what is asked.
    [[ $answer == *"Access denied"* ]]
}

innodb_initialized() {
    [ "$(client "SELECT 1 FROM information_schema.ENGINES WHERE engine='innodb' AND support IN ('YES', 'DEFAULT', 'ENABLED')")" = 1 ]
}

if [ $# = 0 ]; then
    echo "at least one test is needed: --connect, --innodb_initialized" >&2
    exit 1
fi
for argument in "$@"; do
    case "$argument" in
        --connect) connect ;;
        --innodb_initialized) innodb_initialized ;;
        --su-mysql | --su=* | --no-su | --defaults-*) ;; # who asks makes no difference here
        *)
            echo "healthcheck.sh: $argument is not known to this stand-in" >&2
            exit 1
            ;;
    esac
done
