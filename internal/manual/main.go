// Command manual writes the man pages and the shell completions of flapscope
// into a directory, from the commands themselves.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"flapscope/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "manual: want one argument, the directory to write to")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(3)
	}
}

// write makes dir with man1/*.1 and completions for each shell.
func write(dir string) error {
	app := cli.App{Env: os.Getenv}
	root := app.Command()
	root.DisableAutoGenTag = true
	man := filepath.Join(dir, "man1")
	if err := os.MkdirAll(man, 0o755); err != nil {
		return err
	}
	if err := pages(root, man); err != nil {
		return err
	}
	return completions(root, dir)
}

// completions writes a file for each shell, named as the shells look for it.
func completions(root *cobra.Command, dir string) error {
	for name, generate := range map[string]func(string) error{
		"flapscope.bash": func(f string) error { return root.GenBashCompletionFileV2(f, true) },
		"_flapscope":     func(f string) error { return root.GenZshCompletionFile(f) },
		"flapscope.fish": func(f string) error { return root.GenFishCompletionFile(f, true) },
	} {
		if err := generate(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("completion %s: %w", name, err)
		}
	}
	return nil
}
