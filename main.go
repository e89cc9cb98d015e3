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

// sample and sampleWifi are recordings of laboratories, with documentation
// addresses; the second goes on where the first ends.
var (
	//go:embed docs/sample.flap.gz
	sample []byte
	//go:embed docs/sample-wifi.flap.gz
	sampleWifi []byte
)

func main() {
	app := cli.App{
		Version: version, Samples: [][]byte{sample, sampleWifi},
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Cage: cage.Process{},
	}
	os.Exit(app.Main(os.Args[1:]))
}
