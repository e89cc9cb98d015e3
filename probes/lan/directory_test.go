package lan

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// answer makes a message of records as zone files have them.
func answer(t testing.TB, records ...string) *dns.Msg {
	t.Helper()
	m := &dns.Msg{MsgHdr: dns.MsgHdr{Response: true}}
	for _, r := range records {
		rr, err := dns.NewRR(r)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

// next are the questions that a directory has next.
func (d *directory) next() (out []string) {
	for _, q := range d.questions() {
		out = append(out, q.Name+" "+dns.TypeToString[q.Qtype])
	}
	return out
}

// TestDirectory goes from the types of services on a link to the hosts that have
// them.
func TestDirectory(t *testing.T) {
	d := newDirectory()
	steps := []struct {
		want []string
		got  *dns.Msg
	}{
		{[]string{"_services._dns-sd._udp.local. PTR"}, answer(t, "_services._dns-sd._udp.local. 10 PTR _ipp._tcp.local.", "_services._dns-sd._udp.local. 10 PTR evil.example.")},
		{[]string{"_ipp._tcp.local. PTR"}, answer(t, `_ipp._tcp.local. 10 PTR Brother\032HL\\5.\ \(2\)._ipp._tcp.local.`, "_ipp._tcp.local. 10 PTR other._http._tcp.local.")},
	}
	for i, s := range steps {
		if diff := cmp.Diff(s.want, d.next()); diff != "" {
			t.Fatalf("step %d asks (-want +got):\n%s", i, diff)
		}
		d.take(s.got)
	}
	if len(d.instances) != 1 {
		t.Fatalf("%d services, want the one of the type that was asked for", len(d.instances))
	}
	var name string
	for n := range d.instances {
		name = n
	}
	if q := d.next(); len(q) != 1 || q[0] != name+" SRV" {
		t.Fatalf("asks %q, want for where %q is", q, name)
	}
	d.take(&dns.Msg{MsgHdr: dns.MsgHdr{Response: true}, Answer: []dns.RR{&dns.SRV{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeSRV}, Target: "Printer.local.", Port: 631}}})
	if diff := cmp.Diff([]string{"printer.local. A", "printer.local. AAAA"}, d.next()); diff != "" {
		t.Fatalf("asks (-want +got):\n%s", diff)
	}
	d.take(answer(t, "printer.local. 10 A 192.0.2.20", "20.2.0.192.in-addr.arpa. 10 PTR printer-7.local."))
	if q := d.next(); len(q) != 0 {
		t.Errorf("still asks %q", q)
	}
	addr := netip.MustParseAddr("192.0.2.20")
	h := &hosts{byAddr: map[netip.Addr]*Host{}}
	x := &Host{}
	h.all = append(h.all, x)
	h.put(x, addr)
	d.fill(h)
	want := []Service{{Instance: `Brother HL\5. (2)`, Type: "_ipp._tcp", Port: 631}}
	if diff := cmp.Diff(want, x.Services); diff != "" || x.Name != "printer-7.local" {
		t.Errorf("the host is called %q and has (-want +got):\n%s", x.Name, diff)
	}
}

// FuzzDirectory checks that no message makes a directory grow without bound, ask
// for ever, or panic.
func FuzzDirectory(f *testing.F) {
	for _, m := range []*dns.Msg{
		answer(f, "_services._dns-sd._udp.local. 10 PTR _ipp._tcp.local.", "_ipp._tcp.local. 10 PTR a._ipp._tcp.local.", "a._ipp._tcp.local. 10 SRV 0 0 631 p.local.", "p.local. 10 A 192.0.2.20"),
		answer(f, "p.local. 10 AAAA 2001:db8::20", "20.2.0.192.in-addr.arpa. 10 PTR p.local."),
	} {
		b, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m dns.Msg
		if m.Unpack(b) != nil {
			return
		}
		d := newDirectory()
		for range 8 {
			d.take(&m)
			d.questions()
		}
		if q := d.questions(); len(q) > 0 {
			t.Errorf("asks again: %v", q)
		}
		x := &Host{}
		h := &hosts{byAddr: map[netip.Addr]*Host{}, all: []*Host{x}}
		for _, a := range slices.Concat([]netip.Addr{netip.MustParseAddr("192.0.2.20")}, d.addrs["p.local."]) {
			h.put(x, a)
		}
		d.fill(h)
		if len(x.Services) > maxAddrs || len(d.instances) > maxInstances || len(x.Addrs) > maxAddrs {
			t.Errorf("%d services, %d instances, %d addresses", len(x.Services), len(d.instances), len(x.Addrs))
		}
	})
}
