package fact

// ReasonWords says in plain words why an access point ended an association, by
// its reason code, or "" for a code without words of its own.
func ReasonWords(code uint16) string { return reasons[code] }

// LocalReasonWords says for what this machine ended an association, by its reason
// code, or "".
func LocalReasonWords(code uint16) string { return localReasons[code] }

// The words say what the code means to the owner of the station, and not the
// standard's name for it. What several causes lead to is said with "or".
var reasons = map[uint16]string{
	1:  "no reason given",
	2:  "the login is no longer valid",
	3:  "the AP shuts down or restarts",
	4:  "it heard nothing",
	5:  "the AP is full",
	6:  "the AP has forgotten this machine",
	7:  "the AP has forgotten this machine",
	8:  "the AP ended it",
	9:  "not authenticated",
	12: "the AP wants this machine on another one",
	13: "the data of the login did not match",
	14: "integrity of TKIP failed",
	15: "wrong password, or frames lost at login",
	16: "no answer to the renewal of keys",
	17: "the data of the login did not match",
	18: "security settings do not fit",
	19: "security settings do not fit",
	20: "security settings do not fit",
	21: "security settings do not fit",
	22: "security settings do not fit",
	23: "login by 802.1X refused",
	24: "security settings do not fit",
	34: "too many frames to this machine were lost",
	39: "timeout",
	45: "the AP has no use for this machine's keys",
}

// localReasons are the words for an end by this machine, which mostly does not say
// what it was for.
var localReasons = map[uint16]string{
	1: "for another AP, or the driver restarted",
	2: "to associate again",
	4: "the AP does not acknowledge frames",
}

var statuses = map[uint16]string{
	1:   "no reason given",
	10:  "capabilities do not fit",
	12:  "denied",
	13:  "it wants another way to authenticate",
	15:  "wrong key",
	16:  "timeout",
	17:  "the AP is full",
	18:  "rates do not fit",
	30:  "come back later",
	31:  "protected management frames do not fit",
	34:  "the signal is too bad",
	40:  "security settings do not fit",
	41:  "security settings do not fit",
	42:  "security settings do not fit",
	43:  "security settings do not fit",
	44:  "security settings do not fit",
	45:  "security settings do not fit",
	46:  "security settings do not fit",
	53:  "the AP has forgotten this machine's keys",
	54:  "fast transition failed",
	55:  "fast transition failed",
	77:  "it wants another group of SAE",
	82:  "go to another AP",
	104: "it wants a station with VHT",
	123: "unknown password identifier",
	124: "it wants a station with HE",
}
