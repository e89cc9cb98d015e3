//go:build linux

package kernel

import "time"

// What Options are where they are zero. The configuration, which is built where
// this package is not, ships the same; a test holds both together.
const (
	DefaultRouterModeRoutes = 20_000
	DefaultAudit            = 45 * time.Second
	DefaultLinkAudit        = 5 * time.Second
	DefaultReceiveBuffer    = 32 << 20 // bytes
)
