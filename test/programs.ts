/** What tests ask for beside what the lab gets for itself: installed before the first of them, where that is ours to do. */
import { createLog } from "../lab/log";
import { announceOn, needPrograms } from "../lab/packages";

announceOn(createLog());
needPrograms("git", "pgrep", "python3", "ssh-keygen").catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
