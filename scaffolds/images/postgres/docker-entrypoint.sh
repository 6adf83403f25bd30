#!/bin/bash
# Makes the database that the POSTGRES_* variables ask for on the first start, then runs the server as postgres.
set -eo pipefail
shopt -s nullglob

fail() {
    echo "Error: $*" >&2
    exit 1
}

# A variable may come from a file instead: POSTGRES_PASSWORD_FILE=/run/secrets/password.
variable_or_file() {
    local name=$1 file_name="${1}_FILE" value=${2:-}
    if [ -n "${!name:-}" ] && [ -n "${!file_name:-}" ]; then
        fail "both $name and $file_name are set (they exclude each other)"
    fi
    if [ -n "${!name:-}" ]; then
        value=${!name}
    elif [ -n "${!file_name:-}" ]; then
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
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
        find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql \
            ! -user postgres -exec chown --no-dereference postgres:postgres '{}' +
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

run_init_file() {
    echo "$0: running $1"
    case "$1" in
        *.sh)
            if [ -x "$1" ]; then
                "$1"
            else
                # shellcheck disable=SC1090  # the person's own file
                . "$1"
            fi
            ;;
        *.sql) run_sql --file "$1" ;;
        *.sql.gz) gunzip --stdout "$1" | run_sql ;;
        *.sql.xz) xzcat "$1" | run_sql ;;
        *.sql.zst) zstd --decompress --stdout "$1" | run_sql ;;
        *) echo "$0: ignoring $1" ;;
    esac
}

initialize() {
    name_for_unknown_user
    # shellcheck disable=SC2086  # several options in one variable: words are wanted
    eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") \
        ${POSTGRES_INITDB_WALDIR:+--waldir="$POSTGRES_INITDB_WALDIR"} '"$POSTGRES_INITDB_ARGS"' --pgdata="$PGDATA"'
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
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        run_init_file "$file"
    done
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
        exec setpriv --reuid=postgres --regid=postgres --init-groups -- "${BASH_SOURCE[0]}" "$@"
    fi

    variable_or_file POSTGRES_PASSWORD
    variable_or_file POSTGRES_USER postgres
    variable_or_file POSTGRES_DB "$POSTGRES_USER"
    variable_or_file POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
    # While this file is there the cluster is half made: a start that was killed begins anew.
    local unfinished="$PGDATA.initializing"
    if [ -e "$unfinished" ]; then
        echo "The last initialization was not finished; beginning anew"
        find "$PGDATA" -mindepth 1 ! -name lost+found -delete
    fi
    if [ ! -s "$PGDATA/PG_VERSION" ] || [ -e "$unfinished" ]; then
        check_variables
        touch "$unfinished" 2> /dev/null || true # the directory above may belong to somebody else
        initialize "$@"
        rm -f "$unfinished"
    else
        printf '\n%s\n\n' 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
    fi
    exec "$@"
}

main "$@"
