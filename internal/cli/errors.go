package cli

import (
	"errors"
	"fmt"
)

// The exit codes of every command.
const (
	exitOK = 0
	// exitNegative is the answer "no": not satisfied, nothing found.
	exitNegative = 1
	// exitUsage is a mistake in the command line or the configuration.
	exitUsage = 2
	// exitFailure is everything that should have worked.
	exitFailure = 3
)

// errNegative ends a command with exitNegative; it has printed its answer.
var errNegative = errors.New("negative answer")

// errNothing is about a recording that ended, or was cut off, before anything
// was observed.
var errNothing = errors.New("nothing is observed in it")

// A usageError is a mistake of the caller's.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode maps what a command returned to the exit code.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errNegative):
		return exitNegative
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailure
}
