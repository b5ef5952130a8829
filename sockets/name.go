package sockets

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// A host is what a guest may ask the addresses of, in one spelling: an address, or a name.
type host struct {
	ip       netip.Addr // valid for an address; never IPv4-mapped
	name     string     // canonical, without the dot at its end
	absolute bool       // it had that dot, which keeps resolvers from trying suffixes
}

// maxSpelling bounds what is looked at. A name of 253 characters is shorter in every spelling that makes sense.
const maxSpelling = 4096

var errNotHost = errors.New("neither a name nor an IP address")

// parseHost takes what the host parser of the WHATWG URL standard takes, since the reference host uses one, and IPv6
// also without brackets. Two things it takes are not syntax of names and are errors here: percent-encoded bytes, and
// characters other than letters, digits, hyphen and underscore, which no resolver looks up.
func parseHost(text string) (host, error) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok {
			return host{}, errNotHost
		}
		return parseIPv6(inner)
	}
	if strings.Contains(text, ":") {
		return parseIPv6(text)
	}
	h, err := mapName(text)
	if err != nil {
		return host{}, err
	}
	if endsInNumber(h.name) {
		ip, ok := parseIPv4(h.name)
		if !ok {
			return host{}, errNotHost
		}
		return host{ip: ip}, nil
	}
	return h, checkLabels(h.name)
}

// canonicalName is parseHost for what must be a name.
func canonicalName(text string) (string, error) {
	h, err := parseHost(text)
	if err != nil {
		return "", err
	}
	if h.ip.IsValid() {
		return "", fmt.Errorf("%q is an IP address", text)
	}
	return h.name, nil
}

// parseIPv6 unmaps: a guest may not use IPv4 in IPv6 clothes, and is never given it.
func parseIPv6(text string) (host, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return host{}, errNotHost
	}
	return host{ip: ip.Unmap()}, nil
}

// unicodeNames maps as browsers do, so that "r3---sn-a5m.example" and "_dmarc.example" are names.
var unicodeNames = idna.New(
	idna.MapForLookup(), idna.BidiRule(), idna.CheckHyphens(false), idna.StrictDomainName(false),
)

// mapName gives the ASCII form in lower case. Whether the labels are any good is not looked at.
func mapName(text string) (host, error) {
	if len(text) > maxSpelling || !utf8.ValidString(text) {
		return host{}, errNotHost
	}
	ascii, err := unicodeNames.ToASCII(text)
	if err != nil {
		return host{}, err
	}
	// The policy compares ASCII forms, so each name must have one only.
	if again, err := unicodeNames.ToASCII(ascii); err != nil || again != ascii {
		return host{}, errNotHost
	}
	name, absolute := strings.CutSuffix(ascii, ".")
	return host{name: name, absolute: absolute}, nil
}

func checkLabels(name string) error {
	if len(name) > 253 {
		return errors.New("longer than 253 characters")
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return fmt.Errorf("bad label %q", label)
		}
	}
	return nil
}

// endsInNumber tells what is meant as an IPv4 address, and so is no name even if it is no address either.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last != "" && strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := parseIPv4Part(last)
	return ok
}

// parseIPv4 reads one to four numbers, each decimal, octal or hexadecimal as in C. The last fills the bytes that the
// others leave.
func parseIPv4(text string) (netip.Addr, bool) {
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var all uint64
	for i, part := range parts {
		v, ok := parseIPv4Part(part)
		size := 8
		if i == len(parts)-1 {
			size = 8 * (4 - i)
		}
		if !ok || v>>size != 0 {
			return netip.Addr{}, false
		}
		all = all<<size | v
	}
	return netip.AddrFrom4([4]byte{byte(all >> 24), byte(all >> 16), byte(all >> 8), byte(all)}), true
}

func parseIPv4Part(text string) (uint64, bool) {
	digits, base := text, 10
	switch {
	case strings.HasPrefix(text, "0x"):
		digits, base = text[2:], 16
	case len(text) > 1 && text[0] == '0':
		digits, base = text[1:], 8
	}
	if digits == "" && base == 16 {
		return 0, true
	}
	v, err := strconv.ParseUint(digits, base, 64)
	return v, err == nil
}

// pattern is what a rule says of names: "*", "*.example.com" for those below it, or one name. Empty is none.
type pattern string

// parsePattern gives the name as it is looked up: lower case, internationalised labels encoded, no dot at the end.
func parsePattern(text string) (pattern, error) {
	if text == "*" {
		return "*", nil
	}
	base, below := strings.CutPrefix(text, "*.")
	h, err := parseHost(base)
	switch {
	case err == nil && h.ip.IsValid():
		return "", fmt.Errorf("%q is an IP address, which is no name; it needs no look-up", text)
	case err != nil:
		return "", fmt.Errorf("%q is not a name; write one like example.com, *.example.com for those below it, or *", text)
	case below:
		return pattern("*." + h.name), nil
	}
	return pattern(h.name), nil
}

// covers takes a canonical name.
func (p pattern) covers(name string) bool {
	if below, ok := strings.CutPrefix(string(p), "*."); ok {
		return strings.HasSuffix(name, "."+below)
	}
	return p == "*" || p != "" && string(p) == name
}

// isLocalhost reports the names that mean this machine (RFC 6761), and patterns for nothing but such names.
func isLocalhost(name string) bool {
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
