// An OCI runtime in front of runc for machines that lack CAP_SYS_RESOURCE: there a privileged container cannot start,
// because runc may not give away what it does not have. This takes the capability (and the OOM score, which needs it)
// out of what Docker asks for, and becomes runc.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const missing = "CAP_SYS_RESOURCE"

func main() {
	if err := handOver(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runc-without-sys-resource:", err)
		os.Exit(1)
	}
}

func handOver(args []string) error {
	for i, arg := range args {
		var err error
		switch arg {
		case "create", "run":
			err = edit(filepath.Join(option(args[i:], "--bundle", "-b", "."), "config.json"), func(config map[string]any) {
				if process, ok := config["process"].(map[string]any); ok {
					mend(process)
				}
			})
		case "exec":
			if file := option(args[i:], "--process", "-p", ""); file != "" {
				err = edit(file, mend)
			}
		default:
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// mend takes what needs the missing capability out of the description of a process.
func mend(process map[string]any) {
	delete(process, "oomScoreAdj")
	sets, _ := process["capabilities"].(map[string]any)
	for name, set := range sets {
		kept := []any{}
		list, _ := set.([]any)
		for _, capability := range list {
			if capability != missing {
				kept = append(kept, capability)
			}
		}
		sets[name] = kept
	}
}

func edit(file string, change func(map[string]any)) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	content := map[string]any{}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber() // 64-bit limits stay what they are
	if err := decoder.Decode(&content); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	change(content)
	if text, err = json.Marshal(content); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// option gives the value of a flag in its long or short form, with a blank or with "=".
func option(args []string, long, short, otherwise string) string {
	for i, arg := range args {
		if (arg == long || arg == short) && i+1 < len(args) {
			return args[i+1]
		}
		if value, found := strings.CutPrefix(arg, long+"="); found {
			return value
		}
	}
	return otherwise
}
