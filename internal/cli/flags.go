package cli

import (
	"strings"
	"time"

	"github.com/spf13/pflag"

	"flapscope/internal/config"
)

// globalFlags are the flags of every command. Those that were given override
// the configuration.
type globalFlags struct {
	config               string
	theme, glyphs, iface string
	noColor, noHistory   bool
	// lite is of the live screen alone.
	lite                 bool
	settleUp, settleDown time.Duration
	set                  *pflag.FlagSet
}

func (f *globalFlags) register(set *pflag.FlagSet) {
	d := config.Default()
	f.set = set
	set.StringVar(&f.config, "config", "", "read settings from this `file`")
	set.StringVar(&f.theme, "theme", d.Theme, "`name` of the colours: "+strings.Join(themeNames(), ", ")+", or one of your own")
	set.StringVar(&f.glyphs, "glyphs", d.Glyphs, "`set` of characters: auto, unicode, cp437, ascii")
	set.BoolVar(&f.noColor, "no-color", false, "use no colours (as NO_COLOR does)")
	set.BoolVar(&f.noHistory, "no-history", false, "keep no recording of what is observed")
	set.StringVar(&f.iface, "interface", "", "watch the path of one interface `name` only")
	set.DurationVar(&f.settleUp, "settle-up", d.SettleUp, "how long a gain must hold to be settled")
	set.DurationVar(&f.settleDown, "settle-down", d.SettleDown, "how long a loss must hold to be settled")
}

// over puts the flags that were given into the configuration.
func (f *globalFlags) over(c *config.Config) {
	for name, put := range map[string]func(){
		"theme":       func() { c.Theme = f.theme },
		"glyphs":      func() { c.Glyphs = f.glyphs },
		"no-color":    func() { c.NoColor = f.noColor },
		"no-history":  func() { c.History.Enabled = !f.noHistory },
		"interface":   func() { c.Interface = f.iface },
		"settle-up":   func() { c.SettleUp = f.settleUp },
		"settle-down": func() { c.SettleDown = f.settleDown },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
}
