import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callStreams } from './call.ts';
import { readStreamId } from './id.ts';

const { removeStream } = ADMIN_API.streams;

export const streamsRemove = defineCommand({
  name: 'streams remove',
  summary: 'remove a stream and everything that waits in it',
  operands: 'ID',
  description:
    'Removes a stream. Its receiver gets no more events, its token opens nothing, and the events that wait are lost. The receiver is not told. A removed stream cannot be brought back.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn streams remove 4fT0aQ9xLr2bWm7c'],
  run: async ({ flags, operands }, context) => {
    const id = readStreamId(operands);
    if (!id.ok) return id;
    const removed = await callStreams(context, flags, removeStream, { params: { id: id.value } });
    if (!removed.ok) return removed;
    context.out(flags.json ? showJson({ removed: id.value }) : `${id.value}  removed`);
    return YES;
  },
});
