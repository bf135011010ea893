package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which packages of the module a package may import, besides
// reputed/internal/reputation, which all may. Parts do not know each other; only
// this command does.
var mayImport = map[string][]string{
	"reputed/internal/reputation":      {},
	"reputed/internal/labelled":        {},
	"reputed/internal/scenario":        {},
	"reputed/collector":                {},
	"reputed/sentiment":                {},
	"reputed/alerting":                 {},
	"reputed/lexicons":                 {},
	"reputed/internal/brand":           {},
	"reputed/internal/trend":           {},
	"reputed/internal/trend/simulate":  {"reputed/internal/trend"},
	"reputed/internal/config":          {},
	"reputed/internal/metrics":         {},
	"reputed/internal/pipeline":        {},
	"reputed/internal/store":           {},
	"reputed/internal/store/storetest": {},
	"reputed/internal/web":             {},
}

func TestImports(t *testing.T) {
	for pkg, imports := range importsOf(t, "../..") {
		allowed, known := mayImport[pkg]
		if !known && pkg != "reputed/cmd/reputed" {
			t.Errorf("package %s is not in the layout: say in this test what it may import", pkg)
			continue
		}
		for _, imported := range imports {
			switch {
			case !strings.HasPrefix(imported, "reputed/"):
				if pkg == "reputed/internal/reputation" && strings.Contains(imported, ".") {
					t.Errorf("%s imports %s; it may import the standard library only", pkg, imported)
				}
			case pkg != "reputed/cmd/reputed" && imported != "reputed/internal/reputation" && !slices.Contains(allowed, imported):
				t.Errorf("%s imports %s; only cmd/reputed knows several parts", pkg, imported)
			}
		}
	}
}

// importsOf returns what the non-test files of each package of the module import.
func importsOf(t *testing.T, root string) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "tools" || name == "testdata" || strings.HasPrefix(name, ".") && name != "." && name != ".." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := path.Join("reputed", filepath.ToSlash(folder))
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[pkg] = append(imports[pkg], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

func TestTopLevel(t *testing.T) {
	want := strings.Fields("cmd collector sentiment alerting lexicons internal deploy docs config.example.yaml go.mod go.sum README.md README.zh-CN.md CHANGELOG.md LICENSE Makefile .ci .gitignore")
	entries, err := filepath.Glob("../../*")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := filepath.Base(entry); !slices.Contains(want, name) && name != "bin" && name != ".git" {
			t.Errorf("%s does not belong on the top level", name)
		}
	}
}
