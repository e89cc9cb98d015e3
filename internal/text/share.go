package text

import "strconv"

// fewCases is below how many cases a share is not said in per cent: a per cent of
// sixty cases is less than one of them.
const fewCases = 100

// Share says how many of all cases: "1 of 60", "1.7 %", "0 %". Below 100 cases a
// share in per cent claims to know more than they say.
func Share(k, n int) string {
	switch {
	case n <= 0:
		return "–"
	case n < fewCases:
		return strconv.Itoa(k) + " of " + strconv.Itoa(n)
	case k == 0:
		return "0 %"
	}
	return strconv.FormatFloat(100*float64(k)/float64(n), 'f', 1, 64) + " %"
}
