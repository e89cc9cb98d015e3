package redact

import (
	"net/netip"
	"reflect"
	"sync"
)

// A Class says what a field can give away, and so what becomes of it.
type Class string

// The classes.
const (
	// Word is one of the program's own words, or the kernel's.
	Word Class = "word"
	// Text is free text: words are kept, what else is in it becomes pseudonyms.
	Text Class = "text"
	// System is the name of an operating system or a kernel: its known words and
	// its version are kept.
	System Class = "system"
	// Version is the version of this program, and Firmware those of a device's.
	Version  Class = "version"
	Firmware Class = "firmware"
	// Interface is the name of a network interface, Label one with a label.
	Interface Class = "interface"
	Label     Class = "label"
	// Alias is an administrator's text, Note and Mark are the user's.
	Alias Class = "alias"
	Note  Class = "note"
	Mark  Class = "mark"
	// SSID is the name of a wireless network.
	SSID Class = "ssid"
	// Host is the name of a machine or a domain.
	Host Class = "host"
	// Hardware is a link-layer address.
	Hardware Class = "hardware"
	// Address is an IP address, and Prefix one with a length.
	Address Class = "address"
	Prefix  Class = "prefix"
	// Random is an identifier that says only what is equal.
	Random Class = "random"
	// Drop is emptied.
	Drop Class = "drop"
)

// classes has every field of a fact, or of the header, that can hold text or an
// address, by the name of its type.
var classes = map[string]Class{
	"Link.Name": Interface, "Link.AltNames": Interface, "Link.LinkKind": Word, "Link.SlaveKind": Word, "Link.Type": Word,
	"Link.Address": Hardware, "Link.Alias": Alias,
	"Address.Local": Address, "Address.Peer": Address, "Address.Broadcast": Address, "Address.Label": Label,
	"Route.Dst": Prefix, "Route.Src": Prefix, "Route.Gateway": Address, "Route.PrefSrc": Address, "Hop.Gateway": Address,
	"Nexthop.Gateway": Address,
	"Rule.Src":        Prefix, "Rule.Dst": Prefix, "Rule.IIF": Interface, "Rule.OIF": Interface, "Rule.Extra": Random,
	"Neighbour.Dst": Address, "Neighbour.LLAddr": Hardware,
	"Question.Dst": Address, "Lookup.Err": Text, "Lookup.Gateway": Address, "Lookup.Source": Address, "Lookup.Match": Prefix,
	"Resolvers.Source": Text, "Resolvers.Search": Host, "Resolvers.Err": Text, "Domain.Name": Host, "Server.Addr": Address,
	"Wifi.Event": Word, "Wifi.SSID": SSID, "Wifi.BSSID": Hardware, "Wifi.From": Hardware,
	"HeardCell.BSSID": Hardware, "HeardCell.SSID": SSID, "HeardCell.Security": Word,
	"WifiEvent.Event": Word, "WifiEvent.SSID": SSID, "WifiEvent.BSSID": Hardware, "WifiEvent.Country": Drop,
	"Target.ID": Text, "Target.Name": Text, "Target.Method": Word, "Target.Role": Word, "Target.Addr": Address,
	"Target.Host": Host, "Target.Query": Text, "Target.Mode": Word,
	"ProbeResult.Target": Text, "ProbeResult.Outcome": Word, "ProbeResult.Detail": Text, "ProbeResult.By": Word,
	"ProbeResult.From": Address,
	"Gap.Reason":       Word, "Gap.Source": Text, "Gap.Text": Text,
	"Capport.API": Text, "Capport.SignIn": Text, "Translator.Prefix": Prefix,
	"Metering.Name": Interface, "Manager.Name": Word, "Manager.Version": System,
	"Check.Trigger": Word, "Check.State": Word, "Check.Text": Text, "Check.Evidence": Text,
	"CheckFinding.What": Word, "CheckFinding.Leg": Word, "CheckFinding.Addr": Address, "CheckFinding.Detail": Text,
	"Mark.Text": Mark, "Notice.Key": Text, "Notice.Text": Text, "Sync.Source": Word,

	"Header.ID": Drop, "Header.Continues": Drop, "Header.CutFrom": Drop, "Header.Tool": Word, "Header.Version": Version,
	"Header.Config": Drop, "Header.Impossible": Text, "Header.Note": Note, "Header.Redaction": Word,
	"Host.Name": Host, "Host.OS": System, "Host.Kernel": System, "Host.Arch": Word, "Host.BootID": Random,
	"HostInterface.Name": Interface, "HostInterface.Driver": Word, "HostInterface.Firmware": Firmware, "Settings.Interface": Interface,
}

// A field is one that has to be looked at, by its place in its struct: a value
// of a class, or something with fields of its own.
type field struct {
	name  string
	at    int
	class Class
	slice bool
	// inside are the fields of a struct.
	inside []field
}

var (
	addrType   = reflect.TypeFor[netip.Addr]()
	prefixType = reflect.TypeFor[netip.Prefix]()
)

// plans are the fields to look at, by type.
var plans sync.Map

// planOf returns the fields of a struct that can hold text or an address.
func planOf(t reflect.Type) []field {
	if p, ok := plans.Load(t); ok {
		return p.([]field)
	}
	var plan []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		k := field{name: t.Name() + "." + f.Name, at: i}
		of := f.Type
		if of.Kind() == reflect.Slice && of.Elem().Kind() != reflect.Uint8 {
			k.slice, of = true, of.Elem()
		}
		switch {
		case of.Kind() == reflect.Pointer && of.Elem().Kind() == reflect.Struct && planOf(of.Elem()) == nil:
			continue // numbers alone
		case of == addrType, of == prefixType, of.Kind() == reflect.String, of.Kind() == reflect.Slice,
			of.Kind() == reflect.Map, of.Kind() == reflect.Interface, of.Kind() == reflect.Pointer:
			if k.class = classes[k.name]; k.class == "" {
				k.class = Drop
			}
		case of.Kind() == reflect.Struct:
			if k.inside = planOf(of); k.inside == nil {
				continue
			}
		default:
			continue
		}
		plan = append(plan, k)
	}
	plans.Store(t, plan)
	return plan
}
