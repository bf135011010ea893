package config

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

// Receiver is where alerts may go besides the Slack under slack:.
type Receiver struct {
	Name string `yaml:"name"`
	Kind string `yaml:"kind"` // ReceiverSlack and the like

	URLFile    string `yaml:"url_file"`    // that holds the address, which is a secret
	SecretFile string `yaml:"secret_file"` // that holds what messages are signed with
	TokenFile  string `yaml:"token_file"`  // of a Slack bot
	Channel    string `yaml:"channel"`     // of a Slack bot

	// Of mail.
	Host         string   `yaml:"host"`
	Port         int      `yaml:"port"`
	TLS          string   `yaml:"tls"` // "starttls", "tls" or "none"
	Username     string   `yaml:"username"`
	PasswordFile string   `yaml:"password_file"`
	From         string   `yaml:"from"`
	To           []string `yaml:"to"`
}

// The kinds of receivers.
const (
	ReceiverSlack    = "slack"
	ReceiverFeishu   = "feishu" // and Lark
	ReceiverDingTalk = "dingtalk"
	ReceiverWeCom    = "wecom"
	ReceiverMail     = "mail"
	ReceiverWebhook  = "webhook"
)

// The ports of mail, by how it is encrypted.
var mailPorts = map[string]int{"starttls": 587, "tls": 465, "none": 25}

