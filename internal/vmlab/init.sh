#!/bin/busybox sh
# The first process: makes the machine usable, then takes scripts over the
# serial port until it closes.
/bin/busybox mkdir -p /proc /sys /dev /run /tmp /root /etc /var/lib /usr/bin
/bin/busybox ln -s /bin/env /usr/bin/env
[ ! -e /sbin/bash ] || /bin/busybox ln -s /sbin/bash /bin/bash
/bin/busybox --install -s /bin
export PATH=/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
ln -s /proc/self/fd /dev/fd
mkdir -p /run/netns /etc/netns
echo root:x:0:0:root:/root:/bin/sh >/etc/passwd
echo root:x:0: >/etc/group
hostname lab
for m in $(cat /etc/modules); do
	modprobe "$m" || echo "init: no module $m"
done
ip link set lo up
until [ -e /dev/vport0p1 ] || [ -e /dev/vport1p1 ]; do sleep 0.05; done
exec 3<>"$(echo /dev/vport*p1)"
echo ready >&3
while read -r n <&3; do
	head -c "$n" <&3 >/run/script
	(cd /root && exec setsid sh /run/script) >/run/stdout 2>/run/stderr </dev/null 3>&-
	echo "$? $(stat -c %s /run/stdout) $(stat -c %s /run/stderr)" >&3
	cat /run/stdout /run/stderr >&3
done
poweroff -f
