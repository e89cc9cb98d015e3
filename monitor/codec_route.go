package monitor

import (
	"net/netip"
	"strconv"
)

// appendRoute appends the JSON form of r, byte for byte that of encoding/json.
// Routes are the one fact that comes by the hundred thousand, and reflection
// costs five times as much as everything else that is done with one.
func appendRoute(dst []byte, r *Route) []byte {
	dst = appendWord(dst, `{"family":"`, r.Family.String())
	dst = appendUint(dst, `,"table":`, uint64(r.Table))
	dst = appendWord(dst, `,"type":"`, r.Type.String())
	dst = appendPrefix(dst, `,"dst":"`, r.Dst)
	if r.Src != (netip.Prefix{}) {
		dst = appendPrefix(dst, `,"src":"`, r.Src)
	}
	if r.TOS != 0 {
		dst = appendUint(dst, `,"tos":`, uint64(r.TOS))
	}
	if r.Metric != 0 {
		dst = appendUint(dst, `,"metric":`, uint64(r.Metric))
	}
	dst = appendAddr(dst, `,"gateway":"`, r.Gateway)
	if r.Index != 0 {
		dst = appendInt(dst, `,"oif":`, int64(r.Index))
	}
	dst = appendAddr(dst, `,"prefsrc":"`, r.PrefSrc)
	dst = appendWord(dst, `,"protocol":"`, r.Protocol.String())
	dst = appendWord(dst, `,"scope":"`, r.Scope.String())
	dst = appendFlags(dst, r.Flags)
	if len(r.Nexthops) > 0 {
		dst = appendLegs(dst, r.Nexthops)
	}
	if r.NexthopID != 0 {
		dst = appendUint(dst, `,"nhid":`, uint64(r.NexthopID))
	}
	if r.MTU != 0 {
		dst = appendUint(dst, `,"mtu":`, uint64(r.MTU))
	}
	if r.Pref != 0 {
		dst = appendUint(dst, `,"pref":`, uint64(r.Pref))
	}
	if r.ExpiresAt != 0 {
		dst = appendInt(dst, `,"expires_at_ns":`, int64(r.ExpiresAt))
	}
	return append(dst, '}')
}

func appendLegs(dst []byte, legs []Leg) []byte {
	dst = append(dst, `,"nexthops":[`...)
	for i, l := range legs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		if l.Gateway.IsValid() {
			// The comma comes after the first key instead of before it.
			dst = append(appendAddr(dst, `"gateway":"`, l.Gateway), ',')
		}
		dst = appendInt(dst, `"oif":`, int64(l.Index))
		dst = appendInt(dst, `,"weight":`, int64(l.Weight))
		dst = append(appendFlags(dst, l.Flags), '}')
	}
	return append(dst, ']')
}

func appendFlags(dst []byte, f RouteFlags) []byte {
	dst = append(dst, `,"flags":[`...)
	if f != 0 {
		for i, name := range routeFlagNames.list(uint32(f)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendWord(dst, `"`, name)
		}
	}
	return append(dst, ']')
}

// appendWord appends key, a word of this package's that needs no escaping, and
// the closing quote.
func appendWord(dst []byte, key, word string) []byte {
	dst = append(dst, key...)
	dst = append(dst, word...)
	return append(dst, '"')
}

func appendUint(dst []byte, key string, v uint64) []byte {
	return strconv.AppendUint(append(dst, key...), v, 10)
}

func appendInt(dst []byte, key string, v int64) []byte {
	return strconv.AppendInt(append(dst, key...), v, 10)
}

// appendAddr appends key and a, or nothing for the zero Addr. Addresses of
// routes have no zones.
func appendAddr(dst []byte, key string, a netip.Addr) []byte {
	if !a.IsValid() {
		return dst
	}
	return append(a.WithZone("").AppendTo(append(dst, key...)), '"')
}

func appendPrefix(dst []byte, key string, p netip.Prefix) []byte {
	dst = append(dst, key...)
	if p.IsValid() {
		dst = p.AppendTo(dst)
	}
	return append(dst, '"')
}
