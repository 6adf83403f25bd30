#compdef devkit
# Completion of devkit for zsh. In ~/.zshrc, behind compinit:  eval "$(devkit completion zsh)"

_devkit() {
    local -a answers
    answers=("${(@f)$(devkit completion answer zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -z "${answers[1]}" ]]; then
        _files
        return
    fi
    _describe -V devkit answers
}

if [[ "${funcstack[1]}" == _devkit ]]; then
    _devkit "$@"
else
    compdef _devkit devkit
fi
