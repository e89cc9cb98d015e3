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

// Fields returns the fields in the lines that hold text, or numbers, as
// "kind.key.key": elements of a list are one field.
func Fields(lines [][]byte, want Type) ([]string, error) {
	found := map[string]bool{}
	for _, line := range lines {
		if _, err := plant(line, func(field string, is Type) (string, bool) {
			found[field] = found[field] || is == want
			return "", false
		}); err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(found, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(found)), nil
}

// A Type is what a field holds.
type Type bool

// The types of fields.
const (
	Text   Type = false
	Number Type = true
)

// words are the last keys of fields that hold a time, an address or one of a few
// words.
var words = []string{
	"start", "end", "family", "scope", "flags", "state", "action", "protocol", "operstate", "method", "role", "source",
	"local", "broadcast", "peer", "dst", "src", "gateway", "prefsrc", "match", "addr",
}

// Structural reports whether a line with anything else in a field is no line at
// all, or says nothing.
func Structural(field string) bool {
	keys := strings.Split(field, ".")
	last := keys[len(keys)-1]
	return len(keys) <= 3 && slices.Contains([]string{"time", "kind", "op", "via"}, last) || slices.Contains(words, last)
}

// Plant returns the lines with the text of the payload in the fields.
func Plant(lines [][]byte, p Payload, fields ...string) ([][]byte, error) {
	return plantAll(lines, string(appendQuoted(nil, p.Text)), fields)
}

// PlantNumber returns the lines with a number in the fields.
func PlantNumber(lines [][]byte, number string, fields ...string) ([][]byte, error) {
	return plantAll(lines, number, fields)
}

// plantAll returns the lines with some JSON in the fields.
func plantAll(lines [][]byte, raw string, fields []string) ([][]byte, error) {
	planted := slices.Clone(lines)
	for i, line := range lines {
		// All others stay as they are.
		kind := kindOf(line)
		if !slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, kind+".") }) {
			continue
		}
		var err error
		if planted[i], err = plant(line, func(field string, _ Type) (string, bool) { return raw, slices.Contains(fields, field) }); err != nil {
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

// plant copies a line and asks for each text and number in it whether to put
// other JSON there. The order of the keys stays: readers look for the first ones.
func plant(line []byte, replace func(string, Type) (string, bool)) ([]byte, error) {
	c := copier{dec: json.NewDecoder(bytes.NewReader(line)), replace: replace}
	c.dec.UseNumber()
	err := c.value([]string{kindOf(line)})
	return c.out, err
}

// A copier copies JSON.
type copier struct {
	dec     *json.Decoder
	out     []byte
	replace func(field string, is Type) (raw string, ok bool)
}

func (c *copier) value(path []string) error {
	t, err := c.dec.Token()
	if err != nil {
		return err
	}
	_, number := t.(json.Number)
	if _, text := t.(string); text || number {
		if raw, ok := c.replace(strings.Join(path, "."), Type(number)); ok {
			c.out = append(c.out, raw...)
			return nil
		}
	}
	switch t := t.(type) {
	case json.Delim:
		return c.composed(t, path)
	case string:
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
