import { CONTROL_LOG } from '../../../src/audit/index.ts';
import { type IssuerEnv, transparencyLog } from '../platform/env.ts';
import type { LivingScope } from './binding.ts';

/** Returns how many root workflows of a scope have not ended, as the control log knows. */
export const countLiving = async (env: IssuerEnv, scope: LivingScope): Promise<number> =>
  transparencyLog(env, CONTROL_LOG).countLiving(scope);
