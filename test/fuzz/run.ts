/** Differential fuzzing: asks our engine and the reference the same questions. Node only. */

import { toHex } from '../../src/encoding.ts';
import { judgeWithEngine } from '../conformance/engine.ts';
import type { Difference, Outcome } from '../conformance/outcome.ts';
import { type Arena, judge, openArena } from '../reference/index.ts';
import { agreement, type Explanation } from './agree.ts';
import { type FuzzQuestion, questionsOf, ROOT_KEY } from './campaigns.ts';
import { CAMPAIGNS, type Campaign } from './generate/case.ts';
import { caseSeed } from './generate/random.ts';

export type FuzzOptions = {
  readonly seed: number;
  /** Judgements by both engines. A token with another authorizer is another case. */
  readonly cases: number;
  readonly campaigns?: readonly Campaign[];
  readonly onProgress?: (report: FuzzReport) => void;
};

export type Disagreement = {
  readonly campaign: Campaign;
  /** `npm run fuzz -- --token SEED` asks only about this token. */
  readonly tokenSeed: number;
  readonly token: string;
  readonly authorizerCode: string;
  readonly theirs: string;
  readonly ours: string;
  readonly differences: readonly Difference[];
};

export type FuzzReport = {
  readonly seed: number;
  cases: number;
  /** Cases in which both engines agree, by campaign and verdict. */
  readonly same: Record<string, number>;
  readonly explained: Partial<Record<Explanation, number>>;
  readonly disagreements: Disagreement[];
  /** How often the reference trapped. Its instance is then dropped, and the case not counted. */
  traps: number;
};

/** Beyond this, the memory of an arena slows its process down. */
const ARENA_BYTES_MAX = 48 * 1024 * 1024;

const count = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

const readable = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

async function ask(
  arena: Arena,
  campaign: Campaign,
  tokenSeed: number,
  question: FuzzQuestion,
  report: FuzzReport,
): Promise<void> {
  const { token, authorizerCode } = question;
  let theirs: Outcome;
  try {
    theirs = judge(arena.reference, { token, authorizerCode, rootKey: ROOT_KEY });
  } catch {
    report.traps++;
    throw new ReferenceTrap();
  }
  const ours = await judgeWithEngine({ token, authorizerCode, rootPublicKey: ROOT_KEY.hex });
  const agreed = agreement(theirs, ours, {
    campaign,
    failsSomewhere: question.failsSomewhere,
  });
  report.cases++;
  if (agreed.kind === 'same') count(report.same, `${campaign} ${agreed.verdict}`);
  else if (agreed.kind === 'explained') count(report.explained, agreed.by);
  else {
    report.disagreements.push({
      campaign,
      tokenSeed,
      token: toHex(token),
      authorizerCode,
      theirs: JSON.stringify(theirs.result, readable),
      ours: JSON.stringify(ours.result, readable),
      differences: agreed.differences,
    });
  }
}

class ReferenceTrap extends Error {}

async function runToken(
  arena: Arena,
  campaign: Campaign,
  tokenSeed: number,
  report: FuzzReport,
): Promise<Arena> {
  try {
    for (const question of await questionsOf(arena.reference, campaign, tokenSeed)) {
      await ask(arena, campaign, tokenSeed, question, report);
    }
  } catch (error) {
    if (!(error instanceof ReferenceTrap)) throw error;
    return openArena();
  }
  if (arena.memoryBytes() < ARENA_BYTES_MAX) return arena;
  arena.close();
  return openArena();
}

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, cases, campaigns = CAMPAIGNS, onProgress } = options;
  const report: FuzzReport = {
    seed,
    cases: 0,
    same: {},
    explained: {},
    disagreements: [],
    traps: 0,
  };
  let arena = await openArena();
  for (let i = 0; report.cases < cases; i++) {
    const campaign = campaigns[i % campaigns.length] ?? 'theirs';
    arena = await runToken(arena, campaign, caseSeed(seed, i), report);
    if (i % 250 === 249) onProgress?.(report);
  }
  arena.close();
  return report;
}

/** Repeats the questions about one token. */
export async function fuzzOne(campaign: Campaign, tokenSeed: number): Promise<FuzzReport> {
  const report: FuzzReport = {
    seed: tokenSeed,
    cases: 0,
    same: {},
    explained: {},
    disagreements: [],
    traps: 0,
  };
  const arena = await runToken(await openArena(), campaign, tokenSeed, report);
  arena.close();
  return report;
}
