package cli_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBombs: files of which each line is within bounds, and all of them together are
// not, take no command more memory than an ordinary day.
func TestBombs(t *testing.T) {
	var noise strings.Builder
	for i := 0; noise.Len() < 30_000; i++ {
		fmt.Fprintf(&noise, "%x", i*i)
	}
	evidence := strings.TrimSuffix(strings.Repeat(`"x",`, 60_000), ",")
	for _, bomb := range []struct {
		name, kind, command string
		lines               int
		value               func(i int) string
	}{
		{"large-observations", "check", "events FILE", 150, func(int) string {
			return `{"trigger":"user","verdict":"x","evidence":[` + evidence + `]}`
		}},
		{"long-names", "link", "redact FILE -o NEW", 2000, func(i int) string {
			return fmt.Sprintf(`{"ifindex":%d,"ifname":"%d-%s","type":"wired"}`, i%1000+2, i, noise.String())
		}},
		{"many-addresses", "address", "state FILE", 100_000, func(i int) string {
			return fmt.Sprintf(`{"ifindex":2,"family":"ipv4","local":"10.%d.%d.%d","prefixlen":24,"scope":"global"}`, i>>16, i>>8&255, i&255)
		}},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "a.flap.gz")
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		const head = `{"time":"2026-11-20T14:00:00Z","mono_ns":%d,"kind":"%s",`
		fmt.Fprintf(z, head+`"session":{"schema":1}}`+"\n", 1, "session")
		fmt.Fprintf(z, head+`"sync":{"source":"kernel"}}`+"\n", 2, "sync")
		for i := range bomb.lines {
			fmt.Fprintf(z, head+`"op":"put",%q:%s}`+"\n", 10+i*1000, bomb.kind, bomb.kind, bomb.value(i))
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		args := strings.Fields(strings.NewReplacer("FILE", file, "NEW", filepath.Join(dir, "new")).Replace(bomb.command))
		cmd := exec.Command(binary(t), args...)
		cmd.Env = append(os.Environ(), "HOME="+dir, "GOMEMLIMIT=", "GOGC=")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		most := 0
		for {
			now := peak(t, cmd.Process.Pid)
			if now == 0 {
				break // ended, and not waited for
			}
			most = now / 1000
			time.Sleep(time.Millisecond)
		}
		_ = cmd.Wait()
		if strings.Contains(out.String(), "panic") {
			t.Errorf("%s: %s", bomb.name, out.String())
		}
		// It is less than 100 where the collector keeps up.
		t.Logf("%s: %d MB and exit code %d", bomb.name, most, cmd.ProcessState.ExitCode())
		if most == 0 || most > 140 {
			t.Errorf("%s: %d MB, want at most 140", bomb.name, most)
		}
	}
}
