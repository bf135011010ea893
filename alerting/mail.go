package alerting

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/wneessen/go-mail"
	"golang.org/x/time/rate"

	"reputed/internal/reputation"
)

// mailInterval is the least time between two mails: servers take one that sends
// more than a few dozen a minute for a spammer.
const mailInterval = 2 * time.Second

// MailServer is where mail is handed in, and from and to whom it goes.
type MailServer struct {
	Host     string
	Port     int    // usually 587, or 465 for TLS from the start
	TLS      string // "starttls", "tls" from the start, or "none" for a server on this machine
	Username string // none: the server wants no password
	Password string
	From     string         // address, with or without a name
	To       []string       // the same
	Roots    *x509.CertPool // that the server's certificate is checked with; nil: those of the system
}

// The values of MailServer.TLS.
const (
	StartTLS  = "starttls"
	AlwaysTLS = "tls"
	NoTLS     = "none"
)

// Mail delivers messages by e-mail. All mails about one alert stand in one thread,
// by the reference to the first; a mail that is sent again has the same Message-ID.
// It is a Notifier.
type Mail struct {
	server  MailServer
	wording Wording
	limit   *rate.Limiter
	report  reporter
}

// NewMail returns the receiver of that name.
func NewMail(name string, server MailServer, wording Wording) *Mail {
	return &Mail{
		server:  server,
		wording: wording,
		limit:   rate.NewLimiter(rate.Every(mailInterval), 1),
		report: reporter{
			action:  fmt.Sprintf("mail to receiver %s by %s:%d", name, server.Host, server.Port),
			secrets: []string{server.Password},
		},
	}
}

// Notify mails the message to the address that its target names, else to all addresses: a server that refuses one of them gets
// none of them through. The thread is the Message-ID of the alert's first mail. For
// errors see Notifier.
func (r *Mail) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if err := r.limit.Wait(ctx); err != nil {
		return reputation.Thread{}, fmt.Errorf("%s: wait for the turn: %w", r.report.action, err)
	}
	letter, err := r.compose(m, time.Now())
	if err != nil {
		return reputation.Thread{}, err
	}
	client, err := r.client()
	if err != nil {
		return reputation.Thread{}, err
	}
	// What was accepted is delivered, whatever becomes of the connection then.
	if err := client.DialAndSendWithContext(ctx, letter); err != nil && !letter.IsDelivered() {
		return reputation.Thread{}, r.explain(err)
	}
	if strings.HasPrefix(m.Alert.Thread.TS, "<") {
		return m.Alert.Thread, nil
	}
	return reputation.Thread{TS: letter.GetMessageID()}, nil
}

// Check connects, encrypts and signs in as a mail would be sent, and asks whether
// the server would take mail from and to the addresses. It sends none.
func (r *Mail) Check(ctx context.Context) error {
	client, err := r.client()
	if err != nil {
		return err
	}
	letter, err := r.compose(reputation.Message{}, time.Now())
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return r.explain(err)
	}
	defer session.Close() // it is of no more use, however it ends
	sender, err := letter.GetSender(false)
	if err != nil {
		return r.explain(err)
	}
	recipients, err := letter.GetRecipients()
	if err != nil {
		return r.explain(err)
	}
	if err := session.Mail(sender); err != nil {
		return r.explain(fmt.Errorf("from %s: %w", sender, err))
	}
	for _, to := range recipients {
		if err := session.Rcpt(to); err != nil {
			return r.explain(fmt.Errorf("to %s: %w", to, err))
		}
	}
	return nil
}

// client makes a client for one connection.
func (r *Mail) client() (*mail.Client, error) {
	s := r.server
	options := []mail.Option{mail.WithPort(s.Port), mail.WithTimeout(notifyTimeout), mail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12})}
	switch s.TLS {
	case AlwaysTLS:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Username != "" {
		// It takes the strongest way to sign in that the server knows, and sends
		// no password over a connection that is not encrypted.
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.Username), mail.WithPassword(s.Password))
	}
	client, err := mail.NewClient(s.Host, options...)
	if err != nil {
		return nil, backoff.Permanent(errors.New(r.report.redacted(r.report.action + ": " + err.Error())))
	}
	return client, nil
}

