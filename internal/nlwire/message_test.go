//go:build linux

package nlwire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// two is a datagram of two messages, the first with a nested attribute.
func two() []byte {
	var q, in Request
	in.Attr32(7, 0xdeadbeef)
	start := q.Begin(16, 1, 5, 1, 2, 3, 4)
	q.Attr(3|0x8000, in.Datagram)
	q.Attr(4, []byte("wlan0\x00"))
	q.End(start)
	q.End(q.Begin(17, 0, 6))
	return q.Datagram
}

func TestMessages(t *testing.T) {
	var got []Message
	for m, err := range Messages(two()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	if len(got) != 2 || got[0].Type != 16 || got[0].Seq != 5 || got[1].Type != 17 || len(got[1].Body) != 0 {
		t.Fatalf("%+v", got)
	}
	var nested uint32
	var name string
	for a, err := range Attributes(got[0].Body[4:]) {
		switch {
		case err != nil:
			t.Fatal(err)
		case a.Type == 4:
			name = a.Text()
		case a.Type == 3:
			for a := range Readable(a.Value) {
				nested = a.U32()
			}
		}
	}
	if nested != 0xdeadbeef || name != "wlan0" {
		t.Errorf("%#x %q", nested, name)
	}
}

// What is short is reported of, and nothing after it is read.
func TestShort(t *testing.T) {
	whole := two()
	for _, cut := range []int{1, 17, len(whole) - 1, len(whole) - 17} {
		if !errors.Is(walk(whole[:cut]), ErrShort) {
			t.Errorf("%d of %d bytes are no error", cut, len(whole))
		}
	}
	for a, err := range Attributes([]byte{200, 0, 1, 0, 0, 0, 0, 0}) {
		if a.Type != 0 || !errors.Is(err, ErrShort) {
			t.Errorf("%+v, %v", a, err)
		}
	}
	var v Value
	if v.U8() != 0 || v.U16() != 0 || v.U32() != 0 || v.U64() != 0 || v.BE64() != 0 || v.Text() != "" || v.Addr().IsValid() || v.Hardware() != "" {
		t.Error("nothing is something")
	}
	v = Value{0xfe, 0, 0, 0, 0, 1}
	if v.S8() != -2 || v.Hardware() != "fe:00:00:00:00:01" {
		t.Errorf("%d, %s", v.S8(), v.Hardware())
	}
}

// walk reads everything, and returns the first error of a message.
func walk(b []byte) (failed error) {
	for m, err := range Messages(b) {
		if err != nil && failed == nil {
			failed = err
		}
		for a := range Readable(m.Body) {
			_, _, _, _ = a.Text(), a.Addr(), a.Hardware(), a.U64()
		}
	}
	return failed
}

// Of any bytes, what is read is the bytes: no message is made up, and none twice.
func FuzzMessages(f *testing.F) {
	f.Add(two())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = walk(b)
		at := 0
		for m, err := range Messages(b) {
			if err != nil {
				break
			}
			n := int(binary.NativeEndian.Uint32(b[at:]))
			if !bytes.Equal(m.Body, b[at+16:at+n]) {
				t.Fatalf("a message at %d that is not there", at)
			}
			at += Align(n)
		}
	})
}
