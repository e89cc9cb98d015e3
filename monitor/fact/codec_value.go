package fact

import (
	"net/netip"
	"strconv"
)

// These append one member of a JSON object each: the key as it is given, with
// its comma, colon and opening quote or bracket, then the value and what closes
// it. Those called Some, and Count and True, leave a zero value out.

// appendWord appends a word of this package's, which needs no escaping.
func appendWord(dst []byte, key, word string) []byte {
	dst = append(dst, key...)
	dst = append(dst, word...)
	return append(dst, '"')
}

// appendText appends any string.
func appendText(dst []byte, key, s string) []byte {
	if isWord(s) {
		return appendWord(dst, key, s)
	}
	dst = append(dst, key...)
	// The key ends with the quote that the value begins with. No string can
	// fail: what is not UTF-8 is replaced.
	dst, _ = AppendJSON(dst[:len(dst)-1], s)
	return dst
}

// appendUntrusted appends the display form of text from outside. Nearly all of it
// is a word, which is its own display form.
func appendUntrusted(dst []byte, key string, u Untrusted) []byte {
	if len(u) <= maxDisplay && isWord(string(u)) {
		return appendWord(dst, key, string(u))
	}
	return appendText(dst, key, u.Display())
}

func appendSomeUntrusted(dst []byte, key string, u Untrusted) []byte {
	if u == "" {
		return dst
	}
	return appendUntrusted(dst, key, u)
}

// isWord reports whether JSON, as encoding/json writes it, shows s as it is.
func isWord(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func appendSome(dst []byte, key, s string) []byte {
	if s == "" {
		return dst
	}
	return appendText(dst, key, s)
}

func appendUint(dst []byte, key string, v uint64) []byte {
	return strconv.AppendUint(append(dst, key...), v, 10)
}

func appendInt(dst []byte, key string, v int64) []byte {
	return strconv.AppendInt(append(dst, key...), v, 10)
}

func appendCount(dst []byte, key string, v int64) []byte {
	if v == 0 {
		return dst
	}
	return appendInt(dst, key, v)
}

func appendTrue(dst []byte, key string, v bool) []byte {
	if !v {
		return dst
	}
	return append(append(dst, key...), "true"...)
}

// appendNames appends the words of the set bits.
func appendNames(dst []byte, key string, names bitNames, v uint32) []byte {
	dst = append(dst, key...)
	open := `"`
	for name := range names.of(v) {
		dst = appendWord(dst, open, name)
		open = `,"`
	}
	return append(dst, ']')
}

// appendAddr appends an address, or no characters for the zero Addr.
func appendAddr(dst []byte, key string, a netip.Addr) []byte {
	if a.Zone() != "" {
		// A zone is a name, and may be anything.
		return appendText(dst, key, a.String())
	}
	dst = append(dst, key...)
	if a.IsValid() {
		dst = a.AppendTo(dst)
	}
	return append(dst, '"')
}

func appendSomeAddr(dst []byte, key string, a netip.Addr) []byte {
	if a == (netip.Addr{}) {
		return dst
	}
	return appendAddr(dst, key, a)
}

// appendPrefix appends a prefix, or no characters for the zero Prefix.
func appendPrefix(dst []byte, key string, p netip.Prefix) []byte {
	return append(p.AppendTo(append(dst, key...)), '"')
}

func appendSomePrefix(dst []byte, key string, p netip.Prefix) []byte {
	if p == (netip.Prefix{}) {
		return dst
	}
	return appendPrefix(dst, key, p)
}