// robotID is how Feishu, DingTalk and WeCom name a person, with all for everybody.
var robotID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.+@-]{0,63}$`)

// secretFiles are the files that hold secrets, for their places to be found.
func (r *Receiver) secretFiles() []*string {
	return []*string{&r.URLFile, &r.SecretFile, &r.TokenFile, &r.PasswordFile}
}

func (r *Receiver) setDefaults() {
	if r.Kind != ReceiverMail {
		return
	}
	if r.TLS == "" {
		r.TLS = "starttls"
		if r.Port == mailPorts["tls"] {
			r.TLS = "tls"
		}
	}
	if r.Port == 0 {
		r.Port = mailPorts[r.TLS]
	}
}

// DefaultReceiver is the name of the receiver of alerts that no route sends elsewhere:
// Slack where slack: is configured, else the first one under receivers:, and nothing if
// there is none.
func (c *Config) DefaultReceiver() string {
	switch {
	case c.Slack.Configured():
		return slackReceiver
	case len(c.Receivers) > 0:
		return c.Receivers[0].Name
	}
	return ""
}

// receiver is a configured receiver by its name, and nil if there is none.
func (c *Config) receiver(name string) *Receiver {
	i := slices.IndexFunc(c.Receivers, func(r Receiver) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Receivers[i]
}

func (c *Config) validateReceivers(d *decoder) {
	seen := map[string]bool{}
	for i, r := range c.Receivers {
		key := fmt.Sprintf("receivers[%d]", i)
		switch {
		case r.Name == "":
			d.fail(c.at("receivers", i), key, "the receiver has no name; add name:, by which routes send alerts to it")
		case seen[r.Name]:
			d.fail(c.at("receivers", i, "name"), key+".name", "%q is there twice; choose another name", r.Name)
		case r.Name == slackReceiver || r.Name == "terminal":
			d.fail(c.at("receivers", i, "name"), key+".name", "%q is the name of what the program brings itself; choose another one", r.Name)
		}
		seen[r.Name] = true
		c.validateReceiver(d, i)
	}
}

// validateReceiver checks what the kind of the i-th receiver needs, and what it has no
// use for.
func (c *Config) validateReceiver(d *decoder, i int) {
	r, key := c.Receivers[i], fmt.Sprintf("receivers[%d]", i)
	fail := func(name, format string, args ...any) {
		d.fail(c.at("receivers", i, name), key+"."+name, format, args...)
	}
	needs := func(value, name, why string) {
		if value == "" {
			d.fail(c.at("receivers", i), key, "kind: %s needs %s:, %s", r.Kind, name, why)
		}
	}
	switch r.Kind {
	case ReceiverSlack:
		switch {
		case r.TokenFile == "" && r.URLFile == "":
			d.fail(c.at("receivers", i), key, "kind: slack needs token_file:, a file with a bot token, or url_file:, a file with the address of an incoming webhook")
		case r.TokenFile != "" && r.URLFile != "":
			fail("url_file", "a token and a webhook are both given; keep the token, which can also update messages")
		case r.TokenFile != "" && r.Channel == "":
			d.fail(c.at("receivers", i), key, "a bot token needs channel:, such as '#pr-alerts' (in quotes, since # begins a comment) or a channel id")
		}
	case ReceiverFeishu, ReceiverDingTalk, ReceiverWeCom:
		needs(r.URLFile, "url_file", "a file with the webhook address of the group's robot")
	case ReceiverWebhook:
		needs(r.URLFile, "url_file", "a file with the address that messages are posted to")
		needs(r.SecretFile, "secret_file", "a file with the secret that signs them; make one with: openssl rand -base64 32")
	case ReceiverMail:
		c.validateMail(d, i)
	default:
		fail("kind", "%q is not a kind; write slack, feishu (also for Lark), dingtalk, wecom, mail or webhook", r.Kind)
		return
	}
	for _, of := range keysOfReceivers(r) {
		if of.given && !slices.Contains(of.kinds, r.Kind) {
			fail(of.key, "this key is for kind: %s; remove it, or change the kind", strings.Join(of.kinds, " or "))
		}
	}
	for name, value := range map[string]string{"url_file": r.URLFile, "secret_file": r.SecretFile, "token_file": r.TokenFile, "password_file": r.PasswordFile} {
		if looksSecret(value) || strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "whsec_") || strings.HasPrefix(value, "SEC") && len(value) > 40 {
			fail(name, "this looks like the secret itself; put it into a file of mode 0600 and write the file's name here")
		}
	}
}

func (c *Config) validateMail(d *decoder, i int) {
	r, key := c.Receivers[i], fmt.Sprintf("receivers[%d]", i)
	fail := func(path []any, key, format string, args ...any) { d.fail(c.at(path...), key, format, args...) }
	switch {
	case r.Host == "":
		fail([]any{"receivers", i}, key, "kind: mail needs host:, the server that takes mail from this machine, such as smtp.example.com")
	case strings.ContainsAny(r.Host, ":/ "):
		fail([]any{"receivers", i, "host"}, key+".host", "%q is not the name of a server; write it without a port, which goes into port:", r.Host)
	}
	if r.Port < 1 || r.Port > 65535 {
		fail([]any{"receivers", i, "port"}, key+".port", "%d is not a port; leave it out for 587, or 465 with tls: tls", r.Port)
	}
	if _, ok := mailPorts[r.TLS]; !ok {
		fail([]any{"receivers", i, "tls"}, key+".tls", "%q is no choice; write starttls, tls (encrypted from the start) or none (for a server on this machine)", r.TLS)
	}
	if (r.Username == "") != (r.PasswordFile == "") {
		fail([]any{"receivers", i}, key, "username: and password_file: belong together; give both, or neither for a server that wants no password")
	}
	if r.Username != "" && r.TLS == "none" {
		fail([]any{"receivers", i, "tls"}, key+".tls", "a password does not go over a connection that is not encrypted; write starttls or tls")
	}
	if !validMailbox(r.From) {
		fail([]any{"receivers", i, "from"}, key+".from", "%q is no address to send from; write one such as 'Reputation watch <reputed@example.com>'", r.From)
	}
	if len(r.To) == 0 {
		fail([]any{"receivers", i}, key, "kind: mail needs to:, a list of addresses")
	}
	for j, to := range r.To {
		if !validMailbox(to) {
			fail([]any{"receivers", i, "to", j}, fmt.Sprintf("%s.to[%d]", key, j), "%q is no address; write one such as pr@example.com", to)
		}
	}
}

func validMailbox(s string) bool {
	_, err := mail.ParseAddress(s)
	return err == nil
}

func keysOfReceivers(r Receiver) []keyOfKinds {
	mail := []string{ReceiverMail}
	return []keyOfKinds{
		{"url_file", r.URLFile != "", []string{ReceiverSlack, ReceiverFeishu, ReceiverDingTalk, ReceiverWeCom, ReceiverWebhook}},
		{"secret_file", r.SecretFile != "", []string{ReceiverFeishu, ReceiverDingTalk, ReceiverWebhook}},
		{"token_file", r.TokenFile != "", []string{ReceiverSlack}},
		{"channel", r.Channel != "", []string{ReceiverSlack}},
		{"host", r.Host != "", mail},
		{"port", r.Port != 0, mail},
		{"tls", r.TLS != "", mail},
		{"username", r.Username != "", mail},
		{"password_file", r.PasswordFile != "", mail},
		{"from", r.From != "", mail},
		{"to", len(r.To) > 0, mail},
	}
}

// validateRouteTo checks the channel and the people that the i-th route names of a
// receiver under receivers:.
func (c *Config) validateRouteTo(d *decoder, i int, r *Receiver) {
	route, key := c.Alerts.Routes[i], fmt.Sprintf("alerts.routes[%d]", i)
	channel := func(format string, args ...any) {
		d.fail(c.at("alerts", "routes", i, "channel"), key+".channel", format, args...)
	}
	switch {
	case route.Channel == "" || r.Kind == ReceiverSlack && r.TokenFile != "":
	case r.Kind == ReceiverMail:
		if !validMailbox(route.Channel) {
			channel("%q is no address; write the one that mail goes to instead of the receiver's own", route.Channel)
		}
	default:
		channel("receiver %s posts to one place only; add another receiver for the other place, or remove channel:", r.Name)
	}
	valid := map[string]func(string) bool{
		ReceiverSlack:  func(m string) bool { return slackID.MatchString(m) || m == "here" || m == "channel" },
		ReceiverFeishu: robotID.MatchString, ReceiverDingTalk: robotID.MatchString, ReceiverWeCom: robotID.MatchString,
	}[r.Kind]
	for j, m := range route.Mentions {
		at := c.at("alerts", "routes", i, "mentions", j)
		switch key := fmt.Sprintf("%s.mentions[%d]", key, j); {
		case valid == nil:
			d.fail(at, key, "receiver %s, of kind: %s, cannot call people; remove mentions:", r.Name, r.Kind)
		case !valid(m):
			d.fail(at, key, "%q is nobody's id; write the id of a member (Feishu: ou_…; DingTalk: user id or mobile number; WeCom: user id; Slack: U…), or all", m)
		}
	}
}
