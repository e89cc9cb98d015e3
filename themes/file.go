package themes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Parse returns the theme that a TOML file describes: a colour of "#rrggbb" for
// each name of a Scheme in lower case, and "base", the built-in theme that the
// others are taken from ("dark" when there is none).
func Parse(name string, b []byte) (Theme, error) {
	var file map[string]any
	if err := toml.Unmarshal(b, &file); err != nil {
		return Theme{}, fmt.Errorf("theme %q: %q", name, strings.TrimPrefix(err.Error(), "toml: "))
	}
	base := "dark"
	if v, ok := file["base"]; ok {
		base = fmt.Sprint(v)
		delete(file, "base")
	}
	s, ok := schemeOf(base)
	if !ok {
		return Theme{}, fmt.Errorf("theme %q: base = %q: want one of %s", name, base, strings.Join(Names(), ", "))
	}
	places := s.places()
	for key, v := range file {
		i := slices.IndexFunc(places, func(p schemePlace) bool { return p.name == key })
		if i < 0 {
			return Theme{}, fmt.Errorf("theme %q: %q is no colour of a theme; want base, %s", name, key, strings.Join(placeNames(places), ", "))
		}
		c, ok := parseColor(v)
		if !ok {
			return Theme{}, fmt.Errorf("theme %q: %s = %q: want a colour like \"#7aa2f7\"", name, key, fmt.Sprint(v))
		}
		*places[i].color = c
	}
	return FromScheme(name, s), nil
}

// A schemePlace is a colour of a scheme with its name in files.
type schemePlace struct {
	name  string
	color *Color
}

func (s *Scheme) places() []schemePlace {
	return []schemePlace{
		{"ground", &s.Ground},
		{"text", &s.Text},
		{"strong", &s.Strong},
		{"muted", &s.Muted},
		{"red", &s.Red},
		{"amber", &s.Amber},
		{"green", &s.Green},
		{"cyan", &s.Cyan},
		{"blue", &s.Blue},
		{"violet", &s.Violet},
	}
}

func placeNames(places []schemePlace) []string {
	var names []string
	for _, p := range places {
		names = append(names, p.name)
	}
	return names
}

// parseColor reads "#rrggbb".
func parseColor(v any) (Color, bool) {
	s, ok := v.(string)
	if !ok || len(s) != 7 || s[0] != '#' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32) // takes no sign
	return RGB(uint32(n)), err == nil
}
