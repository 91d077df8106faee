/** Comments of a pull request by the API of the forge: one per environment, found again by its first line. */
import { readFileSync } from "node:fs";

/** A comment as it is to be. `create`: also when there is none yet. */
export interface Comment {
  readonly marker: string;
  readonly body: string;
  readonly create: boolean;
}

/** Where comments go: the list of them, with a page number to be added, and how to write one. */
interface Forge {
  readonly list: string;
  readonly one: (id: number) => string;
  readonly update: "PATCH" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
}

/** Why nothing can be posted from here, and the run is as good without: a fork has no rights, a branch has no pull request. */
export class NowhereToPost extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

export const FORGES: { readonly [name: string]: (env: Environment) => Forge } = { github, gitlab };

/** As GitHub Actions sets its environment (docs.github.com, "Variables reference"). */
function github(env: Environment): Forge {
  const { number, pull_request } = JSON.parse(readFileSync(needed(env, "GITHUB_EVENT_PATH"), "utf8"));
  const repository = needed(env, "GITHUB_REPOSITORY");
  if (pull_request === undefined) throw new NowhereToPost("this run is of no pull request");
  if (pull_request.head?.repo?.full_name !== repository) {
    throw new NowhereToPost("the pull request comes from a fork, whose runs may write no comments");
  }
  const root = `${needed(env, "GITHUB_API_URL")}/repos/${repository}/issues`;
  return {
    list: `${root}/${Number(number)}/comments`,
    one: (id) => `${root}/comments/${id}`,
    update: "PATCH",
    headers: { authorization: `Bearer ${needed(env, "GITHUB_TOKEN")}`, accept: "application/vnd.github+json" },
  };
}

/** As GitLab CI sets its variables (docs.gitlab.com/ci/variables/predefined_variables); the token is a variable of the project. */
function gitlab(env: Environment): Forge {
  const [project, request] = [env.CI_MERGE_REQUEST_PROJECT_ID, env.CI_MERGE_REQUEST_IID];
  if (project === undefined || request === undefined) throw new NowhereToPost("this run is of no merge request");
  if (!env.GITLAB_TOKEN) {
    throw new NowhereToPost("there is no GITLAB_TOKEN (a project access token with the scope api); a fork has none");
  }
  const list = `${needed(env, "CI_API_V4_URL")}/projects/${project}/merge_requests/${request}/notes`;
  return {
    list,
    one: (id) => `${list}/${id}`,
    update: "PUT",
    headers: { "private-token": env.GITLAB_TOKEN },
  };
}

function needed(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set; --post works in a job of GitHub Actions or GitLab CI`);
  return value;
}

/** Creates or updates the comments, and says for each what was done. Throws Error when the API refuses. */
export async function post(forge: Forge, comments: readonly Comment[]): Promise<string[]> {
  const present = await existing(forge);
  const said: string[] = [];
  for (const { marker, body, create } of comments) {
    const old = present.find((one) => one.body.startsWith(marker));
    if (old === undefined && !create) continue;
    if (old?.body.trimEnd() === body.trimEnd()) continue;
    if (old === undefined) await call(forge, "POST", forge.list, body);
    else await call(forge, forge.update, forge.one(old.id), body);
    said.push(`${marker}: comment ${old === undefined ? "written" : "updated"}`);
  }
  return said;
}

const PAGE = 100;

async function existing(forge: Forge): Promise<{ id: number; body: string }[]> {
  const found: { id: number; body: string }[] = [];
  for (let page = 1; ; page++) {
    const comments = await call<{ id: number; body: string }[]>(
      forge,
      "GET",
      `${forge.list}?per_page=${PAGE}&page=${page}`,
    );
    found.push(...comments);
    if (comments.length < PAGE) return found;
  }
}

async function call<T>({ headers }: Forge, method: string, url: string, body?: string): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify({ body }) };
  const response = await fetch(url, { method, headers: { ...headers, "content-type": "application/json" }, ...sent });
  if (response.ok) return (await response.json()) as T;
  const why = (await response.text()).slice(0, 300);
  const hint = [401, 403, 404].includes(response.status)
    ? "; may the token write comments (GitHub: permissions: pull-requests: write; GitLab: scope api)?"
    : "";
  throw new Error(`${method} ${url}: ${response.status} ${response.statusText}: ${why}${hint}`);
}
