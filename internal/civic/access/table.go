package access

import "plaza/internal/plaza"

// The actions, by what they are done to.
const (
	SiteRead        Action = "site.read"        // home, help, about, search, the interfaces' descriptions
	CatalogueRead   Action = "catalogue.read"   // datasets and resources, in pages, search, API and feeds
	InstitutionRead Action = "institution.read" // institutions and their activity
	RecordRead      Action = "record.read"      // the public record, its downloads and checkpoints
	RunRead         Action = "run.read"         // the public report of a harvest's run
	CommentRead     Action = "comment.read"     // threads, their feeds and versions
	ModerationRead  Action = "moderation.read"  // the public log of moderation

	SignUp  Action = "account.open"
	SignIn  Action = "session.start"
	SignOut Action = "session.end"

	AccountSee    Action = "account.see"    // one's own page, notifications and data
	AccountEdit   Action = "account.edit"   // name, address, password, second factor, sessions
	AccountExport Action = "account.export" // all that one gave
	AccountErase  Action = "account.erase"
	TokenManage   Action = "token.manage" // one's own access tokens

	FollowByMail Action = "follow.mail" // with a confirmed address, without an account
	Follow       Action = "follow.edit" // with an account

	CommentAdd    Action = "comment.add"
	CommentEdit   Action = "comment.edit"
	CommentRemove Action = "comment.remove" // take back one's own
	CommentSpeak  Action = "comment.speak"  // in the name of the institution
	CommentAttend Action = "comment.attend" // say that a comment has been attended to

	CaseRead       Action = "case.read"       // cases, answers, their lists, feeds and figures
	CaseAsk        Action = "case.ask"        // with an account
	CaseAskByMail  Action = "case.ask_mail"   // with a confirmed address, without an account
	CaseSupport    Action = "case.support"    // say that one needs the same, and whether an answer is clear
	CaseOwn        Action = "case.own"        // accept, reopen, reply to or withdraw what one asked
	CaseDraft      Action = "case.draft"      // see the inbox, and write what one would answer
	CaseNote       Action = "case.note"       // read and write the institution's notes on a case
	CaseHandle     Action = "case.handle"     // turn, ask back, extend, hand over, convert, merge and close cases
	CaseAnswer     Action = "case.answer"     // publish and correct official answers
	CaseSign       Action = "case.sign"       // sign a refusal
	CaseTransfer   Action = "case.transfer"   // make it a formal request for information, with its outcome
	CaseRules      Action = "case.rules"      // to which area cases go by themselves; the institution's templates
	CaseTerms      Action = "case.terms"      // within how many days cases are answered
	CommitmentRead Action = "commitment.read" // what institutions promised, and what became of it
	CommitmentKeep Action = "commitment.keep" // say how far a promise is, put it off, close it on evidence
	CommitmentDrop Action = "commitment.drop" // say that a promise is to be dropped, which a second person signs
	DisclosureTell Action = "disclosure.tell" // report personal data that were published
	DisclosureSee  Action = "disclosure.see"  // see such reports, attend to them, and withhold a resource meanwhile
	ForumRead      Action = "forum.read"
	ForumWrite     Action = "forum.write"   // begin a thread
	ToolRead       Action = "tool.read"     // published tools, their data and pictures
	ToolWrite      Action = "tool.write"    // make tools, and work on what is one's own or one's institution's
	ToolPublish    Action = "tool.publish"  // make what one worked on public
	ToolWithdraw   Action = "tool.withdraw" // take a published tool back
	ToolOfficial   Action = "tool.official" // make a tool the institution's
	ToolFeature    Action = "tool.feature"  // show tools before others
	HookEdit       Action = "hook.edit"     // where an institution's own systems are told of its cases

	ExploreSee      Action = "explore.see"      // open the files of resources as tables
	ExploreManage   Action = "explore.manage"   // see which resources of one's institution want to be looked at, and what was decided of them
	ExploreCorrect  Action = "explore.correct"  // say what a table's columns are
	ExploreWithhold Action = "explore.withhold" // withhold a column or a file from the explorer, and show it

	Report          Action = "content.report"
	QueueSee        Action = "moderation.see" // the moderators' queue, of the platform or of the institution
	ContentRelease  Action = "content.release"
	ContentHide     Action = "content.hide" // hide and restore
	ContentLock     Action = "content.lock" // close a thread to new comments, and open it again
	ContentMerge    Action = "content.merge"
	PersonWarn      Action = "person.warn"
	PersonSuspend   Action = "person.suspend"
	StaffDiscipline Action = "person.staff"     // warn and suspend those who moderate or coordinate the platform
	RulesOfHolding  Action = "moderation.rules" // which posts wait for review
	Appeal          Action = "appeal.add"
	AppealDecide    Action = "appeal.decide"

	OfficeSee      Action = "office.see" // the institution's management pages
	MemberSee      Action = "member.see" // who works there, with what they are reached by
	MemberInvite   Action = "member.invite"
	MemberDecide   Action = "member.decide"  // requests to join
	MemberRequest  Action = "member.request" // ask to join
	MemberJoin     Action = "member.join"    // take an invitation
	MemberWithdraw Action = "member.withdraw"
	RoleEnd        Action = "role.end"            // end a role other than the liaison's at the institution
	RoleRename     Action = "role.name"           // how the institution calls its roles
	LiaisonAppoint Action = "liaison.appoint"     // appoint and end liaisons, with the letter
	AbsenceSet     Action = "absence.set"         // say who stands in for an absent liaison
	UnitEdit       Action = "unit.edit"           // the areas of the institution
	HoursEdit      Action = "hours.edit"          // zone, office hours and own non-working days
	DomainPropose  Action = "domain.propose"      // e-mail domains of the institution
	DomainVerify   Action = "domain.verify"       // say that a domain is the institution's
	CalendarEdit   Action = "calendar.edit"       // the federal non-working days
	Succeed        Action = "institution.succeed" // rename, merge, split, abolish

	SourceAdd   Action = "source.add"
	SourceEdit  Action = "source.edit"
	SourcePause Action = "source.pause"
	SourceRun   Action = "source.run"
	RunApprove  Action = "run.approve"     // let a quarantined run through, or refuse it
	RulesEdit   Action = "publishers.edit" // which institution a harvested publisher is

	InstitutionEdit Action = "institution.edit" // add and change institutions

	AdminSee     Action = "admin.see" // the central pages
	JobSee       Action = "job.see"
	JobCancel    Action = "job.cancel"
	JobRetry     Action = "job.retry"
	MailSee      Action = "mail.see"      // what was sent, and what is kept where there is no server
	SettingsEdit Action = "settings.edit" // configuration, features, identity providers
	AuditExport  Action = "audit.export"

	PersonSee   Action = "person.see" // the accounts, their roles and state
	PersonAdd   Action = "person.add"
	PersonGrant Action = "person.grant"       // give and take roles
	PersonHold  Action = "person.hold"        // suspend outside moderation, end sessions, drop a lost second factor
	PersonLink  Action = "person.signin_link" // make a sign-in link for somebody
	PersonToken Action = "person.token"       // make an access token for somebody
	Operate     Action = "store.operate"      // migrate, import, reindex, back up, restore, demo
)

