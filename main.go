// Command flapscope is an oscilloscope for connectivity: it knows at every
// instant whether this machine has a usable network path, why not when it has
// none, and can prove it later from a recording.
package main

import (
	_ "embed"
	"os"

	"flapscope/internal/cage"
	"flapscope/internal/cli"
)

// version is set by the build: -ldflags "-X main.version=…".
var version = "development"

// sample is a recording of a laboratory, with documentation addresses.
//
//go:embed docs/sample.flap.gz
var sample []byte

func main() {
	app := cli.App{
		Version: version, Sample: sample,
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Cage: cage.Process{},
	}
	os.Exit(app.Main(os.Args[1:]))
}
