package store

import "testing"

// Words before and behind a text leave it a copy, in whatever order the two come; a
// sketch of a text has few hashes, and an empty text is nobody's copy.
func FuzzAlike(f *testing.F) {
	f.Add("云杉 咖啡 召回 四万 只 保温杯", "转发 微博", "大家 怎么 看")
	f.Add("harbor tea is recalling 18 400 bottles", "rt", "")
	f.Add("a\xff\u0301ｶﾞ한국", "\x00", "9")
	f.Fuzz(func(t *testing.T, text, before, behind string) {
		whole := unitsOf(text)
		around := unitsOf(before + " " + text + " " + behind)
		if len(whole) >= stretch && len(around) < longest && !(alike(whole, around) && alike(around, whole)) {
			t.Errorf("%q is no copy of %q", before+" "+text+" "+behind, text)
		}
		if n := len(sketch(whole)); n > 3*smallest || (n == 0) != (len(whole) < indexed) {
			t.Errorf("%d hashes of %d units", n, len(whole))
		}
		if alike(nil, whole) || alike(whole, nil) {
			t.Errorf("%q is a copy of nothing", text)
		}
	})
}
