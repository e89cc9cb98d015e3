// Package vmlab boots a small virtual machine with Debian's kernel, for tests
// of what the kernel of a build machine often lacks: WireGuard, VRF, VLANs,
// netem, Wi-Fi (mac80211_hwsim), suspend.
//
// The machine is qemu without hardware acceleration, so that it runs anywhere.
// Its root file system is an initramfs made of busybox, the modules that the
// tests need, and programs of the host with their shared libraries. A shell
// inside takes scripts over a virtio serial port. It has no network but what a
// test makes inside, and ends with the test.
//
// The tests need, on Debian, the packages
//
//	qemu-system-x86 busybox kmod iproute2 bash iw wireguard-tools hostapd
//	nftables radvd wireless-regdb wpasupplicant xz-utils
//
// and fetch the kernel's package with apt-get into the user's cache directory
// once. They are skipped, with the reason, where either is not to be had.
package vmlab
