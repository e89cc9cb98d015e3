package redact

import (
	"regexp"
	"sync"
)

// An expression is a regular expression that is compiled when it is first asked
// for: most commands redact nothing, and shall not begin with that.
type expression struct{ compiled func() *regexp.Regexp }

func lazily(text string) expression {
	return expression{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
}

// MatchString reports whether the expression is in s.
func (e expression) MatchString(s string) bool { return e.compiled().MatchString(s) }

// FindStringSubmatch returns what the first match in s consists of.
func (e expression) FindStringSubmatch(s string) []string { return e.compiled().FindStringSubmatch(s) }
