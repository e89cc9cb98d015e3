package cli

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"flapscope/history/session"
	"flapscope/monitor/fact"
)

// hostFacts is what the header of a recording says of this machine. What can't
// be read is left out.
func hostFacts() session.Host {
	h := session.Host{Arch: runtime.GOARCH, OS: osName("/etc/os-release")}
	if name, err := os.Hostname(); err == nil {
		h.Name = fact.Untrusted(name)
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		h.Kernel = fact.Untrusted(unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:]))
	}
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		h.BootID = strings.TrimSpace(string(id))
	}
	links, _ := filepath.Glob("/sys/class/net/*/device/driver")
	for _, link := range links {
		driver, err := os.Readlink(link)
		if err != nil {
			continue
		}
		name := filepath.Base(filepath.Dir(filepath.Dir(link)))
		h.Interfaces = append(h.Interfaces, session.HostInterface{
			Name: fact.Untrusted(name), Driver: fact.Untrusted(filepath.Base(driver)), Firmware: firmware(name),
		})
	}
	return h
}

// firmware returns the version of the firmware of an interface, which nobody needs
// a privilege to ask for (ETHTOOL_GDRVINFO), or "" where the driver has none.
func firmware(name string) fact.Untrusted {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd)
	info, err := unix.IoctlGetEthtoolDrvinfo(fd, name)
	if err != nil {
		return ""
	}
	v := strings.TrimSpace(unix.ByteSliceToString(info.Fw_version[:]))
	if v == "N/A" {
		return ""
	}
	return fact.Untrusted(v)
}

// osName returns PRETTY_NAME of an os-release(5) file:
//
//	PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
func osName(path string) fact.Untrusted {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "PRETTY_NAME="); ok {
			return fact.Untrusted(strings.Trim(value, `"'`))
		}
	}
	return ""
}
