# bash completion of ipvl-ctl: the program knows the candidates. bash cuts words at "=" and ":",
# which ours contain.
_ipvl_ctl()
{
	local line=${COMP_LINE:0:COMP_POINT} status word done
	local -a words
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	word=${words[-1]}
	mapfile -t COMPREPLY < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null; echo "$?")
	status=${COMPREPLY[-1]}
	unset 'COMPREPLY[-1]'
	done=${word%"${word##*[=:]}"}
	if [[ $status == 3 ]]; then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "${word##*=}")
	elif [[ $done ]]; then
		COMPREPLY=("${COMPREPLY[@]#"$done"}")
	fi
	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace
	return 0
}
complete -F _ipvl_ctl ipvl-ctl
