package cli

import (
	"time"

	"github.com/spf13/pflag"
)

// globalFlags are the flags of every command.
type globalFlags struct {
	config     string
	theme      string
	glyphs     string
	iface      string
	noColor    bool
	noHistory  bool
	settleUp   time.Duration
	settleDown time.Duration
	set        *pflag.FlagSet
}

func (f *globalFlags) register(set *pflag.FlagSet) {
	f.set = set
	set.StringVar(&f.config, "config", "", "read settings from this `file`")
	set.StringVar(&f.theme, "theme", "", "`name` of the colours: auto, dark, light")
	set.StringVar(&f.glyphs, "glyphs", "", "`set` of characters: auto, unicode, cp437, ascii")
	set.BoolVar(&f.noColor, "no-color", false, "use no colours (as NO_COLOR does)")
	set.StringVar(&f.iface, "interface", "", "watch the path of one interface `name` only")
	set.DurationVar(&f.settleUp, "settle-up", 0, "how long a gain must hold to be settled")
	set.DurationVar(&f.settleDown, "settle-down", 0, "how long a loss must hold to be settled")
}
