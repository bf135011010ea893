package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// TestScale stores many different items, of which one in five is a copy of an earlier
// one with other words around it, and prints how the speed changes as the database
// grows: REPUTED_SCALE=1000000 go test -run TestScale -v -timeout 1h ./internal/store.
func TestScale(t *testing.T) {
	total, err := strconv.Atoi(os.Getenv("REPUTED_SCALE"))
	if err != nil {
		total = 2000
	}
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	rng := rand.New(rand.NewPCG(2026, 11))
	const batch = 500
	var told []string
	copies := 0
	begin := time.Now()
	for n := 0; n < total; n += batch {
		mentions := make([]reputation.Mention, batch)
		for i := range mentions {
			text := invented(rng, 100)
			if rng.IntN(5) == 0 && len(told) > 0 {
				text = "转 发 " + told[rng.IntN(len(told))] + " " + invented(rng, 8)
				copies++
			} else if len(told) < 10_000 {
				told = append(told, text)
			}
			m := mention("news", fmt.Sprint(n+i), "云杉", text, start.Add(time.Duration(n+i)*time.Second))
			m.Words = text
			mentions[i] = m
		}
		commit(t, s, "news", mentions...)
		if done := n + batch; done%(total/10) == 0 {
			t.Logf("%8d items: %6.0f a second", done, float64(total/10)/time.Since(begin).Seconds())
			begin = time.Now()
		}
	}
	db := connect(t, path)
	if found := one[int](t, db, `SELECT count(*) FROM items WHERE duplicate_of IS NOT NULL`); found < copies*99/100 || found > copies*101/100 {
		t.Errorf("%d copies found of %d", found, copies)
	}
	if info, err := os.Stat(path); err == nil {
		t.Logf("%d MB, %d hashes", info.Size()>>20, one[int](t, db, `SELECT count(*) FROM sketches`))
	}
}

// invented is a text of n common characters that says nothing.
func invented(rng *rand.Rand, n int) string {
	const common = "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市"
	runes := []rune(common)
	var b strings.Builder
	for range n {
		b.WriteRune(runes[rng.IntN(len(runes))])
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}
