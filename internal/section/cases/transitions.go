package cases

import (
	"slices"

	"plaza/internal/civic/access"
	"plaza/internal/plaza"
)

// Act is something that is done to a case.
type Act string

// The acts. Those of the asker first, then those of the institution, then those of time.
const (
	Reply    Act = "reply"    // the asker says what was asked of them, or more
	Accept   Act = "accept"   // the asker accepts the answer
	Reopen   Act = "reopen"   // the asker does not, once
	Withdraw Act = "withdraw" // the asker takes the case back

	Acknowledge Act = "acknowledge" // it is taken up: an acknowledgement, no answer
	Turn        Act = "turn"        // it is turned to an area or person, which acknowledges it
	AskInfo     Act = "ask_info"    // something is asked of the asker
	Extend      Act = "extend"      // the one extension
	Draft       Act = "draft"       // somebody writes what they would answer
	Sign        Act = "sign"        // the enlace de transparencia signs a refusal
	Publish     Act = "answer"      // the official answer
	Correct     Act = "correct"     // a new version of it
	Hand        Act = "hand"        // another institution is asked to take it over
	TakeBack    Act = "take_back"   // that is taken back
	TakeOver    Act = "take_over"   // the other institution does
	Return      Act = "return"      // or does not
	Formal      Act = "formal"      // it becomes a formal request for information
	FormalEnd   Act = "formal_end"  // what came of that
	Convert     Act = "convert"     // it is of another kind
	Merge       Act = "merge"       // it is the same as another one
	Split       Act = "split"       // it is not, after all
	Close       Act = "close"       // it is off topic
	Advance     Act = "advance"     // what came of the thing itself
	Note        Act = "note"        // a note that nobody else sees

	Settle Act = "settle" // the answer was not objected to in time
	Lapse  Act = "lapse"  // the asker said nothing in time
)

// Move is one line of the table: who may do an act in which states, and where it leads.
type Move struct {
	Act  Act
	From []State
	To   State // "" leaves it where it is
	// Action is the permission that is asked for, of the case's institution; for CaseOwn
	// whoever acts is the asker.
	Action access.Action
}

var (
	owed     = []State{Open, Assigned, Reopened, NeedsInfo}
	working  = []State{Open, Assigned, Reopened}
	answered = []State{Answered, Resolved}
	anyState = States
)

// moves is every transition there is. TakeOver and Return are of the institution that was
// asked, not of the case's.
var moves = []Move{
	{Reply, []State{NeedsInfo}, Assigned, access.CaseOwn},
	{Reply, []State{Closed}, Assigned, access.CaseOwn}, // only one that lapsed
	{Reply, []State{Open, Assigned, Reopened}, "", access.CaseOwn},
	{Accept, []State{Answered}, Resolved, access.CaseOwn},
	{Reopen, []State{Answered}, Reopened, access.CaseOwn},
	{Withdraw, owed, Closed, access.CaseOwn},

	{Acknowledge, []State{Open}, Assigned, access.CaseHandle},
	{Turn, working, Assigned, access.CaseHandle},
	{AskInfo, working, NeedsInfo, access.CaseHandle},
	{Extend, working, "", access.CaseHandle},
	{Draft, owed, "", access.CaseDraft},
	{Draft, answered, "", access.CaseDraft}, // of a correction
	{Sign, owed, "", access.CaseSign},
	{Sign, answered, "", access.CaseSign},
	{Publish, owed, Answered, access.CaseAnswer},
	{Correct, answered, "", access.CaseAnswer},
	{Hand, working, "", access.CaseHandle},
	{TakeBack, owed, "", access.CaseHandle},
	{TakeOver, owed, Assigned, access.CaseHandle},
	{Return, owed, "", access.CaseHandle},
	{Formal, owed, Answered, access.CaseTransfer},
	{FormalEnd, answered, "", access.CaseTransfer},
	{Convert, owed, "", access.CaseHandle},
	{Merge, slices.Concat(owed, answered), Closed, access.CaseHandle},
	{Split, []State{Closed}, "", access.CaseHandle}, // only one that was merged; it stands again as it stood
	{Close, owed, Closed, access.CaseHandle},
	{Advance, slices.Concat(owed, answered), "", access.CaseHandle},
	{Note, anyState, "", access.CaseNote},

	{Settle, []State{Answered}, Resolved, access.Operate},
	{Lapse, []State{NeedsInfo}, Closed, access.Operate},
}

// Moves lists the table.
func Moves() []Move { return slices.Clone(moves) }

// next is where an act leads from where a case stands; a Conflict when it cannot be done
// there.
func (c Case) next(act Act) (State, access.Action, error) {
	for _, m := range moves {
		if m.Act != act || !slices.Contains(m.From, c.State) {
			continue
		}
		switch {
		case !c.Public():
			return "", "", errState
		case act == Reply && c.State == Closed && c.Reason != Unanswered,
			act == Split && c.Reason != Duplicate,
			act == Reopen && c.Reopenings > 0,
			act == Reply && c.Channel != Web && c.Asker == (Asker{}):
			return "", "", errState
		}
		if m.To == "" {
			return c.State, m.Action, nil
		}
		return m.To, m.Action, nil
	}
	return "", "", errState
}

// Can reports whether an actor may do an act to the case now. by is who they are as an
// asker: the actor's own person, or somebody without an account who came by a link.
func (c Case) Can(actor plaza.Actor, by Asker, act Act) bool {
	_, action, err := c.next(act)
	return err == nil && c.allow(actor, by, action) == nil
}

// allow asks the table of permissions.
func (c Case) allow(actor plaza.Actor, by Asker, action access.Action) error {
	if action == access.CaseOwn && by.Contact != "" && by.Contact == c.Asker.Contact {
		return nil // the sealed link is theirs alone
	}
	owner := ""
	if action == access.CaseOwn {
		owner = c.Asker.Person
	}
	return access.Check(actor, action, access.Object{Kind: RefKind, Institution: c.Institution, Owner: owner})
}

// By is an actor as an asker.
func By(actor plaza.Actor) Asker { return Asker{Person: actor.PersonID} }
