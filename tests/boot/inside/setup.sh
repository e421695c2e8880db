# Continues the first process of the machine (root_image.py), and becomes systemd.
# The job's folder is mounted on /job: `installed/` is what goes into the root file system before the
# first boot, `card` is a script that makes the card.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

if [ ! -e /etc/ipvl-installed ]; then
	cp -a /job/installed/. / && touch /etc/ipvl-installed && sync
	sh -e /job/first || echo "setup: the script of the first boot failed" >/dev/console
fi

# The card is there before systemd is, as a real one: a veth whose other end is the router, in a
# namespace that only a process holds.
modprobe -a veth ipvlan dummy ipv6
ip link add eth0 address 02:00:00:00:00:10 type veth peer name lan0
unshare --net sleep infinity &
router=$!
until [ "$(readlink /proc/$router/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
ip link set lan0 netns $router
nsenter --net=/proc/$router/ns/net sh -c \
	'ip addr add 192.0.2.1/24 dev lan0; ip link set lan0 up; ip link set lo up'

exec /sbin/init
