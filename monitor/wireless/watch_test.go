//go:build linux

package wireless

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
)

var (
	ownMAC  = mac{2}
	firstAP = mac{2, 0, 0, 0, 1}
	otherAP = mac{2, 0, 0, 0, 2}
)

// attrs builds attributes.
type attrs struct{ nlwire.Request }

func (a *attrs) add(typ uint16, v ...byte) *attrs { a.Attr(typ, v); return a }

func (a *attrs) u32(typ uint16, v uint32) *attrs {
	return a.add(typ, binary.NativeEndian.AppendUint32(nil, v)...)
}

func (a *attrs) u16(typ, v uint16) *attrs {
	return a.add(typ, binary.NativeEndian.AppendUint16(nil, v)...)
}

// about begins the attributes of an event of the interface.
func about() *attrs { return new(attrs).u32(unix.NL80211_ATTR_IFINDEX, 3) }

// management makes a management frame with so many bytes before its code.
func management(subtype byte, to, from, cell mac, fixed int, code uint16) []byte {
	b := append([]byte{subtype << 4, 0, 0, 0}, to[:]...)
	b = append(append(b, from[:]...), cell[:]...)
	b = append(b, make([]byte, 2+fixed)...)
	return binary.LittleEndian.AppendUint16(b, code)
}

// A bench is a watch with one interface, in the place of a machine.
type bench struct {
	*watch
	device device
	cell   cell
	got    []fact.Fact
}

func newBench() *bench {
	b := &bench{watch: newWatch(), device: device{index: 3, iftype: unix.NL80211_IFTYPE_STATION, mac: ownMAC}}
	b.look = func(int) (device, cell) { return b.device, b.cell }
	b.emit = func(_ fact.Via, op fact.Op, f fact.Fact) {
		if op == fact.Put {
			b.got = append(b.got, f)
		}
	}
	b.now = time.Hour
	b.watch.device(b.device, cell{}, fact.ViaDump)
	return b
}

// feed takes an event some time after the one before, as bytes.
func (b *bench) feed(after time.Duration, command uint8, a *attrs) {
	b.now += after
	e := decodeEvent(command, a.Datagram)
	b.event(&e)
}

func (b *bench) connect(after time.Duration, ap mac) {
	b.cell = cell{bssid: ap, frequency: 2412, associated: true}
	b.device.frequency, b.device.width = 2412, 20
	b.feed(after, unix.NL80211_CMD_CONNECT, about().add(unix.NL80211_ATTR_MAC, ap[:]...).u16(unix.NL80211_ATTR_STATUS_CODE, 0).
		add(unix.NL80211_ATTR_REQ_IE, append([]byte{0, 3}, "lab"...)...))
}

func (b *bench) frame(after time.Duration, command uint8, f []byte) {
	b.feed(after, command, about().add(unix.NL80211_ATTR_FRAME, f...))
}

// wifi returns the facts about the association, without the first.
func (b *bench) wifi() (out []fact.Wifi) {
	for _, f := range b.got {
		if w, ok := f.(*fact.Wifi); ok {
			out = append(out, *w)
		}
	}
	return out
}

