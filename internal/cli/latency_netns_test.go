package cli_test

import (
	"bytes"
	native "encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
)

// BenchmarkEventLatency measures how long after a change is asked of the
// kernel a reader at the other end of a pipe has the line that reports it:
// from "flapscope events --all --json" and from "ip -ts monitor".
//
// "alone" makes each change in two namespaces, one after the other, each with
// one of the two programs: they never run at the same time, as a user runs
// one of them. "together" lets both hear the same change: the same instant for
// both, but whichever wakes last waits for the other where there are few
// processors.
func BenchmarkEventLatency(b *testing.B) {
	bin := stripped(b)
	for _, change := range []string{"route", "address"} {
		b.Run(change+"-alone", func(b *testing.B) { latencyAlone(b, bin, change) })
		b.Run(change+"-together", func(b *testing.B) { latencyTogether(b, bin, change) })
	}
}

func latencyAlone(b *testing.B, bin, change string) {
	first, second := newListener(b), newListener(b)
	ours := first.start(b, bin, "events", "--all", "--json", "--no-probes")
	theirs := second.start(b, "ip", "-ts", "monitor")
	for i := 0; b.Loop(); i++ {
		pair := []*listener{first, second}
		if i/2%2 == 1 {
			slices.Reverse(pair)
		}
		for _, l := range pair {
			l.change(b, change, i)
		}
	}
	report(b, first.latencies(b, ours), second.latencies(b, theirs))
}

func latencyTogether(b *testing.B, bin, change string) {
	l := newListener(b)
	ours := l.start(b, bin, "events", "--all", "--json", "--no-probes")
	theirs := l.start(b, "ip", "-ts", "monitor")
	for i := 0; b.Loop(); i++ {
		l.change(b, change, i)
	}
	report(b, l.latencies(b, ours), l.latencies(b, theirs))
}

// A listener is a namespace with programs that report its changes, and when it
// was asked for which.
type listener struct {
	ns     *netlab.Namespace
	link   int
	socket int
	asked  []time.Time
}

// newListener makes a namespace with one link, a default route, and no IPv6,
// which would add changes of its own.
func newListener(b *testing.B) *listener {
	b.Helper()
	l := &listener{ns: netlab.New(b)}
	l.ns.Sysctl(b, "ipv6/conf/default/disable_ipv6", "1")
	l.ns.IP(b, "link add v0 type veth peer name p0")
	l.ns.IP(b, "link set p0 up")
	l.ns.IP(b, "link set v0 up")
	l.ns.IP(b, "addr add 10.0.0.7/24 dev v0")
	l.ns.IP(b, "route add default via 10.0.0.1")
	err := l.ns.Do(func() (err error) {
		l.socket, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
		return err // connected to the kernel, as every netlink socket is
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Close(l.socket) })
	if _, err := fmt.Sscanf(l.ns.IP(b, "-o link show v0"), "%d:", &l.link); err != nil {
		b.Fatal(err)
	}
	return l
}

// A reported is a program with the reader of what it prints.
type told struct {
	program, reader *exec.Cmd
	found           bytes.Buffer
}

// start starts a program and waits until it has reported what it found.
func (l *listener) start(b *testing.B, name string, args ...string) *told {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	t := &told{program: l.ns.Command(name, args...), reader: exec.Command(self)}
	t.program.Env = append(os.Environ(), "XDG_CONFIG_HOME="+b.TempDir())
	t.program.Stdout, t.program.Stderr = w, os.Stderr
	t.reader.Env = append(os.Environ(), readerVariable+"=1", "GODEBUG=asyncpreemptoff=1", "GOGC=off")
	t.reader.Stdin, t.reader.Stdout, t.reader.Stderr = r, &t.found, os.Stderr
	if err := errors.Join(t.program.Start(), t.reader.Start(), r.Close(), w.Close()); err != nil {
		b.Fatal(err)
	}
	time.Sleep(time.Second)
	return t
}

// change asks the kernel for change i, a while after the last one: changes now
// and then are no storm, and what followed one has been said before the next.
//
// Like the reader it does not tell the runtime of its system calls, which would
// wake threads for them on the processors that the programs are to run on.
func (l *listener) change(b *testing.B, what string, i int) {
	pause := unix.NsecToTimespec(int64(10 * time.Millisecond))
	_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&pause)), 0, 0)
	request := changeOf(what, i, l.link)
	l.asked = append(l.asked, time.Now())
	_, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(l.socket), uintptr(unsafe.Pointer(&request[0])), uintptr(len(request)))
	if errno != 0 {
		b.Fatal(errno)
	}
}

