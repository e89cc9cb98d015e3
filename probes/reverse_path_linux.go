package probes

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"flapscope/probes/sock"
)

// FilteredStrictly reports whether the kernel would drop what comes back from an
// address by interface index, because the best route to it is another.
func FilteredStrictly(a netip.Addr, index int) bool { return filteredStrictly(a, index) }

// filteredStrictly reports whether the kernel drops what a comes back with by
// interface index, because the best route to a goes by another one and the
// reverse path filter is strict there (rp_filter in
// Documentation/networking/ip-sysctl.rst). It is a guess at that route: it goes
// by index if the source address that the kernel would choose is of it.
func filteredStrictly(a netip.Addr, index int) bool {
	if index == 0 || !a.Is4() {
		return false
	}
	dev, err := net.InterfaceByIndex(index)
	if err != nil || max(filterMode("all"), filterMode(dev.Name)) != "1" {
		return false
	}
	source, err := sourceFor(a)
	if err != nil {
		return true // No route to it at all, but by this interface.
	}
	own, err := dev.Addrs()
	return err == nil && !slices.ContainsFunc(own, func(o net.Addr) bool {
		n, ok := o.(*net.IPNet)
		return ok && n.IP.Equal(source.AsSlice())
	})
}

// filterMode returns the mode of the reverse path filter of an interface: 0 off,
// 1 strict, 2 loose. The greater of that of all and its own holds.
func filterMode(dev string) string {
	b, err := os.ReadFile("/proc/sys/net/ipv4/conf/" + dev + "/rp_filter")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// sourceFor returns the source address by which the routes would send to a. It
// connects a datagram socket, which sends nothing.
func sourceFor(a netip.Addr) (netip.Addr, error) {
	fd, err := sock.Open(a, unix.SOCK_DGRAM, 0, 0)
	if err != nil {
		return netip.Addr{}, err
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, sock.Sockaddr(netip.AddrPortFrom(a, 9), 0)); err != nil {
		return netip.Addr{}, err
	}
	own, err := unix.Getsockname(fd)
	if own, ok := own.(*unix.SockaddrInet4); ok && err == nil {
		return netip.AddrFrom4(own.Addr), nil
	}
	return netip.Addr{}, err
}

// broadcast reports whether the routes take a for the address of all on a link.
// The kernel lets nobody send there who does not say that this is meant, by the
// same error that it has for routes that prohibit.
func broadcast(a netip.Addr) bool {
	if !a.Is4() {
		return false
	}
	fd, err := sock.Open(a, unix.SOCK_DGRAM, 0, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	to := sock.Sockaddr(netip.AddrPortFrom(a, 9), 0)
	if err := unix.Connect(fd, to); !errors.Is(err, unix.EACCES) {
		return false
	}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	return err == nil && unix.Connect(fd, to) == nil
}

// better returns the cause of an error that packets to a met by an interface,
// where that says more.
func better(err error, a netip.Addr, index int) error {
	switch {
	case err == nil:
	case isTimeout(err) && filteredStrictly(a, index):
		return errors.Join(errStrictFilter, err)
	case errors.Is(err, unix.EACCES) && broadcast(a):
		return errors.Join(errBroadcast, err)
	}
	return err
}
