package vmlab

import (
	"strings"
	"testing"
)

func TestMachine(t *testing.T) {
	m := Boot(t, Options{Modules: []string{"dummy"}})
	if got := m.Run(t, "uname -r; ip link add d0 type dummy; ip -br link"); !strings.HasPrefix(got, m.Release+"\n") || !strings.Contains(got, "d0") {
		t.Errorf("got %q, want release %s and d0", got, m.Release)
	}
	if got := m.Try(t, "echo out; echo err >&2; exit 7"); got != (Result{7, "out\n", "err\n"}) {
		t.Errorf("got %+v, want exit code 7, out and err apart", got)
	}
}