// Group is actions that belong together on the page; Key is its message key after
// "access.group.".
type Group struct {
	Key     string
	Actions []Action
}

// groups hold every action, in the order of the page.
var groups = []Group{
	{"read", []Action{SiteRead, CatalogueRead, InstitutionRead, RecordRead, RunRead, CommentRead, ModerationRead, ExploreSee}},
	{"session", []Action{SignUp, SignIn, SignOut}},
	{"own", []Action{AccountSee, AccountEdit, AccountExport, AccountErase, TokenManage}},
	{"follow", []Action{FollowByMail, Follow}},
	{"comment", []Action{CommentAdd, CommentEdit, CommentRemove, CommentSpeak, CommentAttend}},
	{"case", []Action{CaseRead, CaseAsk, CaseAskByMail, CaseSupport, CaseOwn, CaseDraft, CaseNote, CaseHandle, CaseAnswer,
		CaseSign, CaseTransfer, CaseRules, CaseTerms, CommitmentRead, CommitmentKeep,
		CommitmentDrop, DisclosureTell, DisclosureSee, HookEdit}},
	{"forum", []Action{ForumRead, ForumWrite}},
	{"tool", []Action{ToolRead, ToolWrite, ToolPublish, ToolWithdraw, ToolOfficial, ToolFeature}},
	{"explore", []Action{ExploreManage, ExploreCorrect, ExploreWithhold}},
	{"moderation", []Action{Report, QueueSee, ContentRelease, ContentHide, ContentLock, ContentMerge,
		PersonWarn, PersonSuspend, StaffDiscipline, RulesOfHolding, Appeal, AppealDecide}},
	{"office", []Action{OfficeSee, MemberSee, MemberInvite, MemberDecide, MemberRequest, MemberJoin, MemberWithdraw,
		RoleEnd, RoleRename, LiaisonAppoint, AbsenceSet, UnitEdit, HoursEdit, DomainPropose, DomainVerify}},
	{"source", []Action{SourceAdd, SourceEdit, SourcePause, SourceRun, RunApprove, RulesEdit}},
	{"central", []Action{InstitutionEdit, Succeed, CalendarEdit, AdminSee, JobSee, JobCancel, JobRetry, MailSee, SettingsEdit, AuditExport}},
	{"person", []Action{PersonSee, PersonAdd, PersonGrant, PersonHold, PersonLink, PersonToken}},
	{"store", []Action{Operate}},
}

