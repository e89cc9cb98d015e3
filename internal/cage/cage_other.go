//go:build !linux

package cage

// Start does nothing here.
func (Process) Start() {}

// Opened does nothing here.
func (Process) Opened() {}

// ReadOnly limits the memory of a command that reads the files of others.
func (Process) ReadOnly(_ string, files ...string) { limitMemory(files) }

// Drop does nothing here.
func (Process) Drop() {}

// Describe says what the cage is made of.
func Describe() string { return "cage: a limit of memory; more is known of Linux only" }
