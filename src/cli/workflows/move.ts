import { ADMIN_API } from '../../issuer-api/index.ts';
import {
  type Answer,
  type CommandContext,
  type CommandInput,
  showAnswer,
  YES,
} from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { orderIssuer } from '../proposals/order.ts';
import { readWorkflowId } from './id.ts';

export const MOVE_FLAGS = { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG } as const;

/** Suspends or resumes a workflow, and prints its state from now on. */
export async function moveWorkflow(
  { flags, operands }: CommandInput<typeof MOVE_FLAGS>,
  context: CommandContext,
  move: 'suspendWorkflow' | 'resumeWorkflow',
): Promise<Answer> {
  const id = readWorkflowId(operands);
  if (!id.ok) return id;
  const call = { params: { id: id.value }, body: { reason: flags.reason } };
  const moved = await orderIssuer(context, flags, ADMIN_API.workflows[move], call);
  if (!moved.ok) return moved.error;
  const { state, gen, epoch, seq } = moved.value;
  const entry = seq === undefined ? [] : [`  entry       ${epoch}.${seq}`];
  const lines = [`${id.value}  ${state}`, `  generation  ${gen}`, ...entry];
  context.out(flags.json ? showAnswer(ADMIN_API.workflows[move], moved.value) : lines.join('\n'));
  return YES;
}
