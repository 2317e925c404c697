package fetch

import (
	"context"
	"sync"
	"time"
)

// manners keeps Plaza from pressing one host: at most perHost answers open at a
// time, and interval between two starts. It forgets a host that nobody uses.
//
// It needs no clock: each host has one token that whoever starts takes, and that
// after puts back when the interval is over.
type manners struct {
	perHost  int
	interval time.Duration
	after    func(time.Duration, func())

	mu    sync.Mutex
	hosts map[string]*gate
}

type gate struct {
	slots chan struct{} // filled while answers are open
	start chan struct{} // empty until the interval is over
	users int           // under manners.mu; passes, waiters and running intervals
}

// pass is the right to one request; exactly one leave ends it.
type pass struct {
	m         *manners
	host      string
	gate      *gate
	giveStart func()
	leaveOnce sync.Once
}

// enter waits until host may be asked again.
func (m *manners) enter(ctx context.Context, host string) (*pass, error) {
	g := m.use(host)
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		m.forget(host, g)
		return nil, context.Cause(ctx)
	}
	select {
	case <-g.start:
	case <-ctx.Done():
		<-g.slots
		m.forget(host, g)
		return nil, context.Cause(ctx)
	}
	p := &pass{m: m, host: host, gate: m.use(host)}
	p.giveStart = sync.OnceFunc(func() {
		g.start <- struct{}{}
		m.forget(host, g)
	})
	if m.interval <= 0 {
		p.giveStart()
	} else {
		m.after(m.interval, p.giveStart)
	}
	return p, nil
}

// own says that the host is the operator's, who needs no courtesy in time.
func (p *pass) own() {
	if p != nil {
		p.giveStart()
	}
}

// leave says that the answer is closed. A nil pass is of a host without a gate.
func (p *pass) leave() {
	if p == nil {
		return
	}
	p.leaveOnce.Do(func() {
		<-p.gate.slots
		p.m.forget(p.host, p.gate)
	})
}

func (m *manners) use(host string) *gate {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.hosts[host]
	if g == nil {
		g = &gate{slots: make(chan struct{}, m.perHost), start: make(chan struct{}, 1)}
		g.start <- struct{}{}
		m.hosts[host] = g
	}
	g.users++
	return g
}

func (m *manners) forget(host string, g *gate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g.users--
	if g.users == 0 {
		delete(m.hosts, host)
	}
}
