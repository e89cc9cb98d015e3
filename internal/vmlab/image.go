package vmlab

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"
)

//go:embed init.sh
var initScript []byte

// basics are the programs that every machine has.
var basics = []string{"busybox", "ip"}

// transport are the modules through which the host talks to the machine.
var transport = []string{"virtio_pci", "virtio_console"}

// writeImage writes the initramfs of a machine to file.
func writeImage(file string, k *Kernel, o Options) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	a := newArchive(f)
	a.file("/init", initScript)
	modules := append(append([]string{}, transport...), o.Modules...)
	a.file("/etc/modules", []byte(strings.Join(modules, "\n")+"\n"))
	if err := addModules(a, k, append(modules, o.OnDemand...)); err != nil {
		return err
	}
	if err := addPrograms(a, append(append([]string{}, basics...), o.Programs...)); err != nil {
		return err
	}
	for name, content := range o.Files {
		a.file(name, content)
	}
	for name, host := range o.HostFiles {
		a.host(name, host)
	}
	if err := a.close(); err != nil {
		return err
	}
	return f.Close()
}

// addModules adds modules with their dependencies, and the indexes by which
// the kernel finds them when it wants one.
func addModules(a *archive, k *Kernel, names []string) error {
	files, err := k.moduleFiles(names)
	if err != nil {
		return err
	}
	dir := filepath.Join("/lib/modules", k.Release)
	for _, index := range []string{"modules.dep", "modules.alias", "modules.builtin"} {
		a.host(filepath.Join(dir, index), filepath.Join(k.Modules, index))
	}
	for _, m := range files {
		a.host(filepath.Join(dir, m), filepath.Join(k.Modules, m))
	}
	a.link("/sbin/modprobe", "/bin/busybox")
	return nil
}

// addPrograms adds programs of the host with their libraries.
func addPrograms(a *archive, names []string) error {
	added := map[string]bool{}
	for _, n := range names {
		p, err := program(n)
		if err != nil {
			return err
		}
		dir := "/sbin/"
		if n == "busybox" {
			dir = "/bin/"
		}
		a.host(dir+n, p)
		for _, lib := range libraries(p) {
			if !added[lib] {
				added[lib] = true
				a.host(lib, lib)
			}
		}
	}
	return nil
}
