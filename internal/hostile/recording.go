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

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
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
	driver   *fold.Driver
	timeline *timeline.Timeline
	err      error
}

// Observed implements fold.Listener.
func (r *recorder) Observed(o fact.Observation, _ *state.State) {
	if err := r.w.Append(&o); err != nil && r.err == nil {
		r.err = err
	}
}

// Happened implements fold.Listener.
func (r *recorder) Happened(e fold.Event, _ func() *fold.Snapshot) { r.w.AppendEvent(&e) }

func (r *recorder) record(name string) (err error) {
	var h session.Header
	plain.Fill(reflect.ValueOf(&h).Elem())
	h.Schema, h.Config, h.Settings = session.Schema, []byte(`{"theme":"x"}`), path.DefaultSettings()
	if r.w, err = session.Create(name, r.at, r.mono, h, nil); err != nil {
		return err
	}
	r.timeline = timeline.NewTimeline(timeline.SumLimits(h.Settings))
	r.driver = fold.NewDriver(h.Settings, r.timeline, r)
	r.story()
	if r.err != nil {
		return r.err
	}
	r.timeline.Snapshot(r.driver.Snapshot())
	if err := r.w.AppendRollup(r.at, r.mono, r.timeline.View().Rollup(timeline.Span{From: time.Hour, To: r.mono})); err != nil {
		return err
	}
	r.put(&fact.Mark{Text: "x"})
	return r.w.Close(r.at, r.mono, "stop")
}

// story puts one fact of each kind with every field set, between those that
// make a machine gain and lose its path.
func (r *recorder) story() {
	r.put(&fact.Target{ID: "x", Name: "gateway", Method: fact.MethodPing, Role: fact.RoleGateway, Family: fact.IPv4, Interval: time.Second})
	for round := range 3 {
		r.put(wired(true)...)
		for _, k := range fact.Kinds() {
			if k == fact.KindSync {
				continue
			}
			r.put(Fact(k, r.mono, plain))
		}
		for i := range 20 {
			r.pass(time.Second)
			outcome := fact.OutcomeOK
			if i > 8 {
				outcome = "x"
			}
			r.put(&fact.ProbeResult{Target: "x", Outcome: outcome, Sent: r.mono - time.Millisecond, RTT: time.Millisecond, Detail: "x"})
		}
		r.put(wired(false)...)
		r.pass(time.Duration(10+round) * time.Second)
	}
	r.put(wired(true)...)
	r.pass(10 * time.Second)
}

// Fact returns a fact of a kind, of an instant, with every field set, and so that it
// can be.
func Fact(k fact.Kind, mono time.Duration, with Values) fact.Fact {
	f := k.New()
	with.Fill(reflect.ValueOf(f).Elem())
	switch f := f.(type) {
	case *fact.Link:
		f.Flags, f.Master, f.Type = fact.FlagUp|fact.FlagLowerUp, 0, fact.TypeWired
	case *fact.Target:
		f.Family = fact.IPv4
	case *fact.Gap:
		f.From, f.To = mono, mono
	case *fact.ProbeResult:
		f.Sent = mono - time.Millisecond
	}
	return f
}

func (r *recorder) pass(d time.Duration) { r.at, r.mono = r.at.Add(d), r.mono+d }

func (r *recorder) put(facts ...fact.Fact) {
	for _, f := range facts {
		r.driver.Observe(fact.Observation{Time: r.at, Mono: r.mono, Op: fact.Put, Fact: f})
		r.pass(time.Microsecond)
	}
}

// wired is a machine with one interface.
func wired(up bool) []fact.Fact {
	link := fact.Link{Index: 2, Name: "x", Type: fact.TypeWired, Flags: fact.FlagUp, OperState: fact.OperDown, MTU: 1500}
	lookup := fact.Lookup{Question: fact.Question{Family: fact.IPv4, Dst: fact.Destinations(fact.IPv4)[0]}, Err: "ENETUNREACH"}
	if up {
		link.Flags, link.OperState = link.Flags|fact.FlagLowerUp, fact.OperUp
		lookup.Err, lookup.Type, lookup.Table, lookup.Index = "", fact.RouteUnicast, 254, 2
		lookup.Gateway, lookup.Source = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.7")
	}
	return []fact.Fact{
		&link, &fact.Address{Index: 2, Local: netip.MustParseAddr("192.0.2.7"), PrefixLen: 24},
		&lookup, &fact.Resolvers{Source: "resolv.conf", Servers: []fact.Server{{Addr: netip.MustParseAddr("fe80::1%x"), Port: 53}}},
		&fact.Sync{Source: "kernel"},
	}
}

// Values are what fields are filled with: text by the type and the name of its field.
type Values struct {
	Text    func(field string) string
	Address func() netip.Addr
	Prefix  func() netip.Prefix
}

// plain are values that say nothing.
var plain = Values{
	Text:    func(string) string { return "x" },
	Address: func() netip.Addr { return netip.MustParseAddr("fe80::2%x") },
	Prefix:  func() netip.Prefix { return netip.MustParsePrefix("2001:db8::/32") },
}

// Fill sets everything in a struct, so that all of it is written.
func (with Values) Fill(v reflect.Value) {
	for t, field := range v.Fields() {
		if t.IsExported() {
			with.fill(field, v.Type().Name()+"."+t.Name)
		}
	}
}

func (with Values) fill(v reflect.Value, field string) {
	switch into := v.Addr().Interface().(type) {
	case *netip.Addr:
		*into = with.Address()
		return
	case *netip.Prefix:
		*into = with.Prefix()
		return
	case *time.Time:
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		with.Fill(v)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		with.fill(v.Index(0), field)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		with.fill(v.Elem(), field)
	case reflect.String:
		v.SetString(with.Text(field))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(2)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(2)
	}
}
