#!/bin/sh
# Leaves what is there when network-online.target has been reached.
boot=/job/$(sed -n 's/.*IPVL_BOOT=\([^ ]*\).*/\1/p' /proc/cmdline)
{
	ip netns list
	for name in $(ip netns list | cut -d' ' -f1); do
		ip -n "$name" -brief addr
	done
	ip -brief addr
	ip netns exec ns0 ping -c1 -W5 192.0.2.1
} >"$boot/witness.new" 2>&1
mv "$boot/witness.new" "$boot/witness"
