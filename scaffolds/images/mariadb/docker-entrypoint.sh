#!/bin/bash
# Makes the database that the MARIADB_* (or MYSQL_*) variables ask for on the first start, then runs the server as mysql.
set -eo pipefail
shopt -s nullglob

note() { echo "$(date --rfc-3339=seconds) [Note] [Entrypoint]: $*"; }
fail() {
    echo "$(date --rfc-3339=seconds) [ERROR] [Entrypoint]: $*" >&2
    exit 1
}

# Fills MARIADB_NAME from itself, MARIADB_NAME_FILE, MYSQL_NAME or MYSQL_NAME_FILE, in this order.
variable() {
    local target="MARIADB_$1" prefix name file_name
    for prefix in MARIADB MYSQL; do
        name="${prefix}_$1"
        file_name="${name}_FILE"
        if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
            fail "both $name and $file_name are set (they exclude each other)"
        fi
        if [ -n "${!file_name:-}" ]; then
            export "$target=$(<"${!file_name}")"
        elif [ -n "${!name:-}" ]; then
            export "$target=${!name}"
        fi
        unset "$file_name"
        if [ -n "${!target:-}" ]; then
            return
        fi
    done
}

# What the server itself would use, after its files and the options given to this container.
server_option() { "$@" --verbose --help 2> /dev/null; }
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
    mariadb --defaults-extra-file=<(root_options) --protocol=socket --user=root --socket="$socket" --comments "$@"
}

