package vmlab

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestArchiveUnpacks unpacks an archive with busybox's cpio.
func TestArchiveUnpacks(t *testing.T) {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("SKIPPED: no busybox, which unpacks the archive")
	}
	var b bytes.Buffer
	a := newArchive(&b)
	a.file("/etc/odd", []byte("12345"))
	a.file("/etc/deep/er/empty", nil)
	a.link("/bin/sh", "/bin/busybox")
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(busybox, "cpio", "-idm")
	cmd.Dir, cmd.Stdin = t.TempDir(), &b
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cpio: %v: %s", err, out)
	}
	for name, want := range map[string]string{"etc/odd": "12345", "etc/deep/er/empty": ""} {
		if got, err := os.ReadFile(filepath.Join(cmd.Dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: got %q and error %v, want %q", name, got, err, want)
		}
	}
	if got, err := os.Readlink(filepath.Join(cmd.Dir, "bin/sh")); err != nil || got != "/bin/busybox" {
		t.Errorf("bin/sh: got a link to %q and error %v", got, err)
	}
}

func TestArchiveKeepsFirstError(t *testing.T) {
	a := newArchive(&bytes.Buffer{})
	a.host("/x", filepath.Join(t.TempDir(), "missing"))
	a.file("/y", nil)
	if err := a.close(); !os.IsNotExist(err) {
		t.Errorf("got %v, want that the file is missing", err)
	}
}

func TestModuleFiles(t *testing.T) {
	dir := t.TempDir()
	dep := "kernel/net/a-b.ko: kernel/lib/c.ko kernel/lib/d.ko\nkernel/lib/c.ko: kernel/lib/d.ko\nkernel/lib/d.ko:\nkernel/lib/e.ko:\n"
	if err := os.WriteFile(filepath.Join(dir, "modules.dep"), []byte(dep), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "modules.builtin"), []byte("kernel/lib/f-g.ko\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k := &Kernel{Modules: dir, Release: "6.1"}
	got, err := k.moduleFiles([]string{"a_b", "f_g", "d"})
	if want := []string{"kernel/net/a-b.ko", "kernel/lib/c.ko", "kernel/lib/d.ko"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q and error %v, want %q", got, err, want)
	}
	if _, err := k.moduleFiles([]string{"zz"}); err == nil || !strings.Contains(err.Error(), "zz") {
		t.Errorf("an unknown module: got error %v, want one that names it", err)
	}
}

func TestWanted(t *testing.T) {
	for name, want := range map[string]bool{
		"/boot/vmlinuz-6.1":                              true,
		"/boot/System.map-6.1":                           false,
		"/lib/modules/6.1/modules.builtin":               true,
		"/lib/modules/6.1/kernel/drivers/net/dummy.ko":   true,
		"/lib/modules/6.1/kernel/drivers/gpu/drm/drm.ko": false,
		"/usr/share/doc/kernel/net/README":               false,
	} {
		if got := wanted(name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	names := []string{"linux-image-6.12.101+deb12-amd64", "linux-image-6.12.99+deb12-amd64", "linux-image-6.1.0-56-amd64", "linux-image-6.12.101+deb13-amd64"}
	slices.SortFunc(names, compareVersions)
	if want := []string{"linux-image-6.1.0-56-amd64", "linux-image-6.12.99+deb12-amd64", "linux-image-6.12.101+deb12-amd64", "linux-image-6.12.101+deb13-amd64"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}
