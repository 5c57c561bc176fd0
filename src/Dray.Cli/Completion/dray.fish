# Completion of dray for fish: dray completion fish | source
function __dray_complete
    set -l line (commandline -cp)
    dray "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
end
complete -c dray -a '(__dray_complete)'
