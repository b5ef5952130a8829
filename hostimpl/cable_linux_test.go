package hostimpl_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A cable joins two machines: network namespaces with one interface each, a tunnel
// whose packets the test carries from one to the other. So it can lose and delay them
// as it likes, and nothing outside of the process is touched.
type cable struct {
	left, right *machine
	delay       time.Duration
	loss        float64 // part of the packets
	pulled      atomic.Bool
	carried     atomic.Int64

	// router, where it is set, looks at each packet. It keeps those for which it has an answer.
	router atomic.Pointer[func(packet []byte) (answer []byte)]

	end chan struct{}
	all sync.WaitGroup
}

// A machine is a network namespace, and the thread that lives in it. What that thread
// opens belongs to the machine.
type machine struct {
	addr4, addr6 netip.Addr
	tunnel       *os.File
	work         chan func()

	visits sync.RWMutex
	space  int // the namespace's descriptor
}

// join lays a cable. The test is skipped where it may not.
func join(t *testing.T, delay time.Duration, loss float64) *cable {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can make network namespaces")
	}
	c := &cable{delay: delay, loss: loss, end: make(chan struct{})}
	c.left = boot(t, netip.MustParseAddr("10.77.0.1"), netip.MustParseAddr("fd77::1"))
	c.right = boot(t, netip.MustParseAddr("10.77.0.2"), netip.MustParseAddr("fd77::2"))
	c.carry(c.left, c.right, rand.New(rand.NewPCG(1, 2)))
	c.carry(c.right, c.left, rand.New(rand.NewPCG(3, 4)))
	t.Cleanup(func() {
		close(c.end)
		c.left.tunnel.Close()
		c.right.tunnel.Close()
		c.all.Wait()
	})
	return c
}

// boot makes a machine, which stays until the test ends.
func boot(t *testing.T, addr4, addr6 netip.Addr) *machine {
	t.Helper()
	m := &machine{addr4: addr4, addr6: addr6, work: make(chan func()), space: -1}
	made := make(chan error, 1)
	var off sync.WaitGroup
	off.Go(func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine.
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			m.space, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		}
		if err == nil {
			err = m.connect()
		}
		made <- err
		for f := range m.work {
			f()
		}
	})
	t.Cleanup(func() {
		close(m.work)
		off.Wait()
		m.visits.Lock()
		defer m.visits.Unlock()
		unix.Close(m.space)
		m.space = -1
	})
	if err := <-made; errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOENT) {
		t.Skipf("no network namespace with a tunnel here: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	return m
}

// do runs f on the machine.
func (m *machine) do(f func()) {
	done := make(chan struct{})
	m.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

// visit runs f on a thread that enters the machine for it alone. It may be called while
// the machine's own is at work.
func (m *machine) visit(f func(err error)) {
	var done sync.WaitGroup
	done.Go(func() {
		runtime.LockOSThread() // and never unlocked, as above
		m.visits.RLock()
		defer m.visits.RUnlock()
		f(unix.Setns(m.space, unix.CLONE_NEWNET))
	})
	done.Wait()
}

// connect gives the new namespace its interface.
func (m *machine) connect() error {
	const name = "cable0"
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		unix.Close(fd)
		return err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		unix.Close(fd)
		return err
	}
	m.tunnel = os.NewFile(uintptr(fd), name) // Not before: now it can be polled.
	if err := m.set("ipv6/conf/"+name+"/accept_dad", 0); err != nil {
		return err
	}
	for _, up := range []string{"lo", name} {
		if err := raise(up); err != nil {
			return err
		}
	}
	if err := address4(name, m.addr4); err != nil {
		return err
	}
	if err := address6(name, m.addr6); err != nil {
		return err
	}
	return usable(m.addr6)
}

// usable waits until the address can be bound to. The kernel has a worker look at it first.
func usable(addr netip.Addr) error {
	return configure(unix.AF_INET6, func(fd int) error {
		var err error
		for range 5000 {
			err = unix.Bind(fd, &unix.SockaddrInet6{Addr: addr.As16()})
			if err != unix.EADDRNOTAVAIL {
				break
			}
			time.Sleep(time.Millisecond)
		}
		return err
	})
}

// set writes a setting of the namespace's network; m's thread must call it.
func (m *machine) set(name string, value int) error {
	return os.WriteFile("/proc/sys/net/"+name, fmt.Append(nil, value), 0o644)
}

func raise(name string) error {
	return configure(unix.AF_INET, func(fd int) error {
		request, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
	})
}

func address4(name string, addr netip.Addr) error {
	return configure(unix.AF_INET, func(fd int) error {
		for _, step := range []struct {
			request uint
			ip      [4]byte
		}{{unix.SIOCSIFADDR, addr.As4()}, {unix.SIOCSIFNETMASK, [4]byte{255, 255, 255, 0}}} {
			ifreq, err := unix.NewIfreq(name)
			if err != nil {
				return err
			}
			if err := ifreq.SetInet4Addr(step.ip[:]); err != nil {
				return err
			}
			if err := unix.IoctlIfreq(fd, step.request, ifreq); err != nil {
				return err
			}
		}
		return nil
	})
}

func address6(name string, addr netip.Addr) error {
	return configure(unix.AF_INET6, func(fd int) error {
		ifreq, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifreq); err != nil {
			return err
		}
		request := struct { // struct in6_ifreq
			addr   [16]byte
			prefix uint32
			index  int32
		}{addr.As16(), 64, int32(ifreq.Uint32())}
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCSIFADDR, uintptr(unsafe.Pointer(&request))); errno != 0 {
			return errno
		}
		return nil
	})
}

// configure calls f with a socket that such requests are made of.
func configure(family int, f func(fd int) error) error {
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return f(fd)
}

// carry takes packets from one machine to the other. No more than some wait on the
// way; what comes then is lost, as in any network.
func (c *cable) carry(from, to *machine, dice *rand.Rand) {
	type packet struct {
		data []byte
		due  time.Time
	}
	way := make(chan packet, 1000)
	c.all.Go(func() {
		defer close(way)
		buf := make([]byte, 1<<16)
		for {
			n, err := from.tunnel.Read(buf)
			if err != nil {
				return
			}
			if c.pulled.Load() || dice.Float64() < c.loss {
				continue
			}
			if route := c.router.Load(); route != nil {
				if answer := (*route)(buf[:n]); answer != nil {
					from.tunnel.Write(answer)
					continue
				}
			}
			select {
			case way <- packet{append([]byte(nil), buf[:n]...), time.Now().Add(c.delay)}:
			default:
			}
		}
	})
	c.all.Go(func() {
		for p := range way {
			select {
			case <-time.After(time.Until(p.due)):
			case <-c.end:
			}
			if !c.pulled.Load() {
				to.tunnel.Write(p.data) // An interface that is down loses it.
				c.carried.Add(1)
			}
		}
	})
}
