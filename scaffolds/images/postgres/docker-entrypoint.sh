#!/bin/bash
# Makes the database that the POSTGRES_* variables ask for on the first start, then runs the server as postgres.
# shellcheck source=../common/database.sh
. /usr/local/lib/database.sh

note() { echo "$0: $*"; }
fail() {
    echo "Error: $*" >&2
    exit 1
}

# PostgreSQL wants its user to have a name; one that only the caller knows (`--user 12345`) gets one for a while.
name_for_unknown_user() {
    if getent passwd "$(id -u)" > /dev/null; then
        return
    fi
    NSS_WRAPPER_PASSWD=$(mktemp)
    NSS_WRAPPER_GROUP=$(mktemp)
    LD_PRELOAD=$(echo /usr/lib/*/libnss_wrapper.so)
    export LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    printf 'postgres:x:%s:%s:PostgreSQL:%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" > "$NSS_WRAPPER_PASSWD"
    printf 'postgres:x:%s:\n' "$(id -g)" > "$NSS_WRAPPER_GROUP"
}

forget_unknown_user() {
    if [ -n "${NSS_WRAPPER_PASSWD:-}" ]; then
        rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
        unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    fi
}

make_directories() {
    mkdir --parents "$PGDATA"
    chmod 0700 "$PGDATA" || true # a volume of another owner decides for itself
    if [ -n "$POSTGRES_INITDB_WALDIR" ]; then
        mkdir --parents "$POSTGRES_INITDB_WALDIR"
    fi
    if [ "$(id -u)" = 0 ]; then
        hand_over postgres "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql
    fi
}

check_variables() {
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        fail 'Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.'
    fi
}

run_sql() { psql --set ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"; }
run_sql_file() { run_sql --file "$1"; }

initialize() {
    name_for_unknown_user
    # Beside the mark of what is unfinished: initdb wants a directory that is empty.
    # shellcheck disable=SC2086  # several options in one variable: words are wanted
    eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") \
        ${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"} '"$POSTGRES_INITDB_ARGS"' --pgdata="$PGDATA/new"'
    mv "$PGDATA"/new/* "$PGDATA"
    rmdir "$PGDATA/new"
    local method=$POSTGRES_HOST_AUTH_METHOD
    if [ -z "$method" ]; then
        method=$(postgres -C password_encryption)
    fi
    printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"

    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    # Only on its socket: nothing outside takes this server for the real one.
    local options=("${@:2}" -c listen_addresses= -p "${PGPORT:-5432}")
    PGUSER="$POSTGRES_USER" pg_ctl --pgdata="$PGDATA" --wait -o "$(printf '%q ' "${options[@]}")" start
    if [ "$POSTGRES_DB" != postgres ]; then
        psql --set ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" \
            --dbname postgres --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";'
    fi
    run_init_files
    PGUSER="$POSTGRES_USER" pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
    unset PGPASSWORD
    forget_unknown_user
    printf '\n%s\n\n' 'PostgreSQL init process complete; ready for start up.'
}

main() {
    if [ "${1#-}" != "${1:-}" ]; then
        set -- postgres "$@"
    fi
    local argument
    for argument in "$@"; do
        case "$argument" in
            -'?' | --help | --describe-config | -V | --version) exec "$@" ;;
        esac
    done
    if [ "${1:-}" != postgres ]; then
        exec "$@"
    fi

    make_directories
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
    fi

    variable_or_file POSTGRES_PASSWORD
    variable_or_file POSTGRES_USER postgres
    variable_or_file POSTGRES_DB "$POSTGRES_USER"
    variable_or_file POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
    local unfinished="$PGDATA/.initializing"
    clear_unfinished "$unfinished" "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
        check_variables
        touch "$unfinished"
        initialize "$@"
        rm "$unfinished"
    else
        printf '\n%s\n\n' 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
    fi
    exec "$@"
}

main "$@"
