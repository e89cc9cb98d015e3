package vmlab

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// moduleFiles returns the files of the named modules and of all that they
// depend on, relative to the kernel's directory of modules; none for those that are
// part of the kernel.
func (k *Kernel) moduleFiles(names []string) ([]string, error) {
	f, err := os.Open(filepath.Join(k.Modules, "modules.dep"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	deps, err := parseDependencies(f)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []string
	var add func(file string)
	add = func(file string) {
		if seen[file] {
			return
		}
		seen[file] = true
		out = append(out, file)
		for _, d := range deps[file] {
			add(d)
		}
	}
	byName := map[string]string{}
	for file := range deps {
		byName[moduleName(file)] = file
	}
	builtin, err := os.ReadFile(filepath.Join(k.Modules, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	for file := range strings.Lines(string(builtin)) {
		byName[moduleName(strings.TrimSpace(file))] = inKernel
	}
	for _, n := range names {
		file := byName[moduleName(n)]
		switch file {
		case inKernel:
			continue
		case "":
			return nil, fmt.Errorf("kernel %s has no module %s", k.Release, n)
		}
		add(file)
	}
	return out, nil
}

// inKernel stands for the file of a module that is part of the kernel itself.
const inKernel = "builtin"

// moduleName returns the name by which a module file is known: the kernel
// takes dash and underscore to be the same.
func moduleName(file string) string {
	name, _, _ := strings.Cut(filepath.Base(file), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}

// parseDependencies reads modules.dep: "file: file file …" a line.
func parseDependencies(in io.Reader) (map[string][]string, error) {
	deps := map[string][]string{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		file, rest, ok := strings.Cut(lines.Text(), ":")
		if !ok {
			return nil, fmt.Errorf("modules.dep: no colon in %q", lines.Text())
		}
		deps[file] = strings.Fields(rest)
	}
	return deps, lines.Err()
}
