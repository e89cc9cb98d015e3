package fact

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestScanFact compares what is scanned with what encoding/json reads, in facts of
// every kind whose every field is now empty, now awkward, now random.
func TestScanFact(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(string(k), func(t *testing.T) {
			v := arbitrary{rand.New(rand.NewPCG(1, 2))}
			scanned := 0
			for range 2000 {
				f := k.New()
				v.fill(reflect.ValueOf(f).Elem())
				raw := MustAppendJSON(nil, f)
				got, want := k.New(), k.New()
				if err := json.Unmarshal(raw, want); err != nil || !scanFact(raw, got) {
					continue
				}
				scanned++
				if diff := cmp.Diff(want, got, comparers); diff != "" {
					t.Fatalf("%s (-encoding/json +scanned)\n%s", raw, diff)
				}
			}
			if scanned < 20 {
				t.Errorf("%d of 2000 were scanned", scanned)
			}
		})
	}
}

// TestScanFactOfWritten: encoding/json is not needed for what is ordinary.
func TestScanFactOfWritten(t *testing.T) {
	for _, o := range observations() {
		raw := MustAppendJSON(nil, o.Fact)
		if got := o.Fact.Kind().New(); !scanFact(raw, got) {
			t.Errorf("%s: not scanned", raw)
		}
		for _, other := range []string{string(raw) + " ", " " + string(raw), `{"unknown":1,` + string(raw[1:]), string(raw[:len(raw)-1])} {
			if scanFact([]byte(other), o.Fact.Kind().New()) {
				t.Errorf("%s: scanned", other)
			}
		}
	}
}

// BenchmarkParseObservation measures the reading of a line beside encoding/json.
func BenchmarkParseObservation(b *testing.B) {
	for _, o := range observations() {
		b.Run(string(o.Fact.Kind()), func(b *testing.B) {
			b.ReportAllocs()
			line, raw := AppendObservation(nil, &o), MustAppendJSON(nil, o.Fact)
			for b.Loop() {
				if _, err := ParseObservation(line); err != nil {
					b.Fatal(err)
				}
			}
			start := time.Now()
			for range b.N {
				if err := json.Unmarshal(raw, o.Fact.Kind().New()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(time.Since(start))/float64(b.Elapsed()), "x-encoding/json")
		})
	}
}
