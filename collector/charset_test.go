package collector

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func encode(t testing.TB, enc encoding.Encoding, text string) []byte {
	t.Helper()
	b, err := enc.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestToUTF8(t *testing.T) {
	const (
		simplified  = "星禾手机的续航真是一言难尽，客服也不回消息，以后再也不买了"
		traditional = "星禾手機的續航力真的很不錯，客服也很親切，我會推薦給朋友"
		japanese_   = "この電話はとても使いやすいです。毎日使っています"
		korean_     = "새로운 휴대폰을 샀는데 배터리가 빨리 닳아요"
		russian     = "Хороший телефон, но батарея садится очень быстро, и в поддержке никто не отвечает"
		french      = "Très bon téléphone, mais la batterie est décevante après un été"
	)
	wrap := func(declaration, text string) string { return declaration + "<rss><title>" + text + "</title></rss>" }
	declare := func(name string) string { return `<?xml version="1.0" encoding="` + name + `"?>` }
	gbk, gb18030, big5 := simplifiedchinese.GBK, simplifiedchinese.GB18030, traditionalchinese.Big5
	tests := []struct {
		name, contentType, declaration, text string
		enc                                  encoding.Encoding
	}{
		{"UTF-8 undeclared", "", "", simplified, unicode.UTF8},
		{"UTF-8 with byte order mark", "text/xml; charset=gbk", "", simplified, unicode.UTF8BOM},
		{"UTF-8 declared GBK", "text/xml; charset=gbk", declare("gbk"), simplified, unicode.UTF8},
		{"UTF-8 declared Latin 1", "text/xml; charset=iso-8859-1", "", simplified, unicode.UTF8},
		{"GBK undeclared", "", "", simplified, gbk},
		{"GBK by the document", "text/xml", declare("GBK"), simplified, gbk},
		{"GBK by the server", "text/xml; charset=gbk", "", simplified, gbk},
		{"GBK declared GB2312, with a character beyond it", "", declare("gb2312"), simplified + "镕", gbk},
		{"GB18030 declared GBK, with a character beyond it", "", declare("gbk"), simplified + "𠮷", gb18030},
		{"GBK declared UTF-8", "text/xml; charset=utf-8", declare("utf-8"), simplified, gbk},
		{"GBK declared UTF-8 by the server, GBK by the document", "text/xml; charset=utf-8", declare("gbk"), simplified, gbk},
		{"GBK declared Latin 1", "text/html; charset=iso-8859-1", "", simplified, gbk},
		{"short GBK undeclared", "", "", "不错", gbk},
		{"GBK by an HTML meta element", "text/html", `<meta http-equiv="Content-Type" content="text/html; charset=gb2312">`, simplified, gbk},
		{"Big5 by the document", "", declare("big5"), traditional, big5},
		{"Big5 by the server", "text/xml; charset=Big5", "", traditional, big5},
		{"Big5 undeclared", "", "", traditional, big5},
		{"UTF-16", "", declare("utf-16"), simplified, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
		{"UTF-16 without byte order mark, wrongly declared", "", declare("utf-8"), simplified, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"ISO-2022-JP", "", declare("iso-2022-jp"), japanese_, japanese.ISO2022JP},
		{"Shift JIS by the server", "text/xml; charset=shift_jis", declare("utf-8"), japanese_, japanese.ShiftJIS},
		{"ISO-2022-JP undeclared", "", declare("utf-8"), japanese_, japanese.ISO2022JP},
		{"EUC-JP declared Latin 1 by the server", "text/xml; charset=iso-8859-1", declare("euc-jp"), japanese_, japanese.EUCJP},
		{"Shift JIS undeclared", "", "", japanese_, japanese.ShiftJIS},
		{"EUC-KR declared ASCII", "", declare("us-ascii"), korean_, korean.EUCKR},
		{"Windows-1251 declared Latin 1", "", declare("iso-8859-1"), russian, charmap.Windows1251},
		{"Windows-1252 declared Latin 1", "", declare("iso-8859-1"), french, charmap.Windows1252},
		{"KOI8-R", "", declare("koi8-r"), russian, charmap.KOI8R},
		{"KOI8-R declared UTF-8", "", declare("utf-8"), russian, charmap.KOI8R},
		{"Windows-1252 undeclared", "", "", french, charmap.Windows1252},
		{"declared as something unknown", "text/xml; charset=klingon", declare("klingon"), simplified, gbk},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := wrap(test.declaration, test.text)
			if got := toUTF8(encode(t, test.enc, want), test.contentType); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestToUTF8KeepsDamagedText(t *testing.T) {
	const text = "星禾手机的续航真是一言难尽，客服也不回消息"
	for _, declared := range []string{"", "text/xml; charset=utf-8", "text/xml; charset=gbk"} {
		damaged := strings.Replace(text, "客服", "客\xe6服", 1)
		if got, want := toUTF8([]byte(damaged), declared), strings.Replace(text, "客服", "客\ufffd服", 1); got != want {
			t.Errorf("UTF-8 declared %q with one bad byte: %q, want %q", declared, got, want)
		}
	}
	gbk := encode(t, simplifiedchinese.GBK, text+"。"+text)
	damaged := append(append(gbk[:len(gbk)-2:len(gbk)-2], 0xff), gbk[len(gbk)-2:]...)
	if got := toUTF8(damaged, "text/xml; charset=gbk"); !strings.HasPrefix(got, text+"。") {
		t.Errorf("GBK with one bad byte: %q", got)
	}
}
