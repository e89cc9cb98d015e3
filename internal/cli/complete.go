package cli

import "github.com/spf13/cobra"

// values completes a flag with fixed values.
func values(list ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// must is for what fails only by a mistake in this package, such as the name of
// a flag that is not there.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
