package fact

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestEscapeJSON: what is escaped means the same, and no terminal acts on it.
func TestEscapeJSON(t *testing.T) {
	for _, s := range []string{
		"", "eth0", "wlän0 → 5 µs", "a\u009b31mb", "\x7f", "x\u202ey\u2066z", "\u200b\u200d\u00ad\ufeff", "\u2028\u2029",
		"\U000e0001\U000e0041", "\x1b]0;x\x07", "\u061c", strings.Repeat("\u009b", 100), "12345678\x7f", "1234567\x7f", "\u00a0",
	} {
		line, err := AppendJSON([]byte("before "), map[string]string{"k": s})
		if err != nil {
			t.Fatal(err)
		}
		body, ok := strings.CutPrefix(string(line), "before ")
		if !ok {
			t.Fatalf("%q: the prefix was changed: %q", s, line)
		}
		for _, r := range body {
			if !Printable(r) {
				t.Errorf("%q: %U is raw in %q", s, r, body)
			}
		}
		var got map[string]string
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Errorf("%q: %v: %s", s, err, body)
		}
		if got["k"] != s {
			t.Errorf("%q became %q", s, got["k"])
		}
	}
}

// TestEscapeJSONInvalid: text that was JSON before (a configuration kept in a
// recording) is not checked for UTF-8 by encoding/json.
func TestEscapeJSONInvalid(t *testing.T) {
	line, err := AppendJSON(nil, json.RawMessage("{\"a\":\"b\x9b\xff\u202e\"}"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a":"b\ufffd\ufffd\u202e"}`; string(line) != want {
		t.Errorf("got %q, want %q", line, want)
	}
}

func BenchmarkEscapeJSON(b *testing.B) {
	line := []byte(strings.Repeat("0123456789", 30))
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		line = EscapeJSON(line, 0)
	}
}
