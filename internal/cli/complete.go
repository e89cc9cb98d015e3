package cli

import (
	"net"
	"strings"

	"github.com/spf13/cobra"

	"flapscope/probes"
)

// values completes a flag with fixed values.
func values(list ...string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return list, cobra.ShellCompDirectiveNoFileComp
	}
}

// interfaces completes a flag with the names of the interfaces there are.
func interfaces(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
	list, _ := net.Interfaces()
	for _, i := range list {
		names = append(names, i.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// targetForms completes how a target begins.
func targetForms(*cobra.Command, []string, string) (forms []string, _ cobra.ShellCompDirective) {
	for _, form := range probes.TargetForms() {
		scheme, rest, _ := strings.Cut(form, ":")
		if strings.HasPrefix(rest, "//") {
			scheme += "://"
		} else {
			scheme += ":"
		}
		forms = append(forms, scheme+"\t"+form)
	}
	return forms, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// must is for what fails only by a mistake in this package, such as the name of
// a flag that is not there.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
