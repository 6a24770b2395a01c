import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callStreams } from './call.ts';
import { readStreamId } from './id.ts';

const { verifyStream } = ADMIN_API.streams;

export const streamsVerify = defineCommand({
  name: 'streams verify',
  summary: 'send a verification event through a stream',
  operands: 'ID',
  description:
    'Puts a verification event (SSF 1.0 section 8.1.4) into a stream. The receiver gets it as it gets any other event. hewn streams list shows whether the push failed.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn streams verify 4fT0aQ9xLr2bWm7c && hewn streams list'],
  run: async ({ flags, operands }, context) => {
    const id = readStreamId(operands);
    if (!id.ok) return id;
    const sent = await callStreams(context, flags, verifyStream, { params: { id: id.value } });
    if (!sent.ok) return sent;
    const text = `${id.value}  a verification event is queued. hewn streams list shows what waits`;
    context.out(flags.json ? showJson({ queued: id.value }) : text);
    return YES;
  },
});
