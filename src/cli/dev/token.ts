import { resolve } from 'node:path';
import * as v from 'valibot';
import { DEPLOYMENT_FILE } from '../../deployment/index.ts';
import { type Running, readRunning } from '../../dev/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type CommandContext,
  defineCommand,
  readFolderOperand,
  showJson,
  YES,
} from '../command.ts';
import { JSON_FLAG } from '../flags.ts';

type Run = NonNullable<Running['run']>;

const REQUEST_MILLISECONDS_MAX = 10_000;

const issued = v.object({
  access_token: v.optional(v.string()),
  client_assertion: v.optional(v.string()),
  expires_in: v.number(),
});
const refusedBody = v.object({ error_description: v.string() });

export const devToken = defineCommand({
  name: 'dev token',
  summary: 'print credentials of a user and an agent of hewn dev',
  operands: '[DIR]',
  description: `Asks the identity provider of a running hewn dev for credentials, and prints them as variables: HEWN_SUBJECT_TOKEN for the user, whose token lets the agent act for them, and HEWN_ACTOR_TOKEN for the agent. An agent that is a client gets HEWN_CLIENT_ASSERTION instead, which is valid once. DIR is the folder that contains ${DEPLOYMENT_FILE}; by default the current one.

The credentials are valid at this hewn dev only, for an hour at most. An agent exchanges them for a capability with obtainCapability of hewn/agent.`,
  flags: {
    user: { kind: 'text', value: 'NAME', description: 'a user of [dev.users]' },
    agent: { kind: 'text', value: 'NAME', description: 'an agent of [dev.agents]' },
    audience: {
      kind: 'text',
      value: 'URL',
      description: 'the API or gateway that HEWN_AUDIENCE names; by default the first gateway',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn dev token --user alice --agent report-agent',
    'export $(npx hewn dev token --user alice --agent report-agent)',
    'hewn dev token --agent nightly-report --json',
  ],
  exitCodes: { 2: 'no hewn dev runs in this folder, or it does not know the name' },
  run: async ({ flags, operands }, context) => {
    const named = readFolderOperand(operands);
    if (!named.ok) return named;
    const { user, agent } = flags;
    if (user === undefined && agent === undefined) return refuse('pass --user, --agent or both');
    const run = await runOf(context.variable('HEWN_HOME') ?? resolve(context.cwd, named.value));
    if (!run.ok) return run;
    const audience = flags.audience ?? run.value.audiences[0];
    if (audience === undefined || !run.value.audiences.includes(audience)) {
      return refuse(`--audience must be one of: ${run.value.audiences.join(', ')}`);
    }
    const tokens = await tokensOf(context, run.value, { user, agent });
    if (!tokens.ok) return tokens;
    const { expires, ...values } = tokens.value;
    const { issuer } = run.value;
    if (flags.json) {
      context.out(showJson({ issuer, audience, ...values, expires }));
      return YES;
    }
    context.out(`HEWN_ISSUER=${issuer}`);
    context.out(`HEWN_AUDIENCE=${audience}`);
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) context.out(`${VARIABLES[name as keyof typeof values]}=${value}`);
    }
    return YES;
  },
});

const VARIABLES = {
  subjectToken: 'HEWN_SUBJECT_TOKEN',
  actorToken: 'HEWN_ACTOR_TOKEN',
  clientAssertion: 'HEWN_CLIENT_ASSERTION',
} as const;

async function runOf(folder: string): Promise<Result<Run, string>> {
  const running = await readRunning(folder);
  if (running === undefined) {
    return refuse(
      `no hewn dev runs in ${folder}. Start it there in another terminal: npx hewn dev`,
    );
  }
  return running.run === undefined
    ? refuse('hewn dev is still starting. Try again in a moment')
    : ok(running.run);
}

type Credentials = Partial<Record<keyof typeof VARIABLES, string>> & { readonly expires: string };

async function tokensOf(
  context: CommandContext,
  run: Run,
  { user, agent }: { readonly user: string | undefined; readonly agent: string | undefined },
): Promise<Result<Credentials, string>> {
  const subject = user === undefined ? undefined : await ask(context, run, { user, agent });
  if (subject?.ok === false) return subject;
  const actor = agent === undefined ? undefined : await ask(context, run, { agent });
  if (actor?.ok === false) return actor;
  const seconds = Math.min(
    ...[subject, actor].flatMap((each) => (each === undefined ? [] : [each.value.expires_in])),
  );
  const [subjectToken, actorToken] = [subject?.value.access_token, actor?.value.access_token];
  const clientAssertion = actor?.value.client_assertion;
  return ok({
    ...(subjectToken !== undefined && { subjectToken }),
    ...(actorToken !== undefined && { actorToken }),
    ...(clientAssertion !== undefined && { clientAssertion }),
    expires: new Date(context.now().getTime() + seconds * 1000).toISOString(),
  });
}

async function ask(
  context: CommandContext,
  { tokenEndpoint }: Run,
  names: { readonly user?: string | undefined; readonly agent?: string | undefined },
): Promise<Result<v.InferOutput<typeof issued>, string>> {
  const form = Object.entries(names).filter(([, name]) => name !== undefined);
  try {
    const response = await context.fetch(tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams(form as [string, string][]),
      signal: AbortSignal.timeout(REQUEST_MILLISECONDS_MAX),
    });
    const body: unknown = await response.json();
    if (response.ok) return ok(v.parse(issued, body));
    const problem = v.safeParse(refusedBody, body);
    return refuse(problem.success ? problem.output.error_description : `HTTP ${response.status}`);
  } catch (error) {
    return refuse(`cannot reach ${tokenEndpoint}: ${(error as Error).message}`);
  }
}
