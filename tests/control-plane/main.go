// A Kubernetes control plane in one program: etcd, kube-apiserver, kube-controller-manager and kube-scheduler, each
// as its project released it. The tests run it, to see that what they learn from the local cluster is true.
//
//	control-plane PART FLAGS...   one part, with that part's own flags
//	control-plane together DIR    the parts that standard input asks for, each as a process of its own with its log in
//	                              DIR/PART.log. A line of input is ["start", PART, FLAGS...] or ["stop", PART]; each
//	                              is answered on standard output, as is a part that ends by itself.
//
// When standard input ends, however the test ended, all parts end and DIR is removed. `bash tests/tools.sh` builds
// this. To move to another Kubernetes, change the versions in go.mod and run `go mod tidy`.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: control-plane PART FLAGS... | control-plane together DIR")
	}
	part := os.Args[1]
	os.Args = os.Args[1:]
	switch part {
	case "together":
		together(os.Args[1])
	case "etcd":
		endWithInput()
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		endWithInput()
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		endWithInput()
		os.Exit(cli.Run(manager.NewControllerManagerCommand()))
	case "kube-scheduler":
		endWithInput()
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	default:
		fail("there is no part " + part)
	}
}

// A parent that is killed cannot stop its children, but the kernel closes its end of their standard input.
func endWithInput() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}

// The parts that run, by name; a line of standard output is written whole.
type parts struct {
	folder  string
	lock    sync.Mutex
	running map[string]*part
}

type part struct {
	process *exec.Cmd
	input   io.Closer
	ended   chan struct{}
}

func together(folder string) {
	// Whoever interrupts a test interrupts this as well, and then nobody reads what it says; it is to live until its
	// input ends, and tidy up.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	all := &parts{folder: folder, running: map[string]*part{}}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line []string
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || len(line) < 2 {
			fail("not a line of orders: " + lines.Text())
		}
		switch line[0] {
		case "start":
			all.start(line[1], line[2:])
		case "stop":
			all.stop(line[1])
		default:
			fail("not an order: " + line[0])
		}
	}
	for name := range all.names() {
		all.stop(name)
	}
	_ = os.RemoveAll(folder)
}

func (all *parts) start(name string, flags []string) {
	log, err := os.OpenFile(filepath.Join(all.folder, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		fail(err.Error())
	}
	self, err := os.Executable()
	if err != nil {
		fail(err.Error())
	}
	process := exec.Command(self, append([]string{name}, flags...)...)
	process.Stdout, process.Stderr = log, log
	input, err := process.StdinPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		fail(err.Error())
	}
	started := &part{process: process, input: input, ended: make(chan struct{})}
	all.lock.Lock()
	all.running[name] = started
	all.lock.Unlock()
	all.say("started " + name)
	go all.watch(name, started)
}

// Says so when a part ends that nobody stopped.
func (all *parts) watch(name string, it *part) {
	err := it.process.Wait()
	close(it.ended)
	all.lock.Lock()
	unasked := all.running[name] == it
	if unasked {
		delete(all.running, name)
	}
	all.lock.Unlock()
	if unasked {
		all.say(fmt.Sprintf("ended %s: %v", name, err))
	}
}

// Kills a part: the parts are made for it, and a test has no time for their farewells.
func (all *parts) stop(name string) {
	all.lock.Lock()
	it := all.running[name]
	delete(all.running, name)
	all.lock.Unlock()
	if it != nil {
		_ = it.process.Process.Kill()
		<-it.ended
	}
	all.say("stopped " + name)
}

func (all *parts) names() map[string]*part {
	all.lock.Lock()
	defer all.lock.Unlock()
	names := map[string]*part{}
	for name, it := range all.running {
		names[name] = it
	}
	return names
}

func (all *parts) say(line string) {
	all.lock.Lock()
	defer all.lock.Unlock()
	fmt.Println(line)
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(64)
}
