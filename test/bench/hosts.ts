/**
 * What a run itself costs, with hosts that do nothing: `dualstack up` of 100 and of 300 on the local file back end, the first time and
 * with nothing to do. The ratio says whether it grows straight (3) or by the square (9); seconds differ between machines.
 */
import Table from "cli-table3";
import { which } from "../../lab/packages";
import { labEnvironment } from "../lab/harness";
import { Project, specOf } from "../up/project";

const SIZES = [100, 300];

async function timed(project: Project, name: string): Promise<number> {
  const started = performance.now();
  const { code, stdout, stderr } = await project.dualstack(["up", name, "--yes", "--skip-preflight"]); // nobody answers
  if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  return (performance.now() - started) / 1000;
}

async function main(): Promise<void> {
  // where the machine has no Pulumi, the lab that is up has
  if (which("pulumi-language-nodejs") === undefined) process.env.PATH = (await labEnvironment()).PATH;
  const project = new Project();
  const figures: number[][] = [];
  for (const size of SIZES) {
    project.spec(`hosts-${size}`, specOf(size));
    figures.push([await timed(project, `hosts-${size}`), await timed(project, `hosts-${size}`)]);
  }
  project.remove();
  const table = new Table({
    head: ["hosts", "first up: s", "no change: s"],
    style: { head: [], border: [], compact: true },
  });
  for (const [i, size] of SIZES.entries()) table.push([size, ...figures[i]!.map((one) => one.toFixed(1))]);
  table.push(["ratio", ...[0, 1].map((column) => (figures[1]![column]! / figures[0]![column]!).toFixed(2))]);
  process.stdout.write(`${table.toString()}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
