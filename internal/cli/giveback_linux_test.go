package cli

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGiveBack: pages of the program go, and the program goes on.
func TestGiveBack(t *testing.T) {
	resident := func() (kb int) {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(status)) {
			if value, ok := strings.CutPrefix(line, "RssFile:"); ok {
				kb, _ = strconv.Atoi(strings.Fields(value)[0])
			}
		}
		return kb
	}
	back := giveBack()
	before := resident()
	back()
	if after := resident(); before == 0 || after > before*3/4 {
		t.Errorf("%d kB of the program were in memory, and then %d", before, after)
	}
}

func TestCleanMappings(t *testing.T) {
	const smaps = `00400000-00c00000 r-xp 00000000 fe:00 17 /bin/x
Rss:                8000 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00c00000-01500000 r--p 00800000 fe:00 17 /bin/x
Anonymous:             4 kB
01500000-01600000 r--p 01100000 fe:00 17 /bin/x
Anonymous:             0 kB
01600000-01700000 rw-p 01200000 fe:00 17 /bin/x
Anonymous:             0 kB
7f0000000000-7f0000100000 r--p 00000000 fe:00 18 /lib/y
Anonymous:             0 kB
7ffc00000000-7ffc00021000 r--p 00000000 00:00 0
Anonymous:             0 kB
`
	got := cleanMappings(smaps, "/bin/x")
	want := []mapping{{0x400000, 0xc00000}, {0x1500000, 0x1600000}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(mapping{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
