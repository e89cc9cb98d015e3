// Command testreport runs "go test" with the arguments that it is given and
// prints what a person needs: the line of each package, the output of tests
// that failed, and at the end every test that was skipped, with the reason. A
// test that was skipped has shown nothing, which must not look like success.
//
// The exit code is that of go test.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
			os.Exit(exit.ExitCode())
		}
		fmt.Fprintln(os.Stderr, "testreport: "+err.Error())
		os.Exit(1)
	}
}

// run runs go test and reports while it runs.
func run(args []string) error {
	//nolint:noctx // It ends with its own -timeout, or with the terminal's ^C.
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run go test: %w", err)
	}
	r := newReport(os.Stdout)
	if err := r.read(out); err != nil {
		return errors.Join(err, cmd.Wait())
	}
	r.end()
	return cmd.Wait()
}
