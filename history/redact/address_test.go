package redact

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// common returns how many bits two addresses of a family begin with alike.
func common(a, b netip.Addr) int {
	x, y := a.AsSlice(), b.AsSlice()
	n := 0
	for i := range x {
		if d := x[i] ^ y[i]; d != 0 {
			return n + bits.LeadingZeros8(d)
		}
		n += 8
	}
	return n
}

func random4(rng *rand.Rand) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], rng.Uint32())
	return netip.AddrFrom4(b)
}

func random6(rng *rand.Rand) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], rng.Uint64())
	binary.BigEndian.PutUint64(b[8:], rng.Uint64())
	return netip.AddrFrom16(b)
}

// in returns an address like a that begins as prefix.
func in(prefix string, a netip.Addr) netip.Addr {
	p := netip.MustParsePrefix(prefix)
	b, of := a.AsSlice(), p.Addr().AsSlice()
	for i := range p.Bits() {
		mask := byte(0x80) >> (i % 8)
		b[i/8] = b[i/8]&^mask | of[i/8]&mask
	}
	a, _ = netip.AddrFromSlice(b)
	return a
}

// walks reports whether the first pseudonym of an address of IPv4 would be of another
// kind than the address, which some 2 % of all keys do to a network of 8 bits.
func walks(r *Redactor, a netip.Addr) bool {
	s := spaceOf(a)
	if !a.Is4() || s.prefix.Bits() == 24 {
		return false
	}
	b := a.As4()
	r.ips.bits.permute(b[:], s.prefix.Bits())
	p := netip.AddrFrom4(b)
	return wellKnown[p] || spaceOf(p).prefix != s.prefix
}

// TestPrefixesAreKept: two addresses of a kind have pseudonyms that begin with as
// many common bits, unless one has to be of another kind at first; of IPv6 within the
// first 64.
func TestPrefixesAreKept(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	r := New(Public, NewKey())
	for _, prefix := range []string{
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "8.0.0.0/8", "192.0.2.0/24",
		"2001:db8::/32", "2a00::/16", "fd00::/8",
	} {
		for range 500 {
			a, b := random4(rng), random4(rng)
			if netip.MustParsePrefix(prefix).Addr().Is6() {
				a, b = random6(rng), random6(rng)
			}
			a, b = in(prefix, a), in(prefix, b)
			// Alike up to anywhere.
			p, _ := a.Prefix(rng.IntN(a.BitLen() + 1))
			b = in(p.String(), b)
			if wellKnown[a] || wellKnown[b] {
				continue
			}
			if walks(r, a) || walks(r, b) {
				continue
			}
			want, got := common(a, b), common(r.addr(a), r.addr(b))
			if a.Is6() && want >= 64 {
				want, got = 64, min(got, 64)
			}
			if got != want {
				t.Fatalf("%v and %v have %d bits in common, their pseudonyms %v and %v %d", a, b, want, r.addr(a), r.addr(b), got)
			}
		}
	}
}

// TestPrefixesFollow: the pseudonym of a prefix holds the pseudonyms of the
// addresses in it.
func TestPrefixesFollow(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		r := New(Public, NewKey())
		for _, s := range []string{"10.1.2.0/24", "192.168.7.0/25", "172.20.0.0/14", "192.0.2.64/26", "81.2.69.0/24", "10.0.0.0/8", "fd12:3456:789a:1::/64", "2001:db8:7::/48", "2a02:2e0:3fe::/48", "fe80::/64"} {
			p := netip.MustParsePrefix(s)
			for range 50 {
				a := random4(rng)
				if p.Addr().Is6() {
					a = random6(rng)
				}
				a = in(s, a)
				if q := r.prefix(p); !q.Contains(r.addr(a)) || q.Bits() != p.Bits() || q.Masked() != q {
					t.Fatalf("%v is in %v, and not %v in %v", a, p, r.addr(a), q)
				}
			}
		}
	}
}

