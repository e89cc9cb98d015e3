//go:build linux

package kernel

import (
	"testing"
	"time"

	"flapscope/internal/nlwire"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// BenchmarkSocket reads the notifications of a storm of routes that is queued
// already: through the socket of this package and through mdlayher/netlink.
func BenchmarkSocket(b *testing.B) {
	const n, buffer = 10_000, 64 << 20
	ns := benchNamespace(b)
	add, del := routeBatch(b, "add", n), routeBatch(b, "del", n)
	var ours *socket
	var theirs *netlink.Conn
	err := ns.Do(func() (err error) {
		if ours, err = openSocket(buffer); err == nil {
			theirs, err = netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Groups: unix.RTMGRP_IPV4_ROUTE})
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	defer ours.close()
	defer theirs.Close()
	if err := theirs.SetReadBuffer(buffer); err != nil {
		b.Fatal(err)
	}
	var took, other time.Duration
	for b.Loop() {
		for _, batch := range []string{add, del} {
			ns.IP(b, "-batch "+batch)
			start := processTime(b)
			readAll(b, ours, n)
			middle := processTime(b)
			for got := 0; got < n; {
				messages, err := theirs.Receive()
				if err != nil {
					b.Fatal(err)
				}
				got += len(messages)
			}
			took, other = took+middle-start, other+processTime(b)-middle
		}
	}
	all := float64(2 * n * b.N)
	b.ReportMetric(float64(took)/all, "ns/notification")
	b.ReportMetric(float64(other)/all, "mdlayher-ns/notification")
	b.ReportMetric(float64(other)/float64(took), "x-mdlayher")
}

// readAll reads n notifications.
func readAll(b *testing.B, s *socket, n int) {
	b.Helper()
	for got := 0; got < n; {
		batch, err := s.wait(time.Now().Add(10 * time.Second))
		if err != nil || batch == 0 {
			b.Fatalf("%d notifications, then %v", got, err)
		}
		for i := range batch {
			d, _ := s.datagram(i)
			for _, err := range nlwire.Messages(d) {
				b.Fatal(err)
			}
		}
	}
}

// processTime returns the processor time of this process.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
