package policy

import (
	"os"
	"os/exec"
	"testing"
)

// A maintainer opens a recording, and asks for a host, on whatever machine is at
// hand.
func TestBuildsWhereRecordingsAreRead(t *testing.T) {
	for _, goos := range []string{"darwin", "windows", "freebsd"} {
		t.Run(goos, func(t *testing.T) {
			cmd := exec.Command("go", "build", "flapscope/...")
			cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("go build: %v\n%s", err, out)
			}
		})
	}
}
