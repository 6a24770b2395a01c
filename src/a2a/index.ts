/** For A2A agents of `@a2a-js/sdk`: hands capabilities on in messages, and guards an agent. */
export {
  type Card,
  type CardExtension,
  HAND_OFF_EXTENSION,
  handOffExtension,
  nextHolderOf,
} from './extension.ts';
export {
  type A2aBus,
  type A2aRequest,
  type GuardExecutorOptions,
  type GuardedExecutor,
  guardExecutor,
} from './guard.ts';
export { type A2aMessage, type HandOffMessageOptions, handOffMessage } from './message.ts';
