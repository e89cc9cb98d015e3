//go:build linux

package kernel

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

// Parts of struct fib_rule_hdr (linux/fib_rules.h).
const (
	sizeofRule     = 12
	fibRuleInvert  = 0x2
	fibRuleFlagSet = 0x1 | 0x4 | 0x8 | 0x10
)

// decodeRule decodes a struct fib_rule_hdr with its attributes. It returns nil
// for a family that is not IP.
func decodeRule(b []byte) (*fact.Rule, error) {
	if len(b) < sizeofRule {
		return nil, fmt.Errorf("rule: %w", nlwire.ErrShort)
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	r := &fact.Rule{
		Family: fact.Family(b[0]), TOS: b[3], Table: uint32(b[4]),
		Action:            fact.RuleAction(b[7]),
		Not:               flags&fibRuleInvert != 0,
		Flags:             fact.RuleFlags(flags & fibRuleFlagSet),
		SuppressPrefixLen: -1,
		SuppressIfGroup:   -1,
	}
	if r.Family != fact.IPv4 && r.Family != fact.IPv6 {
		return nil, nil
	}
	var dst, src netip.Addr
	var extra []string
	for a, err := range nlwire.Attributes(b[sizeofRule:]) {
		if err != nil {
			return nil, fmt.Errorf("rule: %w", err)
		}
		switch a.Type {
		case unix.FRA_DST:
			dst = a.Addr()
		case unix.FRA_SRC:
			src = a.Addr()
		default:
			if !ruleAttribute(r, a) && !ruleSelector(r, a) {
				extra = append(extra, fmt.Sprintf("%d:%s", a.Type, hex.EncodeToString(a.Value)))
			}
		}
	}
	r.Extra = strings.Join(extra, " ")
	var err error
	if b[1] != 0 {
		if r.Dst, err = prefix(r.Family, dst, b[1]); err != nil {
			return nil, fmt.Errorf("rule %d: %w", r.Priority, err)
		}
	}
	if b[2] != 0 {
		if r.Src, err = prefix(r.Family, src, b[2]); err != nil {
			return nil, fmt.Errorf("rule %d: %w", r.Priority, err)
		}
	}
	return r, nil
}

// ruleAttribute takes the attributes that say what a rule does.
func ruleAttribute(r *fact.Rule, a nlwire.Attribute) bool {
	switch a.Type {
	case unix.FRA_PRIORITY:
		r.Priority = a.U32()
	case unix.FRA_TABLE:
		r.Table = a.U32()
	case unix.FRA_GOTO:
		r.Goto = a.U32()
	case unix.FRA_PROTOCOL:
		r.Protocol = a.U8()
	case unix.FRA_SUPPRESS_PREFIXLEN:
		r.SuppressPrefixLen = int64(int32(a.U32()))
	case unix.FRA_SUPPRESS_IFGROUP:
		r.SuppressIfGroup = int64(int32(a.U32()))
	case unix.FRA_PAD:
	default:
		return false
	}
	return true
}

// ruleSelector takes the attributes that say what a rule matches.
func ruleSelector(r *fact.Rule, a nlwire.Attribute) bool {
	switch a.Type {
	case unix.FRA_IIFNAME:
		r.IIF = fact.Untrusted(a.Text())
	case unix.FRA_OIFNAME:
		r.OIF = fact.Untrusted(a.Text())
	case unix.FRA_FWMARK:
		r.FwMark = a.U32()
	case unix.FRA_FWMASK:
		r.FwMask = a.U32()
	case unix.FRA_TUN_ID:
		r.TunnelID = a.BE64()
	case unix.FRA_L3MDEV:
		r.L3MDev = a.U8() != 0
	case unix.FRA_IP_PROTO:
		r.IPProto = a.U8()
	case unix.FRA_UID_RANGE:
		if len(a.Value) >= 8 {
			r.UIDRange, r.HasUID = [2]uint32{a.U32(), a.Value[4:].U32()}, true
		}
	case unix.FRA_SPORT_RANGE:
		r.SourcePorts = ports(a.Value)
	case unix.FRA_DPORT_RANGE:
		r.DestPorts = ports(a.Value)
	default:
		return false
	}
	return true
}

// ports reads a struct fib_rule_port_range.
func ports(v nlwire.Value) [2]uint16 {
	if len(v) < 4 {
		return [2]uint16{}
	}
	return [2]uint16{v.U16(), v[2:].U16()}
}
