import { ADMIN_API } from '../../issuer-api/index.ts';
import {
  type Answer,
  type Command,
  type CommandContext,
  type CommandInput,
  defineCommand,
  showAnswer,
  YES,
} from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callStreams } from './call.ts';
import { readStreamId } from './id.ts';

const { setStreamStatus } = ADMIN_API.streams;
type Status = 'enabled' | 'paused' | 'disabled';

const FLAGS = { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG } as const;

async function setStatus(
  { flags, operands }: CommandInput<typeof FLAGS>,
  context: CommandContext,
  status: Status,
): Promise<Answer> {
  const id = readStreamId(operands);
  if (!id.ok) return id;
  const call = { params: { id: id.value }, body: { status, reason: flags.reason } };
  const set = await callStreams(context, flags, setStreamStatus, call);
  if (!set.ok) return set;
  const text = `${id.value}  ${set.value.status}`;
  context.out(flags.json ? showAnswer(setStreamStatus, set.value) : text);
  return YES;
}

const TOLD = 'The receiver gets an event with the new status and the reason.';

export const streamsEnable: Command = defineCommand({
  name: 'streams enable',
  summary: 'let a stream carry events again',
  operands: 'ID',
  description: `Enables a stream that was paused or disabled. Events that waited are delivered first. ${TOLD}`,
  flags: FLAGS,
  examples: ['hewn streams enable 4fT0aQ9xLr2bWm7c --reason "the receiver is back"'],
  run: (input, context) => setStatus(input, context, 'enabled'),
});

export const streamsPause: Command = defineCommand({
  name: 'streams pause',
  summary: 'let the events of a stream wait',
  operands: 'ID',
  description: `Pauses a stream. Its events wait for at most a day, and at most 1,000 of them; older ones are lost and counted. ${TOLD}`,
  flags: FLAGS,
  examples: ['hewn streams pause 4fT0aQ9xLr2bWm7c --reason "the receiver is moved"'],
  run: (input, context) => setStatus(input, context, 'paused'),
});

export const streamsDisable: Command = defineCommand({
  name: 'streams disable',
  summary: 'stop a stream, and lose the events that wait in it',
  operands: 'ID',
  description: `Disables a stream. The events that wait in it are lost, and so are those until hewn streams enable. hewn streams pause loses none. ${TOLD}`,
  flags: FLAGS,
  examples: ['hewn streams disable 4fT0aQ9xLr2bWm7c --reason "its receiver was compromised"'],
  run: (input, context) => setStatus(input, context, 'disabled'),
});
