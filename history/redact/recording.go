package redact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/klauspost/compress/gzip"

	"flapscope/history/session"
)

// Options say how a recording is redacted.
type Options struct {
	Level Level
	// Map is a map to go on with, or nil for new pseudonyms.
	Map []byte
	// Shift moves all times of the wall clock, and puts them into UTC if it is not
	// zero.
	Shift time.Duration
}

// tries is how often other pseudonyms are tried where one is by chance the same
// as an original value.
const tries = 16

// Recording writes a redacted copy of a recording to an empty file, and reads it
// again to look for every original value. If one is found, or anything else
// fails, the file is empty. It returns the map of the pseudonyms.
func Recording(ctx context.Context, in *session.Reader, out *os.File, o Options) ([]byte, error) {
	var data []byte
	err := Try(o, func(r *Redactor) error {
		if err := empty(out); err != nil {
			return err
		}
		err := in.Rewrite(ctx, out, session.Rewriting{Header: r.Header(in.Header()), Observation: r.Observation, Shift: o.Shift})
		if err := errors.Join(err, r.Err()); err != nil || o.Level == None {
			return err
		}
		if err := verifyRecording(out, r.Verifier(nil)); err != nil {
			return err
		}
		data, err = r.Map()
		return err
	})
	if err != nil {
		return nil, errors.Join(err, empty(out))
	}
	return data, nil
}

// Try makes something with a redactor, and again with another where a value that
// was replaced was found in it: with other pseudonyms than those that are
// values of the recording itself.
func Try(o Options, do func(*Redactor) error) error {
	avoid := map[string]bool{}
	for i := 1; ; i++ {
		r := New(o.Level, NewKey())
		if o.Map != nil {
			var err error
			if r, err = Continue(o.Level, o.Map); err != nil {
				return err
			}
		}
		r.avoid = avoid
		err := do(r)
		if !errors.Is(err, ErrFound) || i == tries {
			return err
		}
		for s := range r.originals {
			avoid[s] = true
		}
	}
}

func empty(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("empty the output: %w", err)
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}

func verifyRecording(f *os.File, v *Verifier) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	zip, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read the redacted recording again: %w", err)
	}
	return v.Verify(zip)
}
