package cli

import (
	"flapscope/internal/config"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/state"
)

// A Cage takes from the process what a command has no use for. There is no way
// back, so only a process that ends with its command has one.
type Cage interface {
	// Start is called before anything else is done.
	Start()
	// Opened is called when the sockets are open that stay open.
	Opened()
	// Drop is called by commands that only read.
	Drop()
	// ReadOnly is called by commands that read files of others, before they do:
	// nothing but these files and what is in these directories is opened after. Files
	// are made in the directory output alone, or nowhere where that is "".
	ReadOnly(output string, files ...string)
}

// cageStart enters the cage of every command.
func (a *App) cageStart() {
	if a.Cage != nil {
		a.Cage.Start()
	}
}

// readOnly enters the cage of commands that read only files: these, the journals
// beside them, and the configuration; without one, whatever the history has.
func (a *App) readOnly(files ...string) { a.readOnlyBut("", files...) }

// readOnlyBut enters it where files are made in a directory, unless that is "".
func (a *App) readOnlyBut(output string, files ...string) {
	a.endAtOnce()
	switch {
	case a.Cage == nil:
	case len(files) == 0:
		a.Cage.Drop()
	default:
		if path, err := a.configPath(); err == nil {
			files = append(files, path)
		}
		a.Cage.ReadOnly(output, files...)
	}
}

// configPath returns where the configuration is looked for.
func (a *App) configPath() (string, error) {
	if a.flags.config != "" {
		return a.flags.config, nil
	}
	return config.Path(a.Env)
}

// An openedListener enters the cage of commands that observe, when the kernel's
// tables are there: then its socket is open and has the buffer that it asked for.
type openedListener struct{ cage Cage }

// Observed implements fold.Listener.
func (l *openedListener) Observed(o fact.Observation, _ *state.State) {
	if s, ok := o.Fact.(*fact.Sync); ok && s.Source == "kernel" && l.cage != nil {
		l.cage.Opened()
		l.cage = nil
	}
}

// Happened implements fold.Listener.
func (*openedListener) Happened(fold.Event, func() *fold.Snapshot) {}
