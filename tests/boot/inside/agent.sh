#!/bin/sh
# Runs the commands that machine.py leaves in the folder of this boot, each beside the others.
boot=/job/$(sed -n 's/.*IPVL_BOOT=\([^ ]*\).*/\1/p' /proc/cmdline)
n=1
while :; do
	if [ -e "$boot/$n.sh" ]; then
		(
			sh "$boot/$n.sh" >"$boot/$n.out" 2>&1 </dev/null
			echo $? >"$boot/$n.new" && mv "$boot/$n.new" "$boot/$n.rc"
		) &
		n=$((n + 1))
	else
		sleep 0.1
	fi
done
