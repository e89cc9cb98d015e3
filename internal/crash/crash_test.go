package crash

import (
	"strings"
	"testing"
)

func index(list []int, i int) int { return list[i] }

func TestRecover(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func()
		want string
	}{
		"runtime": {func() { index(nil, 1) }, "panic: runtime error: index out of range [1] with length 0 in flapscope/internal/crash.index (crash_test.go:"},
		"lines":   {func() { panic("a\nb") }, "panic: a b in flapscope/internal/crash.TestRecover.func"},
		"nothing": {func() {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := func() (err error) {
				defer Recover(&err)
				tt.do()
				return nil
			}()
			got := ""
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, tt.want) || (tt.want == "") != (got == "") || strings.Contains(got, "\n") {
				t.Errorf("got %q, want one line that begins with %q", got, tt.want)
			}
		})
	}
}
