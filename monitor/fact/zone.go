package fact

import (
	"net/netip"
	"reflect"
	"strings"
)

// maxZone is the length of the longest name of an interface (IFNAMSIZ).
const maxZone = 15

// CleanZone returns a without its zone, unless that could be the name or the
// number of an interface and is safe to show: package netip takes anything
// after the percent sign.
func CleanZone(a netip.Addr) netip.Addr {
	if zone := a.Zone(); zone != "" && !sane(zone) {
		return a.WithZone("")
	}
	return a
}

// sane reports whether a zone is one of ours: what the kernel takes for a name
// (dev_valid_name in net/core/dev.c) and a terminal shows.
func sane(zone string) bool {
	if len(zone) > maxZone || strings.ContainsAny(zone, "/:%\\ ") {
		return false
	}
	return Untrusted(zone).Display() == zone
}

// clean cleans the zones of all addresses in a fact, and cuts its texts.
func clean(f Fact) { cleanValue(reflect.ValueOf(f).Elem()) }

func cleanValue(v reflect.Value) {
	if a, ok := reflect.TypeAssert[*netip.Addr](v.Addr()); ok {
		*a = CleanZone(*a)
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.Len() > maxText {
			v.SetString(strings.Clone(v.String()[:maxText]))
		}
	case reflect.Struct:
		for i, field := range v.Fields() {
			if i.IsExported() {
				cleanValue(field)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			cleanValue(v.Index(i))
		}
	}
}
