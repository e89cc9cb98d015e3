package fact

import (
	"net/netip"
	"time"
)

// A Translator is the prefix by which a network without IPv4 reaches it (NAT64), as a
// router advertisement says (RFC 8781).
type Translator struct {
	Index  int          `json:"ifindex"`
	Prefix netip.Prefix `json:"prefix"`
	// Until is when it ends unless it is advertised again (CLOCK_BOOTTIME).
	Until time.Duration `json:"until_ns"`
}

// KindTranslator is the kind of Translator.
const KindTranslator Kind = "translator"

// Kind implements Fact.
func (*Translator) Kind() Kind { return KindTranslator }

// Row implements Fact.
func (*Translator) Row() bool { return true }

// Interface implements Fact.
func (p *Translator) Interface() int { return p.Index }

// Words implements Fact.
func (p *Translator) Words() Untrusted { return "NAT64 " + Untrusted(p.Prefix.String()) }
