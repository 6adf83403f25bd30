#!/bin/bash
# Makes the database that the MARIADB_* (or MYSQL_*) variables ask for on the first start, then runs the server as mysql.
# shellcheck source=../common/database.sh
. /usr/local/lib/database.sh

server_program=mariadbd client_program=mariadb server_home=/home/mysql

read_variables() {
    local name own other
    for name in ROOT_HOST ROOT_PASSWORD ROOT_PASSWORD_HASH ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD \
        DATABASE USER PASSWORD PASSWORD_HASH INITDB_SKIP_TZINFO; do
        own="MARIADB_$name" other="MYSQL_$name"
        variable_or_file "$own"
        if [ -z "${!own}" ]; then
            variable_or_file "$other"
            export "$own=${!other}"
        fi
    done
    : "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:=${MYSQL_ALLOW_EMPTY_PASSWORD:-}}"
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

run_sql() { client_as_root ${MARIADB_DATABASE:+"--database=$MARIADB_DATABASE"}; }

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
    local root health host
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
        create_root "${MARIADB_ROOT_HOST:-%}" "$root"
        create_database_and_user "$MARIADB_DATABASE" "$MARIADB_USER" \
            "$(identified "$MARIADB_PASSWORD" "$MARIADB_PASSWORD_HASH")"
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

initialize() {
    note "Initializing database files"
    mariadb-install-db --datadir="$data_directory" --auth-root-authentication-method=normal --skip-test-db \
        --old-mode='UTF8_IS_UTF8MB3' --default-time-zone=SYSTEM --enforce-storage-engine= --skip-log-bin \
        --expire-logs-days=0 --loose-innodb_buffer_pool_load_at_startup=0 --loose-innodb_buffer_pool_dump_at_shutdown=0 \
        > /dev/null
    note "Starting temporary server"
    "$@" --skip-networking --default-time-zone=SYSTEM --socket="$socket" --wsrep_on=OFF --expire-logs-days=0 \
        --skip-slave-start --loose-innodb_buffer_pool_load_at_startup=0 &
    local server_pid=$! tries=0
    root_password_now=
    # It has no way to say that it is ready; a minute is far more than it takes.
    until client_as_root --execute='SELECT 1' > /dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$server_pid" 2> /dev/null; then
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
    run_init_files
    note "Stopping temporary server"
    kill "$server_pid"
    wait "$server_pid"
    note "MariaDB init process done. Ready for start up."
}

serve "$@"
