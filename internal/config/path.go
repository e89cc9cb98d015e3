package config

import (
	"errors"
	"path/filepath"
)

// errNoHome is the error where neither the XDG variable nor HOME says where
// files of the user live.
var errNoHome = errors.New("neither XDG directory nor HOME is set to an absolute path")

// Path returns where the configuration is by default:
// $XDG_CONFIG_HOME/flapscope/config.toml. env is os.Getenv.
func Path(env func(string) string) (string, error) {
	return xdg(env, "XDG_CONFIG_HOME", ".config", "config.toml")
}

// HistoryDir returns where recordings are kept: the setting, or
// $XDG_STATE_HOME/flapscope. env is os.Getenv.
func (c Config) HistoryDir(env func(string) string) (string, error) {
	if c.History.Dir != "" {
		return c.History.Dir, nil
	}
	return xdg(env, "XDG_STATE_HOME", filepath.Join(".local", "state"), "")
}

// xdg returns a path of ours below the directory that a variable names, or
// below its default in the home directory. A relative path in the variable is
// invalid and ignored, as the XDG base directory specification wants it.
func xdg(env func(string) string, variable, fallback, name string) (string, error) {
	if dir := env(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "flapscope", name), nil
	}
	if home := env("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, fallback, "flapscope", name), nil
	}
	return "", errNoHome
}
