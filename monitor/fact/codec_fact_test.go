package fact

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

// TestAppendFactIsJSON compares the encoders of facts with AppendJSON on
// facts of every kind whose every field is now empty, now awkward, now random.
func TestAppendFactIsJSON(t *testing.T) {
	for _, o := range observations() {
		t.Run(string(o.Fact.Kind()), func(t *testing.T) {
			v := arbitrary{rand.New(rand.NewPCG(1, 2))}
			for range 2000 {
				f := reflect.New(reflect.TypeOf(o.Fact).Elem())
				v.fill(f.Elem())
				want, err := AppendJSON(nil, f.Interface())
				if err != nil {
					t.Fatalf("%+v: %v", f.Elem(), err)
				}
				if got := appendFact(nil, f.Interface().(Fact)); string(got) != string(want) {
					t.Fatalf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
}

// arbitrary fills values of any type.
type arbitrary struct{ *rand.Rand }

var (
	awkwardStrings = []string{
		"", "", "eth0", "a\x1b[2Jb", `"\`, "<&>", "\u2028", "ä\u202e", "\x7f\u009b", "\xff\x00", "fe80::1%eth0", "\u00e9\u0301\u0301\u0301",
	}
	awkwardAddrs = []netip.Addr{
		{},
		netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fe80::1"), netip.MustParseAddr("::ffff:1.2.3.4"),
		netip.MustParseAddr("fe80::1%e\x1b\"<"), netip.MustParseAddr("::"), netip.MustParseAddr("0.0.0.0"),
	}
)

func (r arbitrary) fill(v reflect.Value) {
	switch into := v.Addr().Interface().(type) {
	case *netip.Addr:
		*into = awkwardAddrs[r.IntN(len(awkwardAddrs))]
		return
	case *netip.Prefix:
		*into = netip.Prefix{}
		if a := awkwardAddrs[r.IntN(len(awkwardAddrs))]; a.IsValid() {
			*into = netip.PrefixFrom(a, r.IntN(a.BitLen()+1))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			r.fill(field)
		}
	case reflect.Array:
		for i := range v.Len() {
			r.fill(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			r.fill(v.Index(i))
		}
	case reflect.Pointer:
		v.SetZero()
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			r.fill(v.Elem())
		}
	case reflect.String:
		v.SetString(awkwardStrings[r.IntN(len(awkwardStrings))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int32:
		v.SetInt(int64(r.Int32()) - 1<<30)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, r.Int64()}[r.IntN(4)])
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint([]uint64{0, 1, r.Uint64()}[r.IntN(3)])
	default:
		panic(fmt.Sprintf("a field of type %v", v.Type()))
	}
}

// BenchmarkAppendObservation measures the encoders beside encoding/json.
func BenchmarkAppendObservation(b *testing.B) {
	for _, o := range observations() {
		b.Run(string(o.Fact.Kind()), func(b *testing.B) {
			b.ReportAllocs()
			var line []byte
			for b.Loop() {
				line = AppendObservation(line[:0], &o)
			}
			start := time.Now()
			for range b.N {
				line = append(AppendStamp(line[:0], o.Time, o.Mono, o.Fact.Kind()), MustAppendJSON(nil, o.Fact)...)
			}
			b.ReportMetric(float64(time.Since(start))/float64(b.Elapsed()), "x-encoding/json")
		})
	}
}
