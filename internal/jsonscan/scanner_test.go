package jsonscan

import (
	"encoding/json"
	"testing"
)

// FuzzScanner: what is read is what encoding/json reads there, and it never
// reads more than there is.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`-12`, `0`, `01`, `999999999999999999`, `"eth0"`, `"a\"b"`, `"\u0001"`, "\"\xff\"", `{"a":{"b":"}"}}`, `{`, `"`, `-`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Scanner{Rest: b}
		if n := s.Int(); !s.Failed {
			var want int64
			if err := json.Unmarshal(b[:len(b)-len(s.Rest)], &want); err != nil || n != want {
				t.Errorf("Int(%q) = %d, want %d: %v", b, n, want, err)
			}
		}
		s = Scanner{Rest: b}
		if text := s.Text(); !s.Failed {
			var want string
			if err := json.Unmarshal(b[:len(b)-len(s.Rest)], &want); err != nil || string(text) != want {
				t.Errorf("Text(%q) = %q, want %q: %v", b, text, want, err)
			}
		}
		s = Scanner{Rest: b}
		if raw := s.Object(); !s.Failed && string(raw)+string(s.Rest) != string(b) {
			t.Errorf("Object(%q) = %q, and left %q", b, raw, s.Rest)
		}
	})
}

func TestMore(t *testing.T) {
	for _, tt := range []struct {
		text   string
		more   bool
		failed bool
	}{{",1]", true, false}, {"]", false, false}, {"}", false, true}, {"", false, true}} {
		s := Scanner{Rest: []byte(tt.text)}
		if more := s.More(); more != tt.more || s.Failed != tt.failed {
			t.Errorf("More(%q) = %v, failed %v", tt.text, more, s.Failed)
		}
	}
}
