package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"flapscope/internal/cage"
	"flapscope/internal/cli"
	"flapscope/internal/replay/replaytest"
	"flapscope/monitor/live"
)

// watchedVariable makes the test binary the program, which says on its standard
// output what a screen would show at each second.
const watchedVariable = "FLAPSCOPE_TEST_WATCHED"

// runWatched runs the program, and returns its exit code.
func runWatched() int {
	app := cli.App{
		Version: "test", In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Cage: cage.Process{},
		Monitored: func(m *live.Monitor) {
			var w replaytest.Watch
			m.Listen(&w)
			go func() {
				out := json.NewEncoder(os.Stdout)
				for range time.Tick(time.Second) {
					if err := out.Encode(w.Look(m, live.Boottime)); err != nil {
						fmt.Fprintln(os.Stderr, err)
						os.Exit(1)
					}
				}
			}()
		},
	}
	return app.Main(os.Args[1:])
}

// compareReplay wants the recording of a program that was watched to say at each second
// what a screen said.
func compareReplay(t *testing.T, name string, said *bytes.Buffer) {
	t.Helper()
	var lived []replaytest.Second
	for in := json.NewDecoder(said); ; {
		var s replaytest.Second
		if err := in.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		lived = append(lived, s)
	}
	if len(lived) < 15 {
		t.Fatalf("%d seconds were watched", len(lived))
	}
	replaytest.Compare(t, "the recording", name, lived)
	replaytest.CompareCuts(t, name, lived)
}
