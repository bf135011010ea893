package alerting

import (
	"html/template"
	"math"
	"strings"

	"reputed/internal/reputation"
)

// plain lays a notice out as plain text.
func (n notice) plain(key string) string {
	var parts []string
	add := func(lines ...string) { parts = append(parts, strings.Join(lines, "\n")) }
	add(n.title)
	if len(n.fields) > 0 {
		add(plainFields(n.fields)...)
	}
	if lines := n.allListed(); len(lines) > 0 {
		add(lines...)
	}
	for _, a := range n.ailing {
		add(strings.TrimSpace(a.source + "\n  " + a.what + "\n  " + a.cause))
	}
	if n.chart.bars != "" {
		add(n.chart.title, n.chart.bars, n.chart.axis)
	}
	if len(n.facts) > 0 {
		add(plainFields(n.facts)...)
	}
	for _, q := range n.quotes {
		add(strings.TrimSpace("“" + q.text + "”\n  " + q.source + " · " + strings.Join(q.notes, " · ") + "\n  " + q.url))
	}
	if n.advice.value != "" {
		add(n.advice.label, "- "+strings.ReplaceAll(n.advice.value, "\n", "\n- "))
	}
	add(n.about+" · "+key, n.again.label+" "+n.again.value)
	if n.web.url != "" {
		add(n.web.label + " " + n.web.url)
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// allListed is the listing where there is room for all of it.
func (n notice) allListed() []string {
	return n.listing.lines(math.MaxInt, func(line string) int { return len(line) })
}

func plainFields(fields []field) []string {
	lines := make([]string, len(fields))
	for i, f := range fields {
		lines[i] = f.label + "  " + f.value
	}
	return lines
}

// page is a notice as the HTML template shows it.
type page struct {
	Title, Colour        string
	Fields, Facts        []Fact
	Ailing               []pageAiling
	Chart, Listing       []string
	Quotes               []pageQuote
	AdviceLabel          string
	Advice               []string
	About, Again, Config string
	Web                  Fact // label and address of the web page; empty without one
}

type pageAiling struct{ Source, What, Cause string }

type pageQuote struct{ Text, Source, URL, Notes string }

func (n notice) page(key string) page {
	p := page{Title: n.title, Colour: "#d97706", About: n.about + " · " + key, Again: n.again.label, Config: n.again.value}
	switch {
	case n.event == reputation.Ended:
		p.Colour = "#15803d"
	case n.level == reputation.Critical:
		p.Colour = "#b91c1c"
	}
	p.Fields, p.Facts = facts(n.fields), facts(n.facts)
	p.Web = Fact{n.web.label, n.web.url}
	p.Listing = n.allListed()
	for _, a := range n.ailing {
		p.Ailing = append(p.Ailing, pageAiling{a.source, a.what, a.cause})
	}
	if n.chart.bars != "" {
		p.Chart = []string{n.chart.title, n.chart.bars, n.chart.axis}
	}
	for _, q := range n.quotes {
		p.Quotes = append(p.Quotes, pageQuote{q.text, q.source, q.url, strings.Join(q.notes, " · ")})
	}
	if n.advice.value != "" {
		p.AdviceLabel, p.Advice = n.advice.label, strings.Split(n.advice.value, "\n")
	}
	return p
}

// mailPage is the layout of a mail: styles stand in the elements, since mail programs
// drop style sheets, and html/template makes every text inert.
func mailPage() *template.Template {
	return template.Must(template.New("mail").Parse(`<!DOCTYPE html>
<html><body style="font-family:sans-serif;font-size:14px;line-height:1.5;color:#1f2937">
<div style="border-left:4px solid {{.Colour}};padding-left:12px">
<h2 style="font-size:17px;margin:0 0 12px">{{.Title}}</h2>
{{- with .Fields}}
<table cellpadding="0" cellspacing="0">{{range .}}
<tr><td style="color:#6b7280;padding-right:16px">{{.Label}}</td><td>{{.Value}}</td></tr>{{end}}
</table>
{{- end}}
{{- with .Listing}}
<p>{{range $i, $line := .}}{{if $i}}<br>
{{end}}{{$line}}{{end}}</p>
{{- end}}
{{- range .Ailing}}
<p><b>{{.Source}}</b> {{.What}}{{with .Cause}}<br><span style="color:#6b7280">{{.}}</span>{{end}}</p>
{{- end}}
{{- with .Chart}}
<p>{{index . 0}}</p>
<pre>{{index . 1}}
{{index . 2}}</pre>
{{- end}}
{{- range .Facts}}
<div><b>{{.Label}}</b> {{.Value}}</div>
{{- end}}
{{- range .Quotes}}
<blockquote style="border-left:2px solid #d1d5db;margin:12px 0;padding-left:10px">{{.Text}}<br>
<span style="color:#6b7280">{{if .URL}}<a href="{{.URL}}" rel="noreferrer noopener">{{.Source}}</a>{{else}}{{.Source}}{{end}} · {{.Notes}}</span></blockquote>
{{- end}}
{{- with .Advice}}
<p><b>{{$.AdviceLabel}}</b></p>
<ul>{{range .}}<li>{{.}}</li>{{end}}</ul>
{{- end}}
<p style="color:#6b7280;font-size:12px">{{.About}}<br>{{.Again}} <code>{{.Config}}</code>
{{- with .Web}}{{if .Value}}<br><a href="{{.Value}}">{{.Label}}</a>{{end}}{{end}}</p>
</div>
</body></html>
`))
}
