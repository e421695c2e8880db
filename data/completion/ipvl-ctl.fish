# fish completion of ipvl-ctl: the program knows the candidates.
function __ipvl_ctl_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l found ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
    if test $status -eq 3
        __fish_complete_path (string replace -r '^--[a-z-]+=' '' -- "$word")
    else
        printf '%s\n' $found
    end
end
complete -c ipvl-ctl -f -a '(__ipvl_ctl_complete)'
