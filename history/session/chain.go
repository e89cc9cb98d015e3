package session

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"

	"flapscope/history/timeline"
	"flapscope/internal/crash"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// A Chain is recordings put on one axis of time, in order. Where they are of
// one boot that is CLOCK_BOOTTIME; those of other boots are moved by what the
// wall clock says.
type Chain struct {
	// Evidence is whether incidents have what was seen at their beginning, which the
	// sums have not: all is folded anew for it.
	Evidence bool

	Runs []*Run
	// LeftOut reports each recording that could not be opened.
	LeftOut []error
}

// A Run is recordings that go on from each other without a break: what one
// process observed. They are folded as one.
type Run struct {
	Links []*Link
	// Shift is what the axis of the chain is ahead of the run's.
	Shift time.Duration
	// Span is the stretch, on the axis of the chain, that the run reports.
	// Of what two processes recorded at once the earlier one says.
	timeline.Span
}

// A Link is one recording of a chain.
type Link struct {
	*Reader
	Name string
	// Size is the length of the file, its journal included.
	Size int64
	// From and To are where it begins and ends on the axis of its run; it ends
	// where the next one begins.
	From, To time.Duration
}

// OpenChain opens recordings. Those that can't be opened are left out, and reported
// of, as long as one can; else the error is the first one's.
func OpenChain(names []string) (*Chain, error) {
	links, errs := make([]*Link, len(names)), make([]error, len(names))
	var done sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, name := range names {
		free <- struct{}{}
		done.Go(func() {
			links[i], errs[i] = openLink(name)
			<-free
		})
	}
	done.Wait()
	links = slices.DeleteFunc(links, func(l *Link) bool { return l == nil })
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch {
	case len(links) > 0:
	case len(errs) > 0:
		return nil, errs[0]
	default:
		return nil, errors.New("open recordings: there are none")
	}
	c := &Chain{Runs: runsOf(links), LeftOut: errs}
	c.align()
	return c, nil
}

// Open opens all recordings of the store as one.
func (s *Store) Open() (*Chain, error) {
	entries, err := s.entries()
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("nothing is recorded in %s", fact.Untrusted(s.Dir).Display())
	}
	names := make([]string, len(entries))
	for i := range entries {
		names[i] = entries[i].name
	}
	return OpenChain(names)
}

func openLink(name string) (l *Link, err error) {
	defer crash.Recover(&err)
	r, err := Open(name)
	if err != nil {
		return nil, err
	}
	l = &Link{Reader: r, Name: name}
	l.From, l.To = r.Bounds()
	for i := range r.members {
		l.Size += int64(cmp.Or(r.members[i].size, r.members[i].raw))
	}
	return l, nil
}

// runsOf puts recordings that go on from each other together, and sorts by the
// wall clock.
func runsOf(links []*Link) []*Run {
	slices.SortStableFunc(links, func(a, b *Link) int { return a.begin.Time.Compare(b.begin.Time) })
	var runs []*Run
	ends := map[string]*Run{}
	for _, l := range links {
		run := ends[l.header.Continues]
		if run == nil || l.header.Continues == "" || run.last().From > l.From {
			run = &Run{}
			runs = append(runs, run)
		} else {
			run.last().To = l.From
		}
		run.Links = append(run.Links, l)
		ends[l.header.ID] = run
	}
	return runs
}

func (r *Run) last() *Link { return r.Links[len(r.Links)-1] }

// Settings returns the settings that the run was made with.
func (r *Run) Settings() path.Settings { return r.Links[0].settings() }

// align puts the runs on one axis: that of the first one.
func (c *Chain) align() {
	var kept []*Run
	for _, r := range c.Runs {
		first, last := r.Links[0], r.last()
		if n := len(kept); n > 0 {
			before := kept[n-1]
			r.Shift = before.Shift
			if boot := first.header.Host.BootID; boot == "" || boot != before.Links[0].header.Host.BootID {
				end := before.last()
				apart := max(first.begin.Time.Sub(end.wall(end.To)), 0)
				r.Shift += end.To + apart - first.From
			}
		}
		r.Span = timeline.Span{From: first.From + r.Shift, To: last.To + r.Shift}
		if n := len(kept); n > 0 {
			r.Span.From = max(r.Span.From, kept[n-1].Span.To)
		}
		if r.Span.From < r.Span.To || len(kept) == 0 {
			kept = append(kept, r)
			continue
		}
		// All of it was recorded by another process too.
		for _, l := range r.Links {
			l.Close()
		}
	}
	c.Runs = kept
}

// Close closes the files.
func (c *Chain) Close() error {
	var failed error
	for _, r := range c.Runs {
		for _, l := range r.Links {
			failed = errors.Join(failed, l.Close())
		}
	}
	return failed
}

// Bounds returns the first and the last instant.
func (c *Chain) Bounds() (from, to time.Duration) {
	return c.Runs[0].Span.From, c.Runs[len(c.Runs)-1].Span.To
}

// Start returns the instant of the first header: wall clock and the axis.
func (c *Chain) Start() (time.Time, time.Duration) {
	return c.Runs[0].Links[0].begin.Time, c.Runs[0].Span.From
}

// Wall returns the wall time of an instant, as Reader.Mono does.
func (c *Chain) Wall(at time.Duration) time.Time {
	run := c.Runs[0]
	for _, r := range c.Runs {
		if r.Span.From <= at {
			run = r
		}
	}
	link := run.Links[0]
	for _, l := range run.Links {
		if l.From <= at-run.Shift {
			link = l
		}
	}
	return link.wall(at - run.Shift)
}

// Mono returns the instant at which the wall clock showed t; see Reader.Mono.
func (c *Chain) Mono(t time.Time) time.Duration {
	run, link := c.Runs[0], c.Runs[0].Links[0]
	for _, r := range c.Runs {
		for _, l := range r.Links {
			if !l.begin.Time.After(t) {
				run, link = r, l
			}
		}
	}
	return link.Mono(t) + run.Shift
}

// All returns all observations of the run, as if it were one recording, each
// with the link that it is from.
func (r *Run) All() iter.Seq2[Observed, error] { return r.Mapped(nil) }

// Mapped returns what stands for the observations of All.
func (r *Run) Mapped(through Mapping) iter.Seq2[Observed, error] {
	return func(yield func(Observed, error) bool) {
		var left legacy
		for i, l := range r.Links {
			from := time.Duration(0)
			if i > 0 {
				from = l.begin.Mono
			}
			for o, err := range l.sequence(from, math.MaxInt64, &left, through) {
				if !yield(Observed{o, l}, err) {
					return
				}
			}
		}
	}
}

// An Observed is an observation of a run.
type Observed struct {
	fact.Observation
	Link *Link
}
