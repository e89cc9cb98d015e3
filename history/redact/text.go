package redact

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTexts bounds the texts that are remembered; beyond it they are mapped anew
// each time.
const maxTexts = 1 << 14

// text maps free text: known words, numbers and punctuation stay, everything
// else becomes a pseudonym. What says nothing about anybody is listed, not what
// does.
func (r *Redactor) text(s string) string {
	if s == "" {
		return ""
	}
	if known, ok := r.texts[s]; ok {
		return known
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		end := i + strings.IndexFunc(s[i:], parts)
		if end < i {
			end = len(s)
		}
		r.run(&b, s[i:end])
		_, size := utf8.DecodeRuneInString(s[end:])
		b.WriteString(s[end : end+size])
		i = end + size
	}
	p := b.String()
	if len(r.texts) < maxTexts && len(s) <= maxSpelling {
		r.texts[s] = p
	}
	return p
}

// parts reports whether a rune parts words, and is printed as it is.
func parts(c rune) bool {
	return c == ' ' || c == '"' || c == '(' || c == ')' || c == '…' || c == '“' || c == '”' || c == '\''
}

// run maps what stands between two spaces.
func (r *Redactor) run(b *strings.Builder, s string) {
	body := strings.TrimRight(s, ".,:;!?")
	b.WriteString(r.token(body))
	b.WriteString(s[len(body):])
}

// schemes begin the IDs of targets.
var schemes = map[string]bool{"ping": true, "tcp": true, "tls": true, "dns": true, "http": true, "https": true, "udp": true}

// token maps one word, or what is written like one.
func (r *Redactor) token(s string) string {
	switch {
	case s == "" || r.plain(s):
		return s
	case strings.Contains(s, "://"):
		return r.url(s)
	}
	if p, ok := r.spelled(s); ok {
		return p
	}
	if scheme, rest, ok := strings.Cut(s, ":"); ok && schemes[scheme] && rest != "" {
		if host, query, asked := strings.Cut(rest, "/"); asked && scheme == "dns" {
			return scheme + ":" + r.token(host) + "/" + r.token(query)
		}
		return scheme + ":" + r.token(rest)
	}
	if i := strings.LastIndexByte(s, '%'); i > 0 && i < len(s)-1 {
		return r.token(s[:i]) + "%" + r.interfaceName(s[i+1:])
	}
	if i := strings.LastIndexByte(s, ':'); i > 0 && number.MatchString(s[i+1:]) {
		return r.token(s[:i]) + s[i:]
	}
	if i := strings.IndexAny(s, ",=;[]{}<>|"); i >= 0 {
		return r.token(s[:i]) + s[i:i+1] + r.token(s[i+1:])
	}
	return r.single(s)
}

// single maps a word that is not known: as what it was called before, so that it
// is the same everywhere.
func (r *Redactor) single(s string) string {
	switch {
	case r.has(Text, s):
	case r.has(Interface, s), r.interfaces[s], ordered.MatchString(s), slotted.MatchString(s), byAddress.MatchString(s):
		return r.interfaceName(s)
	case strings.Contains(s, "."), r.has(Host, strings.ToLower(s)):
		return r.host(s)
	case r.has(SSID, s):
		return r.name(SSID, string(SSID), s)
	}
	return r.name(Text, "word", s)
}

// has reports whether a value has a pseudonym.
func (r *Redactor) has(c Class, value string) bool {
	return r.names[c] != nil && r.names[c].of[value] != ""
}

// spelled maps an address in one of the forms that the program writes.
func (r *Redactor) spelled(s string) (string, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		return r.addr(a).String(), true
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return r.prefix(p).String(), true
	}
	if p, err := netip.ParseAddrPort(s); err == nil {
		return netip.AddrPortFrom(r.addr(p.Addr()), p.Port()).String(), true
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		if a, err := netip.ParseAddr(s[1 : len(s)-1]); err == nil {
			return "[" + r.addr(a).String() + "]", true
		}
	}
	p, ok := r.hardware(strings.ToLower(s))
	if ok && p != s {
		r.original(s)
	}
	return p, ok
}