// compose writes the mail about a message.
func (r *Mail) compose(m reputation.Message, now time.Time) (*mail.Msg, error) {
	n := r.wording.notice(m)
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	to := r.server.To
	if m.Target.Channel != "" {
		to = []string{m.Target.Channel}
	}
	err := errors.Join(letter.From(r.server.From), letter.To(to...))
	if err != nil {
		return nil, backoff.Permanent(fmt.Errorf("%s: %w: correct the receiver's from and to", r.report.action, err))
	}
	letter.Subject(n.title)
	letter.SetDateWithValue(now)
	letter.SetMessageIDWithValue(messageID(m, letter.GetFrom()[0].Address))
	if first := m.Alert.Thread.TS; strings.HasPrefix(first, "<") { // else it is of a receiver that had this name before
		letter.SetGenHeaderPreformatted(mail.HeaderInReplyTo, first)
		letter.SetGenHeaderPreformatted(mail.HeaderReferences, first)
	}
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notes in answer
	if n.level == reputation.Critical && n.event != reputation.Ended {
		letter.SetImportance(mail.ImportanceHigh)
	}
	var page bytes.Buffer
	if err := mailPage().Execute(&page, n.page(key(m))); err != nil {
		return nil, fmt.Errorf("%s: lay out the mail: %w", r.report.action, err)
	}
	letter.SetBodyString(mail.TypeTextPlain, n.plain(key(m)))
	letter.AddAlternativeString(mail.TypeTextHTML, page.String())
	return letter, nil
}

// messageID names a mail, without the angle brackets: the same for each delivery of
// a message, and for no other message of this or another installation with the same
// sender, since the time tells those apart.
func messageID(m reputation.Message, sender string) string {
	_, domain, _ := strings.Cut(sender, "@")
	return fmt.Sprintf("%s.%d@%s", key(m), m.At.Unix(), domain)
}

// explain tells what only a person can mend from what goes away by itself, and
// keeps the password out of the error.
func (r *Mail) explain(err error) error {
	var (
		sending     *mail.SendError
		reply       *textproto.Error
		certificate *tls.CertificateVerificationError
	)
	advice := ""
	switch {
	case errors.As(err, &sending) && sending.ErrorCode() != 0:
		advice = mailAdvice(sending.ErrorCode())
	case errors.As(err, &reply):
		advice = mailAdvice(reply.Code)
	case errors.As(err, &certificate):
		advice = "the server's certificate is not for that host, or nobody on this machine trusts its issuer: check the receiver's host"
	case strings.Contains(err.Error(), "STARTTLS"):
		advice = "the server does not encrypt on this port: set the receiver's tls to tls with port 465, or to none for a server on this machine"
	case strings.Contains(err.Error(), "SMTP Auth"), strings.Contains(err.Error(), "SMTP AUTH"):
		advice = "the server offers no way to sign in that keeps the password secret: check the receiver's tls, or remove its username"
	case errors.Is(err, context.DeadlineExceeded):
		err = errSilent
	}
	text := r.report.redacted(r.report.action + ": " + cut(reputation.OneLine(err.Error()), 300))
	if advice == "" {
		return errors.New(text)
	}
	return backoff.Permanent(errors.New(text + ": " + advice))
}

// mailAdvice says what to do about a reply code of SMTP (RFC 5321, section 4.2);
// nothing for those that go away by themselves.
func mailAdvice(code int) string {
	switch {
	case code == 534, code == 535, code == 530, code == 538:
		return "check the receiver's username, and the password in its password_file; some services want a password made for this program"
	case code == 550, code == 551, code == 553:
		return "the server does not take the sender or a recipient: check the receiver's from and to"
	case code >= 500:
		return "ask whoever runs the mail server what this means"
	}
	return ""
}
