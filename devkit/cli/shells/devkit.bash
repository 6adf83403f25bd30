# Completion of devkit for bash (3.2 and later). In ~/.bashrc:  eval "$(devkit completion bash)"

_devkit() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(devkit completion answer bash "$COMP_LINE" "$COMP_POINT" "$COMP_WORDBREAKS" 2>/dev/null)
}

# Where devkit has no answer, bash completes files.
complete -o bashdefault -o default -F _devkit devkit

# bash does not look behind an alias: Sail's word is completed where it stands for devkit.
if [[ "$(alias sail 2>/dev/null)" == "alias sail='devkit'" ]]; then
    complete -o bashdefault -o default -F _devkit sail
fi
