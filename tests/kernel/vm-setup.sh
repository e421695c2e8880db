#!/bin/sh
# What runs first inside every kind of VM of ./run: makes a place in which tests may do as they like
# without a file of the host being written, then runs the job's command and leaves its exit status.
#
# IPVL_VM is uml, qemu or host; IPVL_MODULES has the kernel's modules in a folder of its release's name;
# IPVL_JOB is the job's folder, the only writable part of the host:
#   command   a shell script to run          shares   host folders to show, one a line
#   stdout, stderr, rc                        what comes out
# As the first process of a kernel of its own (uml, qemu) it ends by switching the machine off.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/tmp TERM="${TERM:-dumb}" LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
umask 022

fail()
{
	echo "vm-setup: $*" >&2
	finish 125
}

finish()
{
	echo "$1" >"$IPVL_JOB/rc.new" && mv "$IPVL_JOB/rc.new" "$IPVL_JOB/rc"
	[ "$IPVL_VM" = host ] || { echo o >/proc/sysrq-trigger && sleep 10; }
	exit "$1" # of the first process: a kernel of its own panics, which ends the machine too
}

# A folder of the host, shown at its own path although something was mounted over it: read-only, but for
# the job's own. (A checkout may lie below /tmp.)
share()
{
	mkdir -p "$1" || fail "cannot make $1"
	case "$IPVL_VM:$1" in
	"uml:$IPVL_JOB") mount -t hostfs -o "$1" none "$1" ;;
	uml:*) mount -t hostfs -o "ro,$1" none "$1" ;;
	"qemu:$IPVL_JOB") mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none job "$1" ;;
	*) mount --bind "/mnt/host$1" "$1" ;;
	esac || fail "cannot show $1 of the host"
}

if [ "$IPVL_VM" != host ]; then
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev 2>/dev/null
	mkdir -p /dev/pts /dev/shm
	mount -t devpts devpts /dev/pts
	mount -t tmpfs tmpfs /dev/shm
	ln -sfn /proc/self/fd /dev/fd
else
	mount -t sysfs sysfs /sys
fi

mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /mnt
[ "$IPVL_VM" = uml ] || { mkdir /mnt/host && mount --rbind / /mnt/host; }
mount -t tmpfs -o mode=1777 tmpfs /tmp
share "$IPVL_JOB"
exec >"$IPVL_JOB/stdout" 2>"$IPVL_JOB/stderr"
while read -r dir; do
	share "$dir"
done <"$IPVL_JOB/shares"

# What ipvld and tests write to under /etc and /var ends with the machine.
mount -t tmpfs -o mode=755 tmpfs /var/lib || fail "cannot mount on /var/lib"
mkdir /mnt/etc /mnt/etc.host
# A tmpfs of links: overlayfs does not lie on every hostfs or 9p.
(cd /etc && ln -s -t /mnt/etc $(ls -A | sed 's|.*|/mnt/etc.host/&|')) || fail "cannot link /etc"
rm -rf /mnt/etc/netns /mnt/etc/ipvl /mnt/etc/resolv.conf
mount --bind /etc /mnt/etc.host
mount --bind /mnt/etc /etc && mkdir /etc/netns /etc/ipvl && : >/etc/resolv.conf || fail "cannot mount on /etc"

if [ "$IPVL_VM" != host ]; then
	release=$(uname -r)
	mkdir -p /mnt/modules/lib/modules
	ln -s "$IPVL_MODULES/$release" "/mnt/modules/lib/modules/$release"
	printf '#!/bin/sh\nexec /sbin/modprobe -d /mnt/modules "$@"\n' >/mnt/modprobe
	chmod +x /mnt/modprobe
	echo /mnt/modprobe >/proc/sys/kernel/modprobe
	/mnt/modprobe -a ipv6 dummy veth ipvlan || fail "cannot load the modules of $release"
	ip link set lo up
	hostname ipvl-test 2>/dev/null
fi

cd "$(cat "$IPVL_JOB/cwd")" || fail "no such folder"
if [ "$IPVL_TTY" = 1 ]; then
	tty=/dev/tty0
	[ "$IPVL_VM" = qemu ] && tty=/dev/ttyS0
	setsid -c -w sh "$IPVL_JOB/command" <"$tty" >"$tty" 2>&1
else
	setsid -w sh "$IPVL_JOB/command" </dev/null
fi
finish $?
