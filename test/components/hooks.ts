/** Resource hooks under Pulumi's mocks: the SDK's mock of the engine knows none yet; they run with a real engine in test/engine and test/lab. */
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** Lets programs register hooks; gives their names, without the number that the SDK appends, as they come. */
export function recordHooks(): readonly string[] {
  const hooks: string[] = [];
  Object.assign(MockMonitor.prototype, {
    registerResourceHook(request: { getName(): string }, done: (error: null, reply: object) => void) {
      hooks.push(request.getName().replace(/_\d+$/, ""));
      done(null, {});
    },
  });
  return hooks;
}
