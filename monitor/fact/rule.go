package fact

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Rule is one policy routing rule (RTM_NEWRULE). Its whole content but the
// flags is its identity.
type Rule struct {
	Family   Family       `json:"family"`
	Priority uint32       `json:"priority"`
	Src      netip.Prefix `json:"src,omitzero"`
	Dst      netip.Prefix `json:"dst,omitzero"`
	// Not is whether the selector is inverted (FIB_RULE_INVERT).
	Not      bool      `json:"not,omitempty"`
	TOS      uint8     `json:"tos,omitempty"`
	FwMark   uint32    `json:"fwmark,omitempty"`
	FwMask   uint32    `json:"fwmask,omitempty"`
	IIF      Untrusted `json:"iif,omitempty"`
	OIF      Untrusted `json:"oif,omitempty"`
	UIDRange [2]uint32 `json:"uid_range,omitzero"`
	HasUID   bool      `json:"has_uid,omitempty"`
	IPProto  uint8     `json:"ipproto,omitempty"`
	// SourcePorts and DestPorts are inclusive ranges; zero means any.
	SourcePorts [2]uint16 `json:"sport,omitzero"`
	DestPorts   [2]uint16 `json:"dport,omitzero"`
	TunnelID    uint64    `json:"tun_id,omitempty"`
	L3MDev      bool      `json:"l3mdev,omitempty"`
	Protocol    uint8     `json:"protocol,omitempty"`
	// Action is a FR_ACT_ number (linux/fib_rules.h).
	Action RuleAction `json:"action"`
	Table  uint32     `json:"table,omitempty"`
	// Goto is the priority that a goto rule jumps to.
	Goto uint32 `json:"goto,omitempty"`
	// SuppressPrefixLen and SuppressIfGroup are -1 when absent.
	SuppressPrefixLen int64     `json:"suppress_prefixlength"`
	SuppressIfGroup   int64     `json:"suppress_ifgroup"`
	Flags             RuleFlags `json:"flags"`
	// Extra holds attributes that this version has no field for, as hex, so
	// that two rules which differ only there stay two.
	Extra string `json:"extra,omitempty"`
}

// Kind implements Fact.
func (*Rule) Kind() Kind { return KindRule }

// Row implements Fact.
func (*Rule) Row() bool { return true }

// Interface implements Fact.
func (*Rule) Interface() int { return 0 }

// Key returns the rule without its flags: the identity.
func (r *Rule) Key() Rule {
	k := *r
	k.Flags = 0
	return k
}

// Change says what o, which is about the rule, does to it.
func (r *Rule) Change(o *Observation) Untrusted {
	return "rule " + r.Words() + verbIf(r.Family == IPv6, " (ipv6)", "") + verbIf(o.Op == Delete, " removed", " added")
}

// Words returns the rule in ip(8)'s words.
func (r *Rule) Words() Untrusted {
	var b strings.Builder
	b.WriteString(strconv.FormatUint(uint64(r.Priority), 10) + ":")
	if r.Not {
		b.WriteString(" not")
	}
	b.WriteString(" from " + prefixOrAll(r.Src))
	if r.Dst.IsValid() {
		b.WriteString(" to " + r.Dst.String())
	}
	if r.FwMark != 0 {
		fmt.Fprintf(&b, " fwmark %#x", r.FwMark)
	}
	if r.IIF != "" {
		b.WriteString(" iif " + string(r.IIF))
	}
	if r.OIF != "" {
		b.WriteString(" oif " + string(r.OIF))
	}
	if r.HasUID {
		fmt.Fprintf(&b, " uidrange %d-%d", r.UIDRange[0], r.UIDRange[1])
	}
	if r.Action != RuleToTable {
		b.WriteString(" " + r.Action.String())
	} else if r.Table != 0 {
		b.WriteString(" lookup " + strconv.FormatUint(uint64(r.Table), 10))
	}
	if r.SuppressPrefixLen >= 0 {
		fmt.Fprintf(&b, " suppress_prefixlength %d", r.SuppressPrefixLen)
	}
	return Untrusted(b.String())
}

func prefixOrAll(p netip.Prefix) string {
	if !p.IsValid() {
		return "all"
	}
	return p.String()
}

// A RuleAction is a FR_ACT_ number.
type RuleAction uint8

// The actions (linux/fib_rules.h).
const (
	RuleToTable     RuleAction = 1
	RuleGoto        RuleAction = 2
	RuleNop         RuleAction = 3
	RuleBlackhole   RuleAction = 6
	RuleUnreachable RuleAction = 7
	RuleProhibit    RuleAction = 8
)

var ruleActionNames = numberNames{
	"unspec", "to_tbl", "goto", "nop", "", "", "blackhole", "unreachable", "prohibit",
}

// String returns the name that ip(8) prints.
func (a RuleAction) String() string { return ruleActionNames.name(uint8(a)) }

// MarshalText encodes the String form.
func (a RuleAction) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText decodes the String form.
func (a *RuleAction) UnmarshalText(b []byte) error {
	v, err := ruleActionNames.number(b)
	*a = RuleAction(v)
	return err
}

// RuleFlags are FIB_RULE_ flags.
type RuleFlags uint32

var ruleFlagNames = bitNames{
	{0x1, "permanent"}, {0x4, "unresolved"}, {0x8, "iif_detached"}, {0x10, "oif_detached"},
}

// MarshalJSON encodes the names of the set flags.
func (f RuleFlags) MarshalJSON() ([]byte, error) { return ruleFlagNames.marshal(uint32(f)) }

// UnmarshalJSON decodes names of flags.
func (f *RuleFlags) UnmarshalJSON(b []byte) error {
	v, err := ruleFlagNames.unmarshal(b)
	*f = RuleFlags(v)
	return err
}
