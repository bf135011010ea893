package collector

import (
	"cmp"
	"strings"
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
		{"escapes, case and default port", "HTTPS://News.Example:443/%e6%96?b=%2f&a=1+2&&c", "https://news.example/%E6%96?b=%2F&a=1+2&c"},
		{"escapes that need not be, and are missing", "https://news.example/%7Ejo/小米 13", "https://news.example/~jo/%E5%B0%8F%E7%B1%B3%2013"},
		{"another port", "http://news.example:8080/a", "http://news.example:8080/a"},
		{"the other scheme's port", "https://news.example:80/a", "https://news.example:80/a"},
		{"IPv6", "http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"},
		{"dot behind the host, no path", "https://news.example.", "https://news.example/"},
		{"dot segments", "https://news.example/a/./b/../c", "https://news.example/a/c"},
		{"user name", "https://jo:secret@news.example/a", "https://news.example/a"},
		{"index page", "https://news.example/a/index.html", "https://news.example/a/"},
		{"index page with parameters", "https://news.example/index.html?id=1", "https://news.example/index.html?id=1"},
		{"another index page may be another page", "https://news.example/index.php", "https://news.example/index.php"},
		{"sessions", "https://news.example/a;jsessionid=1A2B?PHPSESSID=x&id=3", "https://news.example/a?id=3"},
		{"ampersands escaped twice", "https://news.example/a?id=3&amp;page=2&amp;utm_source=x", "https://news.example/a?id=3&page=2"},
		{"AMP in Google's viewer", "https://www.google.com/amp/s/news.example/2026/a/amp/", "https://news.example/2026/a/"},
		{"AMP in the cache", "https://news-example.cdn.ampproject.org/c/s/news.example/a.amp.html?amp_js_v=0.1&usqp=mq331", "https://news.example/a.html"},
		{"AMP as a parameter", "https://news.example/a?id=3&amp=1", "https://news.example/a?id=3"},
		{"a page about amplifiers", "https://shop.example/amp?amp=tube", "https://shop.example/amp?amp=tube"},
		{"mobile host of an unknown site", "https://m.news.example/a", "https://m.news.example/a"},
		{"WeChat", "http://mp.weixin.qq.com/s?__biz=MzA==&mid=26&idx=1&sn=ab&chksm=bd&scene=27&key=", "https://mp.weixin.qq.com/s?__biz=MzA==&mid=26&idx=1&sn=ab"},
		{"WeChat, short", "https://mp.weixin.qq.com/s/AbC-1?poc_token=x&scene=1", "https://mp.weixin.qq.com/s/AbC-1?poc_token=x&scene=1"},
		{"Weibo", "https://weibo.com/123/NxYz?refer_flag=1001030103_&type=comment", "https://weibo.com/123/NxYz"},
		{"Weibo, article", "https://www.weibo.com/ttarticle/p/show?id=2309404&mod=zwenzhang", "https://weibo.com/ttarticle/p/show?id=2309404"},
		{"Weibo, mobile", "https://m.weibo.cn/status/NxYz?jumpfrom=weibocom", "https://m.weibo.cn/detail/NxYz"},
		{"Bilibili", "https://m.bilibili.com/video/BV1xx?p=2&share_times=1&bbid=Z&ts=1", "https://www.bilibili.com/video/BV1xx?p=2"},
		{"NetEase", "https://3g.163.com/news/article/ABC.html?from=history-back-list", "https://www.163.com/news/article/ABC.html"},
		{"Tencent", "https://view.inews.qq.com/a/20261122A01?devid=x", "https://new.qq.com/rain/a/20261122A01"},
		{"JD", "https://item.m.jd.com/product/1000.html?utm_user=plusmember&ad_od=share", "https://item.jd.com/1000.html"},
		{"YouTube", "https://youtu.be/abc_DEF-1?si=zz&t=3", "https://www.youtube.com/watch?v=abc_DEF-1"},
		{"YouTube, mobile", "http://m.youtube.com/watch?feature=share&v=abc", "https://www.youtube.com/watch?v=abc"},
		{"X", "https://mobile.twitter.com/jo/status/1?s=20&ref_src=twsrc", "https://x.com/jo/status/1?s=20"},
		{"Reddit", "http://old.reddit.com/r/a/comments/1/", "https://www.reddit.com/r/a/comments/1/"},
		{"Wikipedia", "https://zh.m.wikipedia.org/wiki/%E5%B0%8F%E7%B1%B3", "https://zh.wikipedia.org/wiki/%E5%B0%8F%E7%B1%B3"},
		{"a host that only ends like a known one", "https://notmedium.com/a?source=x", "https://notmedium.com/a?source=x"},
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

// An address has one canonical form, which is a web address if it was one, and which
// leads to the same host unless another is known for it.
func FuzzCanonicalURL(f *testing.F) {
	f.Add("https://news.example/a?utm_source=rss&id=3#top")
	f.Add("?from=#?from=#/")
	f.Add("https://www.google.com/amp/s/www.google.com/amp/s/youtu.be/x/amp/")
	f.Add("http://[::1]:80/%7e/../%zz;jsessionid=1")
	f.Fuzz(func(t *testing.T, raw string) {
		once := CanonicalURL(raw)
		if twice := CanonicalURL(once); twice != once {
			t.Errorf("CanonicalURL(%q) = %q, and again %q", raw, once, twice)
		}
		if isWebAddress(strings.TrimSpace(raw)) && (!isWebAddress(once) || !isClean(once) || strings.ContainsAny(once, "<>\" \n")) {
			t.Errorf("CanonicalURL(%q) = %q is no web address that can be shown", raw, once)
		}
	})
}

// No entry of the list leads to a page that another one leads on from, and none is
// hidden behind one above it.
func TestSites(t *testing.T) {
	for i, s := range knownSites {
		to := "https://" + strings.TrimPrefix(cmp.Or(s.toHost, s.host), ".") + cmp.Or(s.toPath, s.path)
		if got := CanonicalURL(to); got != to {
			t.Errorf("%s%s leads to %s, which leads on to %s", s.host, s.path, to, got)
		}
		for _, above := range knownSites[:i] {
			if above.host == s.host && strings.HasPrefix(s.path, above.path) {
				t.Errorf("%s%s is never reached", s.host, s.path)
			}
		}
	}
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
