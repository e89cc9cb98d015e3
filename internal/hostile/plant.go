package hostile

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Fields returns the fields in the lines that hold text, as "kind.key.key":
// elements of a list are one field.
func Fields(lines [][]byte) ([]string, error) {
	found := map[string]bool{}
	for _, line := range lines {
		if _, err := plant(line, func(field string) (string, bool) {
			found[field] = true
			return "", false
		}); err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// words are the last keys of fields that hold a time, an address or one of a few
// words.
var words = []string{
	"start", "end", "family", "scope", "flags", "state", "action", "protocol", "operstate", "method", "role", "source",
	"local", "broadcast", "peer", "dst", "src", "gateway", "prefsrc", "match", "addr",
}

// Structural reports whether a line with anything else in a field is no line at
// all, or tells nothing.
func Structural(field string) bool {
	keys := strings.Split(field, ".")
	last := keys[len(keys)-1]
	return len(keys) <= 3 && slices.Contains([]string{"time", "kind", "op", "via"}, last) || slices.Contains(words, last)
}

// Plant returns the lines with the text of the payload in the fields.
func Plant(lines [][]byte, p Payload, fields ...string) ([][]byte, error) {
	planted := slices.Clone(lines)
	for i, line := range lines {
		// All others stay as they are.
		kind := kindOf(line)
		if !slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, kind+".") }) {
			continue
		}
		var err error
		if planted[i], err = plant(line, func(field string) (string, bool) { return p.Text, slices.Contains(fields, field) }); err != nil {
			return nil, err
		}
	}
	return planted, nil
}

// Write writes lines as a recording.
func Write(name string, lines [][]byte) error {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := zip.Write(append(slices.Clip(line), '\n')); err != nil {
			return err
		}
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o600)
}

// kindOf returns the kind of a line, which comes after its times.
func kindOf(line []byte) string {
	_, rest, _ := bytes.Cut(line, []byte(`"kind":"`))
	kind, _, _ := bytes.Cut(rest, []byte{'"'})
	return string(kind)
}

// plant copies a line and asks for each text in it whether to replace it. The
// order of the keys stays: readers look for the first ones.
func plant(line []byte, replace func(field string) (string, bool)) ([]byte, error) {
	c := copier{dec: json.NewDecoder(bytes.NewReader(line)), replace: replace}
	c.dec.UseNumber()
	err := c.value([]string{kindOf(line)})
	return c.out, err
}

// A copier copies JSON.
type copier struct {
	dec     *json.Decoder
	out     []byte
	replace func(field string) (string, bool)
}

func (c *copier) value(path []string) error {
	t, err := c.dec.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		return c.composed(t, path)
	case string:
		if text, ok := c.replace(strings.Join(path, ".")); ok {
			t = text
		}
		c.out = appendQuoted(c.out, t)
	case json.Number:
		c.out = append(c.out, t...)
	case bool:
		c.out = strconv.AppendBool(c.out, t)
	default:
		c.out = append(c.out, "null"...)
	}
	return nil
}

// composed copies what is left of an object or a list.
func (c *copier) composed(open json.Delim, path []string) error {
	c.out = append(c.out, byte(open))
	for n := 0; c.dec.More(); n++ {
		if n > 0 {
			c.out = append(c.out, ',')
		}
		inside := path
		if open == '{' {
			key, err := c.dec.Token()
			if err != nil {
				return err
			}
			c.out = append(appendQuoted(c.out, fmt.Sprint(key)), ':')
			inside = append(slices.Clip(path), fmt.Sprint(key))
		}
		if err := c.value(inside); err != nil {
			return err
		}
	}
	end, err := c.dec.Token()
	if err == nil {
		c.out = append(c.out, end.(json.Delim).String()...)
	}
	return err
}

// appendQuoted appends s as a hostile writer would: only what JSON insists on is
// escaped.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, c)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
