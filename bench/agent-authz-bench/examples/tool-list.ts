/** An example of a system: each workflow has the tools of its plan, with any arguments. */
import type { System } from '../index.ts';

const system: System = {
  name: 'tool list',
  begin: async ({ plan }) => {
    const tools = new Set(plan.map((call) => call.function));
    return {
      asked: [],
      state: '', // Nothing changes, so every workflow of a task decides alike.
      allowedValues: () => [],
      decide: async (call) =>
        tools.has(call.function)
          ? { allowed: true }
          : { allowed: false, why: 'the tool is not listed' },
    };
  },
};

export default system;
