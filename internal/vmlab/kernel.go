package vmlab

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Kernel is an unpacked kernel package.
type Kernel struct {
	// Image is the path of the bootable kernel.
	Image string
	// Modules is the directory of its modules, with modules.dep.
	Modules string
	// Release is what uname -r says when it runs.
	Release string
}

// errUnavailable wraps why there is no kernel or no emulator: a reason to skip
// a test, not a failure.
var errUnavailable = errors.New("not available here")

// FetchKernel returns Debian's kernel of a version, "6.12", or with an empty one that
// of the release, out of cache, which it fills when it lacks the newest that apt knows.
func FetchKernel(cache, version string) (*Kernel, error) {
	name, err := imagePackage(version)
	if err != nil {
		// Without apt what is in the cache has to do.
		if have, globErr := filepath.Glob(filepath.Join(cache, "linux-image-"+version+"*")); globErr == nil && len(have) > 0 {
			return openKernel(have[0])
		}
		return nil, err
	}
	dir := filepath.Join(cache, name)
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return openKernel(dir)
	}
	if err := unpackKernel(name, dir); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnavailable, err)
	}
	return openKernel(dir)
}

var imageDependency = regexp.MustCompile(`(?m)^\s*Depends: (linux-image-\S+)$`)

// imagePackage returns the name of the package of the newest kernel of a version, or
// of that on which Debian's package without a version depends.
func imagePackage(version string) (string, error) {
	args, names := []string{"depends", "linux-image-amd64"}, imageDependency
	if version != "" {
		// Neither for a cloud, nor for real time, nor unsigned.
		args, names = []string{"pkgnames", "linux-image-" + version + "."}, regexp.MustCompile(`(?m)^(linux-image-[^-\s]+-amd64)$`)
	}
	out, err := exec.Command("apt-cache", args...).Output()
	if err != nil {
		return "", fmt.Errorf("%w: apt-cache %s: %w", errUnavailable, strings.Join(args, " "), err)
	}
	var found []string
	for _, m := range names.FindAllSubmatch(out, -1) {
		found = append(found, string(m[1]))
	}
	if len(found) == 0 {
		return "", fmt.Errorf("%w: apt knows no package %s; try apt-get update", errUnavailable, args[1])
	}
	return slices.MaxFunc(found, compareVersions), nil
}

// compareVersions orders names of packages by the numbers in them.
func compareVersions(a, b string) int {
	return slices.Compare(numbersOf(a), numbersOf(b))
}

func numbersOf(s string) (out []int) {
	for _, digits := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(digits)
		if err != nil {
			break
		}
		out = append(out, n)
	}
	return out
}

// unpackKernel downloads a package and unpacks what is needed of it into dir.
// Nothing is installed: an installed kernel would bring a boot loader along.
func unpackKernel(name, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), "unpack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	get := exec.Command("apt-get", "download", "-q", name)
	get.Dir = tmp
	if out, err := get.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get download %s: %w: %s", name, err, lastLine(out))
	}
	debs, err := filepath.Glob(filepath.Join(tmp, "*.deb"))
	if err != nil || len(debs) != 1 {
		return fmt.Errorf("apt-get download %s left %d files, want 1", name, len(debs))
	}
	root := filepath.Join(tmp, "root")
	if err := unpackDeb(debs[0], root); err != nil {
		return err
	}
	k, err := openKernel(root)
	if err != nil {
		return err
	}
	if err := unpackModules(k.Modules); err != nil {
		return err
	}
	if out, err := exec.Command(sbin("depmod"), "-b", root, k.Release).CombinedOutput(); err != nil {
		return fmt.Errorf("depmod: %w: %s", err, lastLine(out))
	}
	if err := decompress(k.Image); err != nil {
		return fmt.Errorf("%s: %w", k.Image, err)
	}
	if err := os.WriteFile(filepath.Join(root, "complete"), nil, 0o644); err != nil {
		return err
	}
	if err := os.Rename(root, dir); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// unpackModules replaces compressed modules by what is inside: busybox loads no others.
