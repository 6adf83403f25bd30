#!/bin/bash
# Makes the database that the MYSQL_* variables ask for on the first start, then runs the server as mysql.
# shellcheck source=../common/database.sh
. /usr/local/lib/database.sh

server_program=mysqld client_program=mysql server_home=/var/lib/mysql

read_variables() {
    local name
    for name in ROOT_HOST ROOT_PASSWORD DATABASE USER PASSWORD; do
        variable_or_file "MYSQL_$name"
    done
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

run_sql() { client_as_root ${MYSQL_DATABASE:+"--database=$MYSQL_DATABASE"}; }

create_accounts() {
    if [ -n "$MYSQL_RANDOM_ROOT_PASSWORD" ]; then
        MYSQL_ROOT_PASSWORD=$(openssl rand -base64 24)
        note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
    fi
    local root
    root="IDENTIFIED BY '$(quoted "$MYSQL_ROOT_PASSWORD")'"
    {
        create_root "${MYSQL_ROOT_HOST:-%}" "$root"
        create_database_and_user "$MYSQL_DATABASE" "$MYSQL_USER" "IDENTIFIED BY '$(quoted "$MYSQL_PASSWORD")'"
        echo "ALTER USER 'root'@'localhost' $root;"
    } | client_as_root
    root_password_now=$MYSQL_ROOT_PASSWORD
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
    run_init_files
    if [ -n "$MYSQL_ONETIME_PASSWORD" ]; then
        client_as_root <<< "ALTER USER 'root'@'%' PASSWORD EXPIRE;"
    fi
    note "Stopping temporary server"
    # mysqladmin waits until the server is gone.
    mysqladmin --defaults-extra-file=<(root_options) --user=root --socket="$socket" shutdown
    note "MySQL init process done. Ready for start up."
}

serve "$@"
