#!/bin/bash
# Makes the database that the MYSQL_* variables ask for on the first start, then runs the server as mysql.
set -eo pipefail
shopt -s nullglob

note() { echo "$(date --rfc-3339=seconds) [Note] [Entrypoint]: $*"; }
fail() {
    echo "$(date --rfc-3339=seconds) [ERROR] [Entrypoint]: $*" >&2
    exit 1
}

# A variable may come from a file instead: MYSQL_PASSWORD_FILE=/run/secrets/password.
variable_or_file() {
    local name=$1 file_name="${1}_FILE"
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
        fail "both $name and $file_name are set (they exclude each other)"
    fi
    if [ -n "${!file_name:-}" ]; then
        export "$name=$(<"${!file_name}")"
    fi
    unset "$file_name"
}

# What the server itself would use, after its files and the options given to this container.
server_option() { "$@" --verbose --help --log-bin-index=/tmp/none 2> /dev/null; }
option_value() { awk -v name="$1" '$1 == name && /^[^ \t]/ { sub(/^[^ \t]+[ \t]+/, ""); print; exit }'; }

quoted() { # as the inside of an SQL string
    local text=${1//\\/\\\\}
    printf '%s' "${text//\'/\\\'}"
}

# The password goes through a file descriptor: arguments can be read by every process of the machine.
root_options() {
    local text=${root_password_now//\\/\\\\}
    printf '[client]\npassword="%s"\n' "${text//\"/\\\"}"
}
client_as_root() {
    mysql --defaults-extra-file=<(root_options) --protocol=socket --user=root --socket="$socket" --comments "$@"
}

check_variables() {
    if [ -z "$MYSQL_ROOT_PASSWORD$MYSQL_ALLOW_EMPTY_PASSWORD$MYSQL_RANDOM_ROOT_PASSWORD" ]; then
        fail 'Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD'
    fi
    if [ "$MYSQL_USER" = root ]; then
        fail 'MYSQL_USER="root", MYSQL_USER and MYSQL_PASSWORD are for configuring a regular user and cannot be used for the root user'
    fi
    if [ -n "$MYSQL_USER" ] && [ -z "$MYSQL_PASSWORD" ]; then
        fail 'MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created'
    fi
}

create_accounts() {
    if [ -n "$MYSQL_RANDOM_ROOT_PASSWORD" ]; then
        MYSQL_ROOT_PASSWORD=$(openssl rand -base64 24)
        note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
    fi
    local root_host=${MYSQL_ROOT_HOST:-%}
    {
        if [ "$root_host" != localhost ]; then
            echo "CREATE USER 'root'@'$(quoted "$root_host")' IDENTIFIED BY '$(quoted "$MYSQL_ROOT_PASSWORD")';"
            echo "GRANT ALL ON *.* TO 'root'@'$(quoted "$root_host")' WITH GRANT OPTION;"
        fi
        if [ -n "$MYSQL_DATABASE" ]; then
            note "Creating database ${MYSQL_DATABASE}" >&2
            echo "CREATE DATABASE IF NOT EXISTS \`${MYSQL_DATABASE//\`/\`\`}\`;"
        fi
        if [ -n "$MYSQL_USER" ]; then
            note "Creating user ${MYSQL_USER}" >&2
            echo "CREATE USER '$(quoted "$MYSQL_USER")'@'%' IDENTIFIED BY '$(quoted "$MYSQL_PASSWORD")';"
            if [ -n "$MYSQL_DATABASE" ]; then
                local pattern=${MYSQL_DATABASE//_/\\_}
                echo "GRANT ALL ON \`${pattern//\`/\`\`}\`.* TO '$(quoted "$MYSQL_USER")'@'%';"
            fi
        fi
        echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$(quoted "$MYSQL_ROOT_PASSWORD")';"
    } | client_as_root
    root_password_now=$MYSQL_ROOT_PASSWORD
}

run_init_file() {
    local database=()
    if [ -n "$MYSQL_DATABASE" ]; then
        database=("--database=$MYSQL_DATABASE")
    fi
    note "running $1"
    case "$1" in
        *.sh)
            if [ -x "$1" ]; then
                "$1"
            else
                # shellcheck disable=SC1090  # the person's own file
                . "$1"
            fi
            ;;
        *.sql) client_as_root "${database[@]}" < "$1" ;;
        *.sql.bz2) bunzip2 --stdout "$1" | client_as_root "${database[@]}" ;;
        *.sql.gz) gunzip --stdout "$1" | client_as_root "${database[@]}" ;;
        *.sql.xz) xzcat "$1" | client_as_root "${database[@]}" ;;
        *.sql.zst) zstd --decompress --stdout "$1" | client_as_root "${database[@]}" ;;
        *) note "ignoring $1" ;;
    esac
}

initialize() {
    note "Initializing database files"
    "$@" --initialize-insecure --default-time-zone=SYSTEM --autocommit=1
    note "Starting temporary server"
    # --daemonize comes back when the server is ready.
    "$@" --daemonize --skip-networking --default-time-zone=SYSTEM --socket="$socket" --mysqlx=OFF
    root_password_now=
    if [ -z "$MYSQL_INITDB_SKIP_TZINFO" ] && [ -d /usr/share/zoneinfo ]; then
        mysql_tzinfo_to_sql /usr/share/zoneinfo 2> /dev/null | client_as_root --database=mysql
    fi
    create_accounts
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        run_init_file "$file"
    done
    if [ -n "$MYSQL_ONETIME_PASSWORD" ]; then
        client_as_root <<< "ALTER USER 'root'@'%' PASSWORD EXPIRE;"
    fi
    note "Stopping temporary server"
    # mysqladmin waits until the server is gone.
    mysqladmin --defaults-extra-file=<(root_options) --user=root --socket="$socket" shutdown
    note "MySQL init process done. Ready for start up."
}

main() {
    if [ "${1#-}" != "${1:-}" ]; then
        set -- mysqld "$@"
    fi
    local argument
    for argument in "$@"; do
        case "$argument" in
            -'?' | --help | --print-defaults | -V | --version) exec "$@" ;;
        esac
    done
    if [ "${1:-}" != mysqld ]; then
        exec "$@"
    fi

    local options data_directory
    options=$(server_option "$@") || fail "mysqld refuses its configuration: $("$@" --verbose --help 2>&1 > /dev/null | tail -n 3)"
    data_directory=$(option_value datadir <<< "$options")
    socket=$(option_value socket <<< "$options")
    mkdir -p "$data_directory" "$(dirname "$socket")"

    if [ "$(id -u)" = 0 ]; then
        find "$data_directory" "$(dirname "$socket")" ! -user mysql -exec chown --no-dereference mysql:mysql '{}' +
        export HOME=/var/lib/mysql
        exec setpriv --reuid=mysql --regid=mysql --clear-groups -- "${BASH_SOURCE[0]}" "$@"
    fi

    local name
    for name in ROOT_HOST ROOT_PASSWORD DATABASE USER PASSWORD; do
        variable_or_file "MYSQL_$name"
    done
    # While this file is there the data directory is half made: a start that was killed begins anew.
    local unfinished="$data_directory/.initializing"
    if [ -e "$unfinished" ]; then
        note "The last initialization was not finished; beginning anew"
        find "$data_directory" -mindepth 1 ! -name lost+found -delete
    fi
    if [ ! -d "$data_directory/mysql" ]; then
        check_variables
        touch "$unfinished"
        initialize "$@"
        rm "$unfinished"
    fi
    exec "$@"
}

main "$@"
