package resolver

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/godbus/dbus/v5"
)

// TestBusIsBounded: a daemon that names thousands of servers and domains is
// taken at its first word.
func TestBusIsBounded(t *testing.T) {
	const many = 5000
	servers := make([]busServer, many)
	domains := make([]busDomain, many)
	for i := range many {
		servers[i] = busServer{Family: 2, Address: []byte{10, 0, byte(i >> 8), byte(i)}}
		domains[i] = busDomain{Domain: fmt.Sprint("d", i)}
	}
	r, err := decode(map[string]dbus.Variant{"DNS": dbus.MakeVariant(servers), "Domains": dbus.MakeVariant(domains)})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Servers) != maxBusServers || len(r.Search) != maxSearch || len(r.Domains) != maxDomains {
		t.Errorf("%d servers, %d and %d domains; want %d, %d and %d", len(r.Servers), len(r.Search), len(r.Domains), maxBusServers, maxSearch, maxDomains)
	}
}

// TestWatchPathsAreBounded: as many links are followed as the kernel follows.
func TestWatchPathsAreBounded(t *testing.T) {
	dir := t.TempDir()
	// Each is in a directory of its own.
	name := func(i int) string { return filepath.Join(dir, fmt.Sprint(i), "resolv.conf") }
	for i := range maxHops + 10 {
		if err := os.Mkdir(filepath.Dir(name(i)), 0o700); err != nil {
			t.Fatal(err)
		}
		symlink(t, name(i+1), name(i))
	}
	// The directory of each, and what is beyond the last.
	if got := len(watchPaths(name(0))); got != maxHops+1 {
		t.Errorf("%d paths are watched, want %d", got, maxHops+1)
	}
}
