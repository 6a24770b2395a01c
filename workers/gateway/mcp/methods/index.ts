import { COMPLETION } from './completion.ts';
import { LIFECYCLE } from './lifecycle.ts';
import { LOGGING } from './logging.ts';
import type { Method } from './method.ts';
import { PROMPTS } from './prompts.ts';
import { RESOURCES } from './resources.ts';
import { TOOLS } from './tools.ts';

export type { Incoming, Method } from './method.ts';

/** Every method that the gateway forwards. To add one, add its row to the file of its feature. */
const METHODS: Readonly<Record<string, Method>> = {
  ...LIFECYCLE,
  ...TOOLS,
  ...RESOURCES,
  ...PROMPTS,
  ...COMPLETION,
  ...LOGGING,
};

/** Returns the row of a method; undefined for a method that is not forwarded. */
export const methodOf = (name: string): Method | undefined =>
  Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
