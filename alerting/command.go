package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

const (
	topQuotes   = 10 // excerpts that the command top shows
	sheetBrands = 10 // brands that an answer shows
	typedRunes  = 60 // of what somebody typed, where it is repeated
)

// The words of the slash command, in English and Chinese.
const (
	commandStatus  = "status"
	commandTop     = "top"
	commandSilence = "silence"
	commandReport  = "report"
)

func commandOf(word string) string {
	switch word = strings.ToLower(word); word {
	case "状态":
		return commandStatus
	case "热点":
		return commandTop
	case "静音":
		return commandSilence
	case "报告":
		return commandReport
	}
	return word
}

// command does what somebody typed after /reputed, and returns what to answer.
func (s *SlackSocket) command(ctx context.Context, heard slack.SlashCommand) (notice, error) {
	p := deskPhrasesOf(s.bot.wording.Lang)
	if !slackUser.MatchString(heard.UserID) {
		return notice{says: p.strange}, nil
	}
	words := strings.Fields(reputation.OneLine(heard.Text))
	if len(words) == 0 {
		return notice{says: p.usage}, nil
	}
	var do func(context.Context, []string, string) (notice, error)
	switch commandOf(words[0]) {
	case commandStatus:
		do = s.status
	case commandTop:
		do = s.top
	case commandSilence:
		do = s.silences
	case commandReport:
		do = s.lastWeek
	default:
		return notice{says: p.usage}, nil
	}
	n, err := do(ctx, words[1:], heard.UserID)
	if err != nil {
		return notice{}, fmt.Errorf("/reputed %s: %w", commandOf(words[0]), err)
	}
	asked := reputation.Action{At: s.now(), By: heard.UserID, What: reputation.Commanded, Detail: cut(strings.Join(words, " "), 200)}
	return n, s.act(ctx, asked)
}

// chosen are the brands that somebody means: all if none was named. An answer stands
// for brands if the name is that of none.
func (s *SlackSocket) chosen(words []string) (brands []string, answer notice) {
	name := strings.Join(words, " ")
	if name == "" {
		return s.brands[:min(len(s.brands), sheetBrands)], notice{}
	}
	for _, brand := range s.brands {
		if strings.EqualFold(reputation.OneLine(brand), name) {
			return []string{brand}, notice{}
		}
	}
	var known []string
	for _, brand := range s.brands[:min(len(s.brands), sheetBrands)] {
		known = append(known, escaped(nameOf(nil, brand)))
	}
	list := strings.Join(known, phrasesOf(s.bot.wording.Lang).separator)
	if len(s.brands) > sheetBrands {
		list += " …"
	}
	return nil, notice{says: fmt.Sprintf(deskPhrasesOf(s.bot.wording.Lang).whichBrand, escaped(cut(name, typedRunes)), list)}
}

// status answers how brands stand.
func (s *SlackSocket) status(ctx context.Context, words []string, _ string) (notice, error) {
	p := deskPhrasesOf(s.bot.wording.Lang)
	brands, answer := s.chosen(words)
	if len(brands) == 0 {
		return answer, nil
	}
	title := fmt.Sprintf(p.statusTitle, nameOf(nil, brands[0]))
	if len(brands) > 1 {
		title = p.statusOfAll
	}
	n := s.sheet(title)
	for _, brand := range brands {
		st, err := s.desk.Status(ctx, brand, s.now())
		if err != nil {
			return notice{}, fmt.Errorf("brand %s: %w", brand, err)
		}
		n.parts = append(n.parts, s.statusPart(st))
	}
	return n, nil
}

