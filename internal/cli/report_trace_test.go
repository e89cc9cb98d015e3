package cli

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"flapscope/internal/hostile"
)

// A traced event, as viewers read it.
type traced struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat"`
	Phase string         `json:"ph"`
	Scope string         `json:"s"`
	ID    string         `json:"id"`
	Time  *float64       `json:"ts"`
	PID   int            `json:"pid"`
	TID   *int           `json:"tid"`
	Args  map[string]any `json:"args"`
}

// Traces are what the Trace Event Format asks for: stretches of one id begin and
// end in turn and nest, counters are numbers, instants have a scope, and all has a
// time within the recording.
func TestReportTrace(t *testing.T) {
	t.Parallel()
	recordings := map[string]string{"link": recorded(t), "busy": busy(t), "demo": sampleFile, "planted": plantedRecording(t, hostile.Token+"\x1b[2J", "mark.mark.text")}
	for what, name := range recordings {
		code, out, errs := runIn(t, t.TempDir(), "report", name, "--format", "trace", "--redact", "none")
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", what, code, errs)
		}
		var doc struct {
			Unit   string            `json:"displayTimeUnit"`
			Other  map[string]string `json:"otherData"`
			Events []traced          `json:"traceEvents"`
		}
		d := json.NewDecoder(strings.NewReader(out))
		d.DisallowUnknownFields()
		if err := d.Decode(&doc); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		phases := checkTrace(t, what, doc.Events)
		for _, want := range []string{"b", "e", "M", "C", "i"} {
			if phases[want] == 0 && (want != "C" || what == "link" || what == "demo") {
				t.Errorf("%s: no event %q of %v", what, want, phases)
			}
		}
		if trouble := hostile.Trouble(out); trouble != "" || strings.ContainsRune(out, 0x1b) {
			t.Errorf("%s: %s", what, trouble)
		}
		if len(out) > 32<<20 || doc.Unit != "ms" || doc.Other["headline"] == "" {
			t.Errorf("%s: %d bytes, %v", what, len(out), doc.Other)
		}
	}
	if code, _, errs := runIn(t, t.TempDir(), "report", filepath.Join(t.TempDir(), "x"), "--format", "trace"); code != exitFailure {
		t.Errorf("of no file: exit code %d, %s", code, errs)
	}
}

// checkTrace returns how many events there are of each phase.
func checkTrace(t *testing.T, what string, events []traced) map[string]int {
	t.Helper()
	phases, open := map[string]int{}, map[string][]traced{}
	for i, e := range events {
		phases[e.Phase]++
		if e.Name == "" || e.PID == 0 || e.TID == nil || e.Time == nil || *e.Time < 0 || *e.Time > 30*24*3600e6 {
			t.Errorf("%s: event %d: %+v", what, i, e)
			continue
		}
		key := fmt.Sprint(e.PID, " ", e.Cat, " ", e.ID)
		switch e.Phase {
		case "b":
			if n := len(open[key]); n > 0 && *e.Time < *open[key][n-1].Time || e.ID == "" || e.Cat == "" {
				t.Errorf("%s: %+v begins before what it is in, or is of no track", what, e)
			}
			open[key] = append(open[key], e)
		case "e":
			n := len(open[key])
			if n == 0 || open[key][n-1].Name != e.Name || *open[key][n-1].Time > *e.Time {
				t.Errorf("%s: %+v ends, and %+v are open", what, e, open[key])
				continue
			}
			open[key] = open[key][:n-1]
		case "C":
			for k, v := range e.Args {
				if _, ok := v.(float64); !ok || len(e.Args) == 0 {
					t.Errorf("%s: %s counts %s=%v", what, e.Name, k, v)
				}
			}
		case "i":
			if !strings.Contains("gpt", e.Scope) || e.Scope == "" {
				t.Errorf("%s: %s has the scope %q", what, e.Name, e.Scope)
			}
		case "M":
		default:
			t.Errorf("%s: a phase %q", what, e.Phase)
		}
	}
	for key, left := range open {
		if len(left) > 0 {
			t.Errorf("%s: %s: %+v do not end", what, key, left)
		}
	}
	return phases
}
