package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"flapscope/ui"
)

// pages writes the man page of a command and those of its commands.
func pages(c *cobra.Command, dir string) error {
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := pages(sub, dir); err != nil {
			return err
		}
	}
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	b, err := page(c, name)
	if err != nil {
		return fmt.Errorf("man page of %s: %w", name, err)
	}
	return os.WriteFile(filepath.Join(dir, name+".1"), b, 0o644)
}

// page returns the man page of a command: what the library makes of it, with
// the sections that it does not know put in their usual place.
func page(c *cobra.Command, name string) ([]byte, error) {
	var b bytes.Buffer
	header := &doc.GenManHeader{Title: strings.ToUpper(name), Section: "1", Source: "flapscope", Manual: "User Commands"}
	if err := doc.GenMan(c, header, &b); err != nil {
		return nil, err
	}
	// A switch needs no value.
	text := strings.ReplaceAll(b.String(), "[=false]", "")
	more := exitStatus + environment + files
	switch name {
	case "flapscope":
		more = keys(ui.Keys(false)) + more
	case "flapscope-replay":
		more = keys(ui.Keys(true)) + more
	}
	at := len(text)
	for _, section := range []string{".SH EXAMPLE\n", ".SH SEE ALSO\n"} {
		if i := strings.Index(text, section); i >= 0 {
			at = min(at, i)
		}
	}
	return []byte(text[:at] + more + text[at:]), nil
}

// keys returns the section of the keys of a screen.
func keys(list []ui.Key) string {
	var b strings.Builder
	b.WriteString(".SH KEYS\n")
	group := ""
	for _, k := range list {
		if k.Group != group {
			group = k.Group
			fmt.Fprintf(&b, ".SS %s\n", group)
		}
		fmt.Fprintf(&b, ".TP 8\n\\fB%s\\fP\n%s\n", escaped(k.Key), escaped(k.Does))
	}
	return b.String() + "\n"
}

// escaped is text as roff takes it literally.
func escaped(s string) string {
	s = strings.ReplaceAll(s, `\`, `\e`)
	s = strings.ReplaceAll(s, "-", `\-`)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

const exitStatus = `.SH EXIT STATUS
.TP 4
\fB0\fP
Yes: it worked; the path is satisfied.
.TP 4
\fB1\fP
A negative answer: the path is not satisfied, or not within \-\-timeout.
.TP 4
\fB2\fP
A mistake in the command line or in the configuration.
.TP 4
\fB3\fP
A failure of what should have worked: a file that can't be read or written.

`

const environment = `.SH ENVIRONMENT
.TP
\fBXDG_CONFIG_HOME\fP, \fBXDG_STATE_HOME\fP
Where configuration and history are; by default ~/.config and ~/.local/state.
.TP
\fBHOME\fP
Where those are. Without it there is no history unless history.dir is set.
.TP
\fBNO_COLOR\fP
Use no colours if it is set and not empty.
.TP
\fBTERM\fP, \fBLC_ALL\fP, \fBLC_CTYPE\fP, \fBLANG\fP
What colours and characters the terminal is trusted with.

`

const files = `.SH FILES
.TP
\fI$XDG_CONFIG_HOME/flapscope/config.toml\fP
The configuration; \fBflapscope config\fP prints all of it.
.TP
\fI$XDG_STATE_HOME/flapscope/*.flap.gz\fP
The history: recordings of the last days, readable by their owner alone.
.TP
\fINAME.flap.gz.open\fP
The journal of a recording that is being written. It holds the last minute: copy
it too.

`