check_variables() {
    if [ -z "$MARIADB_ROOT_PASSWORD$MARIADB_ROOT_PASSWORD_HASH$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
        fail 'Database is uninitialized and password option is not specified
    You need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD'
    fi
    if [ "$MARIADB_USER" = root ]; then
        fail 'MARIADB_USER="root", MARIADB_USER and MARIADB_PASSWORD are for configuring a regular user and cannot be used for the root user'
    fi
    if [ -n "$MARIADB_USER" ] && [ -z "$MARIADB_PASSWORD$MARIADB_PASSWORD_HASH" ]; then
        fail 'MARIADB_USER specified, but neither MARIADB_PASSWORD nor MARIADB_PASSWORD_HASH'
    fi
}

identified() { # PASSWORD HASH
    if [ -n "$2" ]; then
        printf "IDENTIFIED BY PASSWORD '%s'" "$(quoted "$2")"
    else
        printf "IDENTIFIED BY '%s'" "$(quoted "$1")"
    fi
}

create_accounts() {
    if [ -n "$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
        MARIADB_ROOT_PASSWORD=$(openssl rand -base64 24)
        note "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
    fi
    local root_host=${MARIADB_ROOT_HOST:-%} root health host
    root=$(identified "$MARIADB_ROOT_PASSWORD" "$MARIADB_ROOT_PASSWORD_HASH")
    health=$(openssl rand -hex 24)
    {
        # The installation makes these without a password.
        echo "DROP USER IF EXISTS root@'127.0.0.1', root@'::1';"
        echo "EXECUTE IMMEDIATE CONCAT('DROP USER IF EXISTS root@', QUOTE(@@hostname));"
        for host in localhost 127.0.0.1 ::1; do
            echo "CREATE USER IF NOT EXISTS 'healthcheck'@'$host' IDENTIFIED BY '$health';"
            echo "GRANT USAGE ON *.* TO 'healthcheck'@'$host';"
        done
        if [ "$root_host" != localhost ]; then
            echo "CREATE USER 'root'@'$(quoted "$root_host")' $root;"
            echo "GRANT ALL ON *.* TO 'root'@'$(quoted "$root_host")' WITH GRANT OPTION;"
        fi
        if [ -n "$MARIADB_DATABASE" ]; then
            note "Creating database ${MARIADB_DATABASE}" >&2
            echo "CREATE DATABASE IF NOT EXISTS \`${MARIADB_DATABASE//\`/\`\`}\`;"
        fi
        if [ -n "$MARIADB_USER" ]; then
            note "Creating user ${MARIADB_USER}" >&2
            echo "CREATE USER '$(quoted "$MARIADB_USER")'@'%' $(identified "$MARIADB_PASSWORD" "$MARIADB_PASSWORD_HASH");"
            if [ -n "$MARIADB_DATABASE" ]; then
                local pattern=${MARIADB_DATABASE//_/\\_}
                echo "GRANT ALL ON \`${pattern//\`/\`\`}\`.* TO '$(quoted "$MARIADB_USER")'@'%';"
            fi
        fi
    } | client_as_root
    (
        umask 0077
        printf '[client]\nhost=localhost\nprotocol=tcp\nuser=healthcheck\npassword=%s\n' "$health" \
            > "$data_directory/.my-healthcheck.cnf"
    )
}

lock_root() { # last: with a hash alone, nobody here knows the password afterwards
    client_as_root <<< "ALTER USER 'root'@'localhost' $(identified "$MARIADB_ROOT_PASSWORD" "$MARIADB_ROOT_PASSWORD_HASH");"
}

run_init_file() {
    local database=()
    if [ -n "$MARIADB_DATABASE" ]; then
        database=("--database=$MARIADB_DATABASE")
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
    mariadb-install-db --datadir="$data_directory" --auth-root-authentication-method=normal --skip-test-db \
        --old-mode='UTF8_IS_UTF8MB3' --default-time-zone=SYSTEM --enforce-storage-engine= --skip-log-bin \
        --expire-logs-days=0 --loose-innodb_buffer_pool_load_at_startup=0 --loose-innodb_buffer_pool_dump_at_shutdown=0 \
        > /dev/null
    note "Starting temporary server"
    "$@" --skip-networking --default-time-zone=SYSTEM --socket="$socket" --wsrep_on=OFF --expire-logs-days=0 \
        --skip-slave-start --loose-innodb_buffer_pool_load_at_startup=0 &
    local server=$! tries=0
    root_password_now=
    # It has no way to say that it is ready; a minute is far more than it takes.
    until client_as_root --execute='SELECT 1' > /dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2> /dev/null; then
            fail "The temporary server did not start"
        fi
        sleep 0.2
    done
    if [ -z "$MARIADB_INITDB_SKIP_TZINFO" ] && [ -d /usr/share/zoneinfo ]; then
        mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo 2> /dev/null | client_as_root --database=mysql
    fi
    create_accounts
    lock_root
    root_password_now=$MARIADB_ROOT_PASSWORD
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        run_init_file "$file"
    done
    note "Stopping temporary server"
    kill "$server"
    wait "$server"
    note "MariaDB init process done. Ready for start up."
}

main() {
    if [ "${1#-}" != "${1:-}" ]; then
        set -- mariadbd "$@"
    fi
    local argument
    for argument in "$@"; do
        case "$argument" in
            -'?' | --help | --print-defaults | -V | --version) exec "$@" ;;
        esac
    done
    if [ "${1:-}" = mysqld ]; then
        shift
        set -- mariadbd "$@"
    fi
    if [ "${1:-}" != mariadbd ]; then
        exec "$@"
    fi

    local options data_directory
    options=$(server_option "$@") || fail "mariadbd refuses its configuration: $("$@" --verbose --help 2>&1 > /dev/null | tail -n 3)"
    data_directory=$(option_value datadir <<< "$options")
    socket=$(option_value socket <<< "$options")
    mkdir -p "$data_directory" "$(dirname "$socket")"

    if [ "$(id -u)" = 0 ]; then
        find "$data_directory" "$(dirname "$socket")" ! -user mysql -exec chown --no-dereference mysql:mysql '{}' +
        export HOME=/home/mysql
        exec setpriv --reuid=mysql --regid=mysql --clear-groups -- "${BASH_SOURCE[0]}" "$@"
    fi

    local name
    for name in ROOT_HOST ROOT_PASSWORD ROOT_PASSWORD_HASH ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD \
        DATABASE USER PASSWORD PASSWORD_HASH INITDB_SKIP_TZINFO; do
        variable "$name"
    done
    : "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:=${MYSQL_ALLOW_EMPTY_PASSWORD:-}}"
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
