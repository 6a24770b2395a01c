import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';

const { testTarget } = ADMIN_API.notifications;

export const notificationsTest = defineCommand({
  name: 'notifications test',
  summary: 'send a test message to a target',
  operands: 'NAME',
  description:
    'Queues a test message for a target of [notify] in hewn.toml, whatever its events are. The issuer sends it within seconds, behind what waits already. hewn notifications list shows whether it was delivered.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn notifications test pager && hewn notifications list'],
  run: async ({ flags, operands }, context) => {
    const [name, ...more] = operands;
    if (name === undefined || more.length > 0) {
      return refuse('name one target: hewn notifications list shows them');
    }
    const sent = await callIssuer(context, flags, testTarget, { params: { name } });
    if (!sent.ok) return sent;
    const text = `${name}  a test message is queued. hewn notifications list shows its delivery`;
    context.out(flags.json ? showJson({ queued: name }) : text);
    return YES;
  },
});
