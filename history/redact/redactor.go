package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"reflect"
	"strings"

	"flapscope/history/session"
	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// A Level is how much is taken out.
type Level string

// The levels.
const (
	// Public is for a stranger.
	Public Level = "public"
	// Colleague keeps private addresses and the names of interfaces.
	Colleague Level = "colleague"
	// None takes nothing out.
	None Level = "none"
)

// Levels are the names of the levels.
var Levels = []Level{Public, Colleague, None}

// ParseLevel returns the level of a name.
func ParseLevel(name string) (Level, error) {
	for _, l := range Levels {
		if string(l) == name {
			return l, nil
		}
	}
	return "", fmt.Errorf("there is no level %q: want public, colleague or none", name)
}

// A Redactor maps what identifies people and places to pseudonyms: equal stays
// equal. It is not safe for concurrent use.
type Redactor struct {
	level Level
	key   Key
	ips   addresser
	macs  *hardwarer
	// names are the pseudonyms by class, named how many there are.
	names map[Class]*names
	named int
	// interfaces are the names that are kept.
	interfaces map[string]bool
	// addresses, prefixes and texts are what was mapped before.
	addresses map[netip.Addr]netip.Addr
	prefixes  map[netip.Prefix]netip.Prefix
	texts     map[string]string
	macTexts  map[string]string
	// originals are all values that were replaced, and avoid those that no
	// pseudonym may be.
	originals map[string]bool
	avoid     map[string]bool
	// bytes is how many the originals have.
	bytes int
	// unlucky is whether a pseudonym tells what it stands for.
	unlucky bool
	// continued is whether the pseudonyms are those of a map.
	continued bool
	err       error
}

// A Key decides on the pseudonyms: who has it can tell which is whose.
type Key [16]byte

// New returns a redactor for one recording.
func New(level Level, key Key) *Redactor {
	macs := &hardwarer{newPermuter(key, 'm')}
	return &Redactor{
		level: level, key: key, macs: macs,
		ips:   addresser{newPermuter(key, 'a'), newPermuter(key, 'i'), macs, level == Colleague},
		names: map[Class]*names{}, interfaces: map[string]bool{}, addresses: map[netip.Addr]netip.Addr{}, prefixes: map[netip.Prefix]netip.Prefix{}, texts: map[string]string{}, macTexts: map[string]string{}, originals: map[string]bool{},
	}
}

// Observation returns the observation without what identifies anybody. The fact
// given stays as it is, but for the result of a probe: it is changed in its place.
func (r *Redactor) Observation(o fact.Observation) fact.Observation {
	if r.level == None || o.Fact == nil {
		return o
	}
	if p, ok := o.Fact.(*fact.ProbeResult); ok {
		// Nearly all there is: what the fields below do, in a third of the time.
		p.Target = r.text(p.Target)
		if p.Outcome != fact.OutcomeOK {
			p.Outcome = fact.Outcome(r.word(string(p.Outcome)))
		}
		p.By, p.Detail, p.From = fact.Refuser(r.word(string(p.By))), fact.Untrusted(r.text(string(p.Detail))), r.addr(p.From)
		return o
	}
	old := reflect.ValueOf(o.Fact).Elem()
	plan := planOf(old.Type())
	if len(plan) == 0 {
		return o
	}
	c := reflect.New(old.Type())
	c.Elem().Set(old)
	r.fields(c.Elem(), plan)
	o.Fact = c.Interface().(fact.Fact)
	return o
}

// Header returns the header without what identifies anybody.
func (r *Redactor) Header(h session.Header) session.Header {
	if r.level == None {
		return h
	}
	v := reflect.ValueOf(&h).Elem()
	r.fields(v, planOf(v.Type()))
	h.Redaction = string(r.level)
	return h
}

// Err returns why the pseudonyms are not to be trusted, or nil.
func (r *Redactor) Err() error {
	if r.err == nil && r.unlucky && !r.continued {
		return fmt.Errorf("%w: the pseudonym of an address is of its own network", ErrFound)
	}
	return r.err
}

// fields maps the fields of a struct in place. What is in a slice is copied
// before.
func (r *Redactor) fields(v reflect.Value, plan []field) {
	for i := range plan {
		f := &plan[i]
		in := v.Field(f.at)
		if !f.slice {
			r.value(in, f)
			continue
		}
		if in.Len() == 0 {
			continue
		}
		c := reflect.MakeSlice(in.Type(), in.Len(), in.Len())
		reflect.Copy(c, in)
		in.Set(c)
		for k := range c.Len() {
			r.value(c.Index(k), f)
		}
	}
}