// table is every permission there is.
var table = []Line{
	// Anybody reads, follows by mail and reports, without an account.
	{plaza.Visitor, Anyone, SiteRead},
	{plaza.Visitor, Anyone, CatalogueRead},
	{plaza.Visitor, Anyone, InstitutionRead},
	{plaza.Visitor, Anyone, RecordRead},
	{plaza.Visitor, Anyone, RunRead},
	{plaza.Visitor, Anyone, CommentRead},
	{plaza.Visitor, Anyone, ModerationRead},
	{plaza.Visitor, Anyone, ExploreSee},
	{plaza.Visitor, Anyone, CaseRead},
	{plaza.Visitor, Anyone, CommitmentRead},
	{plaza.Visitor, Anyone, ForumRead},
	{plaza.Visitor, Anyone, ToolRead},
	{plaza.Visitor, Anyone, CaseAskByMail},
	{plaza.Visitor, Anyone, DisclosureTell},
	{plaza.Visitor, Anyone, SignUp},
	{plaza.Visitor, Anyone, SignIn},
	// A visitor's session may have ended a moment before the button was pressed.
	{plaza.Visitor, Anyone, SignOut},
	{plaza.Visitor, Anyone, FollowByMail},
	{plaza.Visitor, Anyone, Report},

	// What is one's own stays so when one is suspended.
	{plaza.Holder, Own, AccountSee},
	{plaza.Holder, Own, AccountEdit},
	{plaza.Holder, Own, AccountExport},
	{plaza.Holder, Own, AccountErase},
	{plaza.Holder, Own, TokenManage},
	{plaza.Holder, Own, CommentRemove},
	{plaza.Holder, Own, Appeal},
	{plaza.Holder, Own, CaseOwn},
	{plaza.Holder, Own, ToolWithdraw},
	{plaza.Holder, Own, MemberWithdraw},

	// Whoever has an account takes part.
	{plaza.Member, Own, Follow},
	{plaza.Member, Anyone, CommentAdd},
	{plaza.Member, Own, CommentEdit},
	{plaza.Member, Anyone, CaseAsk},
	{plaza.Member, Anyone, CaseSupport},
	{plaza.Member, Anyone, ForumWrite},
	{plaza.Member, Own, ToolWrite},
	{plaza.Member, Own, ToolPublish},
	{plaza.Member, Anyone, MemberRequest},
	{plaza.Member, Anyone, MemberJoin},

	// The liaison answers for the institution and looks after its people and sources.
	{plaza.Liaison, SameInstitution, OfficeSee},
	{plaza.Liaison, SameInstitution, MemberSee},
	{plaza.Liaison, SameInstitution, MemberInvite},
	{plaza.Liaison, SameInstitution, MemberDecide},
	{plaza.Liaison, SameInstitution, RoleEnd},
	{plaza.Liaison, SameInstitution, RoleRename},
	{plaza.Liaison, SameInstitution, AbsenceSet},
	{plaza.Liaison, SameInstitution, UnitEdit},
	{plaza.Liaison, SameInstitution, HoursEdit},
	{plaza.Liaison, SameInstitution, DomainPropose},
	{plaza.Liaison, SameInstitution, CommentSpeak},
	{plaza.Liaison, SameInstitution, CommentAttend},
	{plaza.Liaison, SameInstitution, CaseDraft},
	{plaza.Liaison, SameInstitution, CaseNote},
	{plaza.Liaison, SameInstitution, CaseHandle},
	{plaza.Liaison, SameInstitution, CaseAnswer},
	{plaza.Liaison, SameInstitution, CaseRules},
	{plaza.Liaison, SameInstitution, CommitmentKeep},
	{plaza.Liaison, SameInstitution, CommitmentDrop},
	{plaza.Liaison, SameInstitution, DisclosureSee},
	{plaza.Liaison, SameInstitution, ExploreManage},
	{plaza.Liaison, SameInstitution, ExploreCorrect},
	{plaza.Liaison, SameInstitution, ExploreWithhold},
	{plaza.Liaison, SameInstitution, ToolWrite},
	{plaza.Liaison, SameInstitution, ToolPublish},
	{plaza.Liaison, SameInstitution, ToolWithdraw},
	{plaza.Liaison, SameInstitution, ToolOfficial},
	{plaza.Liaison, SameInstitution, HookEdit},
	{plaza.Liaison, SameInstitution, SourceAdd},
	{plaza.Liaison, SameInstitution, SourceEdit},
	{plaza.Liaison, SameInstitution, SourcePause},
	{plaza.Liaison, SameInstitution, SourceRun},
	{plaza.Liaison, SameInstitution, RunApprove},

	// The institution's other officials speak for it, each as what they are.
	{plaza.DataOwner, SameInstitution, OfficeSee},
	{plaza.DataOwner, SameInstitution, MemberSee},
	{plaza.DataOwner, SameInstitution, CommentSpeak},
	{plaza.DataOwner, SameInstitution, CommentAttend},
	{plaza.DataOwner, SameInstitution, CaseDraft},
	{plaza.DataOwner, SameInstitution, CaseNote},
	{plaza.DataOwner, SameInstitution, CommitmentKeep},
	{plaza.DataOwner, SameInstitution, ExploreManage},
	{plaza.DataOwner, SameInstitution, ExploreCorrect},
	{plaza.Transparency, SameInstitution, OfficeSee},
	{plaza.Transparency, SameInstitution, MemberSee},
	{plaza.Transparency, SameInstitution, CommentSpeak},
	{plaza.Transparency, SameInstitution, CommentAttend},
	{plaza.Transparency, SameInstitution, CaseDraft},
	{plaza.Transparency, SameInstitution, CaseNote},
	{plaza.Transparency, SameInstitution, CaseSign},
	{plaza.Transparency, SameInstitution, CaseTransfer},
	{plaza.Transparency, SameInstitution, DisclosureSee},
	{plaza.Transparency, SameInstitution, ExploreManage},
	{plaza.Transparency, SameInstitution, ExploreWithhold},
	{plaza.Communications, SameInstitution, OfficeSee},
	{plaza.Communications, SameInstitution, MemberSee},
	{plaza.Communications, SameInstitution, CommentSpeak},
	{plaza.Communications, SameInstitution, ToolWrite},
	{plaza.Communications, SameInstitution, ToolPublish},
	{plaza.Communications, SameInstitution, ToolWithdraw},
	{plaza.Communications, SameInstitution, ToolOfficial},
	{plaza.Communications, SameInstitution, ToolFeature},

	// Where there is no liaison the head's answers meanwhile, and changes nothing else.
	{plaza.StandIn, SameInstitution, OfficeSee},
	{plaza.StandIn, SameInstitution, CommentSpeak},
	{plaza.StandIn, SameInstitution, CommentAttend},
	{plaza.StandIn, SameInstitution, CaseDraft},
	{plaza.StandIn, SameInstitution, CaseNote},
	{plaza.StandIn, SameInstitution, CaseHandle},
	{plaza.StandIn, SameInstitution, CaseAnswer},
	{plaza.StandIn, SameInstitution, CommitmentKeep},
	{plaza.StandIn, SameInstitution, CommitmentDrop},
	{plaza.StandIn, SameInstitution, DisclosureSee},
	{plaza.StandIn, SameInstitution, ExploreManage},
	{plaza.StandIn, SameInstitution, ExploreWithhold},

	// A moderator of the platform judges what concerns institutions in which they have
	// no part; one of an institution may let posts through, and hide nothing.
	{plaza.Moderator, Platform, QueueSee},
	{plaza.Moderator, Impartial, ContentRelease},
	{plaza.Moderator, Impartial, ContentHide},
	{plaza.Moderator, Impartial, ContentLock},
	{plaza.Moderator, Impartial, ContentMerge},
	{plaza.Moderator, Impartial, ToolFeature},
	{plaza.Moderator, Impartial, PersonWarn},
	{plaza.Moderator, Impartial, PersonSuspend},
	{plaza.Moderator, SameInstitution, OfficeSee},
	{plaza.Moderator, SameInstitution, QueueSee},
	{plaza.Moderator, SameInstitution, ContentRelease},

	// The coordination looks after the platform.
	{plaza.Admin, Platform, QueueSee},
	{plaza.Admin, Platform, ContentRelease},
	{plaza.Admin, Platform, ContentHide},
	{plaza.Admin, Platform, ContentLock},
	{plaza.Admin, Platform, ContentMerge},
	{plaza.Admin, Platform, PersonWarn},
	{plaza.Admin, Platform, PersonSuspend},
	{plaza.Admin, Platform, StaffDiscipline},
	{plaza.Admin, Platform, RulesOfHolding},
	{plaza.Admin, Platform, AppealDecide},
	{plaza.Admin, Platform, CommentSpeak},
	{plaza.Admin, Platform, CommentAttend},
	{plaza.Admin, Platform, CaseDraft},
	{plaza.Admin, Platform, CaseNote},
	{plaza.Admin, Platform, CaseHandle},
	{plaza.Admin, Platform, CaseAnswer},
	{plaza.Admin, Platform, CaseSign},
	{plaza.Admin, Platform, CaseTransfer},
	{plaza.Admin, Platform, CaseRules},
	{plaza.Admin, Platform, CaseTerms},
	{plaza.Admin, Platform, CommitmentKeep},
	{plaza.Admin, Platform, CommitmentDrop},
	{plaza.Admin, Platform, DisclosureSee},
	{plaza.Admin, Platform, ExploreManage},
	{plaza.Admin, Platform, ExploreCorrect},
	{plaza.Admin, Platform, ExploreWithhold},
	{plaza.Admin, Platform, ToolFeature},
	{plaza.Admin, Platform, HookEdit},
	{plaza.Admin, Platform, OfficeSee},
	{plaza.Admin, Platform, MemberSee},
	{plaza.Admin, Platform, MemberInvite},
	{plaza.Admin, Platform, MemberDecide},
	{plaza.Admin, Platform, RoleEnd},
	{plaza.Admin, Platform, RoleRename},
	{plaza.Admin, Platform, LiaisonAppoint},
	{plaza.Admin, Platform, AbsenceSet},
	{plaza.Admin, Platform, UnitEdit},
	{plaza.Admin, Platform, HoursEdit},
	{plaza.Admin, Platform, DomainPropose},
	{plaza.Admin, Platform, DomainVerify},
	{plaza.Admin, Platform, CalendarEdit},
	{plaza.Admin, Platform, Succeed},
	{plaza.Admin, Platform, SourceAdd},
	{plaza.Admin, Platform, SourceEdit},
	{plaza.Admin, Platform, SourcePause},
	{plaza.Admin, Platform, SourceRun},
	{plaza.Admin, Platform, RunApprove},
	{plaza.Admin, Platform, RulesEdit},
	{plaza.Admin, Platform, InstitutionEdit},
	{plaza.Admin, Platform, AdminSee},
	{plaza.Admin, Platform, JobSee},
	{plaza.Admin, Platform, JobCancel},
	{plaza.Admin, Platform, JobRetry},
	{plaza.Admin, Platform, MailSee},
	{plaza.Admin, Platform, SettingsEdit},
	{plaza.Admin, Platform, AuditExport},
	{plaza.Admin, Platform, PersonSee},
	{plaza.Admin, Platform, PersonAdd},
	{plaza.Admin, Platform, PersonGrant},
	{plaza.Admin, Platform, PersonHold},

	// Plaza itself: jobs, and the commands of whoever operates the machine.
	{plaza.System, Platform, SourceAdd},
	{plaza.System, Platform, SourceEdit},
	{plaza.System, Platform, SourcePause},
	{plaza.System, Platform, SourceRun},
	{plaza.System, Platform, RunApprove},
	{plaza.System, Platform, RulesEdit},
	{plaza.System, Platform, InstitutionEdit},
	{plaza.System, Platform, Succeed},
	{plaza.System, Platform, CalendarEdit},
	{plaza.System, Platform, UnitEdit},
	{plaza.System, Platform, HoursEdit},
	{plaza.System, Platform, DomainVerify},
	{plaza.System, Platform, LiaisonAppoint},
	{plaza.System, Platform, RoleEnd},
	{plaza.System, Platform, AbsenceSet},
	{plaza.System, Platform, MemberInvite},
	{plaza.System, Platform, MemberDecide},
	{plaza.System, Platform, JobSee},
	{plaza.System, Platform, JobCancel},
	{plaza.System, Platform, JobRetry},
	{plaza.System, Platform, SettingsEdit},
	{plaza.System, Platform, AuditExport},
	{plaza.System, Platform, PersonSee},
	{plaza.System, Platform, PersonAdd},
	{plaza.System, Platform, PersonGrant},
	{plaza.System, Platform, PersonHold},
	{plaza.System, Platform, PersonSuspend},
	{plaza.System, Platform, StaffDiscipline},
	{plaza.System, Platform, PersonLink},
	{plaza.System, Platform, PersonToken},
	{plaza.System, Platform, Operate},
}

