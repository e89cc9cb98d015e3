package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"flapscope/history/session"
	"flapscope/history/timeline"
	"flapscope/internal/config"
	"flapscope/monitor/fact"
	"flapscope/monitor/live"
	"flapscope/ui"
)

// A recorder records what a monitor observes: to a file, or to the ring that is
// always on. It is a listener of the monitor.
type recorder struct {
	*session.Recorder
	// place is where it records, for people.
	place string
	store *session.Store
}

// maker makes a recording that begins with rows.
type maker func(t time.Time, mono time.Duration, h session.Header, rows []fact.Observation) (*session.Writer, error)

// fileKeeper records what m observes from now on to the file called name. View
// gives it the timeline for the rollups.
func (a *App) fileRecorder(m *live.Monitor, set config.Config, name, note string, view func() *timeline.View) *recorder {
	k := &recorder{place: name}
	n := 0
	k.Recorder = a.newRecorder(m, set, note, view, nil, func(t time.Time, mono time.Duration, h session.Header, rows []fact.Observation) (*session.Writer, error) {
		// After trouble with the disk it goes on in another file: what was
		// written is not touched again.
		for {
			next := name
			if n > 0 {
				next = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, session.Suffix), n, session.Suffix)
			}
			w, err := session.Create(next, t, mono, h, rows)
			taken := n > 0 && n < 100 && errors.Is(err, fs.ErrExist)
			if err == nil || taken {
				n++
			}
			if !taken {
				return w, err
			}
		}
	})
	return k
}

// ringKeeper records what m observes from now on to the store that is always
// on. View gives it the timeline for the rollups.
func (a *App) ringRecorder(m *live.Monitor, set config.Config, note string, view func() *timeline.View) (*recorder, error) {
	store, err := a.store(set)
	if err != nil {
		return nil, err
	}
	k := &recorder{place: store.Dir, store: store}
	k.Recorder = a.newRecorder(m, set, note, view, store.Full, store.Create)
	return k, nil
}

// store returns the ring of recordings.
func (a *App) store(set config.Config) (*session.Store, error) {
	dir, err := set.HistoryDir(a.Env)
	if err != nil {
		return nil, fmt.Errorf("where to keep the history: %w; set history.dir, or use --no-history", err)
	}
	store := session.NewStore(dir)
	store.MaxAge, store.MaxBytes = set.History.MaxAge, set.History.MaxSize
	return store, nil
}

func (a *App) newRecorder(m *live.Monitor, set config.Config, note string, view func() *timeline.View, full func(int64, time.Duration) bool, create maker) *session.Recorder {
	r := session.NewRecorder(session.RecorderConfig{
		Create: func(t time.Time, mono time.Duration, rows []fact.Observation, known session.Header) (*session.Writer, error) {
			h := a.header(set, note)
			h.Continues, h.Begins = known.Continues, known.Begins
			return create(t, mono, h, rows)
		},
		Read: m.Read,
		Now:  live.Boottime,
		View: view,
		Full: full,
	})
	m.Listen(r)
	return r
}

// recording is what the key bar says.
func (k *recorder) recording() ui.Recording {
	s := k.Status()
	r := ui.Recording{Size: s.Size}
	if s.Name != "" {
		r.File = filepath.Base(s.Name)
	}
	if !s.Since.IsZero() {
		r.Length = time.Since(s.Since)
	}
	if s.Err != nil {
		r.Err = oneLine(s.Err)
	}
	return r
}