// latencies ends a program and returns how long after each change its reader
// had the line.
func (l *listener) latencies(b *testing.B, t *told) []time.Duration {
	b.Helper()
	time.Sleep(100 * time.Millisecond)
	_ = t.program.Process.Signal(unix.SIGTERM)
	_ = t.program.Wait()
	if err := t.reader.Wait(); err != nil {
		b.Fatal(err)
	}
	var chunks []chunk
	if err := gob.NewDecoder(&t.found).Decode(&chunks); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for i, asked := range l.asked {
		needle := []byte(subject(i).String())
		at := slices.IndexFunc(chunks, func(c chunk) bool { return c.At.After(asked) && bytes.Contains(c.Text, needle) })
		if at < 0 {
			b.Fatalf("no line with %s", needle)
		}
		chunks = chunks[at:]
		took = append(took, chunks[0].At.Sub(asked))
	}
	return took
}

// readerVariable makes the test binary a reader of its standard input.
const readerVariable = "FLAPSCOPE_TEST_READER"

// A chunk is what one read gave.
type chunk struct {
	At   time.Time
	Text []byte
}

// readChunks reads the standard input to its end, then writes what it read and
// when to the standard output.
func readChunks() error {
	var chunks []chunk
	buf := make([]byte, 1<<20)
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_READ, 0, uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
		now := time.Now()
		switch {
		case errno == 0 && n > 0:
			chunks = append(chunks, chunk{now, bytes.Clone(buf[:n])})
		case errno != unix.EINTR:
			return gob.NewEncoder(os.Stdout).Encode(chunks)
		}
	}
}

// subject is the address that change i is about: it is added and deleted in
// turn.
func subject(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{20, byte(i >> 17), byte(i >> 9), byte(i >> 1)})
}

// changeOf returns the request for change i: RTM_NEWROUTE, RTM_DELADDR and so
// on, without an acknowledgement.
func changeOf(what string, i, link int) []byte {
	const header = unix.SizeofNlMsghdr
	typ, flags := uint16(unix.RTM_NEWROUTE), uint16(unix.NLM_F_REQUEST)
	body := []byte{unix.AF_INET, 32, 0, 0, unix.RT_TABLE_MAIN, unix.RTPROT_STATIC, unix.RT_SCOPE_UNIVERSE, unix.RTN_UNICAST, 0, 0, 0, 0}
	key, via := uint16(unix.RTA_DST), netip.MustParseAddr("10.0.0.1")
	if what == "address" {
		typ = unix.RTM_NEWADDR
		body = native.NativeEndian.AppendUint32([]byte{unix.AF_INET, 32, 0, 0}, uint32(link))
		key, via = unix.IFA_LOCAL, netip.Addr{}
	}
	if i%2 == 0 {
		flags |= unix.NLM_F_CREATE
	} else {
		typ++ // RTM_DELROUTE, RTM_DELADDR
	}
	attr := func(typ uint16, a netip.Addr) {
		body = native.NativeEndian.AppendUint16(body, unix.SizeofRtAttr+4)
		body = native.NativeEndian.AppendUint16(body, typ)
		body = append(body, a.AsSlice()...)
	}
	attr(key, subject(i))
	if via.IsValid() {
		attr(unix.RTA_GATEWAY, via)
	}
	b := native.NativeEndian.AppendUint32(nil, uint32(header+len(body)))
	b = native.NativeEndian.AppendUint16(b, typ)
	b = native.NativeEndian.AppendUint16(b, flags)
	return append(append(b, make([]byte, 8)...), body...)
}

func report(b *testing.B, ours, theirs []time.Duration) {
	b.ReportMetric(0, "ns/op")
	for _, q := range []struct {
		name string
		of   float64
	}{{"p50", 0.5}, {"p99", 0.99}} {
		us, ip := quantile(ours, q.of), quantile(theirs, q.of)
		b.ReportMetric(us.Seconds()*1e6, q.name+"-us")
		b.ReportMetric(ip.Seconds()*1e6, "ip-"+q.name+"-us")
		b.ReportMetric(us.Seconds()/ip.Seconds(), q.name+"-ratio")
	}
}

func quantile(d []time.Duration, q float64) time.Duration {
	slices.Sort(d)
	return d[int(q*float64(len(d)-1))]
}
