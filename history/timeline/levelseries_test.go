package timeline

import "testing"

// TestGapAfterTheFact: a gap is reported when it is over, when something may have
// been recorded as of its end already.
func TestGapAfterTheFact(t *testing.T) {
	var k levelSeries
	k.set(change{at: 0, level: LevelGood})
	k.set(change{at: 100, level: LevelDegraded})
	k.set(change{at: 105, level: LevelBad})
	k.gap(10, 100, "suspend")
	var got []Segment
	k.segments(Span{0, 200}, 200, func(s Segment) { got = append(got, s) })
	want := []Segment{
		{Span{0, 10}, LevelGood, "", ""},
		{Span{10, 100}, LevelGap, "suspend", ""},
		{Span{100, 105}, LevelDegraded, "", ""},
		{Span{105, 200}, LevelBad, "", ""},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("segment %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}
