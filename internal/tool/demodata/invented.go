package main

import (
	"fmt"
	"math/rand/v2"
)

// howInvented is what FUENTES.md says of rows that are nobody's.
const howInvented = "Renglones generados con una semilla: personas, claves y teléfonos son inventados y no son de nadie."

// inventedRows is how many rows a made-up table has.
const inventedRows = 60

// makeInvented writes the tables that show what becomes of personal data. They come to hold
// it on the way, as happens: before that they are about no person.
func makeInvented(w *writer) error {
	r := rand.New(rand.NewPCG(20200520, 5))
	states := []string{"Aguascalientes", "Colima", "Durango", "Hidalgo", "Nayarit", "Tabasco", "Yucatán"}
	posts := newTable("modulo", "entidad", "turno", "personas_atendidas")
	withPersons := newTable("modulo", "entidad", "turno", "personas_atendidas", "responsable", "clave_unica")
	requests := newTable("folio", "entidad", "tramite", "dias_habiles")
	withApplicants := newTable("folio", "entidad", "tramite", "dias_habiles", "solicitante", "clave_del_solicitante")
	for i := range inventedRows {
		post := []any{fmt.Sprintf("M-%03d", i+1), states[r.IntN(len(states))], []string{"Matutino", "Vespertino"}[r.IntN(2)], 20 + r.IntN(400)}
		posts.add(post...)
		withPersons.add(append(post, fmt.Sprintf("Persona Inventada %d", i+1), inventedKey(r))...)
		request := []any{fmt.Sprintf("F-%04d", 1000+i), states[r.IntN(len(states))], []string{"Permiso nuevo", "Cambio de domicilio", "Baja"}[r.IntN(3)], 3 + r.IntN(40)}
		requests.add(request...)
		withApplicants.add(append(request, fmt.Sprintf("Solicitante Inventada %d", i+1), inventedKey(r))...)
	}
	for _, one := range []struct {
		name string
		t    *table
	}{
		{"salud/modulos_inventado.csv", posts}, {"salud/modulos_inventado.csv@20", withPersons},
		{"cre/tramites_inventado.csv", requests}, {"cre/tramites_inventado.csv@1", withApplicants},
	} {
		if err := w.csv(one.name, one.t, origin{"plaza", howInvented}); err != nil {
			return err
		}
	}
	return nil
}

// inventedKey has the form of a CURP and is nobody's: its letters are all X, its state of
// birth is "abroad".
func inventedKey(r *rand.Rand) string {
	return fmt.Sprintf("XXXX%02d01%02dXNEXXX%c%d", r.IntN(100), 1+r.IntN(28), 'A'+rune(r.IntN(26)), r.IntN(10))
}
