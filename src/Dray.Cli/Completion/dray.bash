# Completion of dray for bash: source <(dray completion bash)
_dray() {
    local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} suggestions
    # What dray doesn't know is left to bash: files.
    suggestions=$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2> /dev/null)
    mapfile -t COMPREPLY < <(compgen -W "$suggestions" -- "$word")
}
complete -o default -F _dray dray ./dray
