package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"reputed/internal/config"
	"reputed/internal/store"
)

// brandNames lists the brands that are watched; competitors are only counted.
func brandNames(c *config.Config) []string {
	names := make([]string, len(c.Brands))
	for i, b := range c.Brands {
		names[i] = b.Name
	}
	return names
}

// loadConfig reads the configuration file for a command.
func loadConfig(path string, env environment) (*config.Config, error) {
	c, err := config.Load(path, env.getenv)
	if err != nil && strings.Contains(err.Error(), "\n") {
		return nil, fmt.Errorf("the configuration has several errors:\n%w", err)
	}
	return c, err
}

// loadOptional reads the configuration file for a command that needs none: an empty
// path stands for one that says nothing.
func loadOptional(path string, env environment) (*config.Config, error) {
	if path == "" {
		return &config.Config{}, nil
	}
	return loadConfig(path, env)
}

// openConfigured reads the configuration file and opens its database for a command: by
// store.OpenReader, or store.OpenBeside to change what a daemon may be at work on.
func openConfigured(ctx context.Context, path string, env environment, open func(context.Context, string) (*store.Store, error)) (*config.Config, *store.Store, error) {
	cfg, err := loadConfig(path, env)
	if err != nil {
		return nil, nil, err
	}
	db, err := open(ctx, cfg.Database)
	return cfg, db, err
}

func sourceNames(c *config.Config) []string {
	names := make([]string, len(c.Sources))
	for i, s := range c.Sources {
		names[i] = s.Name
	}
	return names
}

// shownPath is how people name the configuration: a service reads a copy of it that
// only the service sees.
func shownPath(c *config.Config, env environment) string {
	if filepath.Dir(c.Path()) == env.getenv("CREDENTIALS_DIRECTORY") {
		return filepath.Base(c.Path())
	}
	return c.Path()
}
