// A stand-in for registry.k8s.io/dns/k8s-dns-node-cache where that image cannot be pulled (its module, k8s.io/dns, is not on
// the Go module proxy): real CoreDNS, with the flags of node-cache that dualstack uses. It puts its addresses on an interface
// of its own, or on lo where the kernel has no dummy interfaces, keeps packets for them out of connection tracking, so that
// kube-proxy does not carry them on, and fills in the placeholders of its Corefile.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/exec"
	"strings"

	"github.com/coredns/caddy"
	_ "github.com/coredns/coredns/core/plugin"
	"github.com/coredns/coredns/coremain"
)

const base = "/etc/coredns/Corefile.base"

func main() {
	local := flag.String("localip", "", "addresses of one family, separated by commas")
	upstream := flag.String("upstreamsvc", "kube-dns", "Service that leads to the cluster's DNS")
	link := flag.String("interfacename", "nodelocaldns", "interface for the addresses")
	flag.String("metrics-listen-address", "", "not served by this stand-in")
	flag.Parse()

	addresses := parse(*local)
	write(flag.Lookup("conf").Value.String(), *upstream)
	device := *link
	if run("ip", "link", "show", device) != nil && run("ip", "link", "add", device, "type", "dummy") != nil {
		log.Printf("no dummy interface can be made here: the addresses go to lo")
		device = "lo"
	}
	setup(addresses, device)
	caddy.OnProcessExit = append(caddy.OnProcessExit, func() { takeAway(addresses, device) })
	coremain.Run()
}

// As node-cache does, it refuses addresses of two families (kubernetes/dns#655).
func parse(list string) []netip.Addr {
	var addresses []netip.Addr
	for _, text := range strings.Split(list, ",") {
		address, err := netip.ParseAddr(text)
		if err != nil {
			log.Fatalf("invalid localip %q: %v", text, err)
		}
		if len(addresses) > 0 && address.Is6() != addresses[0].Is6() {
			log.Fatalf("unexpected IP Family for localIP - %q", text)
		}
		addresses = append(addresses, address)
	}
	return addresses
}

func write(file, upstream string) {
	text, err := os.ReadFile(base)
	if err != nil {
		log.Fatal(err)
	}
	service := strings.ToUpper(strings.ReplaceAll(upstream, "-", "_")) + "_SERVICE_HOST"
	host := os.Getenv(service)
	if host == "" {
		log.Fatalf("there is no %s: the Service %s must be there before this pod", service, upstream)
	}
	filled := strings.NewReplacer("__PILLAR__CLUSTER__DNS__", host, "__PILLAR__UPSTREAM__SERVERS__", "/etc/resolv.conf").Replace(string(text))
	if err := os.WriteFile(file, []byte(filled), 0o644); err != nil {
		log.Fatal(err)
	}
}

func setup(addresses []netip.Addr, device string) {
	if err := run("ip", "link", "set", device, "up"); err != nil {
		log.Fatal(err)
	}
	for _, address := range addresses {
		args := []string{"address", "replace", fmt.Sprintf("%s/%d", address, address.BitLen()), "dev", device}
		if address.Is6() {
			args = append(args, "nodad")
		}
		if err := run("ip", args...); err != nil {
			log.Fatal(err)
		}
	}
	rules(addresses, func(tool string, rule []string) {
		if run(tool, append([]string{"-w", "-t", "raw", "-C"}, rule...)...) == nil {
			return
		}
		if err := run(tool, append([]string{"-w", "-t", "raw", "-I"}, rule...)...); err != nil {
			log.Fatal(err)
		}
	})
}

func takeAway(addresses []netip.Addr, device string) {
	rules(addresses, func(tool string, rule []string) {
		_ = run(tool, append([]string{"-w", "-t", "raw", "-D"}, rule...)...)
	})
	for _, address := range addresses {
		_ = run("ip", "address", "delete", fmt.Sprintf("%s/%d", address, address.BitLen()), "dev", device)
	}
	if device != "lo" {
		_ = run("ip", "link", "delete", device)
	}
}

// Questions to the addresses and answers from them are not tracked.
func rules(addresses []netip.Addr, each func(tool string, rule []string)) {
	for _, address := range addresses {
		tool := "iptables"
		if address.Is6() {
			tool = "ip6tables"
		}
		for _, protocol := range []string{"udp", "tcp"} {
			for _, chain := range []string{"PREROUTING", "OUTPUT"} {
				each(tool, []string{chain, "-p", protocol, "-d", address.String(), "--dport", "53", "-j", "NOTRACK"})
			}
			each(tool, []string{"OUTPUT", "-p", protocol, "-s", address.String(), "--sport", "53", "-j", "NOTRACK"})
		}
	}
}

func run(program string, args ...string) error {
	output, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, output)
	}
	return nil
}