// TestEnds ends an association in each of the ways that mac80211 shows: which of
// the messages says why, and that the others say nothing again.
func TestEnds(t *testing.T) {
	const deauth, disassoc = unix.NL80211_CMD_DEAUTHENTICATE, unix.NL80211_CMD_DISASSOCIATE
	byAP := func(subtype byte, code uint16) []byte {
		return management(subtype, ownMAC, firstAP, firstAP, 0, code)
	}
	byUs := func(code uint16) []byte {
		return management(frameDeauthenticate, firstAP, ownMAC, firstAP, 0, code)
	}
	signed := byAP(frameDeauthenticate, 4)
	signed[1] |= 0x40
	for _, tt := range []struct {
		name string
		do   func(*bench)
		want fact.Wifi
	}{
		{"kick", func(b *bench) { b.frame(0, deauth, byAP(frameDeauthenticate, 4)) }, fact.Wifi{Event: fact.WifiDeauthenticated, Reason: 4, ByAP: true}},
		{"kick-signed", func(b *bench) { b.frame(0, deauth, signed) }, fact.Wifi{Event: fact.WifiDeauthenticated, Reason: 4, ByAP: true, Protected: true}},
		{"disassociated", func(b *bench) { b.frame(0, disassoc, byAP(frameDisassociate, 8)) }, fact.Wifi{Event: fact.WifiDisassociated, Reason: 8, ByAP: true}},
		{"ap-stopped", func(b *bench) {
			b.frame(0, deauth, management(frameDeauthenticate, everybody, firstAP, firstAP, 0, 3))
		}, fact.Wifi{Event: fact.WifiDeauthenticated, Reason: 3, ByAP: true, Everybody: true}},
		{"out-of-range", func(b *bench) {
			b.feed(-time.Second, unix.NL80211_CMD_NOTIFY_CQM, about().add(unix.NL80211_ATTR_CQM, new(attrs).add(unix.NL80211_ATTR_CQM_BEACON_LOSS_EVENT).Datagram...))
			b.frame(time.Second, deauth, byUs(4))
		}, fact.Wifi{Event: fact.WifiBeaconLost, Reason: 4}},
		{"no-acknowledgements", func(b *bench) { b.frame(0, deauth, byUs(4)) }, fact.Wifi{Event: fact.WifiDeauthenticated, Reason: 4}},
		{"full-mac", func(b *bench) {
			b.feed(0, unix.NL80211_CMD_DISCONNECT, about().u16(unix.NL80211_ATTR_REASON_CODE, 2).add(unix.NL80211_ATTR_DISCONNECTED_BY_AP))
		}, fact.Wifi{Event: fact.WifiDisconnected, Reason: 2, ByAP: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench()
			b.connect(0, firstAP)
			b.now += time.Minute
			b.feed(0, unix.NL80211_CMD_DEL_STATION, about().add(unix.NL80211_ATTR_MAC, firstAP[:]...).
				add(unix.NL80211_ATTR_STA_INFO, new(attrs).add(unix.NL80211_STA_INFO_SIGNAL_AVG, 0xb0).add(unix.NL80211_STA_INFO_BEACON_SIGNAL_AVG, 0xae).Datagram...))
			tt.do(b)
			b.feed(time.Millisecond, unix.NL80211_CMD_DISCONNECT, about().u16(unix.NL80211_ATTR_REASON_CODE, 4))
			want := tt.want
			want.Index, want.SSID, want.BSSID, want.Frequency, want.Width = 3, "lab", firstAP.text(), 2412, 20
			want.Signal, want.BeaconSignal, want.Held = -80, -82, time.Minute
			if diff := cmp.Diff([]fact.Wifi{want}, b.wifi()[1:]); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestTries: a try that fails is told once though each of its steps says so, and
// the steps of SAE are no refusals.
func TestTries(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*bench)
		want []fact.Wifi
	}{
		{"unanswered", func(b *bench) {
			b.feed(0, unix.NL80211_CMD_AUTHENTICATE, about().add(unix.NL80211_ATTR_TIMED_OUT).add(unix.NL80211_ATTR_MAC, firstAP[:]...))
			b.feed(0, unix.NL80211_CMD_CONNECT, about().add(unix.NL80211_ATTR_TIMED_OUT).add(unix.NL80211_ATTR_MAC, firstAP[:]...))
		}, []fact.Wifi{{Index: 3, Event: fact.WifiUnanswered, BSSID: firstAP.text()}}},
		{"full", func(b *bench) {
			b.frame(0, unix.NL80211_CMD_ASSOCIATE, management(frameAssociateAnswer, ownMAC, firstAP, firstAP, 2, 17))
			b.feed(0, unix.NL80211_CMD_CONNECT, about().u16(unix.NL80211_ATTR_STATUS_CODE, 17).add(unix.NL80211_ATTR_MAC, firstAP[:]...))
		}, []fact.Wifi{{Index: 3, Event: fact.WifiRefused, Status: 17, BSSID: firstAP.text()}}},
		{"wrong-password", func(b *bench) {
			confirm := management(frameAuthenticate, ownMAC, firstAP, firstAP, 4, 1)
			copy(confirm[frameHeaderLen:], []byte{3, 0, 2, 0}) // SAE, the second step
			b.frame(0, unix.NL80211_CMD_AUTHENTICATE, confirm)
		}, []fact.Wifi{{Index: 3, Event: fact.WifiRefused, Status: 1, Confirm: true, BSSID: firstAP.text()}}},
		{"sae", func(b *bench) {
			b.frame(0, unix.NL80211_CMD_AUTHENTICATE, management(frameAuthenticate, ownMAC, firstAP, firstAP, 4, 76))
			b.frame(0, unix.NL80211_CMD_AUTHENTICATE, management(frameAuthenticate, ownMAC, firstAP, firstAP, 4, 126))
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench()
			tt.do(b)
			if diff := cmp.Diff(tt.want, b.wifi()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestRoam: mac80211 leaves the old access point before it joins the next, or that
// sends the station away to it; one that is left for no other is no roam.
func TestRoam(t *testing.T) {
	leave := management(frameDeauthenticate, firstAP, ownMAC, firstAP, 0, 1)
	steer := func(reason uint16) []byte { return management(frameDisassociate, ownMAC, firstAP, firstAP, 0, reason) }
	for _, tt := range []struct {
		name  string
		leave []byte
		to    mac
		after time.Duration
		want  fact.Untrusted
	}{
		{"to-another", leave, otherAP, 90 * time.Millisecond, fact.WifiRoamed},
		{"to-the-same", leave, firstAP, 90 * time.Millisecond, fact.WifiAssociated},
		{"too-late", leave, otherAP, time.Minute, fact.WifiAssociated},
		{"steered", steer(12), otherAP, 400 * time.Millisecond, fact.WifiRoamed},
		{"steered-in-vain", steer(12), firstAP, 400 * time.Millisecond, fact.WifiAssociated},
		{"kicked", steer(8), otherAP, 400 * time.Millisecond, fact.WifiAssociated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench()
			b.connect(0, firstAP)
			b.frame(time.Second, unix.NL80211_CMD_DEAUTHENTICATE, tt.leave)
			b.connect(tt.after, tt.to)
			got := b.wifi()
			last := got[len(got)-1]
			if last.Event != tt.want || (last.From != "") != (tt.want == fact.WifiRoamed) {
				t.Errorf("got %s from %q, want %s", last.Event, last.From, tt.want)
			}
		})
	}
}

// TestRegulatory: of other network namespaces there is news of the domain alone,
// which is told as what it is, and of radios that are not ours nothing.
func TestRegulatory(t *testing.T) {
	b := newBench()
	country := func() *attrs { return new(attrs).add(unix.NL80211_ATTR_REG_ALPHA2, 'D', 'E', 0) }
	b.feed(0, unix.NL80211_CMD_REG_CHANGE, country())
	b.feed(0, unix.NL80211_CMD_WIPHY_REG_CHANGE, country().u32(unix.NL80211_ATTR_WIPHY, 7))
	b.feed(0, unix.NL80211_CMD_WIPHY_REG_CHANGE, country().u32(unix.NL80211_ATTR_WIPHY, 0))
	want := []fact.Fact{
		&fact.WifiEvent{Event: fact.WifiEventRegulatory, Country: "DE", Elsewhere: true},
		&fact.WifiEvent{Event: fact.WifiEventRegulatory, Country: "DE"},
	}
	if diff := cmp.Diff(want, b.got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestP2P: the interface of a P2P device has no index, and is not interface 0.
func TestP2P(t *testing.T) {
	b := newBench()
	b.device.index = 0
	b.feed(0, unix.NL80211_CMD_NEW_INTERFACE, new(attrs).u32(unix.NL80211_ATTR_IFTYPE, 10))
	b.watch.device(b.device, cell{}, fact.ViaDump)
	if len(b.radios) != 1 || b.radios[0] != nil || len(b.got) != 0 {
		t.Errorf("got %d interfaces and %d facts, want the one with an index", len(b.radios), len(b.got))
	}
}

// TestRadioInterfaces: an interface of a radio is made and removed.
func TestRadioInterfaces(t *testing.T) {
	b := newBench()
	b.device.index = 5
	b.feed(0, unix.NL80211_CMD_NEW_INTERFACE, new(attrs).u32(unix.NL80211_ATTR_IFINDEX, 5))
	if b.radios[5] == nil {
		t.Error("it is not followed")
	}
	b.feed(0, unix.NL80211_CMD_DEL_INTERFACE, new(attrs).u32(unix.NL80211_ATTR_IFINDEX, 5))
	if b.radios[5] != nil {
		t.Error("it is followed after its end")
	}
	want := []fact.Fact{
		&fact.WifiEvent{Index: 5, Event: fact.WifiEventRadioMade}, &fact.WifiEvent{Index: 5, Event: fact.WifiEventRadioGone},
	}
	if diff := cmp.Diff(want, b.got); diff != "" {
		t.Error(diff)
	}
}

// TestStationSamples counts what an association did between two looks.
func TestStationSamples(t *testing.T) {
	b := newBench()
	b.connect(0, firstAP)
	r := b.radios[3]
	info := func(sent uint32, beacons uint64) station {
		bss := new(attrs).u16(unix.NL80211_STA_BSS_PARAM_BEACON_INTERVAL, 100)
		rate := new(attrs).u32(unix.NL80211_RATE_INFO_BITRATE32, 1170).add(unix.NL80211_RATE_INFO_MCS, 14).add(unix.NL80211_RATE_INFO_40_MHZ_WIDTH)
		a := new(attrs).add(unix.NL80211_STA_INFO_SIGNAL, 0xc4).u32(unix.NL80211_STA_INFO_TX_PACKETS, sent).
			add(unix.NL80211_STA_INFO_BEACON_RX, binary.NativeEndian.AppendUint64(nil, beacons)...).
			add(unix.NL80211_STA_INFO_TX_BITRATE, rate.Datagram...).add(unix.NL80211_STA_INFO_BSS_PARAM, bss.Datagram...)
		return decodeStationInfo(a.Datagram)
	}
	b.take(r, info(100, 5))
	b.now += time.Second
	b.take(r, info(107, 8))
	want := &fact.Station{Index: 3, Signal: -60, TxRate: 1170, MCS: 6, NSS: 2, Width: 40, Sent: 7, Beacons: 3, Due: 10}
	if diff := cmp.Diff(want, b.got[len(b.got)-1]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if b.trouble <= b.now {
		t.Error("too few beacons are no trouble")
	}
}

// TestSSID takes hostile beacons, which the kernel passes on as they are.
func TestSSID(t *testing.T) {
	element := func(id byte, s string) string { return string([]byte{id, byte(len(s))}) + s }
	long := string(make([]byte, 40))
	for _, tt := range []struct {
		name, elements string
		want           fact.Untrusted
	}{
		{"plain", element(0, "lab"), "lab"},
		{"escape", element(0, "\x1b]0;x\a\r\n"), "\x1b]0;x\a\r\n"},
		{"not-utf8", element(0, "\xff\xfe\xc3\x28"), "\xff\xfe\xc3\x28"},
		{"two", element(0, "lab") + element(0, "evil"), "lab"},
		{"too-long", element(0, long), "(invalid name)"},
		{"hidden", element(0, "\x00\x00\x00"), ""},
		{"empty", element(0, ""), ""},
		{"longer-than-the-frame", element(1, "x") + "\x00\x20lab", ""},
		{"none", element(1, "x"), ""},
	} {
		if got := ssidOf([]byte(tt.elements)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, string(got), string(tt.want))
		}
	}
}

// FuzzEvent gives the decoders what the kernel or the air may send.
func FuzzEvent(f *testing.F) {
	f.Add(uint8(unix.NL80211_CMD_DEAUTHENTICATE), about().add(unix.NL80211_ATTR_FRAME, management(frameDeauthenticate, ownMAC, firstAP, firstAP, 0, 4)...).Datagram)
	f.Add(uint8(unix.NL80211_CMD_NEW_STATION), about().add(unix.NL80211_ATTR_STA_INFO, new(attrs).add(unix.NL80211_STA_INFO_TX_BITRATE, 4, 0, 1).Datagram...).Datagram)
	f.Add(uint8(unix.NL80211_CMD_NEW_SCAN_RESULTS), about().add(unix.NL80211_ATTR_BSS, new(attrs).add(unix.NL80211_BSS_INFORMATION_ELEMENTS, 0, 3, 'l').Datagram...).Datagram)
	f.Add(uint8(unix.NL80211_CMD_TRIGGER_SCAN), about().add(unix.NL80211_ATTR_SCAN_SSIDS, new(attrs).add(0, 'a').Datagram...).Datagram)
	f.Add(uint8(unix.NL80211_CMD_NEW_SURVEY_RESULTS), surveyed(2412, 1000, 2000, -92).Datagram)
	f.Fuzz(func(t *testing.T, command uint8, a []byte) {
		b := newBench()
		b.connect(0, firstAP)
		_, s := decodeStation(a)
		b.take(b.radios[3], s)
		b.survey(b.radios[3], []survey{decodeSurvey(a)})
		b.survey(b.radios[3], []survey{decodeSurvey(a)})
		_ = decodeSaving(a)
		_ = decodeDevice(a)
		if c := decodeCell(a); len(c.ssid) > maxSSID {
			t.Errorf("a name of %d bytes", len(c.ssid))
		}
		e := decodeEvent(command, a)
		b.event(&e)
		_ = groupsOf(a)
		for _, err := range nlwire.Messages(a) {
			if err != nil {
				break
			}
		}
		for _, f := range b.got {
			_ = f.Words()
		}
	})
}
