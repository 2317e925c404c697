// Package tree holds the rules of the house that no compiler knows, as tests over
// the whole tree: which floor may import which, where the time comes from, what has
// to be said in comments, that every sentence exists in both languages, what may be
// depended on, and what may not be committed. It holds no code of Plaza's.
//
//	plaza, schema, ui  <-  base  <-  civic  <-  section  <-  site  <-  cmd
//
// A rule that gets in the way is changed here, with its reason, not stepped around.
package tree
