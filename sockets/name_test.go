package sockets

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestLookupInputs runs testdata/lookup/inputs.txt, which says what its words mean.
func TestLookupInputs(t *testing.T) {
	table := must(os.ReadFile("../testdata/lookup/inputs.txt"))
	lines := 0
	for i, line := range strings.Split(string(table), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		lines++
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		text, want := must(strconv.Unquote(quoted)), strings.TrimSpace(line[len(quoted):])
		t.Run(quoted+" is "+want, func(t *testing.T) {
			got := inputAnswer(t, text)
			expect(t, "answer", got, want)
		})
	}
	if lines < 80 {
		t.Errorf("only %d lines", lines)
	}
}

// inputAnswer is what a Network makes of the text, in the words of the table.
func inputAnswer(t *testing.T, text string) string {
	asked := make(chan string, 1)
	var seen denials
	n := networkOf(t, Config{
		Policy:   must(ParsePolicy("name=*")),
		Resolver: resolverFunc(func(name string) answer { asked <- name; return answer{ips: []string{"192.0.2.7"}} }),
		OnDenied: seen.add,
	})
	l, err := n.Resolve(text)
	if err != nil {
		_, denied := NewNetwork(Config{OnDenied: seen.add}).Resolve(text)
		expect(t, "without any rule", denied, err)
		seen.expect(t)
		return err.Error()
	}
	defer l.Close()
	wait(t, l)
	ip := must(l.Next())
	select {
	case name := <-asked:
		_, denied := NewNetwork(Config{OnDenied: seen.add}).Resolve(text)
		expect(t, "without any rule", denied, PermanentResolverFailure)
		seen.expect(t, "name lookup "+strings.TrimSuffix(name, "."))
		return "name " + name
	default:
	}
	// No rule is needed for an address.
	again := must(NewNetwork(Config{OnDenied: seen.add}).Resolve(text))
	expect(t, "ready at once", again.Ready(), true)
	expect(t, "without any rule", must(again.Next()), ip)
	seen.expect(t)
	return ip.String()
}

func TestAHugeNameIsRefusedAtOnce(t *testing.T) {
	for _, part := range []string{"a", "a.", "ä", "\u00ad", "a\u0300", "\xff", "1.", "xn--a.", ":", "[", "。"} {
		text := strings.Repeat(part, 1<<20/len(part))
		start := time.Now()
		_, err := parseHost(text)
		if err == nil {
			t.Errorf("%q... is accepted", part)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%q... took %v", part, d)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	for _, s := range []string{"example.com", "127.1", "[::1]", "münchen.de", "0x7f.1", "a.b<&>", "xn--mnchen-3ya.de", "ａ。ｂ", "1.2.3.4.", "::ffff:1.2.3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHost(text)
		if err != nil {
			return
		}
		if h.ip.IsValid() {
			again, err := parseHost(h.ip.String())
			if err != nil || again.ip != h.ip || h.ip.Is4In6() || h.ip.Zone() != "" {
				t.Errorf("%q is %v, which is %v, %v", text, h.ip, again.ip, err)
			}
			return
		}
		again, err := parseHost(h.name)
		if err != nil || again.name != h.name {
			t.Errorf("%q is %q, which is %q, %v", text, h.name, again.name, err)
		}
		// What a rule says of a name must hold for each of its spellings.
		for _, rule := range []string{"name=" + text, fmt.Sprintf("tcp:connect=%s:80", text)} {
			r, err := ParseRule(rule)
			if err == nil && text != "loopback" && !NewPolicy(r).AllowsName(h.name) {
				t.Errorf("%q is %q, and %s does not allow it", text, h.name, r)
			}
		}
	})
}
