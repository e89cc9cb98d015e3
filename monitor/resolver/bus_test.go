package resolver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"
)

func newBus(t *testing.T) *netlab.Bus { return netlab.NewBus(t, netlab.SocketDir(t)) }

func dnsProperty(addrs ...string) map[string]any {
	var all []busServer
	for _, s := range addrs {
		a := netip.MustParseAddr(s)
		family := int32(syscall.AF_INET6)
		if a.Is4() {
			family = syscall.AF_INET
		}
		all = append(all, busServer{Family: family, Address: a.AsSlice()})
	}
	return map[string]any{"DNS": all}
}

func stub(servers ...string) *fact.Resolvers {
	r := conf(servers...)
	r.Source = "resolved"
	return r
}

// noFile is the first observation where no file exists.
func noFile(t *testing.T, h host) {
	t.Helper()
	if r, ok := h.next(t).Fact.(*fact.Resolvers); !ok || r.Source != "resolv.conf" || r.Err == "" {
		t.Fatalf("first fact %+v, want an unreadable resolv.conf", r)
	}
}

func busOptions(t *testing.T, b *netlab.Bus) Options {
	dir := t.TempDir()
	return Options{Path: filepath.Join(dir, "none"), BusAddress: b.Address, RuntimeDir: dir}
}

func TestResolvedIsFollowed(t *testing.T) {
	b := newBus(t)
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	srv := b.Resolve(map[string]any{
		"DNS": []busServer{{Family: syscall.AF_INET, Address: []byte{203, 0, 113, 1}}},
		"DNSEx": []busServerEx{
			{Index: 0, Family: syscall.AF_INET, Address: []byte{192, 0, 2, 1}},
			{Index: 999999, Family: syscall.AF_INET, Address: []byte{192, 0, 2, 2}, Port: 853, Name: "dns.example.net"},
			{Index: int32(lo.Index), Family: syscall.AF_INET6, Address: netip.MustParseAddr("fe80::1").AsSlice()},
			{Index: 999999, Family: syscall.AF_INET6, Address: netip.MustParseAddr("fe80::2").AsSlice()},
			{Index: 1, Family: syscall.AF_INET, Address: []byte{1, 2, 3}},
		},
		"Domains": []busDomain{{0, "example.net", false}, {3, "corp.example.net", true}, {3, "lan", false}},
	}, map[int]bool{999999: false})
	o := busOptions(t, b)
	h := start(t, hintsOnly(o))
	noFile(t, h)
	h.want(t, fact.Put, &fact.Resolvers{
		Source: "resolved",
		Servers: []fact.Server{
			{Addr: netip.MustParseAddr("192.0.2.1"), Port: 53},
			{Addr: netip.MustParseAddr("192.0.2.2"), Port: 853, Index: 999999},
			{Addr: netip.MustParseAddr("fe80::1%lo"), Port: 53, Index: lo.Index},
			{Addr: netip.MustParseAddr("fe80::2%999999"), Port: 53, Index: 999999},
		},
		Search:  []fact.Untrusted{"example.net", "lan"},
		Domains: []fact.Domain{{Name: "example.net"}, {Name: "corp.example.net", Index: 3}, {Name: "lan", Index: 3}},
		Aside:   []int{3, 999999},
	})
	h.want(t, fact.Put, synced)

	// An old version has no DNSEx and signals nothing: the files it writes are
	// the hint.
	srv.Set(nil, dnsProperty("192.0.2.1", "2001:db8::1"))
	replace(t, filepath.Join(o.RuntimeDir, "resolv.conf"), "nameserver 192.0.2.1\n")
	h.want(t, fact.Put, stub("192.0.2.1", "2001:db8::1"))

	// A new version signals. The same content again is not reported.
	srv.Signal(t)
	srv.Set(nil, dnsProperty("192.0.2.9"))
	srv.Signal(t)
	h.want(t, fact.Put, stub("192.0.2.9"))

	// A service in trouble keeps its servers, and says so.
	srv.Set(dbus.MakeFailedError(errors.New("out of memory")), nil)
	srv.Signal(t)
	trouble := stub("192.0.2.9")
	trouble.Err = "systemd-resolved: out of memory"
	h.want(t, fact.Put, trouble)

	srv.Set(nil, map[string]any{"DNS": []string{"192.0.2.1"}})
	srv.Signal(t)
	trouble = stub("192.0.2.9")
	trouble.Err = `systemd-resolved: property DNS has type "as", want "a(iiay)"`
	h.want(t, fact.Put, trouble)

	srv.Set(nil, map[string]any{})
	srv.Signal(t)
	h.want(t, fact.Put, stub())
}

