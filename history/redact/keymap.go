package redact

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flapscope/monitor/fact"
)

// NewKey returns a random key.
func NewKey() Key {
	var k Key
	// It never fails (crypto/rand).
	_, _ = rand.Read(k[:])
	return k
}

// A Map is what says which pseudonym is whose. It stays with whoever made it.
type Map struct {
	Version int `json:"version"`
	// Key is the key of the pseudonyms of addresses, in hex.
	Key string `json:"key"`
	// Names are the pseudonyms of names, by class and by what they stand for.
	Names map[Class]map[string]string `json:"names"`
	// Addresses and Prefixes are the pseudonyms of addresses.
	Addresses map[string]string `json:"addresses"`
	Prefixes  map[string]string `json:"prefixes"`
}

// Map returns the map of all pseudonyms so far, as JSON.
func (r *Redactor) Map() ([]byte, error) {
	m := Map{Version: 1, Key: hex.EncodeToString(r.key[:]), Names: map[Class]map[string]string{}, Addresses: map[string]string{}, Prefixes: map[string]string{}}
	for c, n := range r.names {
		m.Names[c] = map[string]string{}
		for original, p := range n.of {
			m.Names[c][fact.Untrusted(original).Display()] = p
		}
	}
	for a, p := range r.addresses {
		if a != p {
			m.Addresses[a.String()] = p.String()
		}
	}
	for a, p := range r.prefixes {
		if a != p {
			m.Prefixes[a.String()] = p.String()
		}
	}
	return fact.AppendJSON(nil, &m)
}

// errMap means that a file is no map of this program's.
var errMap = errors.New("not a map of pseudonyms")

// Continue returns a redactor that gives the pseudonyms of a map.
func Continue(level Level, data []byte) (*Redactor, error) {
	var m Map
	if err := json.Unmarshal(data, &m); err != nil || m.Version != 1 {
		return nil, errMap
	}
	key, err := hex.DecodeString(m.Key)
	if err != nil || len(key) != len(Key{}) {
		return nil, errMap
	}
	r := New(level, Key(key))
	r.continued = true
	for c, of := range m.Names {
		n := &names{of: map[string]string{}}
		for _, original := range slices.Sorted(maps.Keys(of)) {
			prefix, number, ok := cutNumber(of[original])
			if !ok {
				return nil, fmt.Errorf("%w: %q", errMap, fact.Untrusted(of[original]).Display())
			}
			var u fact.Untrusted
			// Any text has a display form, and any text can be one.
			_ = u.UnmarshalText([]byte(original))
			n.prefix, n.next = prefix, max(n.next, number)
			n.of[string(u)] = of[original]
			r.named++
		}
		if n.prefix != "" {
			r.names[c] = n
		}
	}
	return r, nil
}

// cutNumber parts a pseudonym.
func cutNumber(p string) (prefix string, number int, ok bool) {
	i := strings.LastIndexByte(p, '-')
	if i < 0 {
		return "", 0, false
	}
	_, err := fmt.Sscanf(p[i+1:], "%d", &number)
	return p[:i], number, err == nil && number > 0
}
