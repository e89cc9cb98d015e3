package fold

import (
	"strings"
	"testing"
	"time"

	"flapscope/monitor/path"
)

// TestEvidence: an incident says how the machine was when it opened, though the
// episode that it is part of began with another; one that goes on says nothing
// more.
func TestEvidence(t *testing.T) {
	w := newWorld(3,
		damage{what: path.ResolverFailed, from: 60 * time.Second, to: 120 * time.Second},
		damage{what: path.GatewaySilent, from: 80 * time.Second, to: 100 * time.Second})
	opened := 0
	f := NewFold(path.DefaultSettings(), func(e Event) {
		switch i := e.Incident; {
		case i == nil:
		case i.Phase != PhaseOpen || i.Note():
			if e.Evidence != nil {
				t.Errorf("%s of %s has evidence", i.Phase, i.Text)
			}
		default:
			opened++
			if said := strings.Join(e.Evidence, "\n"); !strings.Contains(said, "link eth0") || !strings.Contains(said, "gateway 192.0.2.1 dev eth0") {
				t.Errorf("%s: evidence %q", i.Text, e.Evidence)
			}
			if line := string(AppendEvent(nil, &e, "")); !strings.Contains(line, `"evidence":["link eth0`) {
				t.Errorf("written as %s", line)
			}
		}
	})
	for _, o := range w.observations(4 * time.Minute) {
		f.Observe(o)
	}
	if opened != 2 {
		t.Errorf("%d incidents opened, want 2", opened)
	}
}
