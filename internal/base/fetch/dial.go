package fetch

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// Resolver gives the addresses of a name; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

const (
	// dialTimeout is for one address of several, so that a dead one leaves time for
	// the next within the head's ten seconds.
	dialTimeout = 4 * time.Second
	// maxDials bounds how many addresses of one name are tried.
	maxDials = 4
)

// guard opens connections. It resolves once, looks at every address, and dials the
// address that it looked at: a name that answers differently a moment later changes
// nothing.
type guard struct {
	policy
	resolver Resolver
}

func (g guard) dial(ctx context.Context, network, hostport string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, &Error{Code: BadURL, cause: err}
	}
	n, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, &Error{Code: BadURL, Host: host, cause: err}
	}
	port := uint16(n)
	addrs, err := g.resolve(ctx, host, port)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: dialTimeout, Control: g.control}
	var last error
	for _, a := range addrs[:min(len(addrs), maxDials)] {
		c, err := d.DialContext(ctx, network, netip.AddrPortFrom(a, port).String())
		if err == nil {
			return c, nil
		}
		if e, ok := errors.AsType[*Error](err); ok {
			return nil, e
		}
		last = err
	}
	return nil, &Error{Code: Connect, Host: host, cause: last}
}

// resolve gives the addresses of host, all of which may be reached. One that may not
// is enough to refuse the name: an honest name has no such address.
func (g guard) resolve(ctx context.Context, host string, port uint16) ([]netip.Addr, error) {
	addrs := []netip.Addr{}
	if a, err := netip.ParseAddr(host); err == nil {
		addrs = append(addrs, a)
	} else if addrs, err = g.resolver.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, &Error{Code: DNS, Host: host, cause: err}
	}
	if len(addrs) == 0 {
		return nil, &Error{Code: DNS, Host: host, cause: errors.New("no address")}
	}
	for i, a := range addrs {
		addrs[i] = a.Unmap()
		if !g.permits(a, port) {
			return nil, &Error{Code: RefusedAddress, Host: host, cause: errors.New("name leads to an address that is not allowed")}
		}
	}
	return addrs, nil
}

// control looks once more, at the address in the system call itself.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !g.permits(ap.Addr(), ap.Port()) {
		return &Error{Code: RefusedAddress, cause: errors.New("address not allowed at connect")}
	}
	return nil
}
