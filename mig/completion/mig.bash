# Completion of mig's command line in bash:  . mig/completion/mig.bash
#
# Commands are listed here; options are read from what `mig help COMMAND` prints, so that a new one is completed at once.

_mig()
{
    local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands='generate check diff json doc help' command=
    [[ $COMP_CWORD -gt 1 && " $commands " == *" ${COMP_WORDS[1]} "* ]] && command=${COMP_WORDS[1]}

    case $previous in
    --lang)
        mapfile -t COMPREPLY < <(compgen -W 'c c++ kernel trap-user trap-kernel description doc json' -- "$current")
        return ;;
    --dialect)
        mapfile -t COMPREPLY < <(compgen -W 'osf gnu' -- "$current")
        return ;;
    --out | -I | -isystem)
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        return ;;
    esac

    local words=
    if [[ $current == -* ]]; then
        local topic=$command
        [[ $topic == help ]] && topic=
        words=$("$program" help ${topic:+"$topic"} 2>/dev/null |
            grep -E '^    -' | grep -oE '(^ +|, | )--?[A-Za-z][A-Za-z-]*' | tr -d ' ,')
    elif [[ $COMP_CWORD -eq 1 || $command == help ]]; then
        words=$commands
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"
        [[ $current != -* && $command != help ]] && compgen -f -X '!*.defs' -- "$current"
        [[ $current != -* && $command != help ]] && compgen -d -- "$current")
}

complete -o filenames -F _mig mig
