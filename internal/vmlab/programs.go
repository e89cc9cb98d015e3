package vmlab

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
)

// program returns where a program of the host is.
func program(name string) (string, error) {
	if p, err := exec.LookPath(sbin(name)); err == nil {
		return filepath.Abs(p)
	}
	return "", fmt.Errorf("%w: no program %s; see the package comment of internal/vmlab for the list", errUnavailable, name)
}

// library matches a line of ldd: "name => /path (address)" or "/path (address)".
var library = regexp.MustCompile(`(?m)^\s*(?:\S+ => )?(/\S+) \(0x`)

// libraries returns the shared libraries that a program is linked with,
// including the dynamic linker; none for a script or a static program.
func libraries(file string) []string {
	out, err := exec.Command("ldd", file).Output()
	if err != nil {
		// "not a dynamic executable".
		return nil
	}
	var libs []string
	for _, m := range library.FindAllSubmatch(out, -1) {
		libs = append(libs, string(m[1]))
	}
	return libs
}
