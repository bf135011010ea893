package store

// DigestQueries are those by which digests are made, by what they read.
func DigestQueries() map[string]string {
	return map[string]string{
		"figures": figuresQuery, "talk": talkQuery, "stories": storiesQuery, "worst": worstQuery, "story": storyQuery,
	}
}
