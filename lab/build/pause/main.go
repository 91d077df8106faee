// The process that holds a pod's namespaces: waits for the end, and reaps the processes that lost their parent.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// kubeadm's health check of a cluster (CreateJob, before an upgrade) runs the official one like this and waits for its end
	if len(os.Args) > 1 && os.Args[1] == "-v" {
		fmt.Println("pause, dualstack's stand-in")
		return
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
