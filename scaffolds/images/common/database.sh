# shellcheck shell=bash
# What the entry points of the database stand-ins share. Each has run_sql (statements on stdin, into the new database)
# and run_sql_file; those of MySQL's kind also set $server_program, $client_program and $server_home and have
# read_variables, check_variables and initialize.
set -eo pipefail
shopt -s nullglob

note() { echo "$(date --rfc-3339=seconds) [Note] [Entrypoint]: $*"; }
fail() {
    echo "$(date --rfc-3339=seconds) [ERROR] [Entrypoint]: $*" >&2
    exit 1
}

# NAME [DEFAULT]. A variable may come from a file instead: MYSQL_PASSWORD_FILE=/run/secrets/password.
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

run_init_file() {
    local reader=
    case "$1" in
        *.sh)
            note "running $1"
            if [ -x "$1" ]; then
                "$1"
            else
                # shellcheck disable=SC1090  # the person's own file
                . "$1"
            fi
            return
            ;;
        *.sql)
            note "running $1"
            run_sql_file "$1"
            return
            ;;
        *.sql.bz2) reader=bzcat ;;
        *.sql.gz) reader=zcat ;;
        *.sql.xz) reader=xzcat ;;
        *.sql.zst) reader=zstdcat ;;
    esac
    if [ -z "$reader" ] || ! type -P "$reader" > /dev/null; then
        note "ignoring $1"
        return
    fi
    note "running $1"
    "$reader" "$1" | run_sql
}

run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        run_init_file "$file"
    done
}

# FILE DIRECTORY…. While FILE is there, what lies below is half made: a start that was killed begins anew.
clear_unfinished() {
    if [ -e "$1" ]; then
        note "The last initialization was not finished; beginning anew"
        # The file itself last, should this be killed too.
        find "${@:2}" -mindepth 1 ! -name lost+found ! -path "$1" -delete
        rm -f "$1"
    fi
}

# USER DIRECTORY…: what lies there becomes the user's.
hand_over() { find "${@:2}" ! -user "$1" -exec chown --no-dereference "$1:$1" '{}' +; }

# From here on: MySQL and MariaDB.

# What the server itself would use, after its files and the options given to this container.
server_options() { "$@" --verbose --help --log-bin-index=/tmp/none 2> /dev/null; }
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
    "$client_program" --defaults-extra-file=<(root_options) --protocol=socket --user=root --socket="$socket" --comments "$@"
}
run_sql_file() { run_sql < "$1"; }

# HOST IDENTIFIED: root from elsewhere than this container, as statements.
create_root() {
    if [ "$1" != localhost ]; then
        echo "CREATE USER 'root'@'$(quoted "$1")' $2;"
        echo "GRANT ALL ON *.* TO 'root'@'$(quoted "$1")' WITH GRANT OPTION;"
    fi
}

# DATABASE USER IDENTIFIED: the application's own, as statements; either may be empty.
create_database_and_user() {
    if [ -n "$1" ]; then
        note "Creating database $1" >&2
        echo "CREATE DATABASE IF NOT EXISTS \`${1//\`/\`\`}\`;"
    fi
    if [ -n "$2" ]; then
        note "Creating user $2" >&2
        echo "CREATE USER '$(quoted "$2")'@'%' $3;"
        if [ -n "$1" ]; then
            local pattern=${1//_/\\_}
            echo "GRANT ALL ON \`${pattern//\`/\`\`}\`.* TO '$(quoted "$2")'@'%';"
        fi
    fi
}

serve() {
    if [ "${1#-}" != "${1:-}" ]; then
        set -- "$server_program" "$@"
    fi
    local argument
    for argument in "$@"; do
        case "$argument" in
            -'?' | --help | --print-defaults | -V | --version) exec "$@" ;;
        esac
    done
    if [ "${1:-}" = mysqld ]; then # MariaDB's has this name too
        shift
        set -- "$server_program" "$@"
    fi
    if [ "${1:-}" != "$server_program" ]; then
        exec "$@"
    fi

    local options data_directory
    options=$(server_options "$@") || fail "$server_program refuses its configuration: $("$@" --verbose --help 2>&1 > /dev/null | tail -n 3)"
    data_directory=$(option_value datadir <<< "$options")
    socket=$(option_value socket <<< "$options")
    mkdir -p "$data_directory" "$(dirname "$socket")"

    if [ "$(id -u)" = 0 ]; then
        hand_over mysql "$data_directory" "$(dirname "$socket")"
        export HOME=$server_home
        exec setpriv --reuid=mysql --regid=mysql --clear-groups -- "$0" "$@"
    fi

    read_variables
    clear_unfinished "$data_directory/.initializing" "$data_directory"
    if [ ! -d "$data_directory/mysql" ]; then
        check_variables
        touch "$data_directory/.initializing"
        initialize "$@"
        rm "$data_directory/.initializing"
    fi
    exec "$@"
}
