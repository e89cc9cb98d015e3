package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"flapscope/internal/config"
	"flapscope/themes"
)

// maxTheme bounds what is read of a theme: it is eleven short lines.
const maxTheme = 64 << 10

// themeNames are what the setting can be without a file of the user's.
func themeNames() []string { return slices.Concat([]string{"auto"}, themes.Names(), []string{"mono"}) }

// themesWith returns the themes to choose from on the screen: the built-in ones
// and, if that is not one of them, the user's own of that name, in a file beside
// the configuration.
func (a *App) themesWith(name string) ([]themes.Theme, error) {
	if slices.Contains(themeNames(), name) {
		return themes.BuiltIn(), nil
	}
	path, err := config.Path(a.Env)
	if err != nil {
		return nil, fmt.Errorf("theme %q: %w", name, err)
	}
	path = filepath.Join(filepath.Dir(path), "themes", name+".toml")
	b, err := config.ReadFile(path, maxTheme)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("theme %q: want %s, or a file %s", name, strings.Join(themeNames(), ", "), path)
	}
	if err != nil {
		return nil, fmt.Errorf("theme %q: %w", name, err)
	}
	own, err := themes.Parse(name, b)
	return append(themes.BuiltIn(), own), err
}
