package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"flapscope/history/session"
	"flapscope/monitor/fact"
)

// A powerless disk is an ext4 file system in a file, on which a writer works
// while images of it are taken: what a power loss would leave.
type powerless struct {
	// cached is whether the disk has a volatile cache, and disk is that disk.
	cached bool
	disk   *cachedDisk
	dir    string
	writer *writing
	taken  int
}

// writersFor is how many images are taken of one writer.
const writersFor = 4

func command(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

// open makes the file system and starts the writer.
func (p *powerless) open() (err error) {
	if p.dir, err = os.MkdirTemp("", "torture"); err != nil {
		return err
	}
	image, mounted := filepath.Join(p.dir, "image"), filepath.Join(p.dir, "mounted")
	if err := errors.Join(os.WriteFile(image, nil, 0o600), os.Truncate(image, 32<<20), os.Mkdir(mounted, 0o700)); err != nil {
		return err
	}
	if err := command("mkfs.ext4", "-q", "-F", image); err != nil {
		return err
	}
	if p.cached {
		if p.disk, err = serveDisk(image); err != nil {
			return err
		}
	}
	if err := command("mount", "-o", "loop", image, mounted); err != nil {
		return err
	}
	p.writer, err = startVictim(filepath.Join(mounted, "history"))
	return err
}

// missing returns why there can be no such disk here, or what was missing before.
func (p *powerless) missing(before string) string {
	if before != "" {
		return before
	}
	defer p.close()
	if err := p.open(); err != nil {
		return err.Error()
	}
	return ""
}

// close ends the writer and removes the file system.
func (p *powerless) close() {
	if p.dir == "" {
		return
	}
	if p.writer != nil {
		_ = p.writer.kill()
	}
	_ = command("umount", filepath.Join(p.dir, "mounted"))
	if p.disk != nil {
		p.disk.close()
	}
	_ = os.RemoveAll(p.dir)
	*p = powerless{cached: p.cached}
}

// image takes one image and finds everything in it that was said to be synced
// when it was taken.
func (p *powerless) image(dir string, i int) error {
	if p.taken == writersFor {
		p.close()
	}
	if p.dir == "" {
		if err := p.open(); err != nil {
			return err
		}
	}
	p.taken++
	// The first instants are those in which everything is new.
	time.Sleep(time.Duration(rand.IntN(10+i%4*400)) * time.Millisecond)
	image := filepath.Join(dir, "image")
	synced, err := p.fail(image)
	if err != nil {
		return err
	}
	mounted := filepath.Join(dir, "mounted")
	if err := errors.Join(os.Mkdir(mounted, 0o700), command("mount", "-o", "loop", image, mounted)); err != nil {
		return err
	}
	history := filepath.Join(mounted, "history")
	err = check(history, synced)
	if err == nil {
		err = errors.Join(session.NewStore(history).Tidy(epoch), check(history, synced))
	}
	return errors.Join(err, command("umount", mounted))
}

// fail writes what a power loss now would leave, and returns what was said before to
// be synced.
func (p *powerless) fail(image string) (synced map[string]int, err error) {
	if p.cached {
		synced = p.writer.levels("synced")
		return synced, os.WriteFile(image, p.disk.lose(), 0o600)
	}
	if err := p.writer.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return nil, err
	}
	synced = p.writer.levels("synced")
	err = still(filepath.Join(p.dir, "image"), image)
	return synced, errors.Join(err, p.writer.cmd.Process.Signal(syscall.SIGCONT))
}

// still copies a file until two copies are the same: the kernel writes behind
// the back of a stopped process, and a copy takes time.
func still(from, to string) error {
	var before []byte
	for range 50 {
		b, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if bytes.Equal(b, before) {
			return os.WriteFile(to, b, 0o600)
		}
		before = b
	}
	return errors.New("the image does not come to rest")
}

// full records on a small disk that is filled for longer than lines are kept,
// and freed.
func full(dir string, _ int) error {
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=2m"); err != nil {
		return err
	}
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	name, ballast := filepath.Join(dir, "a"+session.Suffix), filepath.Join(dir, "ballast")
	w, err := session.Create(name, epoch, boot, session.Header{Tool: "torture"}, nil)
	if err != nil {
		return err
	}
	failed, n := 0, 0
	put := func(count int) {
		for range count {
			o := observation(n)
			n++
			if errors.Join(w.Append(&o), w.Flush()) != nil {
				failed++
			}
		}
	}
	put(1000)
	// It fails when the disk is full, and that is meant.
	_ = os.WriteFile(ballast, make([]byte, 2<<20), 0o600)
	put(150_000)
	if failed == 0 {
		return errors.New("the full disk was not noticed")
	}
	if err := os.Truncate(ballast, 0); err != nil {
		return err
	}
	put(5000)
	last := observation(n)
	if err := w.Close(last.Time, last.Mono, "stop"); err != nil {
		return err
	}
	return accounted(name, n)
}

// accounted finds each of n observations in a recording, or counted in a gap.
func accounted(name string, n int) error {
	r, err := session.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	read, missing := 0, 0
	for o, err := range r.All() {
		if err != nil {
			return err
		}
		if g, ok := o.Fact.(*fact.Gap); ok {
			missing += g.Count
		} else if o.Via != fact.ViaDump {
			read++
		}
	}
	if missing == 0 || read+missing != n {
		return fmt.Errorf("%d are read and %d are told to be missing, of %d", read, missing, n)
	}
	return nil
}
