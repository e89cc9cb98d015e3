package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// maxFile bounds what is read. The file with every setting has 4 KiB.
const maxFile = 64 << 10

// Load returns the settings in the TOML file at path, with the default for
// each that is not in it. A file that does not exist means no settings, unless
// it is required. The error is one of reading or Mistakes.
func Load(path string, required bool) (Config, error) {
	b, err := ReadFile(path, maxFile)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return Default(), nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	return parse(path, b)
}

// ReadFile reads a small file of the user's, of at most limit bytes. It does not wait
// for somebody to open the other end of a FIFO, which no signal would end.
func ReadFile(path string, limit int) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err == nil && len(b) > limit {
		err = fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return b, err
}

// parse is Load for the content of a file. name is what errors call it.
func parse(name string, b []byte) (Config, error) {
	c := Default()
	var tree map[string]any
	if err := toml.Unmarshal(b, &tree); err != nil {
		return Config{}, syntaxError(name, err)
	}
	r := reader{name: name, tree: tree, lines: map[string]int{}, settings: map[string]setting{}, all: settings(&c)}
	for _, s := range r.all {
		r.settings[s.key] = s
	}
	if err := r.read(b); err != nil {
		return Config{}, err
	}
	if err := c.together(); err != nil && len(r.mistakes) == 0 {
		r.mistakes = append(r.mistakes, r.place(err))
	}
	if len(r.mistakes) > 0 {
		return Config{}, r.mistakes
	}
	return c, nil
}

// Mistakes are all that is wrong with a file, in its order: each is one line
// with the file and the line, the key, and what is allowed.
type Mistakes []error

// Error returns the mistakes as a line each.
func (m Mistakes) Error() string { return errors.Join(m...).Error() }

// Unwrap returns the mistakes.
func (m Mistakes) Unwrap() []error { return m }

// syntaxError is the library's error as one line. Its own text leaves out
// where.
func syntaxError(name string, err error) error {
	e, ok := errors.AsType[*toml.DecodeError](err)
	if !ok {
		return fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "toml: "))
	}
	line, _ := e.Position()
	return fmt.Errorf("%s:%d: %s", name, line, strings.TrimPrefix(e.Error(), "toml: "))
}

// A reader puts the values of one document into settings. The values are those
// of the document decoded as a whole, in which the library has found keys that
// are given twice; the syntax tree adds the order and the lines.
type reader struct {
	name     string
	tree     map[string]any
	all      []setting
	settings map[string]setting
	// lines are the lines of the keys read so far.
	lines    map[string]int
	mistakes Mistakes
}

func (r *reader) read(b []byte) error {
	var p unstable.Parser
	p.Reset(b)
	var table []string
	known := true
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			var line int
			table, line = key(&p, nil, e)
			err := r.key(table, line)
			known = err == nil
			r.note(err)
		case unstable.KeyValue:
			// The keys of a table that does not exist are no further mistakes.
			if known {
				r.keyValue(&p, table, e)
			}
		}
	}
	return p.Error()
}

// note keeps a mistake, if it is one.
func (r *reader) note(err error) {
	if err != nil {
		r.mistakes = append(r.mistakes, err)
	}
}

// keyValue reads a key with its value, or each key of an inline table.
func (r *reader) keyValue(p *unstable.Parser, table []string, n *unstable.Node) {
	path, line := key(p, table, n)
	err := r.key(path, line)
	r.note(err)
	if err != nil || n.Value().Kind != unstable.InlineTable {
		return
	}
	for it := n.Value().Children(); it.Next(); {
		r.keyValue(p, path, it.Node())
	}
}

// key returns the whole path of a node's key, and the line it is on.
func key(p *unstable.Parser, table []string, n *unstable.Node) (path []string, line int) {
	path = append(path, table...)
	for it := n.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
		if line == 0 {
			line = p.Shape(it.Node().Raw).Start.Line
		}
	}
	return path, line
}

// key puts the value at path into its setting, or accepts that path is a
// table.
func (r *reader) key(path []string, line int) error {
	name := join(path)
	v := lookup(r.tree, path)
	s, ok := r.settings[name]
	if !ok {
		if _, isTable := v.(map[string]any); isTable && len(r.keys(name)) > 0 {
			return nil
		}
		return fmt.Errorf("%s:%d: %w", r.name, line, r.unknown(path))
	}
	r.lines[name] = line
	err := s.value.set(v)
	if err == nil {
		err = s.value.check()
	}
	if err != nil {
		return r.place(&keyError{[]string{name}, err})
	}
	return nil
}

// place adds file and line to an error about keys: the line of the first of
// them that is in the file.
func (r *reader) place(err error) error {
	if e, ok := errors.AsType[*keyError](err); ok {
		for _, k := range e.keys {
			if line := r.lines[k]; line > 0 {
				return fmt.Errorf("%s:%d: %w", r.name, line, err)
			}
		}
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

// unknown names the keys that the innermost table on the path has.
func (r *reader) unknown(path []string) error {
	for i := len(path) - 1; i > 0; i-- {
		table := join(path[:i])
		if _, ok := r.settings[table]; ok {
			return fmt.Errorf("%s is a key, not a table", table)
		}
		if keys := r.keys(table); len(keys) > 0 {
			return fmt.Errorf("unknown key %s: [%s] has %s", join(path), table, strings.Join(keys, ", "))
		}
	}
	if len(r.keys(join(path))) > 0 {
		return fmt.Errorf("%s is a table: write [%s]", join(path), join(path))
	}
	return fmt.Errorf("unknown key %s: there are %s", join(path), strings.Join(r.keys(""), ", "))
}

// keys returns the keys of a table; those of the root with its tables in
// brackets.
func (r *reader) keys(table string) []string {
	var keys []string
	last := ""
	for _, s := range r.all {
		in, name, dotted := strings.Cut(s.key, ".")
		switch {
		case !dotted && table == "":
			keys = append(keys, s.key)
		case dotted && in == table:
			keys = append(keys, name)
		case dotted && table == "" && in != last:
			keys = append(keys, "["+in+"]")
			last = in
		}
	}
	return keys
}

// join writes a path as the table of settings has it. A part that can't be a
// bare key is quoted, so that it equals no key of the table and is safe to
// print.
func join(path []string) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = p
		if p == "" || strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			parts[i] = strconv.QuoteToASCII(p)
		}
	}
	return strings.Join(parts, ".")
}

// lookup returns the value at path in a decoded document, or nil.
func lookup(tree map[string]any, path []string) any {
	var v any = tree
	for _, p := range path {
		t, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = t[p]
	}
	return v
}
