//go:build race

package component_test

const raced = true
