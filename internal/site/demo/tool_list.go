package demo

import "plaza/internal/section/tool"

// Tools are the native tools of the demonstration, those of one day in the order in which
// they are published. Those that others are made from come first.
var Tools = []Tool{
	// three that follow a file that changes, and two that do not
	{Name: "covid-lengua-indigena-corte", Days: 80, by: "marisol", mend: 72},
	{Name: "covid-primer-corte", Days: 78, by: "hugo"},
	{Name: "covid-segundo-corte", Days: 70, by: "hugo"},
	{Name: "covid-fecha-de-corte", Days: 66, by: "tomas"},

	{Name: "censo-poblacion-municipios", Days: 64, by: "carmen", official: true, featured: true},
	{Name: "lengua-indigena-municipios", Days: 64, by: "camila", said: []reaction{
		{60, "paola", "¿Se puede ver cada lengua por separado, o el censo solo dice si se habla alguna?"},
		{58, "camila", "Esta tabla solo dice si se habla alguna. Si el INEGI publica la de cada lengua, la agrego."}}},
	{Name: "valle-de-mexico-mosaico", Days: 63, by: "nadia"},
	{Name: "censo-explorador", Days: 62, by: "carmen", official: true},
	{Name: "densidad-estados", Days: 61, by: "leonel"},
	{Name: "hombres-y-mujeres-dispersion", Days: 60, by: "nadia"},
	{Name: "viviendas-con-computadora-2010", Days: 59, by: "paola"},
	{Name: "homicidios-nacional", Days: 58, by: "camila"},
	{Name: "homicidios-estados", Days: 57, by: "camila"},
	{Name: "homicidios-sexo", Days: 57, by: "camila"},
	{Name: "conapo-estados", Days: 56, by: "leonel"},
	{Name: "conapo-crecimiento-mapa", Days: 55, by: "leonel"},

	{Name: "covid-tasa-estados", Days: 54, by: "lucia", official: true},
	{Name: "covid-piramide", Days: 53, by: "marisol"},
	{Name: "covid-defunciones-area", Days: 52, by: "marisol"},
	{Name: "covid-hospitales-calor", Days: 51, by: "marisol"},
	{Name: "covid-sectores-mosaico", Days: 50, by: "lucia", official: true},
	{Name: "covid-municipios-mapa", Days: 49, by: "hugo", said: []reaction{
		{45, "marisol", "La clave 999 queda fuera del mapa, ¿verdad? En Baja California son cuatro casos."},
		{44, "hugo", "Sí: se cuentan debajo del mapa, como claves que no existen en el marco."}}},
	{Name: "covid-estado-de-mexico", Days: 43, by: "nadia", Base: "covid-municipios-mapa"},
	{Name: "covid-tablero", Days: 42, by: "lucia", official: true, featured: true},

	// after its institution corrected the prices
	{Name: "gasolina-en-el-tiempo", Days: 38, by: "patricia", official: true},
	{Name: "gasolina-regular-mapa", Days: 37, by: "tomas", said: []reaction{
		{36, "leonel", "Sería útil el mismo mapa con la premium."}}},
	{Name: "gasolina-premium-mapa", Days: 34, by: "leonel", Base: "gasolina-regular-mapa"},
	{Name: "estaciones-de-servicio-puntos", Days: 33, by: "tomas"},
	{Name: "gasolina-histograma", Days: 32, by: "paola"},
	{Name: "gasolina-calor", Days: 31, by: "paola"},
	{Name: "gasolina-multiples", Days: 29, by: "hugo"},
	{Name: "gasolina-tablero", Days: 28, by: "patricia", official: true, featured: true},
	{Name: "estaciones-por-habitante", Days: 27, by: "tomas"},

	{Name: "carpetas-delitos", Days: 26, by: "hector", official: true},
	{Name: "carpetas-dia-hora", Days: 25, by: "camila"},
	{Name: "carpetas-alcaldias-mapa", Days: 24, by: "camila", said: []reaction{
		{22, "nadia", "Cuauhtémoc sale muy alta porque ahí trabaja gente de toda la ciudad. Qué bueno que la nota lo dice."}}},
	{Name: "robos-puntos", Days: 23, by: "nadia"},
	{Name: "ssc-calor", Days: 22, by: "hugo"},
	{Name: "ssc-tablero", Days: 21, by: "hugo"},
	{Name: "incidentes-viales-tablero", Days: 18, by: "gabriel", official: true},
	{Name: "incidentes-por-hora", Days: 17, by: "camila"},

	{Name: "ecobici-estaciones", Days: 16, by: "rodrigo", official: true},
	{Name: "ecobici-colonias", Days: 15, by: "tomas"},
	{Name: "ciclovias-por-anio", Days: 14, by: "tomas"},
	{Name: "parquimetros-ingresos", Days: 13, by: "paola"},
	{Name: "rutas-por-agencia", Days: 12, by: "paola"},
	{Name: "velocidades", Days: 11, by: "leonel"},

	{Name: "apertura-dispersion", Days: 10, by: "leonel"},
	{Name: "apertura-barras", Days: 9, by: "leonel"},
	{Name: "tramites-metepec", Days: 8, by: "nadia"},
	{Name: "tramites-dependencias", Days: 7, by: "nadia"},

	{Name: "presupuesto-ramos", Days: 6, by: "leonel"},
	{Name: "presupuesto-capitulos", Days: 6, by: "hugo"},
	{Name: "elecciones-mapas", Days: 5, by: "camila"},
	{Name: "elecciones-fuerzas", Days: 5, by: "camila"},
	{Name: "elecciones-lista-nominal", Days: 4, by: "paola"},
	{Name: "aire-calor", Days: 4, by: "marisol"},
	{Name: "aire-dias-malos", Days: 3, by: "tomas"},
	{Name: "aire-calidad-del-anio", Days: 3, by: "tomas"},
}

// external is a tool elsewhere that somebody tells of.
type external struct {
	tool.External
	days     int
	by       string
	official bool
	on       string // slug of the dataset that it shows
}

var elsewhere = []external{
	{tool.External{Title: "Espacio y datos de México", URL: "https://www.inegi.org.mx/app/mapa/espacioydatos/", Software: "aplicación web",
		Summary: "Mapa del INEGI con los resultados del censo por localidad, manzana y colonia, que se pueden filtrar y comparar."},
		48, "carmen", true, "censo-2020-poblacion-por-municipio"},
	{tool.External{Title: "Mapa Digital de México", URL: "https://gaia.inegi.org.mx/mdm6/", Software: "aplicación web",
		Summary: "Capas de límites, caminos, ríos y servicios de todo el país, sobre las que se puede medir y buscar."},
		47, "carmen", true, "mapa-de-municipios"},
	{tool.External{Title: "Mapa de estaciones de ECOBICI", URL: "https://ecobici.cdmx.gob.mx/mapa/", Software: "aplicación web",
		Summary: "Cuántas bicicletas y cuántos lugares libres hay ahora mismo en cada estación."},
		20, "rodrigo", true, "estaciones-de-ecobici"},
	{tool.External{Title: "Hoyo de crimen", URL: "https://hoyodecrimen.com/", Software: "aplicación web",
		Summary: "Delitos de la Ciudad de México por cuadrante de policía, con tasas, tendencias y mapas, hecho por un ciudadano."},
		19, "camila", false, "delitos-por-cuadrante-de-policia-2013-y-2014"},
}