// statusPart writes how a brand stands.
func (s *SlackSocket) statusPart(st reputation.Status) part {
	w := s.bot.wording
	p, shared := deskPhrasesOf(w.Lang), phrasesOf(w.Lang)
	facts := []field{{p.day, s.figures(st.Now)}, {p.dayBefore, s.figures(st.Before)}}
	if st.Episode != nil {
		facts = append(facts, field{p.crisis, nameOf(p.phases, string(st.Episode.Phase))})
	}
	if !st.Last.IsZero() {
		facts = append(facts, field{p.latest, s.clock(st.Last)})
	}
	var firing []string
	for _, a := range st.Firing[:min(len(st.Firing), topCounts)] {
		parts := append([]string{fmt.Sprintf(p.firingAlert, a.ID, nameOf(shared.rules, a.Rule), shared.severities[a.Severity], s.clock(a.OpenedAt))}, peakOf(a.Rule, p.peak, a.Peak)...)
		firing = append(firing, strings.Join(parts, p.comma))
	}
	if len(firing) == 0 {
		firing = []string{p.none}
	}
	facts = append(facts, field{p.firing, strings.Join(firing, " · ")})
	if len(st.Troubles) > 0 {
		var names []string
		for _, t := range st.Troubles[:min(len(st.Troubles), topCounts)] {
			names = append(names, nameOf(nil, t.Source))
		}
		if rest := len(st.Troubles) - topCounts; rest > 0 {
			names = append(names, fmt.Sprintf(shared.more, rest))
		}
		facts = append(facts, field{p.sources, strings.Join(names, " · ")})
	}
	return part{title: nameOf(nil, st.Brand), facts: facts}
}

// signed writes a figure from -1 to 1 with its sign.
func signed(x float64) string { return fmt.Sprintf("%+.2f", x) }

// top answers with the most negative excerpts of a day.
func (s *SlackSocket) top(ctx context.Context, words []string, _ string) (notice, error) {
	w := s.bot.wording
	p, shared := deskPhrasesOf(w.Lang), phrasesOf(w.Lang)
	brands, answer := s.chosen(words)
	if len(brands) == 0 {
		return answer, nil
	}
	var found []reputation.Mention
	var told []reputation.Quote
	for _, brand := range brands {
		mentions, copies, err := s.desk.Negative(ctx, brand, s.now().Add(-24*time.Hour), s.now(), mentionLimit)
		if err != nil {
			return notice{}, fmt.Errorf("brand %s: %w", brand, err)
		}
		found = append(found, mentions...)
		told = append(told, quotes(mentions, copies, max(1, topQuotes/len(brands)))...) // each has its share of the room
	}
	names := strings.Join(brands, shared.separator)
	if len(found) == 0 {
		return notice{says: fmt.Sprintf(p.noTalk, escaped(cut(reputation.OneLine(names), 200)))}, nil
	}
	n := s.sheet(fmt.Sprintf(p.topTitle, cut(reputation.OneLine(names), typedRunes)))
	n.facts = []field{{shared.drivers, cmp.Or(listed(count(found, func(m reputation.Mention) []string { return []string{m.Driver} }), shared.driverNames, shared), p.none)}}
	n.add(w, told)
	return n, nil
}

// silences lists, adds and ends silences.
func (s *SlackSocket) silences(ctx context.Context, words []string, by string) (notice, error) {
	p := deskPhrasesOf(s.bot.wording.Lang)
	if len(words) == 0 {
		return s.listSilences(ctx)
	}
	if len(words) == 2 && strings.EqualFold(words[0], "end") {
		if id, err := strconv.ParseInt(words[1], 10, 64); err == nil {
			return s.endSilence(ctx, id, by)
		}
	}
	at := slices.IndexFunc(words, func(word string) bool { _, ok := s.muteEnd(strings.ToLower(word)); return ok })
	if at <= 0 {
		return notice{says: fmt.Sprintf(p.howLong, escaped(cut(words[len(words)-1], typedRunes))) + "\n" + p.usage}, nil
	}
	brands, answer := s.chosen(words[:at])
	if len(brands) == 0 {
		return answer, nil
	}
	until, _ := s.muteEnd(strings.ToLower(words[at]))
	silence, err := s.silence(ctx, reputation.Silence{
		Matchers: []reputation.Matcher{{Label: "brand", Op: "=", Value: brands[0]}},
		Author:   by, Reason: cmp.Or(cut(strings.Join(words[at+1:], " "), 200), p.typed), From: s.now(), Until: until,
	}, 0)
	if err != nil {
		return notice{}, err
	}
	return notice{says: fmt.Sprintf(p.silenced, escaped(nameOf(nil, brands[0])), s.clock(until), silence.ID)}, nil
}

