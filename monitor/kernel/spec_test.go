//go:build linux

package kernel

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestEveryTableIsComplete: a table that lacks something would be dumped as
// another one, or never be reported.
func TestEveryTableIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for i := range tables {
		s := &tables[i]
		if s.name == "" || s.group == 0 || s.rows == nil || seen[s.name] {
			t.Fatalf("table %d: %+v", i, *s)
		}
		seen[s.name] = true
		rows := s.rows
		if rows.size <= 0 || rows.each == nil || rows.event == nil || rows.item == nil {
			t.Errorf("%s: %+v", s.name, *rows)
		}
		for typ, want := range map[uint16]*rowSpec{rows.base: rows, rows.base + 1: rows, rows.base + getType: nil} {
			if rowsOfType(typ) != want {
				t.Errorf("%s: message type %d is taken for another kind", s.name, typ)
			}
		}
		if groups()&(1<<(s.group-1)) == 0 {
			t.Errorf("%s: its group is not joined", s.name)
		}
	}
	for _, typ := range []uint16{0, unix.NLMSG_DONE, unix.RTM_NEWQDISC, rtmNewPrefix, rtmNewUserOpt, 1 << 15} {
		if rowsOfType(typ) != nil {
			t.Errorf("message type %d is taken for a row", typ)
		}
	}
}
