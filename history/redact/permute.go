package redact

import (
	"crypto/aes"
	"crypto/cipher"
)

// A permuter maps strings of bits to others, one to one, so that two that begin
// with the same bits have images that begin with as many: as Crypto-PAn does
// (Xu, Fan, Ammar, Moon 2002), with one pair of cipher blocks for each byte
// instead of a block for each bit.
type permuter struct {
	block cipher.Block
	// domain keeps apart what is permuted for different ends.
	domain byte
}

func newPermuter(key [16]byte, domain byte) permuter {
	// A key of this length can't be refused.
	block, _ := aes.NewCipher(key[:])
	return permuter{block, domain}
}

// permute permutes b in place, but for its first fixed bits.
func (p permuter) permute(b []byte, fixed int) {
	// The flips of a byte follow from the bytes before it, as they were.
	var in, low, high [16]byte
	for i := range b {
		was := b[i]
		if (i+1)*8 > fixed {
			in[13], in[14], in[15] = byte(i), p.domain, 0
			p.block.Encrypt(low[:], in[:])
			in[15] = 1
			p.block.Encrypt(high[:], in[:])
			flip := byte(0)
			for bit := max(0, fixed-i*8); bit < 8; bit++ {
				// The nodes of a tree, one for each beginning of the byte.
				node := 1<<bit - 1 + int(was>>(8-bit))
				flips := &low
				if node >= 128 {
					flips, node = &high, node-128
				}
				flip |= flips[node/8] >> (node % 8) & 1 << (7 - bit)
			}
			b[i] ^= flip
		}
		if i < 13 {
			in[i] = was
		}
	}
}
