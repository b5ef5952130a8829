package hostimpl

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	http "github.com/tenon-wasm/tenon/hostimpl/bind/http/types"
)

// What the parts of a request must look like, by RFC 3986 and RFC 9110. Whatever passes
// here can be put into the head of a message, and ends there where it should.

// maxURI is the most that an authority or a path may have. Other hosts stop there, too.
const maxURI = 65534

// validMethod reports whether a method that has no name of its own is a token.
func validMethod(m http.Method) bool {
	other, ok := m.(http.MethodOther)
	return !ok || httpguts.ValidHeaderFieldName(other.Value) && len(other.Value) <= maxURI
}

// validScheme: ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ).
func validScheme(s http.Scheme) bool {
	other, ok := s.(http.SchemeOther)
	if !ok {
		return true
	}
	v := other.Value
	return v != "" && len(v) <= maxURI && isLetter(v[0]) && consistsOf(v, func(c byte) bool {
		return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'
	})
}

// validAuthority: [ userinfo "@" ] host [ ":" port ]. The host may not be empty, and where
// there is a colon there is a port, as other hosts have it.
func validAuthority(v string) bool {
	if len(v) > maxURI {
		return false
	}
	if i := strings.LastIndexByte(v, '@'); i >= 0 {
		if !consistsOf(v[:i], func(c byte) bool { return isName(c) || c == ':' }) {
			return false
		}
		v = v[i+1:]
	}
	host, port := v, ""
	if i := strings.LastIndexByte(v, ':'); i >= 0 && !strings.HasSuffix(v, "]") {
		host, port = v[:i], v[i+1:]
		if _, err := strconv.ParseUint(port, 10, 16); err != nil || !isDigit(port[0]) {
			return false
		}
	}
	if inside, ok := strings.CutPrefix(host, "["); ok {
		inside, ok = strings.CutSuffix(inside, "]")
		a, err := netip.ParseAddr(inside)
		return ok && err == nil && a.Is6() && a.Zone() == ""
	}
	return host != "" && consistsOf(host, isName)
}

// validPath: a path that is empty or absolute, or the asterisk of OPTIONS, and a query.
// Of what may stand there it takes all of printable ASCII: browsers leave characters alone
// that RFC 3986 would have encoded, and so do guests.
func validPath(v string) bool {
	if v != "" && v != "*" && v[0] != '/' && v[0] != '?' {
		return false
	}
	return len(v) <= maxURI && consistsOf(v, func(c byte) bool { return '!' <= c && c <= '~' && c != '#' })
}

func validStatus(code uint16) bool { return 100 <= code && code <= 999 }

func consistsOf(s string, of func(byte) bool) bool {
	for i := range len(s) {
		if !of(s[i]) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// isName is what the name of a host may consist of: unreserved / pct-encoded / sub-delims.
func isName(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("-._~%!$&'()*+,;=", c) >= 0
}
