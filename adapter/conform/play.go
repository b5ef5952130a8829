package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// play runs a test: sandbox, guest, steps, end. It says what came of it, not what that
// means.
func (o *Options) play(ctx context.Context, t *Test) (r Result) {
	r = Result{Test: t, Began: time.Now()}
	defer func() { r.Elapsed = time.Since(r.Began) }()
	box, err := newSandbox(t)
	if err != nil {
		r.fail("the sandbox: %v", err)
		return r
	}
	defer func() {
		if err := box.Close(); err != nil {
			r.fail("the sandbox is left behind: %v", err)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, o.timeout(t))
	defer cancel()
	g, err := o.begin(ctx, t, box, false)
	if err != nil {
		r.fail("the guest was not started: %v", err)
		return r
	}
	p := player{guest: g, conns: map[string]net.Conn{}, writes: t.writes()}
	defer p.close()
	for i, s := range t.Steps {
		if err := p.step(ctx, s); err != nil {
			r.fail("step %d, %s: %v", i+1, s.Kind, err)
			break
		}
	}
	p.finish(ctx, len(r.Failures) > 0, &r)
	r.Stdout, r.Stderr = g.stdout.String(), g.stderr.String()
	t.Want.judge(&r)
	return r
}

// begin starts the guest, or has it compiled alone.
func (o *Options) begin(ctx context.Context, t *Test, box *sandbox, compileOnly bool) (*running, error) {
	j := &job{
		Guest: t.Guest, Dirs: box.dirs, Net: t.Net, Buckets: t.Buckets, Settings: t.Settings,
		Memory: t.Memory, Cache: o.Cache, CompileOnly: compileOnly,
	}
	if j.Memory == 0 {
		j.Memory = o.Memory
	}
	for _, a := range t.Args {
		j.Args = append(j.Args, box.replace.Replace(a))
	}
	for _, e := range t.Env {
		j.Env = append(j.Env, box.replace.Replace(e))
	}
	var g *running
	var err error
	if o.Isolate {
		g, err = startChild(ctx, j, box.root)
	} else {
		g, err = start(ctx, j)
	}
	if err != nil {
		return nil, err
	}
	if !t.writes() {
		// Meanwhile the steps are done. The guest's end ends it.
		go func() {
			_, _ = io.WriteString(g.stdin, t.Stdin)
			g.stdin.Close()
		}()
	}
	return g, nil
}

// writes reports whether a step writes to standard input.
func (t *Test) writes() bool {
	return slices.ContainsFunc(t.Steps, func(s Step) bool { return s.Kind == StepWrite })
}

// A player does the steps of a test.
type player struct {
	guest *running
	conns map[string]net.Conn

	// writes is set where a step writes to standard input, which then ends with the last.
	writes bool
}

func (p *player) close() {
	for _, c := range p.conns {
		c.Close()
	}
}

func (p *player) step(ctx context.Context, s Step) error {
	switch s.Kind {
	case StepRead:
		from := p.guest.stdout
		if s.ID == "stderr" {
			from = p.guest.stderr
		}
		got, err := from.bytes(ctx, len(s.Text))
		return compare(got, s.Text, s.ID, err)
	case StepWrite:
		// A guest that reads nothing keeps the writer waiting, and one in this process cannot
		// be ended while it computes.
		defer context.AfterFunc(ctx, func() { p.guest.stdin.Close() })()
		_, err := io.WriteString(p.guest.stdin, s.Text)
		return err
	case StepConnect:
		return p.connect(ctx, s)
	case StepSend:
		_, err := io.WriteString(p.conns[s.ID], s.Text)
		return err
	case StepRecv:
		c := p.conns[s.ID]
		buf := make([]byte, len(s.Text))
		n, err := io.ReadFull(c, buf)
		return compare(string(buf[:n]), s.Text, "the connection "+s.ID, err)
	case StepClose:
		return p.conns[s.ID].Close()
	case StepKill:
		p.guest.kill()
		return nil
	}
	return fmt.Errorf("%s is no step", s.Kind)
}

func compare(got, want, from string, err error) error {
	switch {
	case got == want:
		return nil
	case err != nil:
		return fmt.Errorf("%s gave %s, want %s: %w", from, quote(got), quote(want), err)
	}
	return fmt.Errorf("%s gave %s, want %s", from, quote(got), quote(want))
}

// connect connects to the address that the guest says, on loopback: it shall not choose whom
// this machine speaks to.
func (p *player) connect(ctx context.Context, s Step) error {
	line, err := p.guest.stdout.line(ctx)
	if err != nil {
		return fmt.Errorf("the guest says no address: %w", err)
	}
	text := strings.TrimSpace(line)
	addr, ok := strings.CutPrefix(text, s.Prefix)
	at, err := netip.ParseAddrPort(addr)
	if !ok || err != nil {
		return fmt.Errorf("the guest says %s, want %sADDRESS:PORT", quote(text), s.Prefix)
	}
	if !at.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("the guest says %s, which is not on loopback", quote(text))
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, s.Protocol, at.String())
	if err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(deadline)
	}
	p.conns[s.ID] = c
	return nil
}

// finish waits for the guest to end, or ends it.
func (p *player) finish(ctx context.Context, failed bool, r *Result) {
	g := p.guest
	if p.writes {
		g.stdin.Close()
	}
	if !failed {
		select {
		case r.Ending = <-g.ended:
			if ctx.Err() == nil {
				return
			}
		case <-ctx.Done():
			g.kill()
			r.Ending = given(g)
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			r.Ending.TimedOut = true
			return
		}
		r.Ending.Killed = true
		return
	}
	g.kill()
	r.Ending = given(g)
	r.Ending.Killed = true
}

// given waits for the end of a guest that was told to end. One that computes in this process
// is left alone.
func given(g *running) Ending {
	select {
	case end := <-g.ended:
		return end
	case <-time.After(2 * grace):
		return Ending{Refused: "it computes, and could not be ended"}
	}
}
