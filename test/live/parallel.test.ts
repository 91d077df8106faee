/** Work side by side, and how much of it at a time. */
import { Doors, inParallel } from "../../live/parallel";

/** Work that notes how many do it at the same time. */
function counted() {
  const seen = { now: 0, most: 0 };
  const work = async <T>(result: T) => {
    seen.most = Math.max(seen.most, ++seen.now);
    await new Promise((done) => setTimeout(done, 1));
    seen.now--;
    return result;
  };
  return { seen, work };
}

const TEN = Array.from({ length: 10 }, (_, i) => i);

test("results are in the order of the items, however many are done at once", async () => {
  const { seen, work } = counted();
  expect(await inParallel(3, TEN, work)).toEqual(TEN);
  expect(seen).toEqual({ now: 0, most: 3 });
});

test("through a door go only so many at a time, in their order, and each door counts for itself", async () => {
  const doors = new Doors(2);
  const [one, other] = [counted(), counted()];
  const entered: number[] = [];
  const through = (i: number) =>
    doors.through("jump", () => {
      entered.push(i);
      return one.work(i);
    });
  const elsewhere = TEN.map((i) => doors.through("other", () => other.work(i)));
  expect(await Promise.all(TEN.map(through))).toEqual(TEN);
  await Promise.all(elsewhere);
  expect([entered, one.seen, other.seen]).toEqual([TEN, { now: 0, most: 2 }, { now: 0, most: 2 }]);
});

test("one who fails behind a door makes room for the next", async () => {
  const doors = new Doors(1);
  const fails = doors.through("jump", () => Promise.reject(new Error("refused")));
  const works = doors.through("jump", () => Promise.resolve("in"));
  await expect(fails).rejects.toThrow("refused");
  expect(await works).toBe("in");
  expect(await doors.through("jump", () => Promise.resolve("again"))).toBe("again");
});
