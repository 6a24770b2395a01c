/** A library from npm that tracks where data came from, as a system under test. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { standsInRequest } from '../../../src/provenance/index.ts';
import type { Json, Question, System, Task, ToolCall } from '../../agent-authz-bench/index.ts';
import { dataOf } from '../answer-data.ts';

const NAME = '@mondaydotcomorg/atp-provenance';
const ENTRY = join(import.meta.dirname, 'node_modules', NAME, 'dist/index.js');

export const isInstalled = (): boolean => existsSync(ENTRY);

/** What a host tells the library about a value. */
interface Provenance {
  readonly source: { readonly type: string; readonly toolName?: string };
  readonly readers: { readonly type: 'public' };
}
type ProvenanceOf = (value: unknown) => Provenance | null;

/** The part of the library that is used. */
interface Engine {
  setApprovalCallback(ask: (why: string, context: { parameterKey?: string }) => boolean): void;
  checkTool(tool: string, group: string, args: Readonly<Record<string, Json>>): Promise<void>;
}
interface Library {
  readonly SecurityPolicyEngine: new (
    policies: readonly unknown[],
    logger: object,
    provenanceOf: ProvenanceOf,
  ) => Engine;
  getBuiltInPoliciesWithApproval(): readonly unknown[];
}

const quiet = () => undefined;
const LOGGER = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/**
 * Returns the library with its built-in policies that ask. It leaves to its host where a value came
 * from. Here a value is the user's if it stands in the request, a tool's if it is a whole value of
 * an answer, and the model's otherwise. A list has the least trusted origin of its elements.
 */
export async function provenanceLibrary(): Promise<System> {
  const library: Library = await import(pathToFileURL(ENTRY).href);
  return { name: `${NAME}: built-in policies`, begin: async (task) => begin(library, task) };
}

function begin(library: Library, { prompt, suite }: Task) {
  const tools = new Map<Json, string>();
  const provenanceOf: ProvenanceOf = (value) => {
    if (Array.isArray(value)) {
      const all = value.map(provenanceOf);
      return all.find((one) => one?.source.type === 'llm') ?? all.find(Boolean) ?? null;
    }
    if (typeof value !== 'string' && typeof value !== 'number') return null;
    const readers = { type: 'public' } as const;
    if (standsInRequest(prompt, value, 'number')) return { source: { type: 'user' }, readers };
    const toolName = tools.get(value);
    if (toolName !== undefined) return { source: { type: 'tool', toolName }, readers };
    return { source: { type: 'llm' }, readers };
  };
  const engine = new library.SecurityPolicyEngine(
    library.getBuiltInPoliciesWithApproval(),
    LOGGER,
    provenanceOf,
  );
  return {
    asked: [],
    state: '', // It keeps no approvals.
    allowedValues: () => [],
    answered: async ({ function: tool }: ToolCall, text: string) => {
      for (const value of valuesIn(dataOf(text))) tools.set(value, tool);
    },
    decide: async ({ function: tool, args }: ToolCall, person: 'approves' | 'declines') => {
      const names: string[] = [];
      engine.setApprovalCallback((_, { parameterKey = '(call)' }) => {
        names.push(parameterKey);
        return person === 'approves';
      });
      const why = await engine.checkTool(camelCase(tool), suite, args).then(
        () => undefined,
        (thrown: Error) => thrown.message,
      );
      const asked: Question | undefined = names.length > 0 ? { tool, new: names } : undefined;
      return {
        allowed: why === undefined,
        ...(asked && { asked }),
        ...(why !== undefined && { why }),
      };
    },
  };
}

/** The whole values of an answer, and no part of its prose. */
function valuesIn(data: Json): readonly Json[] {
  if (typeof data !== 'object' || data === null) return typeof data === 'number' ? [data] : [];
  return Object.values(data).flatMap((one) => (typeof one === 'string' ? [one] : valuesIn(one)));
}

/** Its policies know tools by names such as `sendMoney`. */
const camelCase = (name: string): string =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
