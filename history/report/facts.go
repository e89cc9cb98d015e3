package report

import (
	"fmt"
	"strings"
	"time"

	"flapscope/internal/text"
	"flapscope/monitor/fact"
)

// facts are what is known of the machine, by name.
func (r *Report) facts() (out [][2]string) {
	k := &r.Machine
	var vpn []string
	add := func(name string, parts ...string) {
		var said []string
		for _, p := range parts {
			if p != "" {
				said = append(said, p)
			}
		}
		if len(said) > 0 {
			out = append(out, [2]string{name, strings.Join(said, ", ")})
		}
	}
	add("system", k.OS.Display(), k.Kernel.Display(), k.Arch.Display(), k.Host.Display())
	for _, i := range k.Interfaces {
		add(i.Name.Display(), i.words()...)
	}
	add("configured by", display(k.Managers)...)
	for _, name := range k.VPN {
		vpn = append(vpn, k.tunnel(name))
	}
	add("VPN", vpn...)
	add("resolvers", display(k.Resolvers)...)
	synced := "clock synchronised"
	if !k.Synced {
		synced = "clock not synchronised: times of day are this machine's own"
	}
	gaps := "no gap"
	if len(r.Gaps) > 0 {
		var blind time.Duration
		for _, s := range r.blind {
			blind += s.To - s.From
		}
		gaps = text.Count(len(r.Gaps), "gap") + " of " + text.Duration(blind) + " in all"
	}
	end := ""
	if !k.Complete {
		end = "the recording has no end"
	}
	add("recorded", r.period(), text.Duration(r.Observed)+" observed", gaps, synced, end, "flapscope "+k.Version.Display())
	add("limits", display(k.Notices)...)
	add("note", k.Note.Display())
	switch r.Redaction {
	case "none":
		add("redaction", "none")
	default:
		add("redaction", r.Redaction+": names and addresses are pseudonyms, equal stays equal")
	}
	return out
}

// tunnel names a tunnel with what kind it is of: "wireguard", "tun", "xfrm".
func (m *Machine) tunnel(name fact.Untrusted) string {
	if kind := m.kinds[name]; kind != "" {
		return name.Display() + " (" + kind.Display() + ")"
	}
	return name.Display()
}

func display(list []fact.Untrusted) (out []string) {
	for _, u := range list {
		out = append(out, u.Display())
	}
	return out
}

// words say what there is to know of an interface.
func (i *Interface) words() []string {
	out := []string{i.Type.Display(), i.Kind.Display()}
	if i.Driver != "" {
		out = append(out, "driver "+i.Driver.Display())
	}
	if i.Firmware != "" {
		out = append(out, "firmware "+i.Firmware.Display())
	}
	out = append(out, display(i.Addresses)...)
	if i.MTU > 0 {
		out = append(out, fmt.Sprintf("MTU %d", i.MTU))
	}
	out = append(out, display(i.Settings)...)
	if i.InUse > 0 {
		out = append(out, "in use for "+text.Duration(i.InUse))
	}
	if i.Ready > 0 {
		out = append(out, "ready for "+text.Duration(i.Ready))
	}
	if i.CarrierChanges > 0 {
		out = append(out, text.Count(int(i.CarrierChanges), "carrier change"))
	}
	out = append(out, i.Counters.words()...)
	return out
}
