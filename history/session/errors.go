package session

import "errors"

// The errors that callers tell apart.
var (
	// ErrNoRecording means that a file is not a recording at all.
	ErrNoRecording = errors.New("not a flapscope recording")
	// ErrNewer means that a recording is of a schema that this version can't
	// read.
	ErrNewer = errors.New("recording is from a newer flapscope")
	// ErrLimit means that a file is larger, in some way, than any recording
	// is: it is refused rather than read.
	ErrLimit = errors.New("recording exceeds a limit")
	// errTorn means that a member was cut off.
	errTorn = errors.New("it ends in the middle")
	// errLocked means that another process writes a recording.
	errLocked = errors.New("another process writes this recording")
)
