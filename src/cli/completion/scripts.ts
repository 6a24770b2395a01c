// cspell:ignore CWORD COMPREPLY mapfile compgen compopt compdef funcstack opc
/**
 * The scripts that a shell loads once. Each asks `hewn completion --words` what can follow, so a
 * script stays right when hewn is updated. `hewn` is called as the person called it: a word such as
 * `npx hewn` or `./hewn` completes as well, if the shell completes its first word by this script.
 */
export const SCRIPTS = {
  bash: `# hewn completion bash
_hewn() {
  local word words flags files cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=() flags=()
  mapfile -t words < <("\${COMP_WORDS[0]}" completion --words -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
  for word in "\${words[@]}"; do
    word="\${word%%$'\\t'*}"
    if [[ $word == ':files' ]]; then files=1
    elif [[ $word != "$cur"* ]]; then continue
    elif [[ $word == -* ]]; then flags+=("$word")
    else COMPREPLY+=("$word")
    fi
  done
  if [[ $cur == -* || -z $files && -z "\${COMPREPLY[*]}" ]]; then COMPREPLY+=("\${flags[@]}"); fi
  if [[ -n $files && $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -F _hewn hewn`,
  zsh: `#compdef hewn
# hewn completion zsh
_hewn() {
  local -a lines offered
  local line files
  lines=("\${(@f)$("\${words[1]}" completion --words -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    if [[ $line == ':files' ]]; then files=1
    elif [[ -n $line ]]; then offered+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  (( \${#offered} )) && _describe 'hewn' offered
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _hewn ]]; then _hewn "$@"; else compdef _hewn hewn; fi`,
  fish: `# hewn completion fish
function __hewn_offer
    set -l tokens (commandline -opc)
    for line in ($tokens[1] completion --words -- $tokens[2..-1] 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c hewn -f -a '(__hewn_offer)'`,
} as const;
