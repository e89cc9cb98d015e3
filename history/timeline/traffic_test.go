package timeline

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// counted returns a view with one interface, and traffic to fill.
func counted() (*View, traffic) {
	return &View{lanes: []lane{{Lane: Lane{Scope: "eth0", Index: 2}}}}, traffic{}
}

func TestRates(t *testing.T) {
	v, k := counted()
	read := func(at time.Duration, rx, tx, dropped uint64) {
		k.observe(at, &fact.Traffic{Index: 2, RxBytes: rx, TxBytes: tx, RxDropped: dropped})
	}
	read(10*time.Second, 5000, 100, 7) // counted before it was watched
	read(11*time.Second, 6000, 100, 7)
	read(12*time.Second, 6000, 300, 9)
	read(13*time.Second, 0, 0, 0) // counts anew
	read(14*time.Second, 50, 0, 0)
	v.traffic, v.bounds = k.view(), Span{10 * time.Second, 14 * time.Second}
	got := v.Rates("eth0", Span{10 * time.Second, 15 * time.Second}, 5)
	want := []Rate{{true, 1000, 0, 0}, {true, 0, 200, 2}, {}, {true, 50, 0, 0}, {}}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("second %d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if other := v.Rates(path.InterfaceScope("wlan0"), Span{10 * time.Second, 15 * time.Second}, 1); other[0].Known {
		t.Errorf("an interface that was not counted: %+v", other)
	}
}

// TestRatesOfADay keeps the newest hour by the second, and of the rest the most
// of each minute, within bounds.
func TestRatesOfADay(t *testing.T) {
	v, k := counted()
	const seconds = 30 * 3600
	bytes := uint64(0)
	for s := range seconds {
		bytes += 100
		if s%60 == 30 {
			bytes += 900 // the peak of each minute
		}
		k.observe(time.Duration(s)*time.Second, &fact.Traffic{Index: 2, RxBytes: bytes})
	}
	r := k[2]
	if len(r.fine) >= 2*maxFineRates || len(r.coarse) >= 2*maxCoarseRates {
		t.Fatalf("%d rates by the second, %d by the minute", len(r.fine), len(r.coarse))
	}
	v.traffic, v.bounds = k.view(), Span{0, seconds * time.Second}
	day := v.Rates("eth0", Span{8 * time.Hour, 30 * time.Hour}, 22)
	for h, rate := range day {
		if !rate.Known || rate.Rx != 1000 {
			t.Errorf("hour %d: %+v, want a peak of 1000 B/s", h, rate)
		}
	}
	newest := v.Rates("eth0", Span{(seconds - 20) * time.Second, seconds * time.Second}, 20)
	if !newest[10].Known || newest[10].Rx != 100 {
		t.Errorf("the newest seconds: %+v, want 100 B/s", newest[10])
	}
}

// TestTrafficIsBounded reads the counters of more interfaces than are kept.
func TestTrafficIsBounded(t *testing.T) {
	k := traffic{}
	for i := range maxTrafficOf + 1 {
		k.observe(time.Second, &fact.Traffic{Index: i + 1})
	}
	if len(k) != maxTrafficOf {
		t.Errorf("%d interfaces, want %d", len(k), maxTrafficOf)
	}
	k.observe(time.Minute, &fact.Traffic{Index: 1000})
	if k[1000] == nil || len(k) != maxTrafficOf {
		t.Errorf("a new interface gets no room from those that are gone: %d kept", len(k))
	}
	k.trim(2 * time.Minute)
	if len(k) != 0 {
		t.Errorf("%d interfaces that are gone are kept", len(k))
	}
}

// TestViewKeepsItsRates checks that a view does not change with the timeline.
func TestViewKeepsItsRates(t *testing.T) {
	v, k := counted()
	for s := range 3 * maxFineRates {
		k.observe(time.Duration(s)*time.Second, &fact.Traffic{Index: 2, RxBytes: uint64(s) * 100})
		if s == maxFineRates {
			v.traffic, v.bounds = k.view(), Span{0, time.Duration(s) * time.Second}
		}
	}
	for x, rate := range v.Rates("eth0", Span{time.Minute, maxFineRates * time.Second}, 100) {
		if !rate.Known || rate.Rx != 100 {
			t.Fatalf("column %d: %+v, want 100 B/s", x, rate)
		}
	}
}
