package term

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"eth0\tup\n", "eth0\tup\n"},
		{"a → b, 5 µs └ ä e\u0301", "a → b, 5 µs └ ä e\u0301"},
		{"\x1b[31mred", `\x1b[31mred`},
		{"\x1b]0;t\x07", `\x1b]0;t\a`},
		{"a\rb\bc\x00\x7f", `a\rb\bc\x00\x7f`},
		{"\u009b31m", `\u009b31m`},
		{"x\x9b31m\xff", `x\x9b31m\xff`},
		{"a\u202eb\u2066c\u200bd\u2028e\u00ad", `a\u202eb\u2066c\u200bd\u2028e\u00ad`},
		{"\U000e0041", `\U000e0041`},
		{"\ufffd", "\ufffd"},
		{Style("1;31", "loss") + "\x1b[31m", "\x1b[1;31mloss\x1b[0m" + `\x1b[31m`},
		// The mark alone is not enough.
		{mark + "31", `\x1b` + mark[1:] + "31"},
		{mark + "2J", `\x1b` + mark[1:] + "2J"},
		{mark, `\x1b` + mark[1:]},
	} {
		if got := string(Escape([]byte("\x1b"+tt.in), 1)); got != "\x1b"+tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got[1:], tt.want)
		}
	}
}

func TestWriter(t *testing.T) {
	var b bytes.Buffer
	n, err := fmt.Fprintf(NewWriter(&b), "%s\n", "\x1bc")
	if want := "\\x1bc\n"; n != 3 || err != nil || b.String() != want {
		t.Errorf("wrote %d, %v: %q, want 3 bytes and %q", n, err, b.String(), want)
	}
}

// TestTable: no cell makes another row or column.
func TestTable(t *testing.T) {
	var b bytes.Buffer
	table := NewTable(&b)
	table.Row("NAME", "KIND", "N")
	table.Row("a\nFORGED", "b\tc\vd\fe", 3)
	table.Row("x", "\x1b[2J", "\xff")
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "\n"); got != 3 {
		t.Errorf("%d rows, want 3:\n%s", got, b.String())
	}
	if bytes.ContainsFunc(b.Bytes(), func(r rune) bool { return r < ' ' && r != '\n' }) || bytes.IndexByte(b.Bytes(), 0xff) >= 0 {
		t.Errorf("raw controls:\n%q", b.String())
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := string(Escape([]byte(s), 0))
		for _, r := range got {
			if r == 0x1b || r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u202e' {
				t.Errorf("%q: %U is raw in %q", s, r, got)
			}
		}
		if again := string(Escape([]byte(got), 0)); again != got {
			t.Errorf("%q: escaped twice it is %q", got, again)
		}
	})
}
