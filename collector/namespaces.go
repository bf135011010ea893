package collector

import (
	"fmt"
	"strings"
)

// binding is a namespace prefix in force.
type binding struct {
	prefix     string
	vocabulary vocabulary
}

// bind takes note of the namespaces that a tag declares. The elements of the root
// without a prefix are the format's own, whatever it declares for them.
func (r *rewriter) bind(attributes map[string]string) error {
	for key, value := range attributes {
		declared, hasPrefix := strings.CutPrefix(key, "xmlns:")
		switch {
		case hasPrefix:
			r.bindings = append(r.bindings, binding{declared, namespaceVocabulary(value)})
		case key == "xmlns" && len(r.open) > 0:
			r.bindings = append(r.bindings, binding{"", namespaceVocabulary(value)})
		}
	}
	if len(r.bindings) > maxNamespaces {
		return fmt.Errorf("more than %d XML namespaces are declared", maxNamespaces)
	}
	return nil
}

func (r *rewriter) vocabularyOf(name string) vocabulary {
	p := prefix(name)
	for i := len(r.bindings) - 1; i >= 0; i-- {
		if r.bindings[i].prefix == p {
			return r.bindings[i].vocabulary
		}
	}
	return prefixVocabulary(p)
}

func prefix(name string) string { return name[:max(strings.IndexByte(name, ':'), 0)] }

func localName(name string) string { return name[strings.IndexByte(name, ':')+1:] }

// qualified is the name of an element by its vocabulary.
func (e element) qualified() string {
	if e.vocabulary == native {
		return localName(e.name)
	}
	return string(e.vocabulary) + ":" + localName(e.name)
}

// classify tells what an element holds where it stands.
func (r *rewriter) classify(e element) (holding, string) {
	if e.vocabulary == other {
		return holdsNothing, ""
	}
	parent := element{holds: holdsItems}
	if n := len(r.open); n > 0 {
		parent = r.open[n-1]
	}
	switch parent.holds {
	case holdsItems:
		return feedElement(e.qualified())
	case holdsEntry:
		return itemElement(e.qualified())
	case holdsGroup:
		return groupElement(e.qualified())
	}
	return holdsNothing, ""
}
