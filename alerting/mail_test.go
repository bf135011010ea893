package alerting

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"reputed/internal/reputation"
)

// smtpServer speaks as much SMTP (RFC 5321) as a mail needs.
type smtpServer struct {
	listener net.Listener
	tls      *tls.Config       // for STARTTLS; nil: not offered
	auth     string            // mechanisms that it offers
	replies  map[string]string // instead of the usual ones, by command; "cut" closes the connection
	mu       sync.Mutex
	mails    []string
	commands []string
}

// newSMTP starts a server on loopback.
func newSMTP(t *testing.T, s *smtpServer) *smtpServer {
	t.Helper()
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.listener.Close() })
	go func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *smtpServer) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *smtpServer) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	lines := bufio.NewReader(conn)
	say := func(reply string) { fmt.Fprintf(conn, "%s\r\n", reply) }
	say("220 mail.example ready")
	encrypted := false
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		command, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		s.mu.Lock()
		s.commands = append(s.commands, command)
		s.mu.Unlock()
		if reply, ok := s.replies[command]; ok {
			if reply == "cut" {
				return
			}
			say(reply)
			continue
		}
		switch command {
		case "EHLO":
			say("250-mail.example")
			if s.tls != nil && !encrypted {
				say("250-STARTTLS")
			}
			if s.auth != "" {
				say("250-AUTH " + s.auth)
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			secured := tls.Server(conn, s.tls)
			conn, lines, encrypted = secured, bufio.NewReader(secured), true
		case "AUTH":
			say("235 welcome")
		case "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				line, err := lines.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(line)
			}
			s.mu.Lock()
			s.mails = append(s.mails, text.String())
			s.mu.Unlock()
			if reply, ok := s.replies["."]; ok {
				if reply == "cut" {
					return
				}
				say(reply)
				continue
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

// received are the mails that the server took.
func (s *smtpServer) received(t *testing.T) []*mail.Message {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*mail.Message
	for _, text := range s.mails {
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

func TestMailThreads(t *testing.T) {
	s := newSMTP(t, &smtpServer{})
	receiver := testMail(s.port(), Wording{Lang: "zh"})
	first := sample(reputation.Opened)
	th, err := receiver.Notify(t.Context(), first)
	if err != nil || th.TS == "" {
		t.Fatal(th, err)
	}
	second := sample(reputation.Escalated)
	second.ID, second.Alert.Thread = 43, th
	if again, err := receiver.Notify(t.Context(), second); err != nil || again != th {
		t.Fatal(again, err)
	}
	if again, err := receiver.Notify(t.Context(), first); err != nil || again != th {
		t.Fatal(again, err)
	}
	mails := s.received(t)
	if len(mails) != 3 {
		t.Fatalf("%d mails", len(mails))
	}
	if got := mails[0].Header.Get("Message-Id"); got != th.TS || !strings.HasPrefix(got, "<reputed-17-42.") || !strings.HasSuffix(got, "@brand.example>") {
		t.Errorf("Message-ID %s, thread %s", got, th.TS)
	}
	if a, b := mails[0].Header.Get("Message-Id"), mails[2].Header.Get("Message-Id"); a != b {
		t.Errorf("the repetition of %s is %s", a, b)
	}
	if h := mails[1].Header; h.Get("In-Reply-To") != th.TS || h.Get("References") != th.TS || h.Get("Message-Id") == th.TS {
		t.Errorf("the update does not stand in the thread: %v", h)
	}
	if got := mails[0].Header.Get("To"); !strings.Contains(got, "pr@brand.example") || !strings.Contains(got, "boss@brand.example") {
		t.Errorf("to %s", got)
	}
}

func TestMailAnswers(t *testing.T) {
	tests := []struct {
		name     string
		replies  map[string]string
		want     string
		mentions []string
	}{
		{"taken", nil, "delivered", nil},
		{"taken, then cut off", map[string]string{"RSET": "cut"}, "delivered", nil},
		{"taken, then refuses to go on", map[string]string{"RSET": "421 bye"}, "delivered", nil},
		{"sender refused", map[string]string{"MAIL": "553 not you"}, "permanent", []string{"pr-mail", "553", "from and to"}},
		{"recipient unknown", map[string]string{"RCPT": "550 no such user"}, "permanent", []string{"550", "from and to"}},
		{"greylisted", map[string]string{"RCPT": "451 try later"}, "temporary", []string{"451"}},
		{"too large", map[string]string{".": "552 too large"}, "permanent", []string{"552"}},
		{"busy", map[string]string{"EHLO": "421 busy", "HELO": "421 busy"}, "temporary", nil},
		{"lost answer", map[string]string{".": "cut"}, "temporary", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSMTP(t, &smtpServer{replies: tt.replies})
			_, err := testMail(s.port(), Wording{}).Notify(t.Context(), sample(reputation.Opened))
			checkError(t, err, tt.want, tt.mentions)
		})
	}
	_, err := testMail(1, Wording{}).Notify(t.Context(), sample(reputation.Opened))
	checkError(t, err, "temporary", []string{"127.0.0.1:1"})
}

// certified is a server that encrypts, and the receiver that trusts it.
func certified(t *testing.T, s *smtpServer) (*smtpServer, MailServer) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	s.tls = &tls.Config{Certificates: web.TLS.Certificates}
	newSMTP(t, s)
	roots := web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return s, MailServer{
		Host: "127.0.0.1", Port: s.port(), TLS: StartTLS, Username: "reputed", Password: "SECRETpassword",
		From: "reputed@brand.example", To: []string{"pr@brand.example"}, Roots: roots,
	}
}

func TestMailEncryption(t *testing.T) {
	s, server := certified(t, &smtpServer{auth: "PLAIN LOGIN"})
	if _, err := NewMail("pr-mail", server, Wording{}).Notify(t.Context(), sample(reputation.Opened)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.commands, " "); !strings.HasPrefix(got, "EHLO STARTTLS EHLO AUTH NOOP MAIL RCPT DATA") {
		t.Errorf("it said %s", got)
	}
	tests := []struct {
		name     string
		change   func(*smtpServer, *MailServer)
		want     string
		mentions []string
	}{
		{"wrong password", func(s *smtpServer, _ *MailServer) {
			s.replies = map[string]string{"AUTH": "535 5.7.8 bad SECRETpassword"}
		}, "permanent", []string{"535", "password_file", "<secret>"}},
		{"certificate of strangers", func(_ *smtpServer, m *MailServer) { m.Roots = nil }, "permanent", []string{"certificate"}},
		{"no encryption", func(s *smtpServer, _ *MailServer) { s.tls = nil }, "permanent", []string{"tls"}},
		{"password in the clear", func(s *smtpServer, m *MailServer) { s.tls, m.TLS, s.auth = nil, NoTLS, "" }, "permanent", []string{"sign in"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, server := certified(t, &smtpServer{auth: "PLAIN LOGIN"})
			tt.change(s, &server)
			_, err := NewMail("pr-mail", server, Wording{}).Notify(t.Context(), sample(reputation.Opened))
			checkError(t, err, tt.want, tt.mentions)
			if len(s.received(t)) > 0 {
				t.Error("the mail was sent all the same")
			}
		})
	}
}

func TestMailCheck(t *testing.T) {
	s, server := certified(t, &smtpServer{auth: "PLAIN LOGIN"})
	if err := NewMail("pr-mail", server, Wording{}).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.commands, " "); !strings.HasPrefix(got, "EHLO STARTTLS EHLO AUTH MAIL RCPT") || len(s.received(t)) > 0 {
		t.Errorf("it said %s", got)
	}
	for command, reply := range map[string]string{"AUTH": "535 no", "RCPT": "550 no such user", "MAIL": "553 not you"} {
		s, server := certified(t, &smtpServer{auth: "PLAIN", replies: map[string]string{command: reply}})
		checkError(t, NewMail("pr-mail", server, Wording{}).Check(t.Context()), "permanent", []string{reply[:3]})
		if len(s.received(t)) > 0 {
			t.Error("the check sent a mail")
		}
	}
}
