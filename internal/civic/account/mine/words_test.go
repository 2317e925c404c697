package mine_test

import "testing/fstest"

// words are the messages of the test's operation.
var words = fstest.MapFS{
	"locale/es.json": {Data: []byte(`{"test.note.summary": "Nota", "test.note.text": "Deja una nota.", "test.note.answer": "La nota."}`)},
	"locale/en.json": {Data: []byte(`{"test.note.summary": "Note", "test.note.text": "Leaves a note.", "test.note.answer": "The note."}`)},
}
