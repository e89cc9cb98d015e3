package resolver

import (
	"slices"

	"github.com/fsnotify/fsnotify"
)

// A watch is an fsnotify.Watcher that may be missing: where the user's inotify
// instances are used up (fs.inotify.max_user_instances), polling has to do.
type watch struct {
	w       *fsnotify.Watcher
	events  <-chan fsnotify.Event
	errors  <-chan error
	watched []string
}

func newWatch() *watch {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return &watch{}
	}
	return &watch{w: w, events: w.Events, errors: w.Errors}
}

func (w *watch) close() {
	if w.w != nil {
		_ = w.w.Close()
	}
}

// set watches exactly paths, as far as they exist. Those that are watched
// already are added again: a path may name another inode by now. Removal comes
// first, since two paths of one inode share one watch.
func (w *watch) set(paths []string) {
	if w.w == nil {
		return
	}
	for _, p := range w.watched {
		if !slices.Contains(paths, p) {
			// An error means that the kernel dropped the watch by itself.
			_ = w.w.Remove(p)
		}
	}
	w.watched = w.watched[:0]
	for _, p := range paths {
		if w.w.Add(p) == nil {
			w.watched = append(w.watched, p)
		}
	}
}
