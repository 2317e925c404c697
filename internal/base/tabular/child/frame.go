package child

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A frame is two lengths of four bytes (header, body; the greater end first), a header
// in JSON and a body of bytes. Parent and worker are one binary: there are no versions.
const (
	maxHeader = 4 << 10
	maxBody   = 32 << 20 // of a question and of an answer that is not streamed
	chunkSize = 64 << 10 // of a stream
	window    = 8        // chunks that may be under way to a reader who has not taken them
)

// errNonsense is what a peer says that does not keep to the frames.
var errNonsense = errors.New("child: not a frame of ours")

// Kinds of frames: those of the parent, then those of the worker.
const (
	kindInit   = "init"   // body Limits
	kindAsk    = "ask"    // id, op, ns; body question
	kindCancel = "cancel" // id
	kindCredit = "credit" // id, n
	kindBye    = "bye"    // nothing more will be asked
	kindStep   = "step"   // id; body Step
	kindChunk  = "chunk"  // id; body bytes
	kindDone   = "done"   // id; body answer
	kindFail   = "fail"   // id; body wireError
)

type header struct {
	Kind  string `json:"k"`
	ID    uint64 `json:"id,omitempty"`
	Op    string `json:"op,omitempty"`
	Nanos int64  `json:"ns,omitempty"` // left for the question; 0: no deadline
	N     int    `json:"n,omitempty"`
}

type frame struct {
	header
	body []byte
}

// readFrame reads one frame. io.EOF is an end between frames. What is set aside grows
// with what arrives, never with what a length promises.
func readFrame(r *bufio.Reader) (frame, error) {
	var lengths [8]byte
	if _, err := io.ReadFull(r, lengths[:]); err != nil {
		return frame{}, err
	}
	h, b := binary.BigEndian.Uint32(lengths[:4]), binary.BigEndian.Uint32(lengths[4:])
	if h == 0 || h > maxHeader || b > maxBody {
		return frame{}, fmt.Errorf("%w: lengths %d and %d", errNonsense, h, b)
	}
	head := make([]byte, h)
	if _, err := io.ReadFull(r, head); err != nil {
		return frame{}, cut(err)
	}
	var f frame
	if err := json.Unmarshal(head, &f.header); err != nil {
		return frame{}, fmt.Errorf("%w: %w", errNonsense, err)
	}
	if b <= 1<<20 {
		f.body = make([]byte, b)
		_, err := io.ReadFull(r, f.body)
		return f, cut(err)
	}
	var body bytes.Buffer
	if _, err := io.CopyN(&body, r, int64(b)); err != nil {
		return frame{}, cut(err)
	}
	f.body = body.Bytes()
	return f, nil
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appendFrame appends a frame's bytes to buf.
func appendFrame(buf []byte, f frame) []byte {
	head, err := json.Marshal(f.header)
	if err != nil { // strings and numbers only
		panic(err)
	}
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(head)))
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(f.body)))
	return append(append(buf, head...), f.body...)
}

// The ops: a converting worker does one of the first three, an asking one the others.
const (
	opConvert = "convert"
	opNative  = "native"
	opCompare = "compare"
	opPage    = "page"
	opRow     = "row"
	opCount   = "count"
	opGroups  = "groups"
	opExport  = "export"
)

// The modes of a worker.
const (
	modeConvert = "convert"
	modeAsk     = "ask"
)

var opsOf = map[string]map[string]bool{
	modeConvert: {opConvert: true, opNative: true, opCompare: true},
	modeAsk:     {opPage: true, opRow: true, opCount: true, opGroups: true, opExport: true},
}
