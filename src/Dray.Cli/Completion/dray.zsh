#compdef dray
# Completion of dray for zsh: source <(dray completion zsh), after compinit
_dray() {
    local line=${words[1,CURRENT]} suggestions
    suggestions=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2> /dev/null)}")
    # What dray doesn't know is a file.
    compadd -- $suggestions || _files
}
compdef _dray dray
