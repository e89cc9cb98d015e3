package probes

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestLookup(t *testing.T) {
	none := &net.DNSError{Err: "no such host", IsNotFound: true}
	late := &net.DNSError{Err: "i/o timeout", IsTimeout: true}
	for name, tt := range map[string]struct {
		took4, took6 time.Duration
		err4, err6   error
		want         int
		err          error
		took         time.Duration
	}{
		"both":                 {took4: time.Millisecond, took6: 2 * time.Millisecond, want: 2, took: 2 * time.Millisecond},
		"IPv6 is never said":   {took4: time.Millisecond, took6: 10 * time.Second, want: 1, took: time.Millisecond + resolutionDelay},
		"IPv4 is never said":   {took4: 10 * time.Second, took6: time.Millisecond, want: 1, took: time.Millisecond + resolutionDelay},
		"IPv6 comes late":      {took4: time.Millisecond, took6: 20 * time.Millisecond, want: 2, took: 20 * time.Millisecond},
		"no such name":         {err4: none, err6: none, err: none},
		"no IPv6":              {took4: time.Second, err6: none, want: 1, took: time.Second},
		"no IPv6, IPv4 silent": {took4: time.Second, err4: late, err6: none, err: late, took: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				got, err := lookup(t.Context(), "x", func(ctx context.Context, network, _ string) ([]netip.Addr, error) {
					took, err, a := tt.took4, tt.err4, "127.0.0.1"
					if network == "ip6" {
						took, err, a = tt.took6, tt.err6, "::1"
					}
					select {
					case <-time.After(took):
					case <-ctx.Done():
						return nil, ctx.Err()
					}
					if err != nil {
						return nil, err
					}
					return []netip.Addr{addr(a)}, nil
				})
				if len(got) != tt.want || !errors.Is(err, tt.err) || time.Since(began) != tt.took {
					t.Errorf("%v, %v after %v; want %d addresses, %v after %v", got, err, time.Since(began), tt.want, tt.err, tt.took)
				}
			})
		})
	}
}

// TestImpatience: a name server that is silent holds nobody up for long.
func TestImpatience(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	c, err := resolver.Dial(t.Context(), "udp", silent.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for patience, want := range map[time.Duration]time.Duration{time.Minute: serverWithin, 50 * time.Millisecond: 50 * time.Millisecond} {
		began := time.Now()
		c.SetDeadline(began.Add(patience))
		_, err = c.Read(make([]byte, 1))
		if took := time.Since(began); !isTimeout(err) || took < want || took > want+3*time.Second {
			t.Errorf("%v after %v, want a timeout after %v", err, took, want)
		}
	}
}

// TestRace opens connections to two addresses, of which some fail and some are
// silent.
func TestRace(t *testing.T) {
	trouble := errors.New("refused")
	for name, tt := range map[string]struct {
		took [2]time.Duration
		err  [2]error
		won  string
		at   time.Duration
	}{
		"both answer":       {took: [2]time.Duration{10 * time.Millisecond, time.Millisecond}, won: "::1", at: 10 * time.Millisecond},
		"the first fails":   {took: [2]time.Duration{time.Millisecond, time.Millisecond}, err: [2]error{trouble, nil}, won: "127.0.0.1", at: 2 * time.Millisecond},
		"the first is mute": {took: [2]time.Duration{time.Hour, time.Millisecond}, won: "127.0.0.1", at: headStart + time.Millisecond},
		"both fail":         {took: [2]time.Duration{time.Second, time.Millisecond}, err: [2]error{trouble, trouble}, at: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var opened []net.Conn
				s, err := race(t.Context(), []netip.Addr{addr("::1"), addr("127.0.0.1")}, func(ctx context.Context, a netip.Addr) (stream, error) {
					i := 0
					if a.Is4() {
						i = 1
					}
					select {
					case <-time.After(tt.took[i]):
					case <-ctx.Done():
						return stream{}, ctx.Err()
					}
					if tt.err[i] != nil {
						return stream{}, tt.err[i]
					}
					c, peer := net.Pipe()
					opened = append(opened, peer)
					return stream{Conn: c, resent: i}, nil
				})
				if took := time.Since(began); took != tt.at || (err == nil) != (tt.won != "") {
					t.Fatalf("%v after %v, want it after %v", err, took, tt.at)
				}
				if err == nil && (s.resent == 1) != (tt.won == "127.0.0.1") || len(opened) > 1 {
					t.Errorf("the wrong one won of %d, want %s", len(opened), tt.won)
				}
			})
		})
	}
}
