/** One step of the plan on one host, as one command over SSH. */
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { commandLine, STEP_SECONDS } from "../hosts/command-line";
import { print, type Step } from "../hosts/document";
import type { Credentials } from "../live/ssh";
import type { Ssh, SshEnd } from "../spec/types";

/** How to prove who we are to the hosts: a private key (OpenSSH or PEM text); without one, the SSH agent. */
export interface LoginArgs {
  privateKey?: pulumi.Input<string> | undefined;
}

/** Connection arguments of a host with its pinned key, and of the jump host on the way. @pulumi/command marks them secret as a whole. */
export function connectionTo(ssh: Ssh, login: LoginArgs) {
  const end = endOf(ssh, login);
  return ssh.jump === undefined ? end : { ...end, proxy: endOf(ssh.jump, login) };
}

function endOf(ssh: SshEnd, login: LoginArgs) {
  return {
    host: ssh.address,
    port: ssh.port,
    user: ssh.user,
    hostKey: ssh.hostKey,
    dialErrorLimit: 5,
    perDialTimeout: 10,
    ...(login.privateKey === undefined ? {} : { privateKey: pulumi.secret(login.privateKey) }),
  };
}

export interface StepArgs {
  step: pulumi.Input<Step>;
  ssh: Ssh;
  login: LoginArgs;
}

/**
 * Runs a step; its results are `stdout`, a secret. Never give it `triggers`: their change replaces the resource, and the
 * old one's removal runs after the new one's creation (pulumi-command#855).
 */
export function runStep(name: string, { step, ssh, login }: StepArgs, options: pulumi.CustomResourceOptions) {
  return new remote.Command(
    name,
    {
      connection: connectionTo(ssh, login),
      create: commandLine("apply", STEP_SECONDS),
      delete: commandLine("remove", STEP_SECONDS),
      stdin: pulumi.output(step).apply((known) => print(known as Step)),
      logging: remote.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    { ...options, additionalSecretOutputs: ["stdout"] },
  );
}

/** The value of an output once it is known; only for code that runs during an update, such as hooks. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value as unknown as T)));
}

/** How the command's own SSH logs in; only for code that runs during an update, such as hooks. */
export async function credentialsOf({ privateKey }: LoginArgs): Promise<Credentials> {
  return privateKey === undefined ? {} : { privateKey: await known(pulumi.output(privateKey)) };
}
