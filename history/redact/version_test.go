package redact

import "testing"

// TestVersion checks that the versions that a build of this program can have are
// kept, and what else stands there is not.
func TestVersion(t *testing.T) {
	r := New(Public, Key{})
	for _, v := range []string{"development", "1.2.3", "v0.4.0-rc.1", "v0.0.0-20261121210551-8c2ec5501234+dirty", "8c2ec55"} {
		if got := r.version(v); got != v {
			t.Errorf("%s became %s", v, got)
		}
	}
	for _, v := range []string{"build-of-smith", "1.2.3-secret-host-of-smith", "developments"} {
		if got := r.version(v); got == v {
			t.Errorf("%s was kept", v)
		}
	}
}
