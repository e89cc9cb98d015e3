package config

import (
	"fmt"
	"io"
	"strings"

	"flapscope/internal/text"
)

// WriteTOML writes every setting of c as a file that Load reads back to the
// same c, with what each key means.
func (c Config) WriteTOML(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Every setting of flapscope. Durations are text such as \"1m30s\", sizes are\n" +
		"# text such as \"500MB\". A key that is left out keeps its default.\n")
	in := ""
	for _, s := range settings(&c) {
		table, key, dotted := strings.Cut(s.key, ".")
		if !dotted {
			table, key = "", s.key
		}
		if table != in {
			fmt.Fprintf(&b, "\n[%s]\n", table)
			in = table
		} else {
			b.WriteByte('\n')
		}
		for _, line := range text.Wrap(s.doc, 76) {
			b.WriteString("# " + line + "\n")
		}
		fmt.Fprintf(&b, "%s = %s\n", key, s.value.literal())
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the configuration: %w", err)
	}
	return nil
}