func (r *Redactor) value(v reflect.Value, f *field) {
	switch {
	case f.inside != nil:
		r.fields(v, f.inside)
	case v.Kind() == reflect.String:
		if s := v.String(); s != "" {
			v.SetString(r.string(f.class, s))
		}
	case v.Type() == addrType && f.class == Address:
		a := v.Addr().Interface().(*netip.Addr)
		*a = r.addr(*a)
	case v.Type() == prefixType && f.class == Prefix:
		p := v.Addr().Interface().(*netip.Prefix)
		*p = r.prefix(*p)
	default:
		v.SetZero()
	}
}

// string maps text of a class.
func (r *Redactor) string(c Class, s string) string {
	switch c {
	case Word:
		return r.word(s)
	case Text:
		return r.text(s)
	case System:
		return r.system(s)
	case Version:
		return r.version(s)
	case Firmware:
		return r.firmware(s)
	case Interface:
		return r.interfaceName(s)
	case Label:
		return r.label(s)
	case Alias, Note, Mark, SSID:
		return r.name(c, string(c), s)
	case Host:
		return r.host(s)
	case Hardware:
		return r.hardwareText(s)
	case Random:
		r.original(s)
		mac := hmac.New(sha256.New, r.key[:])
		mac.Write([]byte(s))
		return hex.EncodeToString(mac.Sum(nil)[:16])
	}
	r.original(s)
	return ""
}

// addr maps an address with its zone.
func (r *Redactor) addr(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return a
	}
	bare := a.WithZone("")
	p, ok := r.addresses[bare]
	if !ok {
		p = r.ips.address(bare)
		r.addresses[bare] = p
		r.unlucky = r.unlucky || p != bare && near(bare, p)
		if len(r.addresses) > maxAddresses {
			r.err = errAddresses
		}
	}
	if z := a.Zone(); z != "" {
		p = p.WithZone(r.interfaceName(z))
	}
	return p
}

// near reports whether an address has, by chance, a pseudonym of its own network:
// who sees it takes that for the network's name.
func near(a, p netip.Addr) bool {
	bits := 24
	if a.Is6() {
		bits = 64
	}
	// The kind of the address may leave no other network.
	network, err := a.Prefix(bits)
	return err == nil && spaceOf(a).prefix.Bits() < bits && network.Contains(p)
}

// maxAddresses bounds the addresses that are remembered, to look for each of
// them afterwards.
const maxAddresses = 1 << 21

var errAddresses = fmt.Errorf("more than %d addresses: this is no recording of a machine", maxAddresses)

func (r *Redactor) prefix(p netip.Prefix) netip.Prefix {
	if !p.IsValid() {
		return p
	}
	if p.IsSingleIP() {
		return netip.PrefixFrom(r.addr(p.Addr()), p.Bits())
	}
	mapped, ok := r.prefixes[p]
	if !ok {
		mapped = r.ips.prefix(p)
		r.prefixes[p] = mapped
		if len(r.prefixes) > maxAddresses {
			r.err = errAddresses
		}
	}
	return mapped
}

// original notes that a value was replaced.
func (r *Redactor) original(s string) {
	if r.originals[s] {
		return
	}
	if r.bytes += len(s); len(r.originals) >= 2*maxNames || r.bytes > maxNameBytes {
		r.err = errNames
		return
	}
	r.originals[s] = true
}

// versions are what this program's version can be.
var versions = lazily(`^(v?[0-9]+\.[0-9]+\.[0-9]+|[0-9a-f]{7,10}|development|devel|dev|test|\(devel\))(-[0-9]{14}-[0-9a-f]{12})?([-+ ][0-9a-z.]{1,16})?$`)

func (r *Redactor) version(s string) string {
	if versions.MatchString(s) {
		return s
	}
	return r.text(s)
}

// firmwares are what a part of a firmware's version can be, and stay: an address has
// more numbers.
var firmwares = lazily(`^v?[0-9]{1,3}(\.[0-9a-f]{1,8}){1,2}$`)

// firmware keeps the numbers of a version, and drops the names beside them.
func (r *Redactor) firmware(s string) string {
	var kept []string
	for part := range strings.FieldsSeq(s) {
		if firmwares.MatchString(part) {
			kept = append(kept, part)
		} else {
			r.text(part) // it is looked for as what it is
		}
	}
	return strings.Join(kept, " ")
}

// Settings returns settings without what identifies anybody.
func (r *Redactor) Settings(s path.Settings) path.Settings {
	if r.level != None {
		s.Interface = fact.Untrusted(r.interfaceName(string(s.Interface)))
	}
	return s
}
