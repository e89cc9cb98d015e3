// Package echo pings on Linux, with one socket for each family and interface.
//
// The round trip begins with the clock read before the send and ends with the
// kernel's stamp of the answer, so that it is the network's whatever this
// process is busy with. Who refuses a request is read from the error queue. An
// answer counts if sequence number and source address are those of a request.
package echo
