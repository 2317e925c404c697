package comment

// Mentioning are the names after an @ in a text.
func Mentioning(body string) (out []string) {
	for _, m := range mentioning.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return out
}

// RehomeStatement is the one of Rehome for one object.
var RehomeStatement = rehomed(1)
