// Package live runs sources and folds what they observe, as it happens.
//
// Sources put their observations in under one lock, each for a few
// microseconds; listeners are called under the same lock and must not block.
// Nothing here waits for a screen, a file or a pipe.
package live
