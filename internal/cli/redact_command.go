package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flapscope/history/redact"
	"flapscope/history/session"
	"flapscope/internal/cage"
	"flapscope/monitor/fact"
)

// redactOptions are the flags of the redact command.
type redactOptions struct {
	output, level, pseudonyms string
	shift                     bool
}

func (a *App) redactCommand() *cobra.Command {
	var o redactOptions
	c := &cobra.Command{
		Use:   "redact FILE",
		Short: "Copy a recording without what identifies people and places",
		Long: `Copies FILE and puts pseudonyms for addresses, hardware addresses, names of
networks, hosts, domains and interfaces, notes and marks. The copy replays as the
original does: the same transitions, the same incidents, the same figures.

Within a copy equal stays equal, and addresses that begin alike have pseudonyms
that do. The maker of a hardware address stays, and what kind an address is of:
private, global, link-local. So do the names that kernels give to interfaces, and
what everybody asks: 1.1.1.1, connectivitycheck.gstatic.com.

The level colleague keeps private addresses and the names of interfaces, none
keeps everything.

When it is done the copy is searched for each original value in every spelling,
and nothing is written if one is found. --map keeps which pseudonym is whose; it
stays with you. A map that exists is gone on with, so that several copies have
the same pseudonyms.`,
		Example: "  flapscope redact night.flap.gz -o night.public.flap.gz\n  flapscope redact night.flap.gz --map night.map --shift-times",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s needs one file; see %s --help", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			name, err := a.redact(c.Context(), args[0], o)
			if err == nil {
				fmt.Fprintln(out(c), name)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVarP(&o.output, "output", "o", "", "write the copy to `OUT`, which must not exist (default FILE with the level in its name, in this directory)")
	redactFlags(c, &o.level)
	f.StringVar(&o.pseudonyms, "map", "", "keep which pseudonym is whose in `FILE`, or go on with it")
	f.BoolVar(&o.shift, "shift-times", false, "move all times by the same random time, and put them into UTC")
	return c
}

// redactFlags adds the level.
func redactFlags(c *cobra.Command, level *string) {
	c.Flags().StringVar(level, "redact", string(redact.Public), "take out what identifies people and places: `public`, colleague, none")
	must(c.RegisterFlagCompletionFunc("redact", values("public", "colleague", "none")))
}

// redact writes a redacted copy and returns its name.
func (a *App) redact(ctx context.Context, name string, o redactOptions) (string, error) {
	level, err := redact.ParseLevel(o.level)
	if err != nil {
		return "", usagef("--redact: %w", err)
	}
	if o.output == "" {
		o.output = strings.TrimSuffix(filepath.Base(name), session.Suffix) + "." + string(level) + session.Suffix
	}
	opt := redact.Options{Level: level}
	if o.shift {
		opt.Shift = randomShift()
	}
	// In the cage the output could only be emptied again.
	if err := mayBeRecording(name); err != nil {
		return "", err
	}
	pseudonyms, err := openMap(o.pseudonyms)
	if err != nil {
		return "", err
	}
	defer pseudonyms.close()
	opt.Map = pseudonyms.data
	to, err := createOutput(o.output)
	if err != nil {
		return "", err
	}
	scratch, err := scratchFor(o.output)
	if err != nil {
		return "", to.close(err)
	}
	defer scratch.Close()
	a.interruptible(to)
	a.readOnly(name)
	defer a.hurry(cage.SizeOf(name), 0)()
	return o.output, to.close(a.redactTo(ctx, name, opt, scratch, to, pseudonyms))
}

// mayBeRecording returns an error for what is no recording at the first look.
func mayBeRecording(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return cannotOpen(name, err)
	}
	if info.Mode().IsRegular() && !isRecording(name) {
		return cannotOpen(name, session.ErrNoRecording)
	}
	return nil
}

// redactTo writes a redacted copy to a scratch file, and from there to the
// output.
func (a *App) redactTo(ctx context.Context, name string, o redact.Options, scratch *os.File, to *output, pseudonyms *mapFile) error {
	r, err := openRecording(name)
	if err != nil {
		return err
	}
	defer r.Close()
	a.warnMissing(name, r)
	data, err := redact.Recording(ctx, r, scratch, o)
	if err != nil {
		return fmt.Errorf("redact %s: %w", fact.Untrusted(name).Display(), err)
	}
	if err := pseudonyms.write(data); err != nil {
		return err
	}
	return to.fill(scratch)
}

// randomShift returns how far times are moved: up to ten years.
func randomShift() time.Duration {
	var b [8]byte
	// It never fails (crypto/rand).
	_, _ = rand.Read(b[:])
	const most = uint64(10 * 365 * 24 * time.Hour)
	return -time.Duration(binary.LittleEndian.Uint64(b[:]) % most)
}

// A mapFile is where a map of pseudonyms stays.
type mapFile struct {
	file *os.File
	data []byte
}

// maxMap bounds a map of pseudonyms.
const maxMap = 256 << 20

// openMap opens a map that exists, or makes one; without a name there is none.
func openMap(name string) (*mapFile, error) {
	if name == "" {
		return &mapFile{}, nil
	}
	f, err := os.OpenFile(name, os.O_RDWR|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("open the map: %w", err)
	}
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0) {
		err = fmt.Errorf("others can read %s, or it is no file: it must be mode 0600", fact.Untrusted(name).Display())
	}
	var data []byte
	if err == nil {
		data, err = io.ReadAll(io.LimitReader(f, maxMap))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the map: %w", err), f.Close())
	}
	if len(bytes.TrimSpace(data)) == 0 {
		data = nil
	}
	return &mapFile{f, data}, nil
}

// write replaces the map.
func (m *mapFile) write(data []byte) error {
	if m.file == nil || data == nil {
		return nil
	}
	if _, err := m.file.WriteAt(append(data, '\n'), 0); err != nil {
		return fmt.Errorf("write the map: %w", err)
	}
	if err := m.file.Truncate(int64(len(data) + 1)); err != nil {
		return fmt.Errorf("write the map: %w", err)
	}
	return m.file.Sync()
}

func (m *mapFile) close() {
	if m.file != nil {
		m.file.Close()
	}
}
