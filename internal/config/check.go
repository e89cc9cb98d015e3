package config

import (
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"flapscope/internal/text"
	"flapscope/probes"
)

// What the checks of this file allow, for people.
const (
	wantPrintable = "printable characters"
	wantInterface = "the name of an interface, at most 15 bytes"
	wantTheme     = "the name of a theme: at most 40 of a-z, 0-9, - and _"
	wantAddress   = `an IP address as in "192.0.2.1" or "2001:db8::1"`
	wantPortal    = `an http: URL as in "http://example.net/", or ""`
	wantName      = `a domain name as in "example.net"`
	wantDir       = `an absolute path, or ""`
)

// targetForms are how a target of the user's can be written.
func targetForms() string {
	forms := probes.TargetForms()
	for i, f := range forms {
		forms[i] = `"` + f + `"`
	}
	return text.Or(forms)
}

// isPrintable allows what a person can read and a TOML file can hold.
func isPrintable(s string) bool {
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	return utf8.ValidString(s) && !strings.ContainsFunc(s, bad)
}

// isInterface allows what the kernel does (dev_valid_name in net/core/dev.c),
// and nothing, which means all.
func isInterface(s string) bool {
	return len(s) <= 15 && !strings.ContainsAny(s, "/: \t") && s != "." && s != ".." && isPrintable(s)
}

// isTheme allows what can be the name of a file anywhere.
func isTheme(s string) bool {
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' }
	return s != "" && len(s) <= 40 && !strings.ContainsFunc(s, other)
}

func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && !a.IsUnspecified() && !a.IsMulticast() && isPrintable(s)
}

// isPortal allows only http: a portal can't answer in the name of an https
// server.
func isPortal(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "http" && u.Hostname() != "" && isPrintable(s)
}

// isName allows a name of DNS (RFC 1035 §2.3.4 for the lengths), with or
// without the final dot.
func isName(s string) bool {
	name := strings.TrimSuffix(s, ".")
	if name == "" || len(name) > 253 || !isPrintable(s) || strings.ContainsAny(s, " /:@\\") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}

// isTarget allows what a user may add to the probes.
func isTarget(s string) bool {
	_, err := probes.ParseTarget(s)
	return err == nil && isPrintable(s)
}

func isDir(s string) bool { return s == "" || filepath.IsAbs(s) && isPrintable(s) }
