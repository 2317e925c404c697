package cases

// TidyText is a text of several lines as it is kept, and TidyLine one of a single line:
// what nobody can see, or what turns the direction of what follows, is gone.
func TidyText(s string) string { return tidy(s) }

// TidyLine is a text of one line as it is kept.
func TidyLine(s string) string { return line(s) }

// Unreadable reports whether there is nothing to read in a text.
func Unreadable(s string) bool { return empty(s) }
