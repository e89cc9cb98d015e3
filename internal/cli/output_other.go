//go:build !unix

package cli

// noFollow is for systems whose names are no symbolic links.
const noFollow = 0
