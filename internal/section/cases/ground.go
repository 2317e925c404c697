package cases

import "slices"

// Ground is a ground in law on which something may be denied. Its words are
// "cases.ground." and the key.
type Ground struct {
	Key      string
	Legal    string // the provision, as it is cited
	Since    string // the day from which it holds, 2006-01-02
	Outcomes []Outcome
}

// For reports whether an outcome can rest on the ground.
func (g Ground) For(o Outcome) bool { return slices.Contains(g.Outcomes, o) }

// Grounds are those of the Ley General de Transparencia y Acceso a la Información Pública
// (DOF 20-03-2025), whose articles an institution's enlace de transparencia confirms when
// signing, and of its counterpart on personal data of the same day.
var Grounds = []Ground{
	{"reserved", "Ley General de Transparencia y Acceso a la Información Pública (DOF 20-03-2025), información reservada", "2025-03-21", []Outcome{Reserved, Impossible}},
	{"confidential", "Ley General de Transparencia y Acceso a la Información Pública (DOF 20-03-2025), información confidencial", "2025-03-21", []Outcome{Confidential, Impossible}},
	{"personal_data", "Ley General de Protección de Datos Personales en Posesión de Sujetos Obligados (DOF 20-03-2025)", "2025-03-21", []Outcome{PersonalData, Confidential, Impossible}},
	{"statistics", "Ley del Sistema Nacional de Información Estadística y Geográfica, artículos 37 y 38: confidencialidad y reserva de los datos de los informantes", "2008-07-15", []Outcome{Confidential, PersonalData, Impossible}},
	{"nonexistent", "Ley General de Transparencia y Acceso a la Información Pública (DOF 20-03-2025), inexistencia de la información", "2025-03-21", []Outcome{Nonexistent, Impossible}},
	{"not_competent", "Ley General de Transparencia y Acceso a la Información Pública (DOF 20-03-2025), notoria incompetencia", "2025-03-21", []Outcome{NotCompetent}},
	{"no_duty", "Ley General de Transparencia y Acceso a la Información Pública (DOF 20-03-2025), no hay obligación de elaborar documentos específicos", "2025-03-21", []Outcome{Impossible, Costly, Nonexistent}},
	{"copyright", "Ley Federal del Derecho de Autor: obras de terceros", "1997-03-24", []Outcome{Impossible}},
}