func (s *SlackSocket) listSilences(ctx context.Context) (notice, error) {
	const most = 20
	p := deskPhrasesOf(s.bot.wording.Lang)
	inForce, err := s.desk.Silences(ctx, s.now())
	if err != nil {
		return notice{}, fmt.Errorf("read the silences: %w", err)
	}
	if len(inForce) == 0 {
		return notice{says: p.noSilences}, nil
	}
	lines := []string{bold(p.silenceTitle)}
	for _, silence := range inForce[:min(len(inForce), most)] {
		lines = append(lines, fmt.Sprintf(p.silence, silence.ID, escaped(cut(reputation.OneLine(matchersText(silence.Matchers)), typedRunes)),
			person(silence.Author), s.clock(silence.Until), escaped(cut(reputation.OneLine(silence.Reason), typedRunes))))
	}
	if rest := len(inForce) - most; rest > 0 {
		lines = append(lines, fmt.Sprintf(phrasesOf(s.bot.wording.Lang).more, rest))
	}
	return notice{says: strings.Join(lines, "\n")}, nil
}

func (s *SlackSocket) endSilence(ctx context.Context, id int64, by string) (notice, error) {
	p := deskPhrasesOf(s.bot.wording.Lang)
	_, err := s.desk.EndSilence(ctx, id, by, s.now())
	if errors.Is(err, ErrUnknown) {
		return notice{says: fmt.Sprintf(p.noSilence, id)}, nil
	}
	if err != nil {
		return notice{}, fmt.Errorf("end silence %d: %w", id, err)
	}
	if err := s.act(ctx, reputation.Action{At: s.now(), By: by, What: reputation.Unmuted, Detail: fmt.Sprintf("silence %d", id)}); err != nil {
		return notice{}, err
	}
	return notice{says: fmt.Sprintf(p.unmuted, id)}, nil
}

// lastWeek answers with the report of seven days.
func (s *SlackSocket) lastWeek(ctx context.Context, words []string, _ string) (notice, error) {
	brands, answer := s.chosen(words)
	if len(brands) == 0 {
		return answer, nil
	}
	digest, err := s.desk.Report(ctx, brands, s.now())
	if err != nil {
		return notice{}, err
	}
	p, shared := deskPhrasesOf(s.bot.wording.Lang), phrasesOf(s.bot.wording.Lang)
	n := s.sheet(p.reportTitle)
	for _, b := range digest.Brands {
		week := s.figures(b.Now)
		if voice := digestPhrasesOf(s.bot.wording.Lang).voice(b); voice != "" {
			week += " · " + voice
		}
		facts := []field{{p.week, week}, {p.weekBefore, s.figures(b.Before)}}
		var moved []string
		for _, move := range b.Drivers[:min(len(b.Drivers), topCounts)] {
			moved = append(moved, fmt.Sprintf(p.moved, nameOf(shared.driverNames, move.Driver), move.Now, move.Before))
		}
		if len(moved) > 0 {
			facts = append(facts, field{shared.drivers, strings.Join(moved, " · ")})
		}
		n.parts = append(n.parts, part{title: nameOf(nil, b.Brand), facts: facts})
	}
	return n, nil
}

// figures writes counts of mentions in one line.
func (s *SlackSocket) figures(f reputation.Figures) string {
	return fmt.Sprintf(deskPhrasesOf(s.bot.wording.Lang).figures, f.Mentions, f.Negative, signed(f.NetSentiment()))
}
