/**
 * An example of a system that asks: reads are free, and a person is asked about each text of a
 * change that does not stand in the request of the user.
 */
import type { Json, System, ToolCall } from '../index.ts';

const system: System = {
  name: 'ask about new values',
  begin: async ({ prompt, tools }) => {
    const reads = new Set(tools.flatMap(({ name, effectful }) => (effectful ? [] : [name])));
    const approved = new Set<string>();
    const newIn = ({ args }: ToolCall): readonly string[] =>
      Object.keys(args).filter((name) =>
        textsIn(args[name]).some((text) => !prompt.includes(text) && !approved.has(text)),
      );
    return {
      asked: [],
      get state() {
        return JSON.stringify([...approved].sort());
      },
      allowedValues: () => [...approved],
      decide: async (call, person) => {
        const names = reads.has(call.function) ? [] : newIn(call);
        if (names.length === 0) return { allowed: true };
        const asked = { tool: call.function, new: names };
        if (person === 'declines') return { allowed: false, asked, why: 'declined' };
        for (const name of names) for (const text of textsIn(call.args[name])) approved.add(text);
        return { allowed: true, asked };
      },
    };
  },
};

function textsIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

export default system;
