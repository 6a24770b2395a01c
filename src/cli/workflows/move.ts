import * as v from 'valibot';
import { refuse } from '../../result.ts';
import {
  type Answer,
  readFlags,
  type Surroundings,
  SWITCH,
  showJson,
  TEXT,
  YES,
} from '../command.ts';
import { askIssuer, ISSUER_FLAGS } from '../issuer.ts';
import { readWorkflowId } from './id.ts';

const answer = v.object({
  workflow: v.string(),
  state: v.string(),
  gen: v.number(),
  epoch: v.optional(v.number()),
  seq: v.optional(v.number()),
});

/** Orders a move that can be taken back, and says what holds now. */
export async function orderMove(
  args: readonly string[],
  at: Surroundings,
  move: 'suspend' | 'resume',
): Promise<Answer> {
  const flags = readFlags(args, { ...ISSUER_FLAGS, reason: TEXT, json: SWITCH });
  if (!flags.ok) return flags;
  const { values, positionals } = flags.value;
  const id = readWorkflowId(positionals);
  if (!id.ok) return id;
  const { reason } = values;
  if (!reason) return refuse('--reason TEXT is missing: why goes to the audit log');
  const moved = await askIssuer(at, values, `workflows/${id.value}/${move}`, answer, { reason });
  if (!moved.ok) return moved;
  const { state, gen, epoch, seq } = moved.value;
  const entry = seq === undefined ? [] : [`  entry       ${epoch}.${seq}`];
  const lines = [`${id.value}  ${state}`, `  generation  ${gen}`, ...entry];
  at.out(values.json === true ? showJson(moved.value) : lines.join('\n'));
  return YES;
}
