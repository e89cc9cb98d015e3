// Package target reads the parts of what people write to be probed: hosts,
// ports, name servers, URLs. Which method takes which is in package probes. It
// sends nothing.
package target
