package cli

import (
	"github.com/spf13/cobra"

	"flapscope/internal/config"
)

func (a *App) configCommand() *cobra.Command {
	var path bool
	c := &cobra.Command{
		Use:   "config",
		Short: "Print the effective configuration",
		Long: `Prints every setting as it is in effect: the defaults, the file, and the flags
of this command line, and what probing costs by them. The output is a file that
can be read back.`,
		Example: "  flapscope config > ~/.config/flapscope/config.toml",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if path {
				p, err := config.Path(a.Env)
				if err != nil {
					return err
				}
				c.Println(p)
				return nil
			}
			set, err := a.settings()
			if err != nil {
				return err
			}
			if err := set.WriteTOML(out(c)); err != nil {
				return err
			}
			c.Print(probingCost(&set.Probes))
			return nil
		},
	}
	c.Flags().BoolVar(&path, "path", false, "print where the file is looked for")
	return c
}
