package scenario

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func load(t testing.TB) []Post {
	t.Helper()
	posts, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return posts
}

// names are the ways in which the posts write a brand.
var names = map[string][]string{"青榈": {"青榈", "青櫚", "Qinglv"}, "拓野": {"拓野", "Tuoye"}, "-": {"青榈", "青櫚", "拓野"}}

func TestEveryPostIsWellFormed(t *testing.T) {
	for _, p := range load(t) {
		if !slices.ContainsFunc(names[p.Brand], func(n string) bool { return strings.Contains(p.Title+p.Text, n) }) {
			t.Errorf("%s does not name %q: %s", p.ID, p.Brand, p.Text)
		}
		if !slices.Contains([]string{"positive", "neutral", "negative"}, p.Label) {
			t.Errorf("%s: label %q", p.ID, p.Label)
		}
		if !slices.Contains([]string{"zh-CN", "zh-TW", "en"}, p.Lang) {
			t.Errorf("%s: language %q", p.ID, p.Lang)
		}
		if p.Title == "" && (p.Source == "atom" || p.Source == "page") {
			t.Errorf("%s has no title", p.ID)
		}
		if _, err := simplifiedchinese.GBK.NewEncoder().String(p.Title + p.Author + p.Text); err != nil && p.Source == "gbk" {
			t.Errorf("%s cannot be written in GBK: %v", p.ID, err)
		}
	}
}

func TestTextsRepeatOnlyWhereAStoryIsCopied(t *testing.T) {
	copies := map[string]string{"b003": "n001", "b075": "w180", "b077": "n013"}
	first := make(map[string]Post)
	for _, p := range load(t) {
		original, repeated := first[p.Text]
		if copies[p.ID] != original.ID {
			t.Errorf("%s repeats %q, want %q", p.ID, original.ID, copies[p.ID])
		}
		if repeated && (p.Source == original.Source || p.Title != original.Title) {
			t.Errorf("%s is no copy of %s in another source", p.ID, original.ID)
		}
		first[p.Text] = p
		delete(copies, p.ID)
	}
	if len(copies) > 0 {
		t.Errorf("copies that are missing: %v", copies)
	}
}

func TestTalkIsCalmForThreeWeeks(t *testing.T) {
	labels := make(map[string]int)
	var brand, competitor int
	var negative []time.Duration
	posts := load(t)
	for _, p := range posts {
		if p.Age <= 3*time.Hour {
			continue
		}
		switch p.Brand {
		case "拓野":
			competitor++
		case "青榈":
			brand++
			labels[p.Label]++
			if p.Label == "negative" {
				negative = append(negative, p.Age)
			}
		}
	}
	if oldest := posts[0].Age; oldest < 20*24*time.Hour || oldest > 21*24*time.Hour {
		t.Errorf("the oldest post is %v old, want about three weeks", oldest)
	}
	if brand < 220 || competitor < 95 {
		t.Errorf("%d posts on the brand and %d on its competitor, want at least 220 and 95", brand, competitor)
	}
	for label, want := range map[string]float64{"positive": 0.6, "neutral": 0.25, "negative": 0.15} {
		if share := float64(labels[label]) / float64(brand); share < want-0.03 || share > want+0.03 {
			t.Errorf("share of %s is %.2f, want about %.2f", label, share, want)
		}
	}
	for i := 1; i < len(negative); i++ {
		if gap := negative[i-1] - negative[i]; gap < 2*time.Hour {
			t.Errorf("negative posts %v and %v before now stand only %v apart", negative[i-1], negative[i], gap)
		}
	}
}

func TestCrisisRisesSteeplyInTheLastHours(t *testing.T) {
	var negative, others [3]int // by hours before now
	for _, p := range load(t) {
		hour := int((p.Age - 1) / time.Hour)
		if hour >= len(negative) || p.Brand != "青榈" {
			continue
		}
		if p.Label == "negative" {
			negative[hour]++
		} else {
			others[hour]++
		}
	}
	if want := [3]int{51, 14, 4}; negative != want {
		t.Errorf("negative posts by hours before now: %v, want %v", negative, want)
	}
	for hour, n := range others {
		if n == 0 {
			t.Errorf("nobody asks or defends the brand %d hours before now", hour)
		}
	}
}

func TestParseRefusesMalformedPosts(t *testing.T) {
	const good = "w1\t-1d02h03m\trss\ten\t-\tneutral\t\tann\tone\\ntwo"
	p, err := parse(good)
	if want := 26*time.Hour + 3*time.Minute; err != nil || p.Age != want || p.Text != "one\ntwo" {
		t.Fatalf("parse(%q) = %+v, %v", good, p, err)
	}
	for name, old := range map[string][2]string{
		"columns":      {"\tneutral", ""},
		"no id":        {"w1", ""},
		"no text":      {"one\\ntwo", ""},
		"future":       {"-1d02h03m", "1d02h03m"},
		"now":          {"-1d02h03m", "-0d00h00m"},
		"no days":      {"-1d02h03m", "-2h03m"},
		"rest":         {"-1d02h03m", "-1d02h03m4s"},
		"not a number": {"-1d02h03m", "-xd02h03m"},
	} {
		if p, err := parse(strings.Replace(good, old[0], old[1], 1)); err == nil {
			t.Errorf("%s: got %+v, want an error", name, p)
		}
	}
}

func TestConfigNamesTheSiteAndTheDatabase(t *testing.T) {
	got := Config("http://127.0.0.1:4321", `C:\demo "1".db`)
	for _, want := range []string{
		`database: "C:\\demo \"1\".db"`,
		"url: http://127.0.0.1:4321/weibo.rss",
		"url: http://127.0.0.1:4321/news\n",
		"allow: ['127.0.0.1:4321']",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("configuration lacks %s:\n%s", want, got)
		}
	}
	if strings.ContainsAny(got, "{}") {
		t.Errorf("a placeholder is left:\n%s", got)
	}
}
