import { constraintsText } from '../capability/index.ts';
import { parseCatalogue } from '../catalogue/index.ts';
import { loadPolicy, type PolicyFile, type PolicyInput } from '../policy/index.ts';
import type { DeniedCall, ExplainedRule, ExplainedVersion, Known } from './explanation.ts';
import { ruleAt } from './policy-part.ts';

/** Statements that are tried. Each is one evaluation of the policy. */
const TRIED_MAX = 32;

/** The statement of a policy that requires a constraint, and what was asked to find it. */
export interface Requirement {
  readonly rule: ExplainedRule;
  readonly range: Range;
  /** The request without constraints of its own. */
  readonly input: PolicyInput;
  /** What the policy requires of the arguments now, as text. */
  readonly required: string;
}

/**
 * Returns the statement of the policy that requires the constraint that a call did not meet: the
 * one without which the policy would require something else. Undefined if the request's own
 * constraints did it.
 */
export function requirementOf(call: DeniedCall, known: Known): Requirement | undefined {
  const { version, input, grants = [] } = known;
  const grant = grants.find(({ tool }) => tool === call.tool);
  if (!version || !input || !grant) return undefined;
  const { tool, action, dataset } = grant;
  // Without the constraints of the capability: they already have those of the policy in them.
  const plain: PolicyInput = { ...input, requests: [{ tool, action, dataset }] };
  const whole = requiredBy(version, version.files, plain);
  if (whole === undefined) return undefined;
  const pointer = String(call.detail?.pointer ?? '');
  for (const { file, from, to } of requirementsIn(version.files).slice(0, TRIED_MAX)) {
    const files = version.files.map((one) =>
      one.name === file ? { name: file, source: without(one.source, from, to) } : one,
    );
    const rest = requiredBy(version, files, plain);
    if (rest !== whole && isAbout(version.files, { file, from }, pointer)) {
      const rule = ruleAt(version, { file, line: from }, 'This rule limits the argument.');
      return { rule, range: { file, from, to }, input: plain, required: whole };
    }
  }
  return undefined;
}

/** Returns what the policy requires of the arguments, as text. Returns undefined if it refuses. */
export function requiredBy(
  version: ExplainedVersion,
  files: readonly PolicyFile[],
  input: PolicyInput,
): string | undefined {
  const catalogue = parseCatalogue(version.catalogue);
  const loaded = catalogue.ok ? loadPolicy(files, catalogue.value) : undefined;
  if (!loaded?.ok) return undefined;
  const [granted] = loaded.value.decide(input).granted;
  return granted && constraintsText(granted.grant.constraints);
}

export interface Range {
  readonly file: string;
  /** The first line, from 1. */
  readonly from: number;
  /** The line of its semicolon. */
  readonly to: number;
}

/** Returns where statements require a constraint. */
function requirementsIn(files: readonly PolicyFile[]): readonly Range[] {
  return files.flatMap(({ name, source }) => {
    const lines = source.split('\n');
    return lines.flatMap((line, index): Range[] => {
      if (!/^\s*require_constraint\(/.test(line)) return [];
      const end = lines.findIndex((one, at) => at >= index && /;\s*(?:\/\/.*)?$/.test(one));
      return end === -1 ? [] : [{ file: name, from: index + 1, to: end + 1 }];
    });
  });
}

/** The other statements keep their lines. */
const without = (source: string, from: number, to: number): string =>
  source
    .split('\n')
    .map((line, index) => (index >= from - 1 && index <= to - 1 ? '' : line))
    .join('\n');

/** Whether a statement names the argument, or a list or an object that it is in. */
function isAbout(
  files: readonly PolicyFile[],
  { file, from }: Pick<Range, 'file' | 'from'>,
  pointer: string,
): boolean {
  const { source = '' } = files.find(({ name }) => name === file) ?? {};
  const [, named] = /require_constraint\("([^"]*)"/.exec(source.split('\n')[from - 1] ?? '') ?? [];
  // A variable could be any argument.
  if (named === undefined || pointer === '') return true;
  const parts = named.replace(/\/\*/g, '');
  return pointer === parts || pointer.startsWith(`${parts}/`);
}
