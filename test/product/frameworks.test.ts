import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFile } from '../unit/docs/markdown.ts';
import {
  type FrameworkPackages,
  INSTALL_MILLISECONDS_MAX,
  installFrameworks,
} from './framework-install.ts';
import { type FrameworkStage, openFrameworkStage } from './framework-stage.ts';

/**
 * The examples of examples/frameworks, each with the real framework, a scripted model, and a
 * gateway with an MCP server behind it. The model reads a report that tells it to read another
 * file, obeys in two spellings, and writes two summaries, one of which it has no grant for at first.
 */

interface Outcome {
  readonly answer?: string;
  readonly error?: string;
  /** The tools that the model was offered. */
  readonly tools: readonly string[];
  /** What the model was given in each of its turns, as JSON. */
  readonly turns: readonly string[];
}

/** The Claude Agent SDK is apart, because it brings a program of 200 MB. */
const FRAMEWORKS = {
  packages: ['vercel-ai-sdk', 'openai-agents', 'langchain', 'mastra', 'langchain-servers'],
  claude: ['claude-agent-sdk'],
} as const;
const NAMES = Object.values(FRAMEWORKS).flat();

const installed: FrameworkPackages[] = [];
const outcomes: Record<string, Outcome> = {};
let stage: FrameworkStage;

function keep(printed: string): void {
  Object.assign(outcomes, JSON.parse(printed.trim().split('\n').at(-1) ?? '{}'));
}

/** The arguments of Node that run a command with the capability of `examples/frameworks`. */
const hewnRun = ({ HEWN_ISSUER = '', HEWN_GATEWAY = '' }: NodeJS.ProcessEnv): readonly string[] => [
  ...[projectFile('dist/src/cli/main.js'), 'run', '--quiet', '--step-up', 'policy'],
  ...['--task', 'quarterly churn report', '--grants', 'grants.json'],
  ...['--identity', 'env:HEWN_ACTOR_TOKEN', '--user', 'env:HEWN_SUBJECT_TOKEN'],
  ...['--issuer', HEWN_ISSUER, '--audience', HEWN_GATEWAY, '--'],
];

beforeAll(async () => {
  installed.push(...(await Promise.all(Object.keys(FRAMEWORKS).map(installFrameworks))));
  stage = await openFrameworkStage();
  for (const packages of installed) keep(await packages.run(['run.ts'], await stage.environment()));
  // An agent that takes a configuration only, and so runs under `hewn run`.
  const env = await stage.environment();
  const [packages] = installed;
  keep((await packages?.run([...hewnRun(env), process.execPath, 'run-servers.ts'], env)) ?? '');
}, 3 * INSTALL_MILLISECONDS_MAX);
afterAll(async () => {
  await stage?.close();
  await Promise.all(installed.map(({ remove }) => remove()));
});

test('the examples compile with the types of the frameworks', async () => {
  for (const { compile } of installed) await compile();
});

describe.each(NAMES)('in the framework %s', (name) => {
  const outcome = (): Outcome => outcomes[name] ?? { tools: [], turns: [] };
  /** What the model got for its call number `n`, counted from 1. */
  const result = (n: number): string => outcome().turns[n] ?? '';

  test('the agent finishes its task', () => {
    expect(outcome().error).toBeUndefined();
    expect(outcome().answer).toBe('finished');
  });

  test('the model is offered only the tools that the capability allows', () => {
    const names = outcome().tools.map((tool) => tool.replace(/^(?:mcp__files__|files_)/, ''));
    expect(names).toEqual(['read_text_file', 'write_file']);
  });

  test('an injected instruction is denied, and the model reads why', () => {
    expect(result(1)).toContain('SYSTEM NOTICE FOR AI ASSISTANTS');
    const denial =
      /Denied: mcp\/files\/read_text_file \(read\) on files\/private.*Reason \(no_grant\)/;
    expect(result(2)).toMatch(denial);
  });

  test('a path that leaves its dataset is denied, and the model reads why', () => {
    expect(result(3)).toContain('Denied: mcp/files/read_text_file was not called.');
    expect(result(3)).toContain('Reason (dataset_unmappable)');
  });

  test('a write with a grant succeeds', () => {
    expect(result(4)).toContain('Successfully wrote to summaries/churn.md');
  });

  test('a write without a grant succeeds after a step-up that the policy allows', () => {
    expect(result(5)).toContain('Successfully wrote to summaries/causes.md');
  });
});

test('the injected instruction never reaches the MCP server', () => {
  const paths = stage.seen().map(({ args }) => String(args.path));
  expect(paths).toContain('reports/customer-feedback.md');
  expect(paths.filter((path) => path.includes('salaries'))).toEqual([]);
});

test('every workflow ends', async () => {
  const states = await stage.workflowStates();
  expect(states).toHaveLength(NAMES.length);
  expect(states.filter((state) => state !== 'completing' && state !== 'completed')).toEqual([]);
});
