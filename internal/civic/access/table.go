package access

import "plaza/internal/plaza"

// The actions, by what they are done to.
const (
	SiteRead        Action = "site.read"        // home, help, about, search, the interfaces' descriptions
	CatalogueRead   Action = "catalogue.read"   // datasets and resources, in pages, search, API and feeds
	InstitutionRead Action = "institution.read" // institutions and their activity
	RecordRead      Action = "record.read"      // the public record, its downloads and checkpoints
	RunRead         Action = "run.read"         // the public report of a harvest's run

	SignIn  Action = "session.start"
	SignOut Action = "session.end"

	SourceAdd   Action = "source.add"
	SourceEdit  Action = "source.edit"
	SourcePause Action = "source.pause"
	SourceRun   Action = "source.run"
	RunApprove  Action = "run.approve"     // let a quarantined run through, or refuse it
	RulesEdit   Action = "publishers.edit" // which institution a harvested publisher is

	InstitutionEdit Action = "institution.edit" // add and change institutions

	AdminSee  Action = "admin.see" // the central pages
	JobSee    Action = "job.see"
	JobCancel Action = "job.cancel"
	JobRetry  Action = "job.retry"

	PersonAdd   Action = "person.add"
	PersonGrant Action = "person.grant"       // give and take roles
	PersonLink  Action = "person.signin_link" // make a sign-in link for somebody
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
	{"read", []Action{SiteRead, CatalogueRead, InstitutionRead, RecordRead, RunRead}},
	{"session", []Action{SignIn, SignOut}},
	{"source", []Action{SourceAdd, SourceEdit, SourcePause, SourceRun, RunApprove, RulesEdit}},
	{"central", []Action{InstitutionEdit, AdminSee, JobSee, JobCancel, JobRetry}},
	{"person", []Action{PersonAdd, PersonGrant, PersonLink}},
	{"store", []Action{Operate}},
}

// table is every permission there is.
var table = []Line{
	// Anybody reads, without an account.
	{plaza.Visitor, Anyone, SiteRead},
	{plaza.Visitor, Anyone, CatalogueRead},
	{plaza.Visitor, Anyone, InstitutionRead},
	{plaza.Visitor, Anyone, RecordRead},
	{plaza.Visitor, Anyone, RunRead},
	{plaza.Visitor, Anyone, SignIn},
	// A visitor's session may have ended a moment before the button was pressed.
	{plaza.Visitor, Anyone, SignOut},

	// The liaison looks after the institution's own sources.
	{plaza.Liaison, SameInstitution, SourceAdd},
	{plaza.Liaison, SameInstitution, SourceEdit},
	{plaza.Liaison, SameInstitution, SourcePause},
	{plaza.Liaison, SameInstitution, SourceRun},
	{plaza.Liaison, SameInstitution, RunApprove},

	// The coordination looks after the platform.
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
	{plaza.Admin, Platform, PersonAdd},
	{plaza.Admin, Platform, PersonGrant},

	// Plaza itself: jobs, and the commands of whoever operates the machine.
	{plaza.System, Platform, SourceAdd},
	{plaza.System, Platform, SourceEdit},
	{plaza.System, Platform, SourcePause},
	{plaza.System, Platform, SourceRun},
	{plaza.System, Platform, RunApprove},
	{plaza.System, Platform, RulesEdit},
	{plaza.System, Platform, InstitutionEdit},
	{plaza.System, Platform, JobSee},
	{plaza.System, Platform, JobCancel},
	{plaza.System, Platform, JobRetry},
	{plaza.System, Platform, PersonAdd},
	{plaza.System, Platform, PersonGrant},
	{plaza.System, Platform, PersonLink},
	{plaza.System, Platform, Operate},
}
