// Package themes turns palettes into styles and picks the characters a
// terminal can draw. Views receive Styles and never see a colour.
package themes
