package alerting

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// fortnight adds the hours before the trend, with the rhythm of the day and an earlier
// spike on the third day.
func fortnight(m reputation.Message) reputation.Message {
	for i := range pictureHours - trendHours {
		day := math.Sin((float64((i+8)%24) - 6) / 12 * math.Pi)
		m.Before = append(m.Before, int(8.7*(0.55+0.9*max(0, day)))+(i*i+5*i)%6)
	}
	m.Before[60], m.Before[61] = 31, 24
	return m
}

// drawn is the decoded picture of a message.
func drawn(t *testing.T, m reputation.Message) *image.RGBA {
	t.Helper()
	raw, err := picture(m, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, raw)
}

func decoded(t *testing.T, raw []byte) *image.RGBA {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	img, ok := decoded.(*image.RGBA)
	if !ok {
		t.Fatalf("a picture of kind %T", decoded)
	}
	return img
}

func TestPictureGolden(t *testing.T) {
	for _, event := range events {
		raw, err := picture(fortnight(sample(event)), shanghai)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", string(event)+".golden.png")
		if *update {
			if err := os.WriteFile(path, raw, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, want := decoded(t, raw), decoded(t, file)
		if got.Bounds() != want.Bounds() {
			t.Fatalf("%s: %v, want %v", event, got.Bounds(), want.Bounds())
		}
		// Another processor may round an edge otherwise: a shade, at a few pixels.
		differ := 0
		for i := range got.Pix {
			if d := int(got.Pix[i]) - int(want.Pix[i]); d < -8 || d > 8 {
				differ++
			}
		}
		if differ > 200 {
			t.Errorf("%s: %d of %d values differ from %s (go test -update writes it anew)", event, differ, len(got.Pix), path)
		}
	}
}

// reds counts the pixels of the spike's colour in a part of a picture.
func reds(img *image.RGBA, part image.Rectangle) (n int) {
	spike := newPalette().spike
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if img.RGBAAt(x, y) == (color.RGBA{spike.R, spike.G, spike.B, 255}) {
				n++
			}
		}
	}
	return n
}

func TestPictureShowsTheSpikeAndNoOther(t *testing.T) {
	img := drawn(t, fortnight(sample(reputation.Opened)))
	all := img.Bounds()
	last := image.Rect(all.Max.X-all.Max.X/8, 0, all.Max.X, all.Max.Y)
	if reds(img, last) == 0 {
		t.Error("the spike does not show in its colour")
	}
	if n := reds(img, all); n != reds(img, last) {
		t.Errorf("%d pixels of the spike's colour outside of the last two days", n-reds(img, last))
	}
	if img.RGBAAt(2, 2) != (color.RGBA{255, 255, 255, 255}) {
		t.Error("the ground lets a dark Slack shine through")
	}
}

// What comes from a store may be of any size; the picture then shows what it can.
func TestPictureOfAnySeries(t *testing.T) {
	quiet := reputation.Message{At: noon, Trend: make([]reputation.Hour, 2)}
	huge := fortnight(sample(reputation.Escalated))
	huge.Trend[47].Negative = 1_234_567
	old := fortnight(sample(reputation.Escalated))
	old.Alert.OpenedAt, old.Alert.Judgement.To = noon.AddDate(0, -2, 0), noon.AddDate(0, -2, 0)
	future := fortnight(sample(reputation.Opened))
	future.Alert.OpenedAt, future.Alert.Judgement.To = noon.AddDate(1, 0, 0), noon.AddDate(1, 0, 0)
	for name, m := range map[string]reputation.Message{
		"quiet": quiet, "huge": huge, "opened before the window": old, "opened by a clock that was ahead": future,
	} {
		if img := drawn(t, m); img.Bounds().Dx() != pictureWidth {
			t.Errorf("%s: %v", name, img.Bounds())
		}
	}
	for _, hours := range []int{0, 1} {
		if _, err := picture(reputation.Message{Trend: make([]reputation.Hour, hours)}, time.UTC); err == nil {
			t.Errorf("a trend of %d hours was drawn", hours)
		}
	}
}

func BenchmarkPicture(b *testing.B) {
	m := fortnight(sample(reputation.Opened))
	for b.Loop() {
		if _, err := picture(m, shanghai); err != nil {
			b.Fatal(err)
		}
	}
}
