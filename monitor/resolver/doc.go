// Package resolver observes which name servers this machine is configured to
// ask: those of resolv.conf(5), which the C library reads, and those of
// systemd-resolved, where it runs. Over the same bus it asks NetworkManager which
// interfaces are metered, and which daemons run that configure them.
//
// Every notification (inotify, D-Bus) is only a hint to read again, and both
// are read again at a slow pace besides: a bind mount over the file, a lost
// watch and the properties of systemd-resolved that never signal make no hint.
// Only a difference is reported.
package resolver
