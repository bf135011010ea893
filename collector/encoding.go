package collector

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

const (
	// acceptEncoding lists the codings that decoded reads.
	acceptEncoding = "gzip, br, zstd, deflate"

	maxCodings  = 2       // of one answer; each keeps a window of its own in memory
	zstdWindow  = 8 << 20 // what RFC 9659 lets a server use
	bufferAhead = 4 << 10 // read ahead to see how the bytes begin
)

// decoded reads a body through the codings that Content-Encoding lists (RFC 9110,
// section 8.4), the last one applied first. A body that is gzip without saying so,
// such as a sitemap.xml.gz, is unpacked too; one that says so and is not is read as it
// stands. The caller bounds what it reads: a small body can stand for a large one.
func decoded(body io.Reader, contentEncoding string) (io.Reader, error) {
	var codings []string
	for name := range strings.SplitSeq(strings.ToLower(contentEncoding), ",") {
		if name = strings.TrimSpace(name); name != "" && name != "identity" {
			codings = append(codings, name)
		}
	}
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("the answer is compressed %d times over; at most %d are read", len(codings), maxCodings)
	}
	for i := len(codings) - 1; i >= 0; i-- {
		var err error
		if body, err = decompressed(body, codings[i]); err != nil {
			return nil, err
		}
	}
	if len(codings) == 0 {
		return decompressed(body, "gzip")
	}
	return body, nil
}

func decompressed(body io.Reader, coding string) (io.Reader, error) {
	begin := bufio.NewReaderSize(body, bufferAhead)
	magic, err := begin.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(magic) == 0 {
		return begin, nil
	}
	switch coding {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(magic, []byte{0x1f, 0x8b}) {
			return begin, nil
		}
		return gzip.NewReader(begin)
	case "br":
		return brotli.NewReader(begin), nil
	case "zstd":
		// A decoder of one goroutine, which is the caller's: nothing is left to close.
		return zstd.NewReader(begin, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
	case "deflate": // meant as zlib's format, sent by some as the bare one
		if len(magic) > 1 && magic[0]&0x0f == 8 && (uint(magic[0])<<8|uint(magic[1]))%31 == 0 {
			return zlib.NewReader(begin)
		}
		return flate.NewReader(begin), nil
	}
	return nil, fmt.Errorf("the answer is compressed with %q, which was not asked for; asked for was %q", coding, acceptEncoding)
}

// errTooLarge tells that a body goes on beyond the limit.
var errTooLarge = errors.New("too large")

// readBody reads at most limit bytes, and returns them with errTooLarge if there are
// more. Pieces that are joined at the end take less memory than a buffer that doubles.
func readBody(r io.Reader, limit int64) ([]byte, error) {
	const piece = 128 << 10
	r = io.LimitReader(r, limit+1)
	var pieces [][]byte
	for {
		var b bytes.Buffer
		b.Grow(piece)
		_, err := io.CopyN(&b, r, piece-bytes.MinRead)
		pieces = append(pieces, b.Bytes())
		if errors.Is(err, io.EOF) { // a body that is cut short says ErrUnexpectedEOF
			break
		}
		if err != nil {
			return nil, err
		}
	}
	body := bytes.Join(pieces, nil)
	if int64(len(body)) > limit {
		return body[:limit], errTooLarge
	}
	return body, nil
}
