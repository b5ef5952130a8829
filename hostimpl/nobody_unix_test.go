//go:build unix

package hostimpl

import (
	"os/exec"
	"syscall"
)

// asNobody takes root's rights from a command.
func asNobody(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
}
