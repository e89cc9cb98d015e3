package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"flapscope/history/session"
	"flapscope/monitor/fact"
)

// warnMissing says on standard error that a recording has no end and that its
// journal, which held what came last, is not beside it: as when only one of the
// two files was copied. In the history it is no news: what a crash left there
// is added to its file.
func (a *App) warnMissing(name string, r *session.Reader) {
	journal := name + ".open"
	if _, err := os.Lstat(journal); r.Complete() || !errors.Is(err, fs.ErrNotExist) || a.inHistory(name) {
		return
	}
	fmt.Fprintf(a.stderr(), "flapscope: %s has no end, and its journal %s is missing: the last minute may be\n",
		fact.Untrusted(name).Display(), fact.Untrusted(journal).Display())
}

// inHistory reports whether a file is one of the history's.
func (a *App) inHistory(name string) bool {
	set, err := a.settings()
	if err != nil {
		return false
	}
	dir, err := set.HistoryDir(a.Env)
	if err != nil {
		return false
	}
	name, err = filepath.Abs(name)
	return err == nil && filepath.Dir(name) == filepath.Clean(dir)
}
