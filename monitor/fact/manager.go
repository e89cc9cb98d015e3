package fact

// A Manager is a daemon that configures interfaces or associates radios, and runs.
type Manager struct {
	// Name is the daemon's: "NetworkManager", "iwd".
	Name Untrusted `json:"name"`
	// Version is what it says of itself, or "" where it says nothing.
	Version Untrusted `json:"version,omitempty"`
}

// KindManager is the kind of Manager.
const KindManager Kind = "manager"

// Kind implements Fact.
func (*Manager) Kind() Kind { return KindManager }

// Row implements Fact.
func (*Manager) Row() bool { return true }

// Interface implements Fact.
func (*Manager) Interface() int { return 0 }

// Words implements Fact.
func (m *Manager) Words() Untrusted {
	if m.Version == "" {
		return m.Name
	}
	return m.Name + " " + m.Version
}
