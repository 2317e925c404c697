package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/civic/account"
	"plaza/internal/civic/comment"
	"plaza/internal/civic/follow"
	"plaza/internal/civic/institution"
	"plaza/internal/civic/moderation"
	"plaza/internal/civic/record"
	"plaza/internal/plaza"
	"plaza/internal/section/catalog"
	"plaza/internal/section/tool"
)

// People is what the demonstration's people do things with.
type People struct {
	Comments   *comment.Comments
	Moderation *moderation.Desk
	Cards      record.Cards
	// Tell tells whoever follows what has happened.
	Tell  func(context.Context) error
	Talk  *Conversation
	Tools *tool.Tools
}

// someone is a person of the demonstration. All are made up, and so are their
// addresses, which no mail can reach (RFC 2606).
type someone struct {
	name, mail string
	role       plaza.Role // "" for none
	body       string     // acronym of the institution
	unit       string
}

var cast = map[string]someone{
	"lucia":    {"Lucía Ferreira Montes", "lucia.ferreira@salud.example", plaza.Liaison, "SALUD", "Dirección General de Información en Salud"},
	"ignacio":  {"Ignacio Robles Tapia", "ignacio.robles@salud.example", plaza.DataOwner, "SALUD", "Dirección General de Epidemiología"},
	"carmen":   {"Carmen Yáñez Solís", "carmen.yanez@inegi.example", plaza.Liaison, "INEGI", "Dirección General de Integración, Análisis e Investigación"},
	"rodrigo":  {"Rodrigo Paz Luna", "rodrigo.paz@semovi.example", plaza.Liaison, "SEMOVI", "Dirección de Información y Datos"},
	"olga":     {"Olga Treviño Salas", "olga.trevino@salud.example", plaza.Transparency, "SALUD", "Unidad de Transparencia"},
	"patricia": {"Patricia Lozano Ibarra", "patricia.lozano@cre.example", plaza.Liaison, "CRE", "Unidad de Planeación y Vinculación"},
	"efren":    {"Efrén Castañeda Ruelas", "efren.castaneda@cre.example", plaza.DataOwner, "CRE", "Unidad de Petrolíferos"},
	"irene":    {"Irene Maldonado Vega", "irene.maldonado@cre.example", plaza.Transparency, "CRE", "Unidad de Transparencia"},
	"sofia":    {"Sofía Cárdenas Mena", "sofia.cardenas@inegi.example", plaza.DataOwner, "INEGI", "Dirección General de Geografía"},
	"julian":   {"Julián Ocampo Rivas", "julian.ocampo@inegi.example", plaza.Transparency, "INEGI", "Unidad de Transparencia"},
	"hector":   {"Héctor Villaseñor Gil", "hector.villasenor@fgj.example", plaza.Liaison, "FGJCDMX", "Dirección General de Política y Estadística Criminal"},
	"martin":   {"Martín Arriaga Peña", "martin.arriaga@fgj.example", plaza.Transparency, "FGJCDMX", "Unidad de Transparencia"},
	"renata":   {"Renata Sosa Quiroz", "renata.sosa@semovi.example", plaza.Transparency, "SEMOVI", "Unidad de Transparencia"},
	"gabriel":  {"Gabriel Nieto Barrera", "gabriel.nieto@c5.example", plaza.Liaison, "C5", "Dirección General de Gestión Estratégica"},
	"beatriz":  {"Beatriz Camacho Olvera", "beatriz.camacho@toluca.example", plaza.Liaison, "TOLUCA", "Dirección de Desarrollo Económico"},
	"hugo":     {"Hugo Santillán Reyes", "hugo.santillan@correo.example", "", "", ""},
	"paola":    {"Paola Medina Fierro", "paola.medina@correo.example", "", "", ""},
	"leonel":   {"Leonel Urbina Costa", "leonel.urbina@correo.example", "", "", ""},
	"camila":   {"Camila Duarte Roa", "camila.duarte@correo.example", "", "", ""},
	"elisa":    {"Elisa Bravo Nava", "elisa.bravo@plaza.example", plaza.Moderator, "", ""},
	"marisol":  {"Marisol Aguilar Prieto", "marisol.aguilar@correo.example", "", "", ""},
	"tomas":    {"Tomás Ek Chan", "tomas.ek@correo.example", "", "", ""},
	"nadia":    {"Nadia Rentería Cruz", "nadia.renteria@correo.example", "", "", ""},
}

// unitKinds are what the areas of the cast's institutions are.
var unitKinds = map[plaza.Role]string{plaza.Liaison: "administering", plaza.DataOwner: "generating", plaza.Transparency: "transparency"}

