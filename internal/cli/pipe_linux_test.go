package cli_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestNoWaitForPipes: a FIFO that nobody writes to keeps no command waiting where
// settings should be.
func TestNoWaitForPipes(t *testing.T) {
	home := t.TempDir()
	themes := filepath.Join(home, "flapscope", "themes")
	if err := os.MkdirAll(themes, 0o700); err != nil {
		t.Fatal(err)
	}
	theme, settings := filepath.Join(themes, "own.toml"), filepath.Join(home, "fifo.toml")
	for _, name := range []string{theme, settings} {
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"config", "--theme", "own"}, {"config", "--config", settings}} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, binary(t), args...)
		cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+home)
		if out, err := cmd.CombinedOutput(); ctx.Err() != nil {
			t.Errorf("%v waits: %v\n%s", args, err, out)
		}
	}
}

// TestStateOfPipe: the first bytes of a stream are part of it when it is named, too.
func TestStateOfPipe(t *testing.T) {
	const line = `{"time":"2026-11-20T14:00:00Z","mono_ns":1,"kind":"link","op":"put","link":{"ifindex":2,"ifname":"eth0","type":"wired"}}` + "\n"
	cmd := exec.CommandContext(t.Context(), binary(t), "state", "/dev/fd/3")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(line); err != nil {
		t.Fatal(err)
	}
	w.Close()
	defer r.Close()
	cmd.ExtraFiles = []*os.File{r}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "eth0") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestFullOutput: an answer that can't be written is a failure, of every command.
func TestFullOutput(t *testing.T) {
	const file = "../../docs/sample.flap.gz"
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for _, args := range [][]string{
		{"verify", file}, {"verify", "--json", file}, {"wifi", file}, {"events", "--all", "--json", file}, {"config"}, {"--help"}, {"--version"},
	} {
		cmd := exec.CommandContext(t.Context(), binary(t), args...)
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = full, &said
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != 3 || !strings.Contains(said.String(), "no space left") {
			t.Errorf("%v ends with %d and says %q", args, code, said.String())
		}
	}
}
