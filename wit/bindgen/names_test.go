package bindgen

import "testing"

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, exported, unexported string }{
		{"poll", "Poll", "poll"},
		{"tcp-socket", "TCPSocket", "tcpSocket"},
		{"ipv4-socket-address", "IPv4SocketAddress", "ipv4SocketAddress"},
		{"scope-id", "ScopeID", "scopeID"},
		{"DNS-timeout", "DNSTimeout", "dnsTimeout"},
		{"HTTP-request-URI-too-long", "HTTPRequestURITooLong", "httpRequestURITooLong"},
		{"get-random-u64", "GetRandomU64", "getRandomU64"},
		{"type", "Type", "type_"},
		{"error", "Error", "error_"},
		{"len", "Len", "len"},
		{"is-XYZ", "IsXYZ", "isXYZ"},
		{"a-1b", "A1b", "a1b"},
	} {
		if got := exported(c.name); got != c.exported {
			t.Errorf("%s is exported as %s, want %s", c.name, got, c.exported)
		}
		if got := unexported(c.name); got != c.unexported {
			t.Errorf("%s is unexported as %s, want %s", c.name, got, c.unexported)
		}
	}
}

func TestPackageNames(t *testing.T) {
	for _, c := range []struct{ group, name, want string }{
		{"sockets", "tcp-create-socket", "tcpcreatesocket"},
		{"io", "error", "ioerror"},
		{"shop", "type", "shoptype"},
		{"shop", "context", "shopcontext"},
		{"http", "types", "types"},
	} {
		if got := packageName(c.group, c.name); got != c.want {
			t.Errorf("%s/%s is package %s, want %s", c.group, c.name, got, c.want)
		}
	}
}

func TestScope(t *testing.T) {
	s := newScope("LoadB")
	for _, c := range []struct{ got, want string }{
		{s.pick("A"), "A"},
		{s.pick("A"), "A2"},
		{s.pick("A"), "A3"},
		{s.pickWith("B", "Load", "Store"), "B2"},
		{s.pick("StoreB"), "StoreB"},
		{s.pick("StoreB2"), "StoreB22"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}