func TestResolvedComesAndGoes(t *testing.T) {
	b := newBus(t)
	src := hintsOnly(busOptions(t, b))
	src.retryBus = 20 * time.Millisecond
	h := start(t, src)
	noFile(t, h)
	h.want(t, fact.Put, synced)

	srv := b.Resolve(dnsProperty("192.0.2.1"), nil)
	h.want(t, fact.Put, stub("192.0.2.1"))
	srv.Close()
	h.want(t, fact.Delete, stub("192.0.2.1"))
	b.Resolve(dnsProperty("192.0.2.2"), nil)
	h.want(t, fact.Put, stub("192.0.2.2"))

	b.Stop()
	h.want(t, fact.Delete, stub("192.0.2.2"))
	b.Start()
	b.Resolve(dnsProperty("192.0.2.3"), nil)
	h.want(t, fact.Put, stub("192.0.2.3"))
}

// Properties that never signal are found by polling.
func TestResolvedIsPolled(t *testing.T) {
	b := newBus(t)
	srv := b.Resolve(dnsProperty("192.0.2.1"), nil)
	src := hintsOnly(busOptions(t, b))
	src.pollBus = 10 * time.Millisecond
	h := start(t, src)
	noFile(t, h)
	h.want(t, fact.Put, stub("192.0.2.1"))
	h.want(t, fact.Put, synced)
	srv.Set(nil, map[string]any{"Domains": []busDomain{{0, "lan", false}}})
	want := stub()
	want.Search, want.Domains = []fact.Untrusted{"lan"}, []fact.Domain{{Name: "lan"}}
	h.want(t, fact.Put, want)
}

// To observe the service must not start it.
func TestResolvedIsNotActivated(t *testing.T) {
	b := newBus(t)
	dir := t.TempDir()
	started := filepath.Join(dir, "started")
	file(t, filepath.Join(dir, resolvedName+".service"), fmt.Sprintf(
		"[D-BUS Service]\nName=%s\nExec=/bin/sh -c 'touch %s; exit 1'\n", resolvedName, started))
	b.Stop()
	config := fmt.Sprintf(netlab.BusConfig, strings.TrimPrefix(b.Address, "unix:path="))
	config = strings.Replace(config, "<type>system</type>", "<type>session</type><servicedir>"+dir+"</servicedir>", 1)
	file(t, b.Config, config)
	b.Start()

	h := start(t, hintsOnly(busOptions(t, b)))
	noFile(t, h)
	h.want(t, fact.Put, synced)
	if _, err := os.Stat(started); err == nil {
		t.Error("the service was started")
	}
	// The proof that the service could have been started.
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Object(resolvedName, resolvedPath).Call(propertiesAll, 0, managerName).Err; err == nil {
		t.Error("the service that only exits gave an answer")
	}
	if _, err := os.Stat(started); err != nil {
		t.Errorf("the service can't be started by anybody: %v", err)
	}
}

// A bus that takes connections and never answers delays nothing for long.
func TestStuckBus(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(netlab.SocketDir(t), "stuck"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	o := Options{
		Path: filepath.Join(t.TempDir(), "none"), BusAddress: "unix:path=" + l.Addr().String(),
		RuntimeDir: t.TempDir(),
	}
	h := start(t, hintsOnly(o))
	noFile(t, h)
	h.want(t, fact.Put, synced)

	if _, err := connect(context.Background(), o.BusAddress); err == nil {
		t.Error("connected to a bus that never answered")
	}
}

func TestDecodeRefusesTypes(t *testing.T) {
	tests := []struct {
		name  string
		props map[string]any
		want  string
	}{
		{"servers", map[string]any{"DNS": uint32(1)}, `property DNS has type "u", want "a(iiay)"`},
		{"servers-with-port", map[string]any{"DNSEx": []busServer{}}, `property DNSEx has type "a(iiay)", want "a(iiayqs)"`},
		{"domains", map[string]any{"Domains": "lan"}, `property Domains has type "s", want "a(isb)"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			props := map[string]dbus.Variant{}
			for k, v := range tt.props {
				props[k] = dbus.MakeVariant(v)
			}
			_, err := decode(props)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}