// TestKindsAreKept: a pseudonym is of the kind of its address, and no two
// addresses have the same.
func TestKindsAreKept(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	r := New(Public, NewKey())
	seen := map[netip.Addr]netip.Addr{}
	check := func(a netip.Addr) {
		p := r.addr(a)
		if a.IsPrivate() != p.IsPrivate() || a.IsLinkLocalUnicast() != p.IsLinkLocalUnicast() || a.IsGlobalUnicast() != p.IsGlobalUnicast() ||
			a.IsLoopback() != p.IsLoopback() || a.IsMulticast() != p.IsMulticast() || a.Is4() != p.Is4() || a.IsUnspecified() != p.IsUnspecified() {
			t.Fatalf("%v became %v, of another kind", a, p)
		}
		if before, ok := seen[p]; ok && before != a {
			t.Fatalf("%v and %v both became %v", before, a, p)
		}
		seen[p] = a
	}
	for range 20_000 {
		check(random4(rng))
		check(in("2000::/3", random6(rng)))
		check(random6(rng))
	}
	for _, s := range []string{"0.0.0.0", "127.0.0.53", "255.255.255.255", "224.0.0.251", "::", "::1", "ff02::1", "ff02::fb", "1.1.1.1", "2606:4700:4700::1111", "fe80::1"} {
		a := netip.MustParseAddr(s)
		if p := r.addr(a); p != a {
			t.Errorf("%v, which is everybody's, became %v", a, p)
		}
	}
}

// TestEmbeddedAddresses: an interface identifier made from a hardware address
// is that of the hardware address's pseudonym, in every network.
func TestEmbeddedAddresses(t *testing.T) {
	r := New(Public, NewKey())
	mac := r.string(Hardware, "3c:22:fb:11:22:33")
	if mac[:8] != "3c:22:fb" || mac == "3c:22:fb:11:22:33" {
		t.Fatalf("the hardware address became %s, want the same maker and nothing else", mac)
	}
	b, ok := parseHardware(mac)
	if !ok {
		t.Fatal(mac)
	}
	want := embed([6]byte(b))
	for _, s := range []string{"fe80::3e22:fbff:fe11:2233", "2001:db8:1:2:3e22:fbff:fe11:2233"} {
		p := r.addr(netip.MustParseAddr(s)).As16()
		if [8]byte(p[8:]) != [8]byte(want) {
			t.Errorf("%s became %v, want it to end as %x", s, netip.AddrFrom16(p), want)
		}
	}
	if got := r.string(Interface, "enx3c22fb112233"); got != "enx"+mac[0:2]+mac[3:5]+mac[6:8]+mac[9:11]+mac[12:14]+mac[15:17] {
		t.Errorf("the interface with its name became %s", got)
	}
	nat := r.addr(netip.MustParseAddr("64:ff9b::192.168.1.7")).As16()
	if four := r.addr(netip.MustParseAddr("192.168.1.7")).As4(); [4]byte(nat[12:]) != four {
		t.Errorf("NAT64 of it became %v, and itself %v", netip.AddrFrom16(nat), four)
	}
}

// TestColleague keeps private networks, and not the hardware addresses in them.
func TestColleague(t *testing.T) {
	r := New(Colleague, NewKey())
	for s, kept := range map[string]bool{
		"192.168.1.7": true, "10.0.0.1": true, "fd12::7": true, "fe80::1234:5678:9abc:def0": true,
		"81.2.69.160": false, "2a02:2e0::7": false, "fe80::3e22:fbff:fe11:2233": false,
	} {
		a := netip.MustParseAddr(s)
		if p := r.addr(a); (p == a) != kept {
			t.Errorf("%s became %v", s, p)
		}
	}
	if got := r.string(Interface, "kitchen0"); got != "kitchen0" {
		t.Errorf("the interface became %s", got)
	}
}
