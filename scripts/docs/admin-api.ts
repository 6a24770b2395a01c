import {
  ADMIN_API,
  ADMIN_PREFIX,
  type AdminRoute,
  COMMON_PROBLEMS,
  membersOf,
  PROBLEMS,
  type ProblemCode,
} from '../../src/issuer-api/index.ts';
import { markdownTable } from './table.ts';

const routes: readonly AdminRoute[] = Object.values(ADMIN_API).flatMap((feature) =>
  Object.values<AdminRoute>(feature),
);

/** Renders every admin route: what it takes, what it does and which problems are its own. */
export function renderAdminRoutes(): string {
  const rows = routes.map((route) => [
    `\`${route.method} ${pathOf(route)}\``,
    describeBody(route),
    `${route.needs === 'none' ? '' : `\`${route.needs}\``}${route.scoped ? ', for its owner or tool' : ''}`,
    [route.summary, route.description].filter(Boolean).join(' '),
    route.problems.map((code) => `\`${code}\``).join(', '),
  ]);
  const head = ['route', 'body', 'needs', 'what it does', 'its own problems'];
  return `${markdownTable(head, rows)}\n\n${describeCommon()}`;
}

/** The path with its parameters and query as a reader would type them. */
function pathOf({ path, query }: AdminRoute): string {
  const names = query ? [...membersOf(query).keys()] : [];
  const search = names.map((name) => `${name}=<${name}>`).join('&');
  return `${ADMIN_PREFIX}${path.replace(/:(\w+)/g, '<$1>')}${search && `?${search}`}`;
}

function describeBody({ body }: AdminRoute): string {
  if (!body) return '';
  return [...membersOf(body)]
    .map(([name, { isOptional }]) => `\`${name}\`${isOptional ? '?' : ''}`)
    .join(', ');
}

function describeCommon(): string {
  const { always, withBody } = COMMON_PROBLEMS;
  const list = (codes: readonly ProblemCode[]) => codes.map((code) => `\`${code}\``).join(', ');
  return `Every route can also answer ${list(always)}, and every route with a body ${list(withBody)}. A member with \`?\` is optional.`;
}

/** Renders the members of queries and bodies that routes share, each once. */
export function renderAdminMembers(): string {
  const rows = new Map<string, string>();
  for (const { query, body } of routes) {
    for (const schema of [query, body]) {
      for (const [name, { description }] of schema ? membersOf(schema) : []) {
        const text = description ?? '';
        const known = rows.get(name);
        if (known === undefined) rows.set(name, text);
        else if (!known.split(' / ').includes(text)) rows.set(name, `${known} / ${text}`);
      }
    }
  }
  return markdownTable(
    ['member', 'what it is'],
    [...rows].map(([name, text]) => [`\`${name}\``, text]),
  );
}

/** Renders every problem: its status, its message, what to do, and where it comes from. */
export function renderProblems(): string {
  const rows = Object.entries(PROBLEMS).map(([code, { status, message, advice }]) => [
    `\`${code}\``,
    String(status),
    message,
    advice,
  ]);
  return markdownTable(['code', 'status', 'message', 'what to do'], rows);
}
