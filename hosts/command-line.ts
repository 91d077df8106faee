/** How a constant script is started on a host: as root, by sudo where the user is another one. Nothing of a spec is in it. */

/** The exit code when the user may not become root. */
export const NO_SUDO = 77;

/** What can be asked of a script; `confirm` and `back` belong to the network step. */
export type Action = "apply" | "remove" | "look" | "confirm" | "back";

/**
 * The command line that runs the script on standard input with `action`, for at most `seconds`: without a limit a hanging host
 * would hang the run. Another user than root needs sudo without a password;
 * sudo hands on no environment, so what SSH says about the connection goes along as an argument.
 */
export function commandLine(action: Action, seconds: number): string {
  const limit = `timeout -k 10 ${seconds} bash -s ${action} "$SSH_CONNECTION"`;
  return [
    `if [ "$(id -u)" = 0 ]; then exec ${limit}; fi`,
    `sudo -n true 2>/dev/null || { echo "dualstack: error: $(id -un) may not use sudo on $(hostname) without a password: allow it in /etc/sudoers.d, or set ssh.user to root in the spec" >&2; exit ${NO_SUDO}; }`,
    `exec sudo -n ${limit}`,
  ].join("\n");
}

/** Half an hour is more than any step needs. */
export const STEP_SECONDS = 1800;
