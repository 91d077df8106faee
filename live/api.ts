/** How the API at a virtual address is asked: from the host outside, or from this machine, trusting the cluster's CA alone. */
import { request } from "node:https";
import type { WayInCheck } from "../plan/way-in";
import { hostPort } from "../spec/addresses";
import type { Answer, Scene } from "./answers";

type ApiCheck = Extract<WayInCheck, { kind: "api" }>;

/** Anybody may ask whether the API is ready (k/k system:public-info-viewer); a certificate that does not name the address fails. */
export async function readyApi({ authority, outside }: Scene, { address, port }: ApiCheck): Promise<Answer> {
  const url = `https://${hostPort(address, port)}/readyz`;
  const expected = `ok from ${url}`;
  const started = performance.now();
  const found = outside === undefined ? await fromHere(url, authority) : await fromOutside(outside, url, authority);
  return { ok: found === "ok", expected, found: `${found} from ${url}`, milliseconds: performance.now() - started };
}

async function fromOutside(outside: NonNullable<Scene["outside"]>, url: string, authority: string): Promise<string> {
  const command = ["curl", "-gsS", "-m", "5", "--cacert", "/dev/stdin", url];
  const { code, stdout, stderr } = await outside.run(command, authority);
  return code === 0 ? stdout.trim() : stderr.trim() || `curl ended with code ${code}`;
}

function fromHere(url: string, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(url, { ca, timeout: 5000, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text.trim()));
      response.on("error", ({ message }) => resolve(message));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer within 5 s")));
    asked.on("error", ({ message }) => resolve(message));
    asked.end();
  });
}
