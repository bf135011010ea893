package collector

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxRobots is how much of a robots.txt is read, in bytes: what RFC 9309, section 2.5,
// asks for at least.
const maxRobots = 500 << 10

// robotsRules are the rules of one robots.txt for this program (RFC 9309).
type robotsRules struct {
	rules []robotsRule
	delay time.Duration // of Crawl-delay, which is no part of the RFC; 0 if none is asked for
}

type robotsRule struct {
	allow bool
	path  string // normal form, with "*" and a final "$" as they stand
}

// parseRobots reads a robots.txt: the groups for token, the product's name, or where
// there are none those for "*". Lines that are no rule are passed over; the common
// misspellings that Google's parser takes are taken.
func parseRobots(text, token string) robotsRules {
	var own, others robotsRules
	var group []*robotsRules // that the current group adds to
	named := false           // any group was for us
	inRules := false         // the next agent line begins a group
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		key, value := robotsLine(line)
		if isAgentKey(key) {
			if inRules {
				group, inRules = nil, false
			}
			for agent, rules := range map[string]*robotsRules{token: &own, "*": &others} {
				if strings.EqualFold(agentToken(value), agent) && !slices.Contains(group, rules) {
					group = append(group, rules)
				}
			}
			named = named || slices.Contains(group, &own)
			continue
		}
		allow, isRule := ruleKey(key)
		inRules = inRules || isRule
		for _, g := range group {
			switch {
			case isRule && value != "":
				g.add(allow, value)
			case key == "crawl-delay":
				g.delay = max(g.delay, crawlDelay(value))
			}
		}
	}
	if named {
		return own
	}
	return others
}

// robotsLine takes a line apart. The colon may be missing between two words.
func robotsLine(line string) (key, value string) {
	line, _, _ = strings.Cut(line, "#")
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return "", ""
		}
		key, value = fields[0], fields[1]
	}
	return strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
}

func isAgentKey(key string) bool {
	return key == "user-agent" || key == "useragent" || key == "user agent"
}

func ruleKey(key string) (allow, ok bool) {
	switch key {
	case "allow":
		return true, true
	case "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw":
		return false, true
	}
	return false, false
}

// agentToken is the product's name in a user agent, "*" for any.
func agentToken(value string) string {
	if value == "*" || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		return "*"
	}
	end := strings.IndexFunc(value, func(r rune) bool {
		return !(r == '-' || r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	})
	if end < 0 {
		return value
	}
	return value[:end]
}

// crawlDelay reads seconds, bounded so that no site holds up its source for long.
func crawlDelay(value string) time.Duration {
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds > 0) {
		return 0
	}
	return time.Duration(math.Min(seconds, longestGap.Seconds()) * float64(time.Second))
}

func (r *robotsRules) add(allow bool, path string) {
	r.rules = append(r.rules, robotsRule{allow, robotsPattern(path)})
	// A folder is allowed with its index page, as Google has it.
	if slash := strings.LastIndexByte(path, '/'); allow && slash >= 0 && strings.HasPrefix(path[slash+1:], "index.htm") {
		r.rules = append(r.rules, robotsRule{allow, robotsPattern(path[:slash+1]) + "$"})
	}
}

// allows tells whether a path, with its query, may be asked for: what the longest rule
// says that matches it, an allowing one if two are as long.
func (r robotsRules) allows(path string) bool {
	path = normalPath(path, false)
	if path == "/robots.txt" {
		return true
	}
	longest, allowed := -1, true
	for _, rule := range r.rules {
		if n := len(rule.path); (n > longest || n == longest && rule.allow) && robotsMatch(rule.path, path) {
			longest, allowed = n, rule.allow
		}
	}
	return allowed
}

// robotsMatch matches a pattern with the beginning of a path, or the whole of it if
// the pattern ends in "$". Each "*" stands for any characters.
func robotsMatch(pattern, path string) bool {
	pattern, whole := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 && whole {
		return path == pattern
	}
	rest, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for i, part := range parts[1:] {
		if i+1 == last && whole {
			return strings.HasSuffix(rest, part)
		}
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// robotsPattern is the normal form of a rule's path. A "$" is special at its end only.
func robotsPattern(path string) string {
	if inner, ok := strings.CutSuffix(path, "$"); ok {
		return normalPath(inner, true) + "$"
	}
	return normalPath(path, true)
}

// normalPath makes paths of rules and addresses comparable (RFC 9309, section 2.2.2):
// octets outside of ASCII are percent-encoded, unreserved ones are not, and in a query
// neither are ":" and "/". In an address "*" and "$" stand for themselves, so they are
// encoded; so is "$" within a pattern.
func normalPath(path string, pattern bool) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(path))
	query := false
	for i := 0; i < len(path); i++ {
		c, encoded := path[i], false
		if c == '%' && i+2 < len(path) {
			if n, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				c, encoded = byte(n), true
				i += 2
			}
		}
		query = query || c == '?' && !encoded
		plain := c > ' ' && c < 0x7f && !encoded && c != '$' && (pattern || c != '*')
		if plain || isUnreserved(c) || query && encoded && (c == ':' || c == '/') {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// isUnreserved follows RFC 3986, section 2.3.
func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
