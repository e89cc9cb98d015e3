//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// victimArgument makes this program a writer that is to be killed.
const victimArgument = "victim"

var epoch = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)

const boot = time.Hour

// observation returns the i-th of endless observations: routes that come and
// go, and now and then a result of a probe. A second has some hundred.
func observation(i int) fact.Observation {
	at := time.Duration(i) * 7 * time.Millisecond
	o := fact.Observation{Time: epoch.Add(at), Mono: boot + at, Op: fact.Put}
	switch {
	case i == 0:
		o.Fact = &fact.Link{Index: 2, Name: "eth0", Flags: fact.FlagUp | fact.FlagLowerUp, MTU: 1500}
	case i == 1:
		o.Fact = &fact.Sync{Source: "kernel"}
	case i%10 == 0:
		o.Fact = &fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: fact.OutcomeOK, Sent: o.Mono - 2*time.Millisecond, RTT: time.Millisecond}
	default:
		if i/500%2 == 1 {
			o.Op = fact.Delete
		}
		o.Fact = &fact.Route{
			Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Index: 2, Protocol: 16, Metric: uint32(i % 7),
			Dst: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i % 500 >> 8), byte(i % 500), 0}), 24),
		}
	}
	return o
}

// victim records into a history as fast as it can, a recording every few
// thousand observations, and says what it has written and what is synced: "FILE
// written N" and "FILE synced N". It ends only when it fails.
func victim(dir string) error {
	store := session.NewStore(dir)
	for n := 0; ; n++ {
		w, err := store.Create(epoch.Add(time.Duration(n)*time.Hour), boot, session.Header{Tool: "torture", Settings: path.DefaultSettings()}, nil)
		if err != nil {
			return err
		}
		name := filepath.Base(w.Name())
		for i := range 30_000 {
			o := observation(i)
			if err := errors.Join(w.Append(&o), w.Flush()); err != nil {
				return err
			}
			if i%20 == 0 {
				fmt.Println(name, "written", i)
			}
			if i%200 == 0 || i == 3 {
				if err := w.Sync(); err != nil {
					return err
				}
				fmt.Println(name, "synced", i)
			}
		}
		last := observation(30_000)
		if err := w.Close(last.Time, last.Mono, "rotated"); err != nil {
			return err
		}
	}
}

// A writing is a victim at work.
type writing struct {
	cmd *exec.Cmd
	mu  sync.Mutex
	// said are its words: by the recording and the level, up to which
	// observation. ended is closed when it has said all.
	said  map[string]int
	err   error
	ended chan struct{}
}

func startVictim(dir string) (*writing, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w := &writing{cmd: exec.Command(self, victimArgument, dir), said: map[string]int{}, ended: make(chan struct{})}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go w.listen(out)
	return w, nil
}

func (w *writing) listen(out io.Reader) {
	defer close(w.ended)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), " ")
		level, number, _ := strings.Cut(rest, " ")
		i, err := strconv.Atoi(number)
		w.mu.Lock()
		if err != nil || level != "written" && level != "synced" {
			if name == "error" {
				w.err = errors.New("the writer: " + rest)
			}
		} else {
			w.said[name+" "+level] = i
		}
		w.mu.Unlock()
	}
}

// levels returns what was said so far of a level, by recording.
func (w *writing) levels(level string) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := map[string]int{}
	for k, i := range w.said {
		if name, ok := strings.CutSuffix(k, " "+level); ok {
			said[name] = i
		}
	}
	return said
}

// kill ends the victim and waits for its last words.
func (w *writing) kill() error {
	err := w.cmd.Process.Kill()
	<-w.ended
	// It was killed: that it did not end well is no news.
	_ = w.cmd.Wait()
	return errors.Join(err, w.err)
}

// check reads every recording of which something was said and finds all that
// was: each observation but results of probes, in order, and none that was not
// made.
func check(dir string, said map[string]int) error {
	for name, last := range said {
		if err := checkOne(filepath.Join(dir, name), last); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkOne(name string, last int) error {
	r, err := session.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	i := 0
	for o, err := range r.All() {
		if err != nil {
			return err
		}
		if _, ok := o.Fact.(*fact.ProbeResult); ok {
			continue
		}
		for ; i%10 == 0 && i > 0; i++ {
			continue
		}
		want := observation(i)
		if got := fact.AppendObservation(nil, &o); !bytes.Equal(got, fact.AppendObservation(nil, &want)) {
			return fmt.Errorf("observation %d of %d is %s", i, last, got)
		}
		i++
	}
	if i < last || i == last && last%10 != 0 {
		return fmt.Errorf("%d of %d observations are left", i, last)
	}
	return nil
}
