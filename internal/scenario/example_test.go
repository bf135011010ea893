package scenario_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"time"

	"reputed/internal/scenario"
)

func ExampleHandler() {
	posts, err := scenario.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	site := scenario.Handler(posts, time.Date(2030, 5, 6, 4, 0, 0, 0, time.UTC))

	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest("GET", "/news", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.Contains(line, `class="item"`) {
			fmt.Println(w.Code, line)
			break
		}
	}
	// Output:
	// 200 <li class="item"><a href="/news/n016">实测三把青榈K3：两把壶盖变形，一把漏出开水</a> <time datetime="2030-05-06T03:55:00Z">2030-05-06 11:55</time></li>
}
