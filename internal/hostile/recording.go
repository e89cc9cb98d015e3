package hostile

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"flapscope/history"
	"flapscope/history/session"
	"flapscope/monitor"
)

// Lines returns the lines of a recording in which every field of every kind of
// fact is set, and of the header: of a machine that loses its path, for long
// enough that there are episodes, samples and a rollup.
func Lines(dir string) ([][]byte, error) {
	r := &recorder{at: time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC), mono: time.Hour}
	if err := r.record(filepath.Join(dir, "whole"+session.Suffix)); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, "whole"+session.Suffix))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	all, err := io.ReadAll(zip)
	if err != nil {
		return nil, err
	}
	return bytes.Split(bytes.TrimSuffix(all, []byte{'\n'}), []byte{'\n'}), nil
}

// A recorder records a story.
type recorder struct {
	at       time.Time
	mono     time.Duration
	w        *session.Writer
	driver   *monitor.Driver
	timeline *history.Timeline
	err      error
}

// Observed implements monitor.Listener.
func (r *recorder) Observed(o monitor.Observation, _ *monitor.State) {
	if err := r.w.Append(&o); err != nil && r.err == nil {
		r.err = err
	}
}

// Happened implements monitor.Listener.
func (r *recorder) Happened(e monitor.Event, _ func() *monitor.Snapshot) { r.w.AppendEvent(&e) }

func (r *recorder) record(name string) (err error) {
	var h session.Header
	fill(reflect.ValueOf(&h).Elem())
	h.Schema, h.Config, h.Settings = session.Schema, []byte(`{"theme":"x"}`), monitor.DefaultSettings()
	if r.w, err = session.Create(name, r.at, r.mono, h, nil); err != nil {
		return err
	}
	r.timeline = history.NewTimeline(history.SumLimits(h.Settings))
	r.driver = monitor.NewDriver(h.Settings, r.timeline, r)
	r.story()
	if r.err != nil {
		return r.err
	}
	r.timeline.Snapshot(r.driver.Snapshot())
	if err := r.w.AppendRollup(r.at, r.mono, r.timeline.View().Rollup(history.Span{From: time.Hour, To: r.mono})); err != nil {
		return err
	}
	r.put(&monitor.Mark{Text: "x"})
	return r.w.Close(r.at, r.mono, "stop")
}

// story puts one fact of each kind with every field set, between those that
// make a machine gain and lose its path.
func (r *recorder) story() {
	r.put(&monitor.Target{ID: "x", Name: "gateway", Method: monitor.MethodPing, Role: monitor.RoleGateway, Family: monitor.IPv4, Interval: time.Second})
	for round := range 3 {
		r.put(wired(true)...)
		for _, k := range monitor.Kinds() {
			if k == monitor.KindSync {
				continue
			}
			f := k.New()
			fill(reflect.ValueOf(f).Elem())
			switch f := f.(type) {
			case *monitor.Link:
				f.Flags, f.Master, f.Type = monitor.FlagUp|monitor.FlagLowerUp, 0, monitor.TypeWired
			case *monitor.Target:
				f.Family = monitor.IPv4
			case *monitor.Gap:
				f.From, f.To = r.mono, r.mono
			case *monitor.ProbeResult:
				f.Sent = r.mono - time.Millisecond
			}
			r.put(f)
		}
		for i := range 20 {
			r.pass(time.Second)
			outcome := monitor.OutcomeOK
			if i > 8 {
				outcome = "x"
			}
			r.put(&monitor.ProbeResult{Target: "x", Outcome: outcome, Sent: r.mono - time.Millisecond, RTT: time.Millisecond, Detail: "x"})
		}
		r.put(wired(false)...)
		r.pass(time.Duration(10+round) * time.Second)
	}
	r.put(wired(true)...)
	r.pass(10 * time.Second)
}

func (r *recorder) pass(d time.Duration) { r.at, r.mono = r.at.Add(d), r.mono+d }

func (r *recorder) put(facts ...monitor.Fact) {
	for _, f := range facts {
		r.driver.Observe(monitor.Observation{Time: r.at, Mono: r.mono, Op: monitor.Put, Fact: f})
		r.pass(time.Microsecond)
	}
}

// wired is a machine with one interface.
func wired(up bool) []monitor.Fact {
	link := monitor.Link{Index: 2, Name: "x", Type: monitor.TypeWired, Flags: monitor.FlagUp, OperState: monitor.OperDown, MTU: 1500}
	lookup := monitor.Lookup{Question: monitor.Question{Family: monitor.IPv4, Dst: monitor.Destinations(monitor.IPv4)[0]}, Err: "ENETUNREACH"}
	if up {
		link.Flags, link.OperState = link.Flags|monitor.FlagLowerUp, monitor.OperUp
		lookup.Err, lookup.Type, lookup.Table, lookup.Index = "", monitor.RouteUnicast, 254, 2
		lookup.Gateway, lookup.Source = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.7")
	}
	return []monitor.Fact{
		&link, &monitor.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24},
		&lookup, &monitor.Resolvers{Source: "resolv.conf", Servers: []monitor.Server{{Addr: netip.MustParseAddr("fe80::1%x"), Port: 53}}},
		&monitor.Sync{Source: "kernel"},
	}
}

// fill sets everything in a value, so that all of it is written.
func fill(v reflect.Value) {
	switch into := v.Addr().Interface().(type) {
	case *netip.Addr:
		*into = netip.MustParseAddr("fe80::2%x")
		return
	case *netip.Prefix:
		*into = netip.MustParsePrefix("2001:db8::/32")
		return
	case *time.Time:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for t, field := range v.Fields() {
			if t.IsExported() {
				fill(field)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(2)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(2)
	}
}