// Feature is something that an installation may do without. While it is off nobody may
// do its actions; what was done before stays.
type Feature struct {
	Name    string // its words are "access.feature." and the name
	Actions []Action
}

// Features are all of them, in the order of the form.
var Features = []Feature{
	{"accounts", []Action{SignUp}},
	{"comments", []Action{CommentAdd, CommentEdit}},
	{"follow_by_mail", []Action{FollowByMail}},
	{"reports", []Action{Report}},
	{"cases", []Action{CaseAsk, CaseAskByMail, CaseSupport}},
	{"forum", []Action{ForumWrite}},
	{"tools", []Action{ToolWrite, ToolPublish}},
	{"requests_to_join", []Action{MemberRequest}},
}

// Scope is what an access token may be good for, besides reading what is public.
type Scope struct {
	Name    string // as a token is made with; its words are "access.scope." and the name
	Actions []Action
}

// Scopes are all of them, in the order of the form.
var Scopes = []Scope{
	{"account:read", []Action{AccountSee, AccountExport}},
	{"follow", []Action{Follow}},
	{"comment", []Action{CommentAdd, CommentEdit, CommentRemove}},
	{"cases", []Action{CaseAsk, CaseSupport, CaseOwn}},
	{"tools", []Action{ToolWrite, ToolPublish, ToolWithdraw}},
	{"office", []Action{OfficeSee, MemberSee, CommentSpeak, CommentAttend, CaseDraft, CaseNote, CaseHandle, CaseAnswer,
		CaseSign, CaseTransfer, CommitmentKeep, CommitmentDrop}},
	{"sources", []Action{SourceAdd, SourceEdit, SourcePause, SourceRun, RunApprove}},
	{"admin:read", []Action{AdminSee, JobSee, PersonSee, AuditExport}},
}
