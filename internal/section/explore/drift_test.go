package explore_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plaza/internal/base/tabular"
	"plaza/internal/section/explore"
)

// The headers of two snapshots of one resource, a week apart.
const (
	covidApril13 = "FECHA_ACTUALIZACION,ORIGEN,SECTOR,ENTIDAD_UM,SEXO,ENTIDAD_NAC,ENTIDAD_RES,MUNICIPIO_RES,TIPO_PACIENTE,FECHA_INGRESO,FECHA_SINTOMAS,FECHA_DEF,INTUBADO,NEUMONIA,EDAD,NACIONALIDAD,EMBARAZO,HABLA_LENGUA_INDI,DIABETES,EPOC,ASMA,INMUSUPR,HIPERTENSION,OTRA_CON,CARDIOVASCULAR,OBESIDAD,RENAL_CRONICA,TABAQUISMO,OTRO_CASO,RESULTADO,MIGRANTE,PAIS_NACIONALIDAD,PAIS_ORIGEN,UCI"
	covidApril20 = "FECHA_ACTUALIZACION,ID_REGISTRO,ORIGEN,SECTOR,ENTIDAD_UM,SEXO,ENTIDAD_NAC,ENTIDAD_RES,MUNICIPIO_RES,TIPO_PACIENTE,FECHA_INGRESO,FECHA_SINTOMAS,FECHA_DEF,INTUBADO,NEUMONIA,EDAD,NACIONALIDAD,EMBARAZO,HABLA_LENGUA_INDIG,DIABETES,EPOC,ASMA,INMUSUPR,HIPERTENSION,OTRA_COM,CARDIOVASCULAR,OBESIDAD,RENAL_CRONICA,TABAQUISMO,OTRO_CASO,RESULTADO,MIGRANTE,PAIS_NACIONALIDAD,PAIS_ORIGEN,UCI"
)

// shaped is a profile of one table of columns "name" or "name:type", with values after "=".
func shaped(name, columns string) tabular.Profile {
	t := tabular.Table{Name: name}
	for _, one := range strings.Split(columns, ",") {
		one, values, _ := strings.Cut(one, "=")
		column, kind, _ := strings.Cut(one, ":")
		c := tabular.Column{Name: column, Type: tabular.Text}
		if kind != "" {
			c.Type = tabular.Type(kind)
		}
		for _, v := range strings.Fields(values) {
			c.Stats.Top = append(c.Stats.Top, tabular.ValueCount{Value: v, Count: 1})
		}
		t.Columns = append(t.Columns, c)
	}
	return tabular.Profile{Tables: []tabular.Table{t}}
}

func TestDriftOfTheSnapshotsOfAResource(t *testing.T) {
	got := explore.DriftOf(shaped("datos_abiertos_20200413.csv", covidApril13), shaped("datos_abiertos_20200420.csv", covidApril20))
	want := explore.Drift{Tables: []explore.TableDrift{{Table: "datos_abiertos_20200420.csv", Added: []string{"ID_REGISTRO"},
		Renamed: []explore.Rename{{From: "HABLA_LENGUA_INDI", To: "HABLA_LENGUA_INDIG"}, {From: "OTRA_CON", To: "OTRA_COM"}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDriftOfColumns(t *testing.T) {
	for _, c := range []struct {
		name, before, after string
		want                explore.TableDrift
	}{
		{"nothing", "a,b", "a,b", explore.TableDrift{}},
		{"case and accents are no change", "AÑO,Región", "año,region", explore.TableDrift{}},
		{"added and removed", "id,precio,fecha", "id,precio,municipio,localidad", explore.TableDrift{Added: []string{"municipio", "localidad"}, Removed: []string{"fecha"}}},
		{"another type", "a:integer,b", "a:decimal,b", explore.TableDrift{Retyped: []explore.Retype{{Column: "a", From: "integer", To: "decimal"}}}},
		{"another order", "a,b,c", "c,a,b", explore.TableDrift{Moved: true}},
		{"a name that is little alike, in the same place", "id,OTRA_CON,edad", "id,OTRO_CASO,edad", explore.TableDrift{Renamed: []explore.Rename{{From: "OTRA_CON", To: "OTRO_CASO"}}}},
		{"the same values in the same place", "id,s=H M X,edad", "id,genero=H M X,edad", explore.TableDrift{Renamed: []explore.Rename{{From: "s", To: "genero"}}}},
		{"another column in the same place", "id,sexo=H M,edad", "id,lengua=1 2 3,edad", explore.TableDrift{Added: []string{"lengua"}, Removed: []string{"sexo"}}},
		{"renamed and retyped", "id,precio_total:integer,z", "id,precio_totales:decimal,z", explore.TableDrift{
			Renamed: []explore.Rename{{From: "precio_total", To: "precio_totales"}}, Retyped: []explore.Retype{{Column: "precio_totales", From: "integer", To: "decimal"}}}},
		{"twins keep to their own", "a_1,a_2,b", "a_2,b", explore.TableDrift{Removed: []string{"a_1"}}},
	} {
		got := explore.DriftOf(shaped("", c.before), shaped("", c.after))
		var want explore.Drift
		if !cmp.Equal(c.want, explore.TableDrift{}) {
			want.Tables = []explore.TableDrift{c.want}
		}
		if diff := cmp.Diff(want, got); diff != "" || got.None() != (len(want.Tables) == 0) {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestDriftOfTables(t *testing.T) {
	before, after := shaped("Enero", "a"), shaped("enero", "a,b")
	before.Tables = append(before.Tables, shaped("Notas", "x").Tables...)
	after.Tables = append(after.Tables, shaped("Febrero", "a").Tables...)
	want := explore.Drift{Tables: []explore.TableDrift{{Table: "enero", Added: []string{"b"}}}, Added: []string{"Febrero"}, Removed: []string{"Notas"}}
	if diff := cmp.Diff(want, explore.DriftOf(before, after)); diff != "" {
		t.Error(diff)
	}
}

func TestDriftOfVeryWideTablesIsBounded(t *testing.T) {
	wide := func(prefix string) tabular.Profile {
		names := make([]string, tabular.MaxColumns)
		for i := range names {
			names[i] = prefix + strings.Repeat("x", 150) + string(rune('a'+i%26)) + strings.Repeat("y", i%7)
		}
		return shaped("", strings.Join(names, ","))
	}
	d := explore.DriftOf(wide("antes"), wide("despues"))
	if d.None() {
		t.Error("nothing changed")
	}
}
