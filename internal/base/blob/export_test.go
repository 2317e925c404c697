package blob

// WriteError lets tests see what a failed write becomes.
var WriteError = putError
