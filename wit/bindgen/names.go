package bindgen

import (
	"go/token"
	"strconv"
	"strings"
)

// initialisms are the words that Go writes in capitals, and the few that mix.
var initialisms = map[string]string{
	"api": "API", "ascii": "ASCII", "cpu": "CPU", "dns": "DNS", "eof": "EOF",
	"fifo": "FIFO", "html": "HTML", "http": "HTTP", "https": "HTTPS", "id": "ID", "io": "IO",
	"ip": "IP", "ipv4": "IPv4", "ipv6": "IPv6", "json": "JSON", "ok": "OK", "os": "OS",
	"rpc": "RPC", "sql": "SQL", "ssh": "SSH", "tcp": "TCP", "tls": "TLS",
	"ttl": "TTL", "tty": "TTY", "udp": "UDP", "uid": "UID", "uri": "URI",
	"url": "URL", "utf8": "UTF8", "utf16": "UTF16", "uuid": "UUID", "vm": "VM",
	"wasi": "WASI", "xml": "XML",
}

// exported spells a kebab-case name as an exported Go identifier:
// `tcp-socket` is TCPSocket, `DNS-timeout` is DNSTimeout.
func exported(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "-") {
		b.WriteString(title(word))
	}
	return b.String()
}

// unexported spells a kebab-case name as an unexported Go identifier:
// `tcp-socket` is tcpSocket. A keyword gets an underscore at its end, and so does
// the name of a type that an implementation would hide from itself.
func unexported(name string) string {
	first, rest, _ := strings.Cut(name, "-")
	s := strings.ToLower(first)
	if rest != "" {
		s += exported(rest)
	}
	if token.IsKeyword(s) || predeclaredTypes[s] {
		s += "_"
	}
	return s
}

func title(word string) string {
	if s, ok := initialisms[strings.ToLower(word)]; ok {
		return s
	}
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// The identifiers that a package cannot be called without hiding what generated
// code or its reader needs.
var (
	predeclaredTypes = words(`any bool byte comparable complex64 complex128 error
		float32 float64 int int8 int16 int32 int64 rune string
		uint uint8 uint16 uint32 uint64 uintptr`)
	reserved = words(`true false iota nil append cap clear close complex copy delete imag
		len make max min new panic print println real recover
		init main internal vendor testdata`)
)

// imported are the packages that generated files import beside each other, and
// locals the variables in them, under which another package is not imported.
var (
	imported = words(`context errors fmt cabi component wit`)
	locals   = words(`base c ctx e err f g h i n ok p ptr rep ret self stack t v v0 v1 v2 v3`)
)

// packageName spells the name of an interface as a Go package; group is the WIT
// package, which disambiguates where the plain name would not do.
func packageName(group, name string) string {
	s := flat(name)
	if token.IsKeyword(s) || predeclaredTypes[s] || reserved[s] || imported[s] {
		s = flat(group) + s
	}
	return s
}

func flat(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", ":", "", "/", "").Replace(name))
}

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// scope holds the identifiers that are in use in one place. What is asked for
// twice gets a number, in the order of the questions, which is the order of the
// WIT: names depend on nothing else.
type scope map[string]bool

func newScope(names ...string) scope {
	s := scope{}
	for _, n := range names {
		s[n] = true
	}
	return s
}

// pick takes the name, or the name with the first number that is free.
func (s scope) pick(name string) string { return s.pickWith(name, "") }

// pickWith takes name such that every prefix followed by it is free.
func (s scope) pickWith(name string, prefixes ...string) string {
	free := func(n string) bool {
		for _, p := range prefixes {
			if s[p+n] {
				return false
			}
		}
		return true
	}
	n := name
	for i := 2; !free(n); i++ {
		n = name + strconv.Itoa(i)
	}
	for _, p := range prefixes {
		s[p+n] = true
	}
	return n
}
