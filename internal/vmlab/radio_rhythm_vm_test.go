package vmlab

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// rhythm is what an incident says of losses that come a while after each association.
var rhythm = regexp.MustCompile(`\b[89]\.\d s after it was associated`)

// TestRadioRhythm lets the access point drop the station eight seconds after each
// association, for two seconds, as the Wi-Fi did for which this program was made: each
// of eight recordings names the rhythm, four under each kernel.
func TestRadioRhythm(t *testing.T) {
	nightly(t)
	underKernels(t, func(t *testing.T, m *Machine) {
		m.Run(t, associate)
		const runs, flaps = 4, 7
		for run := range runs {
			file := fmt.Sprintf("/tmp/run%d.flap.gz", run)
			text := m.Run(t, "flapscope record --no-probes "+file+" >/dev/null 2>&1 & pid=$!\n"+
				strings.Repeat(strings.ReplaceAll(flap, "KICK", kick(4)), flaps)+
				"sleep 2; kill -INT $pid; wait $pid || true; flapscope incidents "+file+" || true")
			t.Logf("run %d: %s", run+1, text)
			if !rhythm.MatchString(text) {
				t.Errorf("run %d names no rhythm", run+1)
			}
		}
	})
}
