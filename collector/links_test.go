package collector

import (
	"testing"
)

func TestCanonicalURL(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"nothing to drop", "https://news.example/a?id=3&page=2", "https://news.example/a?id=3&page=2"},
		{"campaign", "https://news.example/a?utm_source=rss&id=3&utm_medium=feed", "https://news.example/a?id=3"},
		{"only trackers", "https://news.example/a?spm=a2h0c.8166622&from=timeline", "https://news.example/a"},
		{"case of a tracker", "https://news.example/a?UTM_Source=x&FBCLID=y", "https://news.example/a"},
		{"a name that begins like a tracker", "https://news.example/a?fromage=brie&gclids=1", "https://news.example/a?fromage=brie&gclids=1"},
		{"fragment", "https://news.example/a?id=3#comments", "https://news.example/a?id=3"},
		{"route in the fragment", "https://app.example/?utm_source=x#/post/7", "https://app.example/#/post/7"},
		{"hash-bang", "https://app.example/#!post/7", "https://app.example/#!post/7"},
		{"escapes, case and order stay", "HTTPS://News.Example:443/%e6%96?b=%2F&a=1+2&&c", "HTTPS://News.Example:443/%e6%96?b=%2F&a=1+2&&c"},
		{"no URL at all", "urn:x:1", "urn:x:1"},
		{"white space around", " https://news.example/a\n", "https://news.example/a"},
		{"empty", "", ""},
	}
	for _, test := range tests {
		if got := CanonicalURL(test.raw); got != test.want {
			t.Errorf("%s: CanonicalURL(%q) = %q, want %q", test.name, test.raw, got, test.want)
		}
	}
}

func FuzzCanonicalURL(f *testing.F) {
	f.Add("https://news.example/a?utm_source=rss&id=3#top")
	f.Add("?from=#?from=#/")
	f.Fuzz(func(t *testing.T, raw string) {
		once := CanonicalURL(raw)
		if len(once) > len(raw) {
			t.Errorf("CanonicalURL(%q) = %q is longer", raw, once)
		}
		if twice := CanonicalURL(once); twice != once {
			t.Errorf("CanonicalURL(%q) = %q, and again %q", raw, once, twice)
		}
	})
}

func TestResolve(t *testing.T) {
	tests := []struct {
		ref   string
		bases []string
		want  string
	}{
		{"/a/1", []string{"https://news.example/feeds/main.xml"}, "https://news.example/a/1"},
		{"1.html", []string{"https://news.example/a/index.html"}, "https://news.example/a/1.html"},
		{"//cdn.example/x", []string{"https://news.example/"}, "https://cdn.example/x"},
		{"?id=1", []string{"https://news.example/a?x=y"}, "https://news.example/a?id=1"},
		{"/a", []string{"", "/relative", "https://second.example/"}, "https://second.example/a"},
		{"HTTP://Other.example/%7Ea b", []string{"https://news.example/"}, "HTTP://Other.example/%7Ea b"},
		{"/a", nil, "/a"},
		{"  ", []string{"https://news.example/"}, ""},
		{"http://[bad", []string{"https://news.example/"}, "http://[bad"},
	}
	for _, test := range tests {
		if got := resolve(test.ref, test.bases...); got != test.want {
			t.Errorf("resolve(%q, %q) = %q, want %q", test.ref, test.bases, got, test.want)
		}
	}
}
