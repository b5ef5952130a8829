package validate

import "testing"

func TestExternNamesFollowTheGrammar(t *testing.T) {
	for _, name := range []string{
		"a", "a1", "a-1", "a-b-c", "B", "B1-C-2-D-3", "a11-B11-123-ABC-abc", "m1x3d-4CR0NYMS",
		"[constructor]a", "[method]a-b.C-d", "[static]a.b",
		"a:b/c", "ns-1-a:b-1-c/D-2", "a:b/c@1.2.3", "a:b/c@0.0.0+abcd-efg", "a:b/c@0.0.0-abcd.1.2+efg.4.ee.5", "a:b/c@1.2.3-0a",
		"a:b/c@1", "a:b/c@12", "a:b/c@0.2", "a:b/c@0.0.3", "a:b/c@0.0.0",
		"unlocked-dep=<a:b>", "unlocked-dep=<a:b@*>", "unlocked-dep=<a:b@{>=1.2.3-rc <2.0.0}>", "unlocked-dep=<a:b@{<1.2.3}>",
		"locked-dep=<a:b@1.2.3>,integrity=<sha256-a>", "url=<https://x>", "integrity=<sha384-abc=?x sha512-b>",
	} {
		if _, err := parseExternName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "1", "1-a", "a-", "-a", "a--b", "aB", "Ab", "a_b", "a.b", "é", "a/b",
		"[constructor]", "[constructor]A.b", "[method]a", "[method]a.", "[method].a", "[method]a.b.c", "[static]a", "[async]a", "[other]a", "[", "[method",
		":/", "a:", "a:/", "a:b", "A:b/c", "a:B/c", "1:b/c", "a:b/", "a:b/cD", "a:b:c/d", "a:b/c/d",
		"a:b/c@", "a:b/c@.", "a:b/c@1.", "a:b/c@1.2", "a:b/c@a.2", "a:b/c@01.2.3", "a:b/c@1.2.3.4", "a:b/c@1.2.3-", "a:b/c@1.2.3+", "a:b/c@1.2.3-01", "a:b/c@1.2.3-a..b", "a:b/c@0", "a:b/c@0.0", "a:b/c@01", "a:b/c@0.02",
		"unlocked-dep=", "unlocked-dep=<", "unlocked-dep=<>", "unlocked-dep=<a:b@>", "unlocked-dep=<a:b@{xyz}>", "unlocked-dep=<a:b@{<1.2.3 >=2.3.4}>", "unlocked-dep=<a:b@{}>",
		"locked-dep=<a:b", "locked-dep=<a:b@1>", "locked-dep=<a:b>x", "locked-dep=<a:b>,", "url=<", "url=<<>", "relative-url=<a>",
		"integrity=<>", "integrity=<sha256>", "integrity=<sha256->", "integrity=<sha256-^^>", "integrity=<sha256-==>", "integrity=<md5-abc>", "integrity=<sha256-a===>",
	} {
		if n, err := parseExternName(name); err == nil {
			t.Errorf("%q is read as %+v", name, n)
		}
	}
}

func TestUniquenessIsThatOfTheSpecification(t *testing.T) {
	unique := func(s string) string {
		n, err := parseExternName(s)
		if err != nil {
			t.Fatal(err)
		}
		return n.unique
	}
	names := []string{"foo", "foo-bar", "[constructor]foo", "[method]foo.bar", "[static]foo.baz", "foo:bar/baz"}
	seen := map[string]string{}
	for _, n := range names {
		if old, dup := seen[unique(n)]; dup {
			t.Errorf("%q and %q are one", n, old)
		}
		seen[unique(n)] = n
	}
	for _, n := range []string{"foo", "FOO", "foo-BAR", "[constructor]FOO", "[method]foo.BAR", "[static]foo.bar", "[method]foo.baz", "[method]foo.foo", "[static]foo-BAR.FOO-bar", "foo:bar/BAZ"} {
		if _, dup := seen[unique(n)]; !dup {
			t.Errorf("%q differs from all of %q", n, names)
		}
	}
}
