package sock

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
)

func TestMain(m *testing.M) { os.Exit(netlab.Run(m)) }

// listenIn opens a TCP port for both families in a namespace.
func listenIn(t *testing.T, ns *netlab.Namespace, port int) {
	t.Helper()
	fd := -1
	if err := ns.Do(func() (err error) {
		if fd, err = unix.Socket(unix.AF_INET6, unix.SOCK_STREAM, 0); err != nil {
			return err
		}
		if err = unix.Bind(fd, &unix.SockaddrInet6{Port: port}); err != nil {
			return err
		}
		return unix.Listen(fd, 64)
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
}

func connectIn(t *testing.T, ns *netlab.Namespace, to string, timeout time.Duration) (s *Stream, err error) {
	t.Helper()
	if e := ns.Do(func() error {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		s, err = Connect(ctx, netip.MustParseAddrPort(to), 0)
		return nil
	}); e != nil {
		t.Fatal(e)
	}
	return s, err
}

func TestConnect(t *testing.T) {
	l := netlab.NewChain(t)
	listenIn(t, l.There, 443)
	for _, to := range []string{"198.51.100.2:443", "[2001:db8:2::2]:443"} {
		// The first one waits until all neighbours on the way are found.
		if s, err := connectIn(t, l.Here, to, 5*time.Second); err == nil {
			s.Close()
		}
		s, err := connectIn(t, l.Here, to, 3*time.Second)
		if err != nil {
			t.Fatalf("%s: %v", to, err)
		}
		if s.RTT <= 0 || s.RTT > time.Second || s.Resent != 0 || s.RemoteAddr().String() != to {
			t.Errorf("%s: round trip %v, %d SYN again, to %v", to, s.RTT, s.Resent, s.RemoteAddr())
		}
		s.Close()
	}
	// A reset closes both ends at once: nothing waits for late segments.
	if out, err := l.Here.Command("ss", "-Htan").CombinedOutput(); err == nil && len(out) > 0 {
		t.Errorf("left behind:\n%s", out)
	}
}

// TestWhoRefusesTCP asks who said no to a SYN.
func TestWhoRefusesTCP(t *testing.T) {
	l := netlab.NewChain(t)
	l.Here.IP(t, "route add unreachable 203.0.113.1/32")
	l.Here.IP(t, "route add prohibit 203.0.113.2/32")
	l.Here.IP(t, "route add blackhole 203.0.113.3/32")
	l.Gateway.IP(t, "route add prohibit 203.0.113.4/32")
	l.Gateway.IP(t, "-6 route add prohibit 2001:db8:3::4/128")
	l.Gateway.Filter(t, `table inet x {
		chain c {
			type filter hook forward priority 0
			tcp dport 81 reject with icmpx type admin-prohibited
			tcp dport 82 reject with tcp reset
			tcp dport 83 drop
		}
	}
	`)
	for _, tt := range []struct {
		to, words string
		errno     syscall.Errno
		offender  string
	}{
		{"203.0.113.1:80", "no route to host", syscall.EHOSTUNREACH, "kernel"},
		{"203.0.113.2:80", "permission denied", syscall.EACCES, "kernel"},
		{"203.0.113.3:80", "invalid argument", syscall.EINVAL, "kernel"},
		{"203.0.113.4:80", "administratively prohibited, says 192.0.2.2", syscall.EHOSTUNREACH, "192.0.2.2"},
		{"[2001:db8:3::4]:80", "administratively prohibited, says 2001:db8:1::2", syscall.EACCES, "2001:db8:1::2"},
		{"198.51.100.2:81", "administratively prohibited, says 192.0.2.2", syscall.EHOSTUNREACH, "192.0.2.2"},
		{"[2001:db8:2::2]:81", "administratively prohibited, says 2001:db8:1::2", syscall.EACCES, "2001:db8:1::2"},
		{"198.51.100.2:82", "connection refused", syscall.ECONNREFUSED, ""},
		{"198.51.100.2:444", "connection refused", syscall.ECONNREFUSED, ""},
		{"[2001:db8:2::2]:444", "connection refused", syscall.ECONNREFUSED, ""},
		{"198.51.100.2:83", "context deadline exceeded", 0, ""},
		{"192.0.2.77:80", "host unreachable: no answer to ARP", syscall.EHOSTUNREACH, "kernel"},
		{"[2001:db8:1::77]:80", "host unreachable: no answer to neighbour discovery", syscall.EHOSTUNREACH, "kernel"},
	} {
		timeout := 5 * time.Second
		if tt.errno == 0 {
			timeout = 300 * time.Millisecond
		}
		_, err := connectIn(t, l.Here, tt.to, timeout)
		if err == nil || err.Error() != tt.words || tt.errno != 0 && !errors.Is(err, tt.errno) {
			t.Errorf("%s: %v, want %s", tt.to, err, tt.words)
			continue
		}
		r, ok := errors.AsType[*Refusal](err)
		who := ""
		if ok {
			who = r.Offender.String()
			if r.Kernel() {
				who = "kernel"
			}
		}
		if who != tt.offender {
			t.Errorf("%s: %q said it, want %q", tt.to, who, tt.offender)
		}
	}
}

// TestResent drops the first SYN.
func TestResent(t *testing.T) {
	l := netlab.NewChain(t)
	listenIn(t, l.There, 443)
	l.Gateway.Filter(t, `table inet x {
		chain c {
			type filter hook forward priority 0
			tcp flags syn / syn,ack limit rate over 1/day burst 1 packets accept
			tcp flags syn / syn,ack drop
		}
	}
	`)
	s, err := connectIn(t, l.Here, "198.51.100.2:443", 3*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Resent != 1 || s.RTT > 900*time.Millisecond {
		t.Errorf("%d SYN again, round trip %v; want 1 and that of the network", s.Resent, s.RTT)
	}
}

// TestOutOfPorts uses all ports that there are towards a target.
func TestOutOfPorts(t *testing.T) {
	l := netlab.NewChain(t)
	listenIn(t, l.There, 443)
	l.Here.Sysctl(t, "ipv4/ip_local_port_range", "40000 40003")
	for i := range 5 {
		s, err := connectIn(t, l.Here, "198.51.100.2:443", 3*time.Second)
		if i == 4 {
			if !errors.Is(err, syscall.EADDRNOTAVAIL) {
				t.Errorf("connection %d: %v, want EADDRNOTAVAIL", i, err)
			}
			break
		}
		if err != nil {
			t.Fatal("connection "+strconv.Itoa(i), err)
		}
		t.Cleanup(func() { s.Close() })
	}
}
