# Completion of devkit for fish. In ~/.config/fish/config.fish:  devkit completion fish | source

function __devkit_complete
    set -l words (commandline -opc)
    set -l answers (devkit completion answer fish $words[2..-1] (commandline -ct) 2>/dev/null)
    if test (count $answers) -eq 0
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $answers
    end
end

complete --command devkit --no-files --keep-order --arguments '(__devkit_complete)'