func unpackModules(dir string) error {
	var packed []string
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(name, ".ko.xz") {
			packed = append(packed, name)
		}
		return err
	})
	if err != nil || len(packed) == 0 {
		return err
	}
	if out, err := exec.Command("xz", append([]string{"-d"}, packed...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("xz: %w: %s", err, lastLine(out))
	}
	return nil
}

// xzMagic begins what xz has compressed.
var xzMagic = []byte("\xfd7zXZ\x00")

// decompress replaces a bzImage by the kernel inside it. The emulator boots that
// too, and need not spend more time on its decompression than on all the rest
// of the boot (Documentation/arch/x86/boot.rst, payload_offset). What xz has not
// compressed unpacks itself fast enough.
func decompress(image string) error {
	b, err := os.ReadFile(image)
	if err != nil {
		return err
	}
	if len(b) < 0x250 || string(b[0x202:0x206]) != "HdrS" {
		return errors.New("not a bzImage")
	}
	word := func(at int) int { return int(binary.LittleEndian.Uint32(b[at:])) }
	start := (int(b[0x1f1])+1)*512 + word(0x248)
	// The last four bytes are the length of what is inside.
	end := start + word(0x24c) - 4
	if start > end || end > len(b) {
		return errors.New("its payload is not inside")
	}
	if !bytes.HasPrefix(b[start:end], xzMagic) {
		return nil
	}
	xz := exec.Command("xz", "-dc")
	xz.Stdin = bytes.NewReader(b[start:end])
	inside, err := xz.Output()
	if err != nil {
		return fmt.Errorf("xz: %w", err)
	}
	return os.WriteFile(image, inside, 0o644)
}

// unpackDeb unpacks the wanted files of a Debian package into root.
func unpackDeb(deb, root string) error {
	cmd := exec.Command("dpkg-deb", "--fsys-tarfile", deb)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = unpackTar(pipe, root)
	if waitErr := cmd.Wait(); err == nil && waitErr != nil {
		err = fmt.Errorf("dpkg-deb %s: %w: %s", deb, waitErr, lastLine(stderr.Bytes()))
	}
	return err
}

func unpackTar(in io.Reader, root string) error {
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := path.Clean("/" + h.Name)
		if h.Typeflag != tar.TypeReg || !wanted(name) {
			continue
		}
		dst := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
			return err
		}
		if err := writeFile(dst, r); err != nil {
			return err
		}
	}
}

func writeFile(dst string, in io.Reader) error {
	f, err := os.Create(dst)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, in)
	return errors.Join(err, f.Close())
}

// wanted reports whether a file of the kernel's package is worth its space:
// networking and what it builds on.
func wanted(name string) bool {
	if strings.HasPrefix(name, "/boot/vmlinuz-") {
		return true
	}
	_, inside, ok := strings.Cut(strings.TrimPrefix(name, "/lib/modules/"), "/")
	if !ok || !strings.HasPrefix(name, "/lib/modules/") {
		return false
	}
	for _, p := range []string{
		"modules.", "kernel/net/", "kernel/lib/", "kernel/crypto/", "kernel/arch/",
		"kernel/drivers/net/", "kernel/drivers/virtio/", "kernel/drivers/char/",
	} {
		if strings.HasPrefix(inside, p) {
			return true
		}
	}
	return false
}

// openKernel describes a directory that unpackKernel made.
func openKernel(dir string) (*Kernel, error) {
	images, err := filepath.Glob(filepath.Join(dir, "boot/vmlinuz-*"))
	if err != nil || len(images) != 1 {
		return nil, fmt.Errorf("%s holds %d kernels, want 1; remove the directory", dir, len(images))
	}
	release := strings.TrimPrefix(filepath.Base(images[0]), "vmlinuz-")
	return &Kernel{Image: images[0], Release: release, Modules: filepath.Join(dir, "lib/modules", release)}, nil
}

// lastLine is the line of a program's output that says what went wrong.
func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// sbin finds a program that may not be on an unprivileged user's path.
func sbin(name string) string {
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if p := filepath.Join(dir, name); exec.Command("test", "-x", p).Run() == nil {
			return p
		}
	}
	return name
}
