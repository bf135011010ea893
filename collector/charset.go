package collector

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

const replacement = "\ufffd"

// declaredInside finds the encoding that a document states of itself: in the XML
// declaration or in an HTML meta element.
var declaredInside = regexp.MustCompile(`(?i)^\s*<\?xml\s[^>]*?encoding\s*=\s*["']\s*([^"'\s]+)|<meta\s[^>]*?charset\s*=\s*["']?\s*([-\w:.]+)`)

// toUTF8 decodes a document. What publishers declare is often wrong, so the bytes
// have the last word: a byte order mark first, then UTF-8 if the bytes are valid
// UTF-8, then the HTTP charset, then the document's own declaration, each only if the
// bytes agree with it, then what the bytes look like. GB2312 and GBK are read as
// GB18030, which contains both. Bytes that fit nothing become U+FFFD, so that one of
// them does not cost the document.
func toUTF8(body []byte, contentType string) string {
	if enc := unicodeEncoding(body); enc != nil {
		return decode(enc, body)
	}
	if bytes.Contains(body, []byte("\x1b$B")) && bytes.IndexFunc(body, beyondASCII) < 0 {
		return decode(japanese.ISO2022JP, body)
	}
	declared := declaredEncodings(body, contentType)
	for _, d := range declared {
		if d.sevenBit && bytes.IndexFunc(body, beyondASCII) < 0 { // escape sequences are valid UTF-8 too
			return decode(d.Encoding, body)
		}
	}
	if utf8.Valid(body) {
		return string(body)
	}
	likely := guess(body)
	chinese := likely == "gb18030" || likely == "big5"
	for _, d := range declared {
		if d.utf8 {
			if nearlyUTF8(body) {
				return strings.ToValidUTF8(string(body), replacement)
			}
			continue
		}
		if d.western && likely != "windows-1252" && comesInRuns(body) {
			continue
		}
		if text := decode(d.Encoding, body); fits(text) && !(d.singleByte && chinese) {
			return text
		}
	}
	enc, _ := charset.Lookup(likely)
	if enc == nil || nearlyUTF8(body) {
		return strings.ToValidUTF8(string(body), replacement)
	}
	return decode(enc, body)
}

// unicodeEncoding recognises a byte order mark, and UTF-16 without one by the zero
// bytes around its first character.
func unicodeEncoding(b []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		return unicode.UTF8BOM
	case bytes.HasPrefix(b, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(b, []byte{'<', 0, 0, 0}):
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case bytes.HasPrefix(b, []byte{0, 0, 0xfe, 0xff}), bytes.HasPrefix(b, []byte{0, 0, 0, '<'}):
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), len(b) > 3 && b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}), len(b) > 3 && b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

// declaration is an encoding that the server or the document states.
type declaration struct {
	encoding.Encoding
	utf8       bool
	sevenBit   bool // switches alphabets by escape sequences of ASCII bytes
	singleByte bool // every byte is a letter, so that nothing contradicts it
	western    bool // what servers state that were told nothing
}

func declaredEncodings(body []byte, contentType string) []declaration {
	var labels []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		labels = append(labels, params["charset"])
	}
	if m := declaredInside.FindSubmatch(body[:min(len(body), 2048)]); m != nil {
		labels = append(labels, string(m[1])+string(m[2]))
	}
	var found []declaration
	for _, label := range labels {
		enc, name := charset.Lookup(label)
		switch name {
		case "", "replacement", "utf-16le", "utf-16be": // UTF-16 would have been recognised
		case "gbk", "gb18030":
			found = append(found, declaration{Encoding: simplifiedchinese.GB18030})
		case "iso-2022-jp":
			found = append(found, declaration{Encoding: enc, sevenBit: true})
		case "big5", "euc-jp", "shift_jis", "euc-kr":
			found = append(found, declaration{Encoding: enc})
		case "utf-8":
			found = append(found, declaration{Encoding: enc, utf8: true})
		default:
			found = append(found, declaration{Encoding: enc, singleByte: true, western: name == "windows-1252" || name == "iso-8859-15"})
		}
	}
	return found
}

func decode(enc encoding.Encoding, body []byte) string {
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		text = body // decoders replace what they cannot read, so this is out of reach for them
	}
	return strings.ToValidUTF8(string(text), replacement)
}

// fits reports whether a decoded text has so few unreadable characters, at most one
// in fifty of those beyond ASCII, that the encoding was the right one.
func fits(text string) bool {
	beyond := 0
	for _, r := range text {
		if r >= utf8.RuneSelf {
			beyond++
		}
	}
	return strings.Count(text, replacement)*50 <= max(beyond, 50)
}

// nearlyUTF8 reports whether the bytes are UTF-8 but for a few damaged ones. Text in
// other encodings seldom forms one valid sequence for ten invalid bytes.
func nearlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		b = b[size:]
	}
	return good >= 2*bad
}

// guess names the most likely encoding by letter statistics of the part where letters
// beyond ASCII begin. Short Chinese texts pass for Western ones there, but give
// themselves away by their bytes coming in pairs.
func guess(body []byte) string {
	begin := bytes.IndexFunc(body, beyondASCII)
	sample := body[max(begin, 0):]
	sample = sample[:min(len(sample), 64<<10)]
	result, err := chardet.NewHtmlDetector().DetectBest(sample)
	if err != nil || result.Charset == "ISO-8859-1" {
		if comesInPairs(sample) {
			return "gb18030"
		}
		return "windows-1252"
	}
	return strings.ToLower(result.Charset)
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

// comesInPairs reports whether at least nine in ten runs of bytes beyond ASCII have an
// even length, as those of a two-byte encoding and unlike accented letters.
func comesInPairs(b []byte) bool {
	even, odd, run := 0, 0, 0
	for i := 0; i <= len(b); i++ {
		switch {
		case i < len(b) && b[i] >= utf8.RuneSelf:
			run++
		case run > 0 && run%2 == 0:
			even, run = even+1, 0
		case run > 0:
			odd, run = odd+1, 0
		}
	}
	return even > 0 && even >= 9*odd
}

// comesInRuns reports whether most bytes beyond ASCII stand in runs of three or more,
// as in alphabets and scripts other than the Latin one. Accented letters stand alone.
func comesInRuns(b []byte) bool {
	all, inRuns, run := 0, 0, 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] >= utf8.RuneSelf {
			run++
			continue
		}
		if all += run; run >= 3 {
			inRuns += run
		}
		run = 0
	}
	return inRuns*2 > all
}
