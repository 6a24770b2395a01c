/**
 * A denied tool call, as a model reads it and as a program does. The gateway and servers that
 * protect themselves answer with it.
 */
export { type DeniedToolCall, describeToolDenial, type ReadableDenial } from './describe.ts';
export { denialResult } from './result.ts';
export { ruleOf } from './rule.ts';