// url maps a URL: its scheme and its port stay.
func (r *Redactor) url(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !schemes[u.Scheme] {
		return r.name(Text, "word", s)
	}
	if wellKnownHosts[u.Host] && wellKnownPaths[u.RequestURI()] && u.User == nil && u.Fragment == "" {
		return s
	}
	r.original(s)
	p := u.Scheme + "://" + r.token(u.Hostname())
	if strings.Contains(u.Host, "[") {
		p = u.Scheme + "://[" + r.token(u.Hostname()) + "]"
	}
	if u.Port() != "" {
		p += ":" + u.Port()
	}
	rest := strings.TrimPrefix(s, u.Scheme+"://"+u.Host)
	if wellKnownPaths[rest] {
		return p + rest
	}
	return p + "/" + r.name("path", "path", rest)
}

// wellKnownPaths are what portals are looked for with.
var wellKnownPaths = map[string]bool{"": true, "/": true, "/generate_204": true, "/hotspot-detect.html": true, "/success.txt": true, "/connecttest.txt": true, "/nm-check.txt": true}

// word maps one of the program's or the kernel's words. Another one is a
// stranger's.
func (r *Redactor) word(s string) string {
	if s == "" || r.plain(s) {
		return s
	}
	return r.name(Word, "word", s)
}

// number matches numbers that say nothing: short ones, with a unit or without.
var number = lazily(`^([-+±]?\d{1,7}(\.\d{1,9})?(ns|µs|us|ms|s|m|h|min|d))*[-+±]?\d{1,7}(\.\d{1,9})?(ns|µs|us|ms|s|m|h|min|d|%|B|kB|MB|GB|°C|dBm|MHz|GHz)?$`)

// plain reports whether text is made of known words and numbers alone.
func (r *Redactor) plain(s string) bool {
	known := vocabulary()
	if known[s] || known[strings.ToLower(s)] || number.MatchString(s) {
		return true
	}
	if strings.Contains(s, ":") {
		// dead:bad::1 is an address.
		return false
	}
	pieces := strings.FieldsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != utf8.RuneError })
	if len(pieces) == 0 {
		return plainRunes(s)
	}
	words, numbers := 0, 0
	for _, p := range pieces {
		switch {
		case known[strings.ToLower(p)]:
			words++
		case number.MatchString(p):
			numbers++
		default:
			return false
		}
	}
	// Numbers with points and colons between them may be an address, and four may be
	// one with a word before it: providers name machines "host-192-0-2-7".
	return (words > 0 || len(pieces) == 1) && numbers < 4 && plainRunes(s)
}

// plainRunes reports whether text shows as it is: nothing in it was hidden.
func plainRunes(s string) bool {
	for _, c := range s {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return false
		}
	}
	return true
}

// system maps the name of an operating system, or the release of a kernel, which
// whoever built it can have put a name into: it ends at the first part that is
// not known.
func (r *Redactor) system(s string) string {
	known := vocabulary()
	end, numbers, before := 0, 0, 0
	for i := 0; i < len(s); {
		n := strings.IndexFunc(s[i:], func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
		if n < 0 {
			n = len(s) - i
		}
		if part := s[i : i+n]; n > 0 {
			if !known[strings.ToLower(part)] && !release.MatchString(part) {
				break
			}
			if strings.Trim(part, "0123456789") != "" {
				numbers, before = 0, i+n
			} else if numbers++; numbers > 3 {
				// No version: an address is.
				end = before
				break
			}
			end = i + n
		}
		c, size := utf8.DecodeRuneInString(s[i+n:])
		if c != '.' {
			numbers = 0
		}
		i += n + size
	}
	if end < len(s) {
		if strings.Trim(s[end:], ") ") == "" {
			return s
		}
		// What is left out is looked for as what it is: an address as one.
		r.text(s[end:])
	}
	return s[:end]
}

// release matches a part of a version: a number, and what distributions add.
var release = lazily(`^(\d{1,5}|v\d{1,4}|rc\d{1,2}|fc\d{2}|el\d{1,2}|arch\d|deb\d{1,2}u?\d*|ubuntu\d*|lts|bpo\d*|cloud|rpi|zen\d?|hardened|x86|64|aarch64|armv7l|v8|generic|amd64|arm64|default|pve|fc)$`)
