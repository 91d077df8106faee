/** How hosts are reached: for all of them, and for one. */
import { DEFAULTS } from "../defaults";
import { choice, defaulted, either, optional, required, struct } from "../shapes";
import { HOST_KEY, LOCAL_FILE, SSH_ADDRESS, USER } from "../texts";
import { PORT } from "./values";

const NO_SECRETS =
  "secrets do not belong in a spec; name the file of the private key as ssh.identityFile, or use an SSH agent";
const NO_SECRET_KEYS = { password: NO_SECRETS, privateKey: NO_SECRETS, passphrase: NO_SECRETS };

const JUMP = struct(
  {
    address: required(SSH_ADDRESS, "Where the jump host is reached from here."),
    port: defaulted(PORT, "Port of its sshd.", DEFAULTS.sshPort),
    user: optional(USER, "User there; without it the user of ssh."),
    hostKey: defaulted(HOST_KEY, "Its public key, pinned: ed25519 or ecdsa.", DEFAULTS.hostKey),
  },
  { ...NO_SECRET_KEYS, jump: "one jump host leads to the hosts; a chain of several is not supported" },
);

export const HOST_SSH = struct(
  {
    address: defaulted(SSH_ADDRESS, "Where to connect to.", DEFAULTS.sshAddress),
    port: optional(PORT, "Instead of the port of ssh."),
    user: optional(USER, "Instead of the user of ssh."),
    hostKey: defaulted(HOST_KEY, "The host's public key, pinned: ed25519 or ecdsa.", DEFAULTS.hostKey),
    jump: optional(
      either(choice(["none"]), JUMP),
      "Instead of the jump host of ssh; none: this host is reached directly.",
    ),
  },
  NO_SECRET_KEYS,
);

export const SSH = struct(
  {
    user: defaulted(
      USER,
      "User on the hosts; another than root needs sudo that asks for no password.",
      DEFAULTS.sshUser,
    ),
    port: defaulted(PORT, "Port of sshd.", DEFAULTS.sshPort),
    identityFile: optional(LOCAL_FILE, "File of the private key, relative to the spec; without it the SSH agent."),
    knownHosts: optional(
      LOCAL_FILE,
      "OpenSSH known_hosts file with the hosts' keys, relative to the spec; `dualstack trust` writes it.",
    ),
    jump: optional(
      JUMP,
      "A host through which all others are reached, with the same private key; it forwards TCP and runs nothing.",
    ),
  },
  NO_SECRET_KEYS,
);
