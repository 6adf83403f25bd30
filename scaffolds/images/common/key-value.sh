# shellcheck shell=sh
# What the entry points of Redis' and Valkey's stand-ins share.
set -e

# USER COMMAND…: started as root, run the entry point again as the user, who then owns the data.
drop_root() {
    user=$1
    shift
    if [ "$(id -u)" = 0 ]; then
        find . ! -user "$user" -exec chown "$user" '{}' +
        exec setpriv --reuid="$user" --regid="$user" --clear-groups -- "$0" "$@"
    fi
}

# PROGRAM [ARGUMENT…]: becomes the server.
start_server() {
    program=$1
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
    # New files are for the server alone, unless the caller has chosen otherwise.
    if [ "$(umask)" = 0022 ]; then
        umask 0077
    fi
    exec "$program" "$@"
}