// saying is one comment. The first ones of a newcomer wait for review, and Elisa lets
// them through the next morning.
type saying struct {
	key     string // names it
	days    int    // before the end of the story
	who     string
	on      string // slug of the dataset
	answers string // key of another one, "" for none
	voice   plaza.Role
	text    string
}

var sayings = []saying{
	{"999", 96, "marisol", "casos-de-covid-19-por-municipio", "", "",
		"En la columna `cve_mun` aparece la clave **999** en varias entidades, por ejemplo con 4 casos confirmados en Baja California en el corte del 20 de mayo. ¿Es un municipio, o quiere decir otra cosa?"},
	{"999-si", 92, "lucia", "casos-de-covid-19-por-municipio", "999", plaza.Liaison,
		"La clave 999 quiere decir que el municipio **no se especificó** en el registro; no corresponde a ninguno. Para comparar municipios conviene dejarla aparte, y contarla al sumar por entidad.\n\nTodas las claves están en [Claves y catálogos de la base de COVID-19](/datos/claves-y-catalogos-de-la-base-de-covid-19)."},
	{"999-gracias", 91, "marisol", "casos-de-covid-19-por-municipio", "999", "",
		"Gracias. Con eso ya cuadran mis sumas por entidad."},
	{"99", 60, "tomas", "claves-y-catalogos-de-la-base-de-covid-19", "", "",
		"¿El **99** significa lo mismo en todos los catálogos? Lo encontré en `ORIGEN`, `SECTOR`, `SEXO` y `TIPO_PACIENTE`."},
	{"99-si", 57, "ignacio", "claves-y-catalogos-de-la-base-de-covid-19", "99", plaza.DataOwner,
		"Sí: en esos cuatro catálogos 99 es «no especificado»."},
	{"ecobici", 34, "tomas", "estaciones-de-ecobici", "", "",
		"El archivo de 2021 no abre como tabla: lo que se descarga es una página que dice «El portal cambió de dirección»."},
	{"nuevos", 25, "nadia", "mapa-de-municipios", "", "",
		"Al unir este mapa con el Censo 2020 me faltan San Quintín y Seybaplaya. ¿Habrá una versión del mapa que los incluya?"},
	{"nuevos-si", 21, "carmen", "mapa-de-municipios", "nuevos", plaza.Liaison,
		"Los dos se crearon después de este mapa. La lista de los municipios que están en el Censo 2020 y no en el mapa anterior es [esta](/datos/municipios-nuevos-desde-el-mapa-anterior), con su población."},
	{"toluca", 12, "nadia", "giros-de-negocio-de-toluca", "", "",
		"¿Cada cuánto se actualiza esta lista? Me serviría para un directorio de comercios del centro."},
	{"sectores", 6, "marisol", "atencion-de-covid-19-por-sector-de-salud", "", "",
		"¿Los casos de cada sector son de quienes se atendieron ahí o de quienes tienen derecho a ese servicio?"},
}

// follows are what people follow, by the slug of a dataset.
var follows = map[string][]string{
	"marisol": {"casos-de-covid-19-por-municipio", "atencion-de-covid-19-por-sector-de-salud"},
	"tomas":   {"estaciones-de-ecobici", "claves-y-catalogos-de-la-base-de-covid-19", cuts},
	"nadia":   {"mapa-de-municipios"},
}

// peopleActs are the acts of the cast, for a story that ends at an instant.
func peopleActs(until time.Time) []act {
	on := func(days int, minute int, do func(context.Context, *Stage) error) act {
		return act{dayBefore(until, days).Add(hour*time.Hour + time.Duration(minute)*time.Minute), do}
	}
	acts := []act{on(100, 20, func(ctx context.Context, s *Stage) error { return s.gather(ctx) })}
	for i, said := range sayings {
		acts = append(acts, on(said.days, 30+i, func(ctx context.Context, s *Stage) error { return s.say(ctx, said) }))
	}
	acts = append(acts, openingsOf("", func(o opening) time.Time { return dayBefore(until, o.days).Add((hour + 1) * time.Hour) })...)
	acts = append(acts, toolActs(until)...)
	return append(acts, conversation(until)...)
}

// dayBefore is the midnight of Greenwich with which a day begins, so many days before an
// instant's.
func dayBefore(until time.Time, days int) time.Time {
	return until.UTC().Truncate(24*time.Hour).AddDate(0, 0, -days)
}

