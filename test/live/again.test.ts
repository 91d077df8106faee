/** An API server starts again, or its address moves: connections are cut for seconds. */
import { again } from "../../live/again";

class Refusal extends Error {}
const isAnswer = (error: unknown) => error instanceof Refusal;

/** A call that fails with `error` until it was made `times` times. */
function failing(error: Error, times: number) {
  const call = jest.fn(async () => {
    if (call.mock.calls.length <= times) throw error;
    return "done";
  });
  return call;
}

test("a call whose connection is cut is made again", async () => {
  const call = failing(new Error("ECONNRESET"), 2);
  await expect(again(call, isAnswer)).resolves.toBe("done");
  expect(call).toHaveBeenCalledTimes(3);
}, 10_000);

test("what the server refuses is not asked again", async () => {
  const call = failing(new Refusal("403"), 1);
  await expect(again(call, isAnswer)).rejects.toThrow("403");
  expect(call).toHaveBeenCalledTimes(1);
});
