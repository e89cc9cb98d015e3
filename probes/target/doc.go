// Package target reads how people write what is to be probed: "ping:192.0.2.1",
// "tcp:HOST:PORT", "dns:SERVER/NAME", a URL. It sends nothing.
package target
