/** The same preparation of hosts as an Ansible playbook, as somebody would write it who wants it quick. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../../hosts/document";
import { obtain } from "../../lab/artefact";
import { createLog } from "../../lab/log";
import { run } from "../../lab/run";
import type { HostPlan } from "../../plan/plan";
import { type Ended, run as runLogged } from "../lab/harness";

const VERSION = "2.18.6";

const files = ({ files }: Step) => files.map(({ path, mode, text }) => ({ path, mode, text }));
const valuesOf = ({ values }: Step, wanted: string) =>
  values.filter(([key]) => key === wanted).map(([, value]) => value);

/** Loops are over what really is a list; everything else is one task, and no facts are gathered. */
const PLAYBOOK = [
  {
    hosts: "all",
    gather_facts: false,
    tasks: [
      {
        name: "network: files",
        copy: { dest: "{{ item.path }}", mode: "{{ item.mode }}", content: "{{ item.text }}" },
        loop: "{{ network }}",
        register: "network_files",
      },
      {
        name: "network: kernel modules",
        shell: "modprobe -aq $(grep -v '^#' /etc/modules-load.d/dualstack.conf) || true",
        changed_when: false,
      },
      {
        name: "network: sysctl",
        command: "sysctl -q -p /etc/sysctl.d/90-dualstack.conf",
        when: "network_files is changed",
      },
      {
        name: "network: systemd-networkd",
        shell: "systemctl restart systemd-networkd && networkctl reload",
        when: "network_files is changed",
      },
      {
        name: "network: addresses are there",
        shell:
          "for i in $(seq 60); do ip -o address show dev {{ item.split(' ')[0] }} to {{ item.split(' ')[1] }} | grep -v tentative | grep -q . && exit 0; sleep 0.25; done; exit 1",
        loop: "{{ addresses }}",
        changed_when: false,
      },
      {
        name: "network: SSH by every family",
        wait_for: { host: "{{ item.split(' ')[1] }}", port: 22, timeout: 20 },
        loop: "{{ addresses }}",
        delegate_to: "localhost",
      },
      {
        name: "system: folders",
        file: { path: "{{ item }}", state: "directory", mode: "0755" },
        loop: "{{ folders }}",
      },
      {
        name: "system: files",
        copy: { dest: "{{ item.path }}", mode: "{{ item.mode }}", content: "{{ item.text }}" },
        loop: "{{ system }}",
        register: "system_files",
      },
      {
        name: "system: programs",
        shell: "cp -auv {{ from }}/bin/. /usr/local/bin/ && cp -auv {{ from }}/cni/. /opt/cni/bin/",
        register: "programs",
        changed_when: "programs.stdout != ''",
      },
      { name: "system: version", command: "kubeadm version -o short", changed_when: false },
      {
        name: "system: services",
        systemd: { name: "{{ item }}", enabled: true, daemon_reload: "{{ system_files is changed }}" },
        loop: ["containerd", "kubelet"],
      },
      {
        name: "system: containerd runs",
        systemd: {
          name: "containerd",
          state: "{{ 'restarted' if system_files is changed or programs is changed else 'started' }}",
        },
      },
      {
        name: "system: containerd answers",
        command: "ctr version",
        changed_when: false,
        retries: 60,
        delay: 0.5,
        register: "answer",
        until: "answer.rc == 0",
      },
    ],
  },
];

/** Ansible from PyPI, kept in the cache of the lab. */
const ansible = () =>
  obtain(createLog(), {
    name: "ansible-core",
    version: VERSION,
    recipe: { python: process.env.PYTHON ?? "python3" },
    ways: [
      {
        how: "installed from PyPI",
        make: async (folder) => {
          await run("python3", ["-m", "pip", "install", "--quiet", "--target", folder, `ansible-core==${VERSION}`]);
        },
      },
    ],
  });

/** A playbook for the hosts of a plan in `folder`; gives what runs it. */
export async function playbook(folder: string, plans: readonly HostPlan[], identity: string, knownHosts: string) {
  const program = await ansible();
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const hosts = plans.map(({ host, network, system }) => [
    host.name,
    {
      ansible_host: host.ssh.address,
      network: files(network),
      system: files(system),
      addresses: valuesOf(network, "address"),
      folders: [
        ...new Set([...network.files, ...system.files].map(({ path }) => path.slice(0, path.lastIndexOf("/")))),
        "/opt/cni/bin",
      ],
      from: valuesOf(system, "folder")[0],
    },
  ]);
  const inventory = join(folder, "inventory.json");
  const book = join(folder, "playbook.json");
  // JSON is YAML
  writeFileSync(inventory, JSON.stringify({ all: { hosts: Object.fromEntries(hosts) } }));
  writeFileSync(book, JSON.stringify(PLAYBOOK));
  const ssh = `-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${knownHosts}`;
  const env = {
    ...process.env,
    PYTHONPATH: program,
    ANSIBLE_FORKS: "20",
    ANSIBLE_PIPELINING: "True",
    ANSIBLE_SSH_ARGS: ssh,
    ANSIBLE_PRIVATE_KEY_FILE: identity,
    ANSIBLE_REMOTE_USER: "root",
    ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
    ANSIBLE_HOME: join(folder, "ansible"),
  };
  return (): Promise<Ended> => runLogged(["python3", "-m", "ansible", "playbook", "-i", inventory, book], env);
}
