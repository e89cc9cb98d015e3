package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/live"
)

// markPatience is how long either side of a socket for marks waits for the other.
const markPatience = 2 * time.Second

// marked ends the answer to a mark that was taken.
const marked = "marked\n"

// markDir returns where the sockets are that take marks: in the runtime directory
// of the user, which is gone with the session (XDG Base Directory).
func (a *App) markDir() (string, error) {
	dir := a.Env("XDG_RUNTIME_DIR")
	if dir == "" || !filepath.IsAbs(dir) {
		return "", errors.New("find what records: XDG_RUNTIME_DIR is not set")
	}
	return filepath.Join(dir, "flapscope"), nil
}

// takeMarks marks what others of this user send, until ctx ends. Place is where
// the marks go, for whoever sends them. Without a runtime directory nobody can
// send any, which keeps nothing else from working.
func (a *App) takeMarks(ctx context.Context, m *live.Monitor, place string) {
	l, err := a.listenForMarks()
	if err != nil {
		return
	}
	defer l.Close()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return
		}
		// One after the other: a mark takes a moment, and no more than markPatience.
		_ = takeMark(c, m, place)
	}
}

// listenForMarks makes the socket of this process.
func (a *App) listenForMarks() (*net.UnixListener, error) {
	dir, err := a.markDir()
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if err := onlyOurs(dir); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, strconv.Itoa(os.Getpid())+".sock")
	// One of an earlier process of the same number.
	_ = os.Remove(name)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// onlyOurs returns an error for a directory that others can write to, or that is
// not the user's.
func onlyOurs(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !ownedByUser(info) {
		return fmt.Errorf("%s is not this user's alone", fact.Untrusted(dir).Display())
	}
	return nil
}

// takeMark marks what one connection sends.
func takeMark(c *net.UnixConn, m *live.Monitor, place string) error {
	defer c.Close()
	// What is sent while the sender was stopped is no moment.
	now, at := live.Boottime()
	if err := c.SetDeadline(now.Add(markPatience)); err != nil {
		return err
	}
	if err := ofThisUser(c); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(c, maxMarkMessage+1))
	if err != nil {
		return err
	}
	last, note, err := parseMark(b)
	if err != nil {
		return err
	}
	from := time.Duration(0)
	if last > 0 {
		from = max(at-last, 1)
	}
	m.MarkRange(from, at, note)
	_, err = io.WriteString(c, place+"\n"+marked)
	return err
}

// sendMark sends a mark to all that take some, and returns where it went.
func sendMark(dir string, last time.Duration, note string) (places []string, failed error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.sock"))
	if err == nil && len(names) > 0 {
		err = onlyOurs(dir)
	}
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		place, err := sendMarkTo(name, last, note)
		switch {
		case errors.Is(err, errNobody):
			// It ended without tidying up.
			_ = os.Remove(name)
		case err != nil:
			failed = errors.Join(failed, fmt.Errorf("mark by %s: %w", fact.Untrusted(name).Display(), err))
		default:
			places = append(places, place)
		}
	}
	if len(places) == 0 && failed == nil {
		failed = errors.New("nothing is being recorded by this user: start flapscope or flapscope record")
	}
	return places, failed
}

// errNobody means that nobody listens to a socket any more.
var errNobody = errors.New("nobody listens")

func sendMarkTo(name string, last time.Duration, note string) (place string, err error) {
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: name, Net: "unix"})
	if refused(err) {
		return "", errNobody
	}
	if err != nil {
		return "", err
	}
	defer c.Close()
	now, _ := live.Boottime()
	if err := c.SetDeadline(now.Add(markPatience)); err != nil {
		return "", err
	}
	if _, err := c.Write(appendMark(nil, last, note)); err != nil {
		return "", err
	}
	if err := c.CloseWrite(); err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(c, maxMarkMessage<<2))
	if err != nil {
		return "", err
	}
	place, ok := strings.CutSuffix(string(b), "\n"+marked)
	if !ok {
		return "", errors.New("it was not taken")
	}
	return place, nil
}
