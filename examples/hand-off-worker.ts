/**
 * A worker that begins with nothing but a key of its own, which no other process has. The planner
 * (hand-off-planner.ts) starts it, and hands it a part of a capability.
 */
import { createDpopKey, openHandOff } from 'hewn/agent';
import type { Found, Order } from './hand-off-planner.ts';

// Where to work, and whose capabilities to accept: a token must not decide where it is sent.
const { HEWN_ISSUER: issuer = '', HEWN_AUDIENCE: audience = '' } = process.env;

const dpop = await createDpopKey();

/** Makes requests with what the planner handed on. */
async function work({ token, paths }: Order): Promise<Found> {
  const opened = await openHandOff({ token, dpop, issuer, audience });
  if (!opened.ok) return { refused: opened.error.code };
  //  planner                        worker                                       API
  //    +-- its part of a capability ->|                                           |
  //    |                              +-- narrowed, and proven by its own key --->|
  const answers: { status: number; text: string }[] = [];
  for (const path of paths) {
    const response = await opened.value.fetch(`${audience}${path}`);
    answers.push({ status: response.status, text: await response.text() });
  }
  return { answers };
}

process.once('message', async (order) => {
  process.send?.(await work(order as Order));
  process.disconnect();
});
process.send?.({ thumbprint: dpop.thumbprint });
