package vmlab

import (
	"strings"
	"testing"
)

// TestMirrorStorm runs the storm of the kernel's mirror on this kernel, with the
// seed whose buffer is so small that it overruns.
func TestMirrorStorm(t *testing.T) {
	nightly(t)
	m := lab(t, Options{
		CPUs:      2,
		Modules:   []string{"bridge", "ifb", "tun"},
		HostFiles: map[string]string{"/bin/mirror.test": product(t, "mirror.test")},
	})
	r := m.Try(t, "STORM_SEEDS=1 STORM_FROM=2 STORM_OPS=180 mirror.test -test.v -test.run '^TestStorm$' 2>&1")
	t.Logf("kernel %s:\n%s", m.Release, r.Stdout)
	if r.Code != 0 || !strings.Contains(r.Stdout, "--- PASS: TestStorm") {
		t.Errorf("exit code %d", r.Code)
	}
}
