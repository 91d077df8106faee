/** How a step reaches its host. */
import { connectionTo } from "../../components/step";
import { fakeKey } from "../spec/keys";

const jump = { address: "jump.example", port: 2222, user: "hop", hostKey: fakeKey(2) };
const host = { address: "fd00:10::11", port: 22, user: "root", hostKey: fakeKey(1) };
const limits = { dialErrorLimit: 5, perDialTimeout: 10 };

test("a host behind a jump host goes through it, and the key of each is pinned", () => {
  const own = { host: "fd00:10::11", port: 22, user: "root", hostKey: fakeKey(1), ...limits };
  expect(connectionTo(host, {})).toEqual(own);
  const proxy = { host: "jump.example", port: 2222, user: "hop", hostKey: fakeKey(2), ...limits };
  expect(connectionTo({ ...host, jump }, {})).toEqual({ ...own, proxy });
  const withKey = connectionTo({ ...host, jump }, { privateKey: "key" });
  expect([withKey, "proxy" in withKey && withKey.proxy]).toEqual([
    expect.objectContaining({ privateKey: expect.anything() }),
    expect.objectContaining({ privateKey: expect.anything() }),
  ]);
});
