package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"plaza/internal/base/db"
	"plaza/internal/section/catalog"
	"plaza/internal/site"
)

// load is the load of each measurement.
const (
	connections = 16
	seconds     = 4
	rounds      = 3
)

// benchPage compares an anonymous dataset page with nginx serving the same bytes as
// a file: requests per second, and processor time per answer. Each round runs one
// after the other, and the best round of each counts.
func benchPage(ctx context.Context) error {
	fmt.Printf("\nAnonymous dataset page over loopback, keep-alive, %d connections, best of %d rounds of %d s\n", connections, rounds, seconds)
	for _, tool := range []string{"nginx", "wrk"} {
		if _, err := exec.LookPath(tool); err != nil {
			if _, err := os.Stat("/usr/sbin/" + tool); err != nil {
				return fmt.Errorf("%s is not installed; on Debian: apt-get install nginx-light wrk", tool)
			}
		}
	}
	plaza, err := startPlaza(ctx)
	if err != nil {
		return err
	}
	defer plaza.stop()
	body, err := fetchGzip(plaza.url)
	if err != nil {
		return err
	}
	nginx, err := startNginx(body)
	if err != nil {
		return err
	}
	defer nginx.stop()
	var best [2]measured
	for range rounds {
		for i, s := range []*server{plaza, nginx} {
			m, err := s.measure()
			if err != nil {
				return err
			}
			if m.perSecond > best[i].perSecond {
				best[i] = m
			}
		}
	}
	for i, name := range []string{"plaza", "nginx"} {
		fmt.Printf("  %-7s %9.0f requests/s  %7.1f µs of processor time per answer\n", name, best[i].perSecond, best[i].cpu*1e6)
	}
	fmt.Printf("  plaza serves %.2f× nginx's requests (at least 0.40×) at %.2f× its processor time (at most 3.00×); page of %d bytes gzipped\n",
		best[0].perSecond/best[1].perSecond, best[0].cpu/best[1].cpu, len(body))
	return nil
}

// server is something that answers url and whose processes are known.
type server struct {
	url  string
	pids func() []int
	stop func()
}

type measured struct{ perSecond, cpu float64 }

var wrkRate = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
var wrkBad = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)

func (s *server) measure() (measured, error) {
	before := cpuSeconds(s.pids())
	out, err := exec.Command("wrk", "-t1", "-c", strconv.Itoa(connections), "-d", strconv.Itoa(seconds)+"s",
		"-H", "Accept-Encoding: gzip", s.url).CombinedOutput()
	if err != nil {
		return measured{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	used := cpuSeconds(s.pids()) - before
	found := wrkRate.FindSubmatch(out)
	if found == nil || wrkBad.Match(out) {
		return measured{}, fmt.Errorf("wrk did not measure good answers:\n%s", out)
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	return measured{rate, used / (rate * seconds)}, err
}

// cpuSeconds is the processor time that processes have used.
func cpuSeconds(pids []int) float64 {
	const ticks = 100 // per second, on every Linux that Go runs on
	total := 0.0
	for _, pid := range pids {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+2:]))
		for _, i := range []int{11, 12} { // utime and stime
			n, _ := strconv.ParseFloat(fields[i], 64)
			total += n / ticks
		}
	}
	return total
}

// startPlaza serves the demonstration in a process of its own.
func startPlaza(ctx context.Context) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "plaza-bench-*")
	if err != nil {
		return nil, err
	}
	c := exec.Command(self, "serve", dir)
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	stop := func() {
		_ = c.Process.Kill()
		_ = c.Wait() // killed on purpose
		_ = os.RemoveAll(dir)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return nil, fmt.Errorf("starting plaza: %w", err)
	}
	return &server{strings.TrimSpace(line), func() []int { return []int{c.Process.Pid} }, stop}, nil
}

// servePlaza is the child process: it plays the demonstration, serves it, and prints
// the address of a dataset's page.
func servePlaza(ctx context.Context, dir string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	cfg := site.Config{Addr: addr, Data: dir, Version: "bench",
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	if _, err := site.PlayDemo(ctx, cfg, true, nil); err != nil {
		return err
	}
	s, err := site.Open(ctx, cfg)
	if err != nil {
		return err
	}
	path := ""
	if err := s.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := catalog.Newest(tx, "", 1)
		if err == nil && len(list) == 0 {
			err = errors.New("the demonstration holds no dataset")
		}
		if err == nil {
			path = list[0].Path()
		}
		return err
	}); err != nil {
		return err
	}
	return s.Serve(ctx, func(string) { fmt.Println("http://" + addr + path) })
}

// fetchGzip is the page as it is sent.
func fetchGzip(url string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultTransport.RoundTrip(req) // which then does not unpack it
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "gzip" {
		return nil, fmt.Errorf("the page answers %s, %q, %v", res.Status, res.Header.Get("Content-Encoding"), err)
	}
	return body, nil
}

// startNginx serves a page as a file, compressed beforehand: the same bytes.
func startNginx(body []byte) (*server, error) {
	dir, err := os.MkdirTemp("", "plaza-nginx-*")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // its workers are somebody else
		return nil, err
	}
	plain, err := gunzip(body)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(`worker_processes auto; pid %[1]s/pid; error_log stderr crit; daemon off;
events { worker_connections 512; }
http { access_log off; sendfile on; keepalive_requests 1000000; default_type text/html;
  client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  server { listen 127.0.0.1:%[2]s; root %[1]s; gzip_static on; gzip_vary on; etag on; } }
`, dir, port)
	for name, data := range map[string][]byte{"nginx.conf": []byte(conf), "page.html": plain, "page.html.gz": body} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return nil, err
		}
	}
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx"
	}
	c := exec.Command(path, "-c", filepath.Join(dir, "nginx.conf"))
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	url := "http://127.0.0.1:" + port + "/page.html"
	stop := func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait() // stopped on purpose
		_ = os.RemoveAll(dir)
	}
	for range 100 {
		if got, err := fetchGzip(url); err == nil {
			if len(got) != len(body) {
				stop()
				return nil, errors.New("nginx does not serve the same bytes")
			}
			return &server{url, func() []int { return family(c.Process.Pid) }, stop}, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return nil, errors.New("nginx did not start")
}

// family is a process and its children: nginx's master and workers.
func family(pid int) []int {
	pids := []int{pid}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return pids
	}
	for f := range strings.FieldsSeq(string(raw)) {
		if n, err := strconv.Atoi(f); err == nil {
			pids = append(pids, n)
		}
	}
	return pids
}

func gunzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(strings.NewReader(string(b)))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
