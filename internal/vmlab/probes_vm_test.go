package vmlab

import "testing"

// TestProbesOnAnOlderKernel runs the tests of the probes' sockets under Debian's
// kernel: what arrives in which queue, every code, every stamp, and the
// clock set meanwhile.
func TestProbesOnAnOlderKernel(t *testing.T) {
	nightly(t)
	m := lab(t, Options{
		Modules:  []string{"sch_tbf", "crc32c_generic", "nf_tables", "nft_reject_inet", "nft_limit"},
		Programs: []string{"tc", "nft", "ping"},
		HostFiles: map[string]string{
			"/bin/echo.test": product(t, "echo.test"), "/bin/sock.test": product(t, "sock.test"),
		},
	})
	for _, program := range []string{"sock.test", "echo.test -test.run TestTraps", "echo.test -test.run EveryCode", "echo.test -test.skip 'Traps|EveryCode'"} {
		r := m.Try(t, "FLAPSCOPE_TEST_SETS_CLOCK=1 "+program+" -test.v -test.timeout 8m 2>&1")
		if r.Code != 0 {
			t.Errorf("kernel %s: %s exits with %d:\n%s", m.Release, program, r.Code, r.Stdout)
		}
	}
}