// gather makes the accounts, areas and roles, and has people follow what they will
// speak about.
func (s *Stage) gather(ctx context.Context) error {
	for _, key := range sortedKeys(cast) {
		if err := s.enter(ctx, cast[key]); err != nil {
			return fmt.Errorf("bringing %s: %w", key, err)
		}
	}
	for _, key := range sortedKeys(follows) {
		for _, slug := range follows[key] {
			err := s.as(ctx, key, func(tx *db.Tx) error {
				object, err := dataset(tx, slug)
				if err != nil {
					return unread(err)
				}
				_, err = follow.Put(tx, object, follow.Choice{Often: follow.Daily, InApp: true})
				return err
			})
			if err != nil {
				return fmt.Errorf("%s follows %s: %w", key, slug, err)
			}
		}
	}
	return nil
}

func (s *Stage) enter(ctx context.Context, p someone) error {
	var person account.Person
	if err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if person, err = account.ByEmail(tx, p.mail); plaza.KindOf(err) != plaza.NotFound {
			return err // an earlier playing brought them
		}
		person, err = account.Create(tx, account.New{Email: p.mail, Name: p.name})
		return err
	}); err != nil {
		return err
	}
	// Nobody reads their mail: they are told in the application alone.
	if err := s.DB.Write(ctx, func(tx *db.Tx) error { return follow.SetDirect(tx, person.ID, follow.Never) }); err != nil {
		return err
	}
	if p.role == "" || len(person.Grants) > 0 {
		return nil
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		grant := account.Grant{Role: p.role}
		var acts []record.Act
		if p.body != "" {
			grant.Institution = InstitutionID(p.body)
			unit, more, err := institution.PutUnit(tx, institution.Unit{InstitutionID: grant.Institution, Name: p.unit, Kind: unitKinds[p.role]})
			if err != nil {
				return err
			}
			grant.Unit, acts = unit.ID, more
		}
		act, err := account.GrantRoleIn(tx, person.ID, grant)
		if err != nil {
			return err
		}
		return record.Append(tx, append(acts, act)...)
	})
}

// say says something, and lets it through the next morning if it waits for review.
func (s *Stage) say(ctx context.Context, said saying) error {
	var c comment.Comment
	err := s.as(ctx, said.who, func(tx *db.Tx) error {
		ref, err := dataset(tx, said.on)
		if err != nil {
			return unread(err)
		}
		cards, err := s.People.Cards(tx, []plaza.Ref{ref})
		if err != nil {
			return err
		}
		draft := comment.Draft{On: cards[ref], Text: said.text, Nonce: nonce(said.key)}
		if said.voice != "" {
			draft.Voice = institution.Voice{Role: said.voice, Institution: cards[ref].Institution}.Key()
		}
		if said.answers != "" {
			if draft.Root, err = saidBefore(tx, said.answers); err != nil {
				return unread(err)
			}
		}
		c, err = s.People.Comments.Post(tx, draft, comment.From{})
		return err
	})
	if err != nil {
		return err
	}
	if c.State == moderation.Held {
		s.DB.Clock().Advance(18 * time.Hour)
		if err := s.as(ctx, "elisa", func(tx *db.Tx) error {
			_, err := s.People.Moderation.Approve(tx, c.Ref(), "")
			return err
		}); err != nil {
			return err
		}
	}
	return s.People.Tell(ctx)
}

// as does something as one of the cast.
func (s *Stage) as(ctx context.Context, key string, do func(tx *db.Tx) error) error {
	ctx, err := s.acting(ctx, key)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, do)
}

// unread forgets that something is not there yet: in a story that ends early its
// catalogue has not been read, and nobody speaks of it.
func unread(err error) error {
	if plaza.KindOf(err) == plaza.NotFound {
		return nil
	}
	return err
}

// dataset is the name of a dataset by its slug; NotFound while no catalogue has it.
func dataset(tx *db.Tx, slug string) (plaza.Ref, error) {
	d, err := catalog.BySlug(tx, slug)
	return d.Ref(), err
}

// saidBefore is the id of what was said under a key: ids are chance's, texts are ours.
func saidBefore(tx *db.Tx, key string) (string, error) {
	i := slices.IndexFunc(sayings, func(s saying) bool { return s.key == key })
	author, err := account.ByEmail(tx, cast[sayings[i].who].mail)
	if err != nil {
		return "", err
	}
	said, err := comment.Of(tx, author.ID, "", len(sayings))
	if err != nil {
		return "", err
	}
	for _, c := range said {
		if c.Body == sayings[i].text {
			return c.ID, nil
		}
	}
	return "", plaza.E(plaza.NotFound, "comment.error.not_found")
}

// nonce is that of the form which a comment was written in.
func nonce(key string) string { return plaza.DerivedID(base, "comment", key) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
