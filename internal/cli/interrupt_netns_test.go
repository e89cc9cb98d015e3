package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flapscope/internal/netlab"
)

// TestInterruptInSilence: SIGINT ends every command that waits for a network in which
// nobody answers.
func TestInterruptInSilence(t *testing.T) {
	ns, far := netlab.New(t), netlab.New(t)
	ns.Batch(t,
		"link add eth0 type veth peer name far netns "+far.Name, "link set eth0 up", "address add 192.0.2.2/24 dev eth0",
		"neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev eth0", "route add default via 192.0.2.1",
	)
	far.IP(t, "link set far up")
	ns.AllowPingSockets(t)
	busy, lines := 0, []string{
		"events", "events --json", "record FILE", "status --wait unsatisfied", "status --to 203.0.113.1 --wait unsatisfied",
		"check", "check 203.0.113.1", "check --each-interface", "trace 203.0.113.1", "trace --watch 203.0.113.1",
		"trace --udp 203.0.113.1", "trace --tcp 80 203.0.113.1", "dns --server 203.0.113.1 example.com", "lan",
		"lan --ports 192.0.2.1",
	}
	for _, line := range lines {
		dir := t.TempDir()
		args := strings.Fields(strings.ReplaceAll(line, "FILE", filepath.Join(dir, "a.flap.gz")))
		cmd := ns.Command(binary(t), args...)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir)
		if interrupted(t, cmd, line) {
			busy++
		}
	}
	if busy < len(lines)-2 {
		t.Errorf("%d commands of %d were busy: this shows little", busy, len(lines))
	}
}
