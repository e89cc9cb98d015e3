package timeline

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// anyRollup is a rollup with a bit of everything in it.
func anyRollup(rng *rand.Rand) Rollup {
	names := []fact.Untrusted{"", "eth0", "wl\x1ban0", `a"b\`, "caf\xc3\xa9", "\xff"}
	name := func() fact.Untrusted { return names[rng.IntN(len(names))] }
	column := func(n int) (c Column) {
		for range n {
			c = append(c, rng.Uint32()>>rng.IntN(32))
		}
		return c
	}
	r := Rollup{From: time.Duration(rng.Int64N(math.MaxInt64 / 16)), Step: time.Minute}
	r.To = r.From + time.Hour
	for range rng.IntN(4) {
		n := rng.IntN(4)
		r.Targets = append(r.Targets, TargetRollup{
			Target:   &fact.Target{ID: string(name()), Name: name(), Addr: netip.MustParseAddr("192.0.2.1"), Query: "{"},
			Answered: column(n), Lost: column(n), NoData: column(n), Min: column(n), Median: column(n), Max: column(n),
		})
		if rng.IntN(2) == 0 { // as all were written before there were courses
			k := &r.Targets[len(r.Targets)-1]
			k.Course = &TargetCourse{rng.Uint32(), rng.Uint32(), rng.Uint64() >> 8, "6.7,1,435.2"}
		}
	}
	for range rng.IntN(4) {
		k := ScopeRollup{Scope: path.InterfaceScope(name()), Index: rng.IntN(3), Type: fact.LinkType(name().Display()), Hidden: rng.IntN(2) == 0, Name: name().Display()}
		for range 1 + rng.IntN(3) {
			k.Changes = append(k.Changes, RollupChange{At: r.From, Level: Level(rng.IntN(8)), Label: name(), Note: name().Display()})
		}
		r.Scopes = append(r.Scopes, k)
	}
	return r
}

var sameRollup = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })}

func TestDecodeRollup(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var d RollupDecoder
	for range 500 {
		r := anyRollup(rng)
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, ok := d.Decode(b)
		if !ok || string(rest) != "}" {
			t.Fatalf("Decode(%s) = %v, rest %q", b, ok, rest)
		}
		var want Rollup
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, sameRollup); diff != "" {
			t.Fatalf("Decode(%s) (-want +got)\n%s", b, diff)
		}
	}
}

func TestDecodeRollupOtherForms(t *testing.T) {
	for name, text := range map[string]string{
		"empty":      "",
		"blank":      ` {"from_ns":1,"to_ns":2,"step_ns":3}`,
		"order":      `{"to_ns":2,"from_ns":1,"step_ns":3}`,
		"fraction":   `{"from_ns":1,"to_ns":2,"step_ns":3,"scopes":[{"scope":"ipv4","changes":[{"at_ns":1.5,"level":1}]}]}`,
		"negative":   `{"from_ns":-1,"to_ns":2,"step_ns":3}`,
		"zeros":      `{"from_ns":01,"to_ns":2,"step_ns":3}`,
		"huge":       `{"from_ns":1,"to_ns":9999999999999999999,"step_ns":3}`,
		"cut-column": `{"from_ns":1,"to_ns":2,"step_ns":3,"targets":[{"target":{"id":"a"},"answered":[1,`,
		"cut-target": `{"from_ns":1,"to_ns":2,"step_ns":3,"targets":[{"target":{"id":"}`,
		"level":      `{"from_ns":1,"to_ns":2,"step_ns":3,"scopes":[{"scope":"ipv4","changes":[{"at_ns":1,"level":256}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var d RollupDecoder
			if r, rest, ok := d.Decode([]byte(text)); ok {
				t.Errorf("Decode = %+v, rest %q", r, rest)
			}
		})
	}
}

func FuzzDecodeRollup(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 8 {
		b, err := json.Marshal(anyRollup(rng))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d RollupDecoder
		got, rest, ok := d.Decode(b)
		if !ok {
			return
		}
		whole := append(append([]byte{}, b[:len(b)-len(rest)]...), '}')
		var want Rollup
		if err := json.Unmarshal(whole, &want); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", whole, err)
		}
		if diff := cmp.Diff(want, got, sameRollup); diff != "" {
			t.Fatalf("Decode(%q) (-want +got)\n%s", whole, diff)
		}
	})
}

// BenchmarkDecodeRollup measures the decoder beside encoding/json.
func BenchmarkDecodeRollup(b *testing.B) {
	v := day().View()
	text, err := json.Marshal(v.Rollup(Span{v.Bounds().To - time.Hour, v.Bounds().To}))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	var d RollupDecoder
	for b.Loop() {
		if _, _, ok := d.Decode(text); !ok {
			b.Fatal("not decoded")
		}
	}
	start := time.Now()
	for range b.N {
		var r Rollup
		if err := json.Unmarshal(text, &r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(time.Since(start))/float64(b.Elapsed()), "x-encoding/json")
}
