package main

type matchCommand struct {
	Config string `required:"" placeholder:"FILE" type:"path" help:"Configuration whose brands are looked for; only brands: and lexicons: are read."`
}

func (c matchCommand) Run(env environment) error {
	v, l, err := configuredLanguage(c.Config, env)
	if err != nil {
		return err
	}
	type span struct {
		Brand string `json:"brand"`
		Term  string `json:"term"`
		Start int    `json:"start"`
		End   int    `json:"end"`
	}
	return eachLine(env, func(line string) (any, error) {
		result := struct {
			Brands []string `json:"brands"`
			Spans  []span   `json:"spans"`
		}{Brands: []string{}, Spans: []span{}}
		named := map[string]bool{}
		for _, s := range v.matcher.Match(l.reader.Read(line)) {
			if !named[s.Brand] {
				named[s.Brand] = true
				result.Brands = append(result.Brands, s.Brand)
			}
			result.Spans = append(result.Spans, span{s.Brand, s.Term, s.Start, s.End})
		}
		return result, nil
	})
}
