//go:build linux

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"flapscope/history/session"
)

// kill kills a writer at some instant. Every observation that was written is
// there, before and after a repair, and every recording can be read.
func kill(dir string, i int) error {
	w, err := startVictim(dir)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(uint64(i), 1))
	time.Sleep(time.Duration(5+rng.IntN(400)) * time.Millisecond)
	if i%5 == 0 {
		// A process that was stopped is as good as any.
		err = errors.Join(w.cmd.Process.Signal(syscall.SIGSTOP))
		time.Sleep(50 * time.Millisecond)
		err = errors.Join(err, w.cmd.Process.Signal(syscall.SIGCONT))
		time.Sleep(time.Duration(rng.IntN(50)) * time.Millisecond)
	}
	if err = errors.Join(err, w.kill()); err != nil {
		return err
	}
	written := w.levels("written")
	if err := check(dir, written); err != nil {
		return fmt.Errorf("before the repair: %w", err)
	}
	store := session.NewStore(dir)
	if err := store.Tidy(epoch); err != nil {
		return err
	}
	if err := check(dir, written); err != nil {
		return fmt.Errorf("after the repair: %w", err)
	}
	list, err := store.List()
	for _, l := range list {
		err = errors.Join(err, l.Err)
	}
	return err
}
