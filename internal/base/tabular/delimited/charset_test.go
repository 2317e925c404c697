package delimited_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

func TestFewSpanishWordsTellTheEncoding(t *testing.T) {
	texts := map[string]string{
		"lower":     "clave,nombre\n1,educación básica\n2,niñez y según\n3,público\n",
		"upper":     "CLAVE,NOMBRE\n1,EDUCACIÓN BÁSICA\n2,NIÑEZ\n3,PÚBLICO\n4,MÉXICO\n5,ECONOMÍA\n",
		"names":     "clave,nombre\n1,Álvaro Obregón\n2,Mérida\n3,Ñuñoa\n4,Pingüicas\n5,Ángel\n",
		"one word":  "clave,nombre\n1,Michoacán\n2,Puebla\n",
		"one upper": "clave,nombre\n1,MICHOACÁN\n2,QUERÉTARO\n",
		"header":    "año,nombre\n2020,Puebla\n2021,Colima\n",
		"signs":     "clave,nombre\n1,¿Qué es?\n2,Superficie 30 km² a 25° N\n3,1ª sección\n4,Nº 5 según\n",
	}
	for shape, text := range texts {
		for want, m := range map[string]*charmap.Charmap{
			"iso-8859-1": charmap.ISO8859_1, "macroman": charmap.Macintosh, "cp850": charmap.CodePage850,
		} {
			content := text
			if want == "macroman" {
				content = strings.ReplaceAll(text, "²", "2")
			}
			src := opened(t, written(t, in(t, m, content)))
			if src.Layout.Encoding != want {
				t.Errorf("%s: %s is taken for %s (unsure: %v)", shape, want, src.Layout.Encoding, src.Layout.Unsure)
			}
		}
	}
}
