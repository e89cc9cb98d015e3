package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"flapscope/history/session"
)

func (a *App) demoCommand() *cobra.Command {
	var o replayOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show a recording of trouble that comes with the program",
		Long: `Shows a quarter of an hour of a laptop with all kinds of trouble, one after the
other: name servers, the cable, addresses and routes, the gateway, the provider,
a captive portal, delay and loss, a tunnel, and a connection that flaps; then five
minutes of Wi-Fi: an access point that ends associations, one that fades away, roams,
and a refusal. They are recordings like any other, made in a laboratory; nothing is
sent.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return a.demo(c, o) },
	}
	o.register(c)
	return c
}

// demo shows the recordings in the program. A recording is read from a file, so
// each becomes one, which is gone as soon as it is open.
func (a *App) demo(c *cobra.Command, o replayOptions) error {
	if len(a.Samples) == 0 {
		return fmt.Errorf("this build has no recording to show")
	}
	dir, err := os.MkdirTemp("", "flapscope-demo-")
	if err != nil {
		return fmt.Errorf("unpack the recording: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var names []string
	for i, sample := range a.Samples {
		name := filepath.Join(dir, fmt.Sprint("demo", i, session.Suffix))
		if err := os.WriteFile(name, sample, 0o600); err != nil {
			return fmt.Errorf("unpack the recording: %w", err)
		}
		names = append(names, name)
	}
	set, err := a.settings()
	if err != nil {
		return err
	}
	chain, err := session.OpenChain(names)
	if err != nil {
		return err
	}
	defer chain.Close()
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the files that were unpacked: %w", err)
	}
	a.readOnly(names[0])
	return a.show(c, set, o, chain, nil)
}
