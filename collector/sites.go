package collector

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// hostName is a name with a dot in it, as it stands in the path of a viewer.
var hostName = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// leaveAMP turns the address of a viewer of AMP pages into that of the page, and the
// address of an AMP page into that of the page that it is a form of.
func (p *webPage) leaveAMP() {
	rest := ""
	switch {
	case strings.HasPrefix(p.host, "www.google.") && strings.HasPrefix(p.path, "/amp/"):
		rest = strings.TrimPrefix(p.path, "/amp/")
	case strings.HasSuffix(p.host, ".cdn.ampproject.org") && (strings.HasPrefix(p.path, "/c/") || strings.HasPrefix(p.path, "/v/")):
		rest = p.path[len("/c/"):]
	}
	scheme := "http"
	if secure, ok := strings.CutPrefix(rest, "s/"); ok {
		scheme, rest = "https", secure
	}
	if host, path, _ := strings.Cut(rest, "/"); hostName.MatchString(host) {
		p.scheme, p.host, p.path = scheme, strings.ToLower(host), "/"+path
	}
	for {
		switch before, ok := strings.CutSuffix(strings.TrimSuffix(p.path, "/"), "/amp"); {
		case ok && before != "":
			if strings.HasSuffix(p.path, "/") {
				before += "/"
			}
			p.path = before
		case strings.HasSuffix(p.path, ".amp.html"):
			p.path = strings.TrimSuffix(p.path, ".amp.html") + ".html"
		case strings.HasSuffix(p.path, ".amp"):
			p.path = strings.TrimSuffix(p.path, ".amp")
		default:
			return
		}
	}
}

// knownSite is a part of a large site of which it is known where else its pages stand and
// which parameters name one.
type knownSite struct {
	host, path     string   // what addresses begin with; a host that begins with "." is the end of one
	toHost, toPath string   // instead of them; empty: the same
	query          []string // the parameters that name a page; nil: all that are no trackers
}

// none is for sites whose pages are named by the path alone.
var none = []string{}

// knownSites lists what was seen to lead to the same page. All of these sites answer by https.
var knownSites = []knownSite{
	{"mp.weixin.qq.com", "/s", "", "", []string{"__biz", "mid", "idx", "sn"}},
	{"weibo.com", "/ttarticle/", "", "", []string{"id"}},
	{"www.weibo.com", "/ttarticle/", "weibo.com", "", []string{"id"}},
	{"weibo.com", "/", "", "", none},
	{"www.weibo.com", "/", "weibo.com", "", none},
	{"m.weibo.cn", "/status/", "m.weibo.cn", "/detail/", none},
	{"m.weibo.cn", "/detail/", "", "", none},
	{"baijiahao.baidu.com", "/s", "", "", []string{"id"}},
	{"m.tieba.baidu.com", "/p/", "tieba.baidu.com", "", []string{"pn"}},
	{"tieba.baidu.com", "/p/", "", "", []string{"pn"}},
	{"m.zhihu.com", "/", "www.zhihu.com", "", nil},
	{"m.bilibili.com", "/video/", "www.bilibili.com", "", []string{"p"}},
	{"bilibili.com", "/video/", "www.bilibili.com", "", []string{"p"}},
	{"www.bilibili.com", "/video/", "", "", []string{"p"}},
	{"m.toutiao.com", "/article/", "www.toutiao.com", "", none},
	{"www.toutiao.com", "/article/", "", "", none},
	{"www.douyin.com", "/video/", "", "", none},
	{"3g.163.com", "/news/article/", "www.163.com", "", none},
	{"3g.163.com", "/dy/article/", "www.163.com", "", none},
	{"m.163.com", "/news/article/", "www.163.com", "", none},
	{"m.163.com", "/dy/article/", "www.163.com", "", none},
	{"m.sohu.com", "/a/", "www.sohu.com", "", none},
	{"www.sohu.com", "/a/", "", "", none},
	{"m.thepaper.cn", "/newsDetail_forward_", "www.thepaper.cn", "", nil},
	{"m.36kr.com", "/p/", "36kr.com", "", nil},
	{"www.36kr.com", "/p/", "36kr.com", "", nil},
	{"m.huxiu.com", "/article/", "www.huxiu.com", "", none},
	{"xw.qq.com", "/cmsid/", "new.qq.com", "/rain/a/", none},
	{"view.inews.qq.com", "/a/", "new.qq.com", "/rain/a/", none},
	{"new.qq.com", "/rain/a/", "", "", none},
	{"item.m.jd.com", "/product/", "item.jd.com", "/", none},
	{"item.jd.com", "/", "", "", none},
	{"detail.m.tmall.com", "/item.htm", "detail.tmall.com", "", []string{"id"}},
	{"detail.tmall.com", "/item.htm", "", "", []string{"id"}},
	{"item.taobao.com", "/item.htm", "", "", []string{"id"}},
	{"www.youtube.com", "/watch", "", "", []string{"v"}},
	{"m.youtube.com", "/watch", "www.youtube.com", "", []string{"v"}},
	{"youtube.com", "/watch", "www.youtube.com", "", []string{"v"}},
	{"twitter.com", "/", "x.com", "", nil},
	{"www.twitter.com", "/", "x.com", "", nil},
	{"mobile.twitter.com", "/", "x.com", "", nil},
	{"mobile.x.com", "/", "x.com", "", nil},
	{"www.x.com", "/", "x.com", "", nil},
	{"reddit.com", "/r/", "www.reddit.com", "", nil},
	{"old.reddit.com", "/r/", "www.reddit.com", "", nil},
	{"np.reddit.com", "/r/", "www.reddit.com", "", nil},
	{"m.reddit.com", "/r/", "www.reddit.com", "", nil},
	{"m.facebook.com", "/", "www.facebook.com", "", nil},
	{"mbasic.facebook.com", "/", "www.facebook.com", "", nil},
	{"amp.theguardian.com", "/", "www.theguardian.com", "", nil},
	{"medium.com", "/m/", "", "", nil},
	{"medium.com", "/", "", "", none},
	{".m.wikipedia.org", "/wiki/", ".wikipedia.org", "", nil},
}

// goToMainSite gives the pages of the known sites their main address.
func (p *webPage) goToMainSite() {
	if id, ok := strings.CutPrefix(p.path, "/"); p.host == "youtu.be" && ok && id != "" && !strings.Contains(id, "/") {
		p.scheme, p.host, p.path, p.query = "https", "www.youtube.com", "/watch", "v="+id
		return
	}
	i := slices.IndexFunc(knownSites, func(s knownSite) bool {
		return (p.host == s.host || s.host[0] == '.' && strings.HasSuffix(p.host, s.host)) && strings.HasPrefix(p.path, s.path)
	})
	if i < 0 {
		return
	}
	s := knownSites[i]
	if s.query != nil {
		query := keepParameters(p.query, func(name, _ string) bool { return slices.Contains(s.query, name) })
		if query == "" && len(s.query) > 0 && p.query != "" {
			return // what names the page is not there: this is another kind of page
		}
		p.query = query
	}
	p.scheme = "https"
	p.host = strings.TrimSuffix(p.host, s.host) + cmp.Or(s.toHost, s.host)
	if s.toPath != "" {
		p.path = s.toPath + strings.TrimPrefix(p.path, s.path)
	}
}
